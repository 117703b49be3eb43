//! What a write closure promises, on both engines.

use std::{
    future::Future,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use futures::future::join_all;
use sea_orm::{ConnectionTrait, QueryResult};
use stoa_core::{Error, Kind, Result};
use stoa_store::{Db, Engine, Tx, Uncertain};
use tokio::sync::oneshot;

use crate::{
    told_on,
    world::{World, notes, statement},
};

told_on! { [sqlite, postgres]
async fn lm_05_a_closure_that_goes_on_after_a_failure_is_undone_and_told_so(world: &World) {
    let db = world.node().await.db.clone();
    let failed = db
        .write(async |tx| {
            notes::add(tx, "a", 1).await?;
            assert!(notes::add(tx, "a", 2).await.is_err());
            Ok(())
        })
        .await
        .unwrap_err();
    assert_eq!(failed.kind(), Kind::Internal);
    assert!(notes::all(&db).await.is_empty());
}
}

told_on! { [sqlite, postgres]
async fn lm_05_a_closure_that_fails_leaves_nothing_and_says_why(world: &World) {
    let db = world.node().await.db.clone();
    let failed = db
        .write(async |tx| {
            notes::add(tx, "a", 1).await?;
            Err::<(), _>(Error::conflict("not today"))
        })
        .await
        .unwrap_err();
    assert_eq!((failed.kind(), failed.said()), (Kind::Conflict, "not today"));
    let twice = async |tx: &mut Tx| {
        notes::add(tx, "b", 1).await?;
        notes::add(tx, "b", 1).await
    };
    assert_eq!(db.write(twice).await.unwrap_err().kind(), Kind::Internal);
    assert!(notes::all(&db).await.is_empty());
    db.write(async |tx| notes::add(tx, "c", 1).await).await.unwrap();
    assert_eq!(notes::all(&db).await, ["c"]);
}
}

told_on! { [sqlite, postgres]
async fn lm_05_reading_and_writing_back_loses_nothing(world: &World) {
    let nodes = [world.node().await, world.node().await];
    nodes[0].db.write(async |tx| notes::add(tx, "sum", 0).await).await.unwrap();
    let workers = (0..8).map(|n| {
        let db = nodes[n % 2].db.clone();
        async move {
            for _ in 0..25 {
                db.write(async |tx| {
                    let read = match tx.engine() {
                        Engine::Sqlite => "SELECT n FROM test_note WHERE id = $1",
                        Engine::Postgres => "SELECT n FROM test_note WHERE id = $1 FOR UPDATE",
                    };
                    let row = tx.query_one_raw(statement(tx, read, ["sum".into()])).await?.unwrap();
                    notes::set(tx, "sum", row.try_get::<i64>("", "n")? + 1).await;
                    Ok(())
                })
                .await
                .unwrap();
            }
        }
    });
    join_all(workers).await;
    assert_eq!(notes::number(&nodes[0].db.reads(), "sum").await, 200);
}
}

told_on! { [sqlite, postgres]
async fn reads_go_on_during_a_write_and_see_only_what_was_committed(world: &World) {
    let db = world.node().await.db.clone();
    let (inside, entered) = oneshot::channel();
    let (go, gate) = oneshot::channel::<()>();
    let mut write = pin!(db.write(async |tx| {
        notes::add(tx, "a", 1).await?;
        inside.send(()).unwrap();
        gate.await.unwrap();
        Ok(())
    }));
    tokio::select! {
        _ = &mut write => panic!("the gate is closed"),
        entered = entered => entered.unwrap(),
    }
    assert!(notes::all(&db).await.is_empty());
    go.send(()).unwrap();
    write.await.unwrap();
    assert_eq!(notes::all(&db).await, ["a"]);
}
}

told_on! { [sqlite, postgres]
async fn what_follows_a_commit_happens_after_it_and_never_without_it(world: &World) {
    let db = world.node().await.db.clone();
    let happened = Arc::new(AtomicU32::new(0));
    let follow = |tx: &mut Tx| {
        let happened = happened.clone();
        tx.after_commit(move || {
            happened.fetch_add(1, Ordering::SeqCst);
        });
    };
    let failed: Result<()> = db
        .write(async |tx| {
            follow(tx);
            Err(Error::conflict("no"))
        })
        .await;
    assert!(failed.is_err());
    {
        let mut dropped = pin!(db.write(async |tx| {
            follow(tx);
            notes::add(tx, "dropped", 0).await?;
            std::future::pending::<Result<()>>().await
        }));
        let gone = tokio::time::timeout(Duration::from_millis(50), &mut dropped).await;
        assert!(gone.is_err());
    }
    db.write(async |tx| {
        follow(tx);
        assert_eq!(happened.load(Ordering::SeqCst), 0);
        Ok(())
    })
    .await
    .unwrap();
    assert_eq!(happened.load(Ordering::SeqCst), 1);
    assert!(notes::all(&db).await.is_empty());
}
}

told_on! { [sqlite, postgres]
async fn only_certain_writes_wait_for_the_disk(world: &World) {
    let db = world.node().await.db.clone();
    let level = async |tx: &Tx| {
        let (sql, column) = match tx.engine() {
            Engine::Sqlite => ("PRAGMA synchronous", "synchronous"),
            Engine::Postgres => ("SHOW synchronous_commit", "synchronous_commit"),
        };
        let row = tx.query_one_raw(statement(tx, sql, [])).await?.unwrap();
        match tx.engine() {
            Engine::Sqlite => Ok(row.try_get::<i32>("", column)?.to_string()),
            Engine::Postgres => Ok(row.try_get::<String>("", column)?),
        }
    };
    let (certain, uncertain) = match db.engine() {
        Engine::Sqlite => ("2", "1"),
        Engine::Postgres => ("on", "off"),
    };
    for _ in 0..3 {
        assert_eq!(db.write(async |tx| level(tx).await).await.unwrap(), certain);
        assert_eq!(db.write_uncertain(Uncertain, async |tx| level(tx).await).await.unwrap(), uncertain);
        // One that is dropped anywhere must not leave its level to the next.
        for polls in 1..40 {
            let write = db.write_uncertain(Uncertain, async |tx| level(tx).await);
            Impatient { write: Box::pin(write), polls }.await;
            assert_eq!(db.write(async |tx| level(tx).await).await.unwrap(), certain, "{polls}");
        }
    }
}
}

told_on! { [sqlite, postgres]
/// Whoever sends a request may go away at any moment, and its future is dropped where it stands.
async fn lm_05_callers_that_go_away_anywhere_leave_all_or_nothing_and_block_nobody(world: &World) {
    let db = world.node().await.db.clone();
    let pair = async |db: Db, id: String| {
        db.write(async |tx| {
            notes::add(tx, &format!("{id}/1"), 0).await?;
            tokio::task::yield_now().await;
            notes::add(tx, &format!("{id}/2"), 0).await
        })
        .await
        .map(|()| id)
    };
    let impatient = (0..200_u32).map(|n| {
        let write = Impatient { write: Box::pin(pair(db.clone(), format!("impatient{n}"))), polls: n % 25 };
        async { write.await.map(Result::unwrap) }
    });
    let patient = (0..100_u32).map(|n| {
        let write = pair(db.clone(), format!("patient{n}"));
        async { Some(write.await.unwrap()) }
    });
    let (some, all) = futures::join!(join_all(impatient), join_all(patient));
    assert_eq!(all.iter().flatten().count(), 100);
    let kept = notes::all(&db).await;
    for told in some.iter().chain(&all).flatten() {
        assert!(kept.contains(&format!("{told}/1")), "{told} was told that it is done");
    }
    for id in &kept {
        let other = if id.ends_with("/1") { id.replace("/1", "/2") } else { id.replace("/2", "/1") };
        assert!(kept.contains(&other), "{id} is in without its other half");
    }
}
}

/// Adds a note in one statement.
async fn note(db: &Db, id: &str) -> Result<Vec<QueryResult>> {
    let sql = "INSERT INTO test_note (id, n) VALUES ($1, 7) RETURNING n";
    db.write_one(statement(&db.reads(), sql, [id.into()])).await
}

told_on! { [sqlite, postgres]
async fn one_statement_is_done_when_it_says_so_or_has_changed_nothing(world: &World) {
    let db = world.node().await.db.clone();
    let added = note(&db, "a").await.unwrap();
    assert_eq!((added.len(), added[0].try_get::<i64>("", "n").unwrap()), (1, 7));
    assert_eq!(note(&db, "a").await.unwrap_err().kind(), Kind::Internal);
    let sql = "UPDATE test_note SET n = 8 WHERE id = $1 RETURNING n";
    assert!(db.write_one(statement(&db.reads(), sql, ["b".into()])).await.unwrap().is_empty());
    assert_eq!(notes::all(&db).await, ["a"]);
    let (level, certain) = match db.engine() {
        Engine::Sqlite => ("SELECT 'level ' || synchronous, 0 FROM pragma_synchronous", "level 2"),
        Engine::Postgres => ("SELECT 'level ' || current_setting('synchronous_commit'), 0", "level on"),
    };
    db.write_uncertain(Uncertain, async |tx| notes::add(tx, "b", 0).await).await.unwrap();
    let sql = format!("INSERT INTO test_note (id, n) {level}");
    db.write_one(statement(&db.reads(), &sql, [])).await.unwrap();
    assert_eq!(notes::all(&db).await, ["a", "b", certain]);
}
}

told_on! { [sqlite, postgres]
async fn lm_05_statements_and_closures_side_by_side_undo_only_what_failed(world: &World) {
    let db = world.node().await.db.clone();
    note(&db, "taken").await.unwrap();
    let statements = join_all((0..60).map(|n| {
        let db = db.clone();
        // Every third breaks a rule.
        let id = if n % 3 == 0 { "taken".to_owned() } else { format!("one{n}") };
        async move { note(&db, &id).await.is_ok() }
    }));
    let closures = join_all((0..60).map(|n| {
        let db = db.clone();
        async move {
            let work = async |tx: &mut Tx| {
                notes::add(tx, &format!("closure{n}"), 0).await?;
                if n % 2 == 0 { Err(Error::conflict("no")) } else { Ok(()) }
            };
            db.write(work).await.is_ok()
        }
    }));
    let (statements, closures) = futures::join!(statements, closures);
    let mut told = vec!["taken".to_owned()];
    told.extend((0..60).filter(|n| statements[*n]).map(|n| format!("one{n}")));
    told.extend((0..60).filter(|n| closures[*n]).map(|n| format!("closure{n}")));
    assert_eq!(told.len(), 1 + 40 + 30);
    told.sort();
    let mut kept = notes::all(&db).await;
    kept.sort();
    assert_eq!(kept, told);
}
}

told_on! { [sqlite, postgres]
async fn a_context_counts_what_it_cost(world: &World) {
    let store = world.node().await;
    let db = store.db.counted();
    db.write(async |tx| notes::add(tx, "a", 1).await).await.unwrap();
    notes::all(&db).await;
    assert_eq!((db.cost().statements(), db.cost().rows()), (2, 1));
    note(&db, "b").await.unwrap();
    assert_eq!((db.cost().statements(), db.cost().rows()), (3, 2));
    assert!(db.cost().time() > Duration::ZERO);
    assert_eq!(store.db.counted().cost().statements(), 0);
}
}

/// A future that is dropped after so many polls.
struct Impatient<'a, T> {
    write: Pin<Box<dyn Future<Output = T> + 'a>>,
    polls: u32,
}

impl<T> Future for Impatient<'_, T> {
    type Output = Option<T>;
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<T>> {
        if self.polls == 0 {
            return Poll::Ready(None);
        }
        self.polls -= 1;
        self.write.as_mut().poll(context).map(Some)
    }
}
