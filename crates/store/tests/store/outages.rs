//! PostgreSQL goes away for a while, and what may be configured about it.

use std::time::Duration;

use sea_orm::ConnectionTrait;
use sqlx::{Connection, PgConnection};
use stoa_core::Kind;
use stoa_store::{Db, Uncertain};
use tokio::time::Instant;

use crate::{
    proxy::Proxy,
    world::{World, count, notes, statement, until},
};

/// Ends every connection to this world's database but our own.
async fn kill_all(world: &World) -> i64 {
    let mut admin =
        PgConnection::connect(world.config.database.url.as_ref().unwrap().expose()).await.unwrap();
    sqlx::query_scalar(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    .fetch_one(&mut admin)
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fw_r1_connections_that_died_while_idle_cost_nobody_anything() {
    let world = World::postgres().await;
    let db = world.node().await.db.clone();
    for n in 0..5 {
        // Fills the pool.
        let reads = (0..8).map(|_| count(&db, "SELECT count(*) FROM test_note"));
        futures::future::join_all(reads).await;
        assert!(kill_all(&world).await > 1);
        for _ in 0..10 {
            assert_eq!(count(&db, "SELECT count(*) FROM test_note").await, n);
        }
        db.write(async |tx| notes::add(tx, &n.to_string(), 0).await).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fw_r1_only_the_write_that_was_under_way_fails_and_is_undone() {
    let world = World::postgres().await;
    let db = world.node().await.db.clone();
    let failed = db
        .write(async |tx| {
            notes::add(tx, "cut", 0).await?;
            kill_all(&world).await;
            notes::add(tx, "after", 0).await
        })
        .await;
    assert!(failed.is_err());
    db.write(async |tx| notes::add(tx, "next", 0).await).await.unwrap();
    assert_eq!(notes::all(&db).await, ["next"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fw_r1_an_outage_fails_requests_while_it_lasts_and_none_after_it() {
    let mut world = World::postgres().await;
    let proxy = Proxy::before(world.config.database.url.as_ref().unwrap().expose()).await;
    world.config.database.url = Some(proxy.url());
    world.config.database.acquire_seconds = Duration::from_secs(1);
    let db = world.node().await.db.clone();
    proxy.cut().await;
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(3) {
        let asked = Instant::now();
        let refused = db.write(async |tx| notes::add(tx, "during", 0).await).await.unwrap_err();
        assert_eq!(refused.kind(), Kind::Unavailable);
        assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
        assert!(db.ping().await.is_err());
    }
    proxy.mend();
    for n in 0..20 {
        db.write(async |tx| notes::add(tx, &format!("after{n:02}"), 0).await).await.unwrap();
    }
    assert_eq!(notes::all(&db).await.len(), 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mf_o2_pool_size_and_times_are_what_was_configured() {
    let mut world = World::postgres().await;
    world.config.database.connections = 3;
    world.config.database.acquire_seconds = Duration::from_secs(1);
    world.config.database.statement_seconds = Duration::from_secs(1);
    let db = world.db().await;
    // A statement that takes too long is ended by the server.
    let began = Instant::now();
    assert!(db.reads().execute_unprepared("SELECT pg_sleep(30)").await.is_err());
    assert!(began.elapsed() < Duration::from_secs(5));
    // The fourth waits a second for a connection, and is refused.
    let sleep =
        || async { db.reads().query_one_raw(statement(&db.reads(), "SELECT 1, pg_sleep(0.9)", [])).await };
    let sleeps = futures::future::join_all((0..12).map(|_| sleep())).await;
    let done = sleeps.iter().filter(|done| done.is_ok()).count();
    assert!((3..=6).contains(&done), "{done} of 12 were done within a second by three connections");
    let mut admin =
        PgConnection::connect(world.config.database.url.as_ref().unwrap().expose()).await.unwrap();
    let connections: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'stoa'",
    )
    .fetch_one(&mut admin)
    .await
    .unwrap();
    assert_eq!(connections, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_hangs_loses_its_locks_with_its_time() {
    let mut world = World::postgres().await;
    let patient = world.node().await.db.clone();
    patient.write(async |tx| notes::add(tx, "row", 0).await).await.unwrap();
    world.config.database.statement_seconds = Duration::from_secs(1);
    let hanging = world.db().await;
    let mut held = std::pin::pin!(hanging.write(async |tx| {
        notes::set(tx, "row", 1).await;
        std::future::pending::<stoa_core::Result<()>>().await
    }));
    let still = tokio::time::timeout(Duration::from_millis(200), &mut held).await;
    assert!(still.is_err());
    let began = Instant::now();
    patient
        .write(async |tx| {
            notes::set(tx, "row", 2).await;
            Ok(())
        })
        .await
        .unwrap();
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(notes::number(&patient.reads(), "row").await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_not_there_is_said_in_a_sentence() {
    let mut world = World::sqlite().await;
    world.config.database.url = Some(stoa_core::Secret::new("postgres://nobody@127.0.0.1:1/none"));
    world.config.database.acquire_seconds = Duration::from_secs(1);
    let Err(refused) = Db::open(&world.config.database, &world.config.folder).await else {
        panic!("opened what is not there")
    };
    assert_eq!(refused.kind(), Kind::Unavailable);
    assert!(refused.said().starts_with("the database does not answer"), "{}", refused.said());
}

/// The answer to each step is still on its way when the caller goes.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_that_goes_away_at_any_step_leaves_no_transaction_open() {
    let mut world = World::postgres().await;
    let mut admin =
        PgConnection::connect(world.config.database.url.as_ref().unwrap().expose()).await.unwrap();
    let proxy = Proxy::before(world.config.database.url.as_ref().unwrap().expose()).await;
    world.config.database.url = Some(proxy.url());
    let db = world.node().await.db.clone();
    for (step, uncertain) in
        [("BEGIN", false), ("BEGIN", true), ("SET LOCAL", true), ("INSERT", false), ("COMMIT", false)]
    {
        proxy.freeze_at(step);
        {
            let mut write: std::pin::Pin<Box<dyn Future<Output = _>>> = if uncertain {
                Box::pin(
                    db.write_uncertain(Uncertain, async |tx| notes::add(tx, &step.to_lowercase(), 0).await),
                )
            } else {
                Box::pin(db.write(async |tx| notes::add(tx, &step.to_lowercase(), 0).await))
            };
            tokio::select! {
                done = &mut write => panic!("{step}: done without an answer: {done:?}"),
                () = until(step, async || proxy.is_frozen()) => {}
            }
        }
        proxy.mend();
        let mut is_none_open = async || {
            let open: i64 = sqlx::query_scalar(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() \
                 AND pid <> pg_backend_pid() AND state <> 'idle'",
            )
            .fetch_one(&mut admin)
            .await
            .unwrap();
            open == 0
        };
        until(&format!("no transaction is open after {step}"), async || is_none_open().await).await;
    }
    // What was sent to be committed is; nothing else.
    assert_eq!(notes::all(&db).await, ["commit"]);
}
