//! SQLite's one writer: who shares a commit with whom, and what cannot be shared.

use std::time::Duration;

use sea_orm::ConnectionTrait;
use stoa_core::{Error, Kind, Result};
use stoa_store::{Db, Tx, Uncertain};
use tokio::{
    sync::oneshot,
    task::{JoinHandle, LocalSet, spawn_local, yield_now},
};

use crate::world::{World, notes, statement};

/// A write that adds a note and stays inside until it is let go.
struct Held {
    write: JoinHandle<Result<()>>,
    go: oneshot::Sender<()>,
    entered: oneshot::Receiver<()>,
}

/// Queues for its turn before this returns.
async fn held(db: &Db, id: &'static str) -> Held {
    let (inside, entered) = oneshot::channel();
    let (go, gate) = oneshot::channel();
    let write = queued(db, async move |tx| {
        notes::add(tx, id, 0).await?;
        let _ = inside.send(());
        gate.await?;
        Ok(())
    });
    Held { write: write.await, go, entered }
}

async fn queued(db: &Db, work: impl AsyncFnOnce(&mut Tx) -> Result<()> + 'static) -> JoinHandle<Result<()>> {
    let db = db.clone();
    let write = spawn_local(async move { db.write(work).await });
    yield_now().await;
    write
}

async fn story(world: impl Future<Output = ()>) {
    LocalSet::new().run_until(world).await;
}

macro_rules! told {
    ($(async fn $name:ident($db:ident: Db) $body:block)+) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            let world = World::sqlite().await;
            let $db = world.node().await.db.clone();
            story(async $body).await;
        }
    )+};
}

told! {
async fn those_who_wait_share_one_commit(db: Db) {
    let (first, second) = (held(&db, "first").await, held(&db, "second").await);
    first.entered.await.unwrap();
    first.go.send(()).unwrap();
    second.entered.await.unwrap();
    // The first is through, and still waits: its commit is the second's too.
    yield_now().await;
    assert!(!first.write.is_finished());
    assert!(notes::all(&db).await.is_empty());
    second.go.send(()).unwrap();
    first.write.await.unwrap().unwrap();
    second.write.await.unwrap().unwrap();
    assert_eq!(notes::all(&db).await, ["first", "second"]);
}

async fn lm_05_one_that_fails_in_a_shared_commit_undoes_only_itself(db: Db) {
    let first = held(&db, "first").await;
    let failing = queued(&db, async |tx| {
        notes::add(tx, "failing", 0).await?;
        Err(Error::conflict("no"))
    });
    let failing = failing.await;
    let going_away = held(&db, "going away").await;
    let last = held(&db, "last").await;
    first.entered.await.unwrap();
    first.go.send(()).unwrap();
    assert_eq!(failing.await.unwrap().unwrap_err().kind(), Kind::Conflict);
    going_away.entered.await.unwrap();
    going_away.write.abort();
    last.entered.await.unwrap();
    assert!(!first.write.is_finished());
    last.go.send(()).unwrap();
    first.write.await.unwrap().unwrap();
    last.write.await.unwrap().unwrap();
    assert_eq!(notes::all(&db).await, ["first", "last"]);
}

async fn a_certain_write_never_rides_on_an_uncertain_commit(db: Db) {
    let (go, gate) = oneshot::channel::<()>();
    let other = db.clone();
    let uncertain = spawn_local(async move {
        other
            .write_uncertain(Uncertain, async move |tx| {
                notes::add(tx, "uncertain", 0).await?;
                gate.await?;
                Ok(())
            })
            .await
    });
    yield_now().await;
    let certain = held(&db, "certain").await;
    go.send(()).unwrap();
    certain.entered.await.unwrap();
    // It is committed before the next begins.
    uncertain.await.unwrap().unwrap();
    assert_eq!(notes::all(&db).await, ["uncertain"]);
    certain.go.send(()).unwrap();
    certain.write.await.unwrap().unwrap();
}

async fn a_full_disk_fails_those_who_shared_it_and_nobody_after_them(db: Db) {
    let first = held(&db, "first").await;
    let filling = queued(&db, fill).await;
    let last = held(&db, "last").await;
    first.go.send(()).unwrap();
    last.go.send(()).unwrap();
    assert!(filling.await.unwrap().is_err());
    // Whoever was told that it is done is in; whoever was told that it is not is out.
    let told = [("first", first.write.await.unwrap()), ("last", last.write.await.unwrap())];
    let mut done: Vec<&str> = told.iter().filter(|(_, done)| done.is_ok()).map(|(id, _)| *id).collect();
    done.sort_unstable();
    assert_eq!(notes::all(&db).await, done);
    let after = async |tx: &mut Tx| {
        tx.execute_unprepared("PRAGMA max_page_count = 1000000").await?;
        notes::add(tx, "after", 0).await
    };
    db.write(after).await.unwrap();
    assert!(notes::all(&db).await.contains(&"after".to_owned()));
}

async fn what_panics_after_a_commit_stops_nobody(db: Db) {
    db.write(async |tx| {
        tx.after_commit(|| panic!("as the test wants it"));
        notes::add(tx, "a", 0).await
    })
    .await
    .unwrap();
    db.write(async |tx| notes::add(tx, "b", 0).await).await.unwrap();
    assert_eq!(notes::all(&db).await, ["a", "b"]);
}
}

/// Writes until two more pages are full, as if that were all the disk has.
async fn fill(tx: &mut Tx) -> Result<()> {
    let row = tx.query_one_raw(statement(tx, "PRAGMA page_count", [])).await?;
    let pages: i64 = row.ok_or_else(|| Error::internal("no row"))?.try_get_by_index(0)?;
    tx.execute_unprepared(&format!("PRAGMA max_page_count = {}", pages + 2)).await?;
    tx.execute_unprepared(
        "INSERT INTO test_note (id, n) WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 5000) \
         SELECT hex(randomblob(64)), x FROM c",
    )
    .await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_process_that_writes_is_waited_for() {
    let world = World::sqlite().await;
    let (server, command) = (world.node().await, world.node().await);
    story(async {
        let holding = held(&command.db, "command").await;
        holding.entered.await.unwrap();
        let waiting = queued(&server.db, async |tx| notes::add(tx, "server", 0).await).await;
        let still = tokio::time::timeout(Duration::from_millis(200), std::future::pending::<()>()).await;
        assert!(still.is_err() && !waiting.is_finished());
        holding.go.send(()).unwrap();
        holding.write.await.unwrap().unwrap();
        waiting.await.unwrap().unwrap();
        assert_eq!(notes::all(&server.db).await, ["command", "server"]);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_database_refuses_at_once() {
    let world = World::sqlite().await;
    let db = world.node().await.db.clone();
    db.close().await.unwrap();
    let refused = db.write(async |tx| notes::add(tx, "a", 0).await).await.unwrap_err();
    assert_eq!(refused.kind(), Kind::Unavailable);
}
