//! Every statement of the store has an index at a large row count, and none is built from somebody's text.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement, Value};
use stoa_core::{Clock, Rng};
use stoa_store::{Class, Ctx, Db, Engine, Once, Store};

use crate::{
    told_on,
    world::{World, migrations, statement},
};

/// Uses everything the store does with rows. `word` goes wherever a caller's text may go.
async fn use_all(store: &Arc<Store>, word: &str) {
    let ctx = Ctx::house(store);
    let now = ctx.now();
    let once = Once { kind: "kind" };
    store.db.write(async |tx| once.put(tx, word, word, now + Duration::from_secs(60)).await).await.unwrap();
    store.db.write(async |tx| once.take(tx, word, now).await).await.unwrap();
    store.db.write(async |tx| once.clear(tx).await).await.unwrap();
    let class = Class { name: "class", limit: 1, per: Duration::from_secs(60), lasting: true };
    for _ in 0..2 {
        store.counters.take(&store.db, &class, word, now).await.unwrap();
    }
    for state in ["kept", "failed"] {
        let bytes = Bytes::from(word.to_owned());
        let upload = store.blobs.receive_bytes(&ctx, word, bytes).await.unwrap();
        if state == "kept" {
            store.db.write(async |tx| store.blobs.keep(tx, &upload, now).await).await.unwrap();
            store.blobs.find(&store.db, upload.id).await.unwrap();
        }
        store.db.write(async |tx| store.blobs.discard(tx, upload.id, now).await).await.unwrap();
    }
    let empty = futures::stream::once(async { Err(stoa_core::Error::malformed("gone")) });
    assert!(store.blobs.receive(&ctx, word, 1, empty).await.is_err());
    let value = store.db.write(async |tx| store.epoch.raise(tx).await).await.unwrap();
    store.epoch.settled(&store.db, value).await.unwrap();
    store.sweep().await.unwrap();
}

/// As much as a house has after years; more than anything may look through.
async fn fill(db: &Db) {
    let numbers = match db.engine() {
        Engine::Sqlite => "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 50000)",
        Engine::Postgres => "WITH n(i) AS (SELECT generate_series(1, 50000))",
    };
    let (uuid, bytes) = match db.engine() {
        Engine::Sqlite => ("randomblob(16)", "randomblob(32)"),
        Engine::Postgres => ("gen_random_uuid()", "sha256(i::text::bytea)"),
    };
    let later = Clock::system().now() + Duration::from_secs(3600);
    let later = later.micros();
    for insert in [
        format!(
            "INSERT INTO store_blob (id, state, size, media_type, changed_at) {numbers} SELECT {uuid}, 'kept', 1, 'x', i FROM n"
        ),
        format!(
            "INSERT INTO store_counter (id, arrival, taken) {numbers} SELECT 'k' || i, {later}, 1 FROM n"
        ),
        format!(
            "INSERT INTO store_once (kind, digest, value, expires_at) {numbers} SELECT 'many' || (i % 9), {bytes}, 'x', {later} FROM n"
        ),
    ] {
        db.write(async |tx| Ok(tx.execute_unprepared(&insert).await?)).await.unwrap();
    }
    db.write(async |tx| Ok(tx.execute_unprepared("ANALYZE").await?)).await.unwrap();
}

told_on! { [sqlite, postgres]
async fn every_statement_finds_its_rows_by_an_index_and_holds_no_callers_text(world: &World) {
    let db = Db::open_recording(&world.config.database, &world.config.folder).await.unwrap();
    let store = Store::over(db.clone(), &world.config, &migrations(), Clock::system(), Rng::system()).await.unwrap();
    store.keep_house();
    crate::world::until("it has a lease", async || store.epoch.current().is_some()).await;
    fill(&db).await;
    use_all(&store, "Robert'); DROP TABLE students;--").await;
    let once = db.statements();
    use_all(&store, "another").await;
    assert!(store.tasks.stop(Duration::from_secs(5)).await);
    let statements = db.statements();
    let fewer: Vec<_> = once.iter().filter(|sql| !statements.contains(sql)).collect();
    assert!(fewer.is_empty());
    let grown: Vec<_> = statements.iter().filter(|sql| !once.contains(sql) && !sql.contains("store_node")).collect();
    assert!(grown.is_empty(), "a statement differs with what a caller says: {grown:?}");
    assert!(statements.len() > 15, "{statements:#?}");
    assert!(statements.iter().all(|sql| !sql.contains("Robert")));
    for sql in statements.iter().filter(|sql| !sql.contains("store_migration")) {
        let plan = plan(&db, sql).await;
        let scans = ["SCAN", "Seq Scan"].iter().any(|word| plan.contains(word));
        // One row, and one row per process.
        let small = ["store_epoch", "store_node", "store_key"].iter().any(|table| sql.contains(table));
        assert!(small || !scans, "{sql}\n{plan}");
    }
}
}

/// How the engine would find the rows of a statement, with values of the right types in its places.
async fn plan(db: &Db, sql: &str) -> String {
    let reads = db.reads();
    let (rows, column) = match db.engine() {
        Engine::Sqlite => {
            let nothing = (0..places(sql)).map(|_| Value::from(0_i64));
            let backend = reads.get_database_backend();
            let explained =
                Statement::from_sql_and_values(backend, format!("EXPLAIN QUERY PLAN {sql}"), nothing);
            (reads.query_all_raw(explained).await, 3)
        }
        Engine::Postgres => (prepared(db, sql).await, 0),
    };
    let lines = rows.unwrap();
    lines.iter().map(|row| row.try_get_by_index::<String>(column).unwrap() + "\n").collect()
}

fn places(sql: &str) -> usize {
    (1..=9).filter(|n| sql.contains(&format!("${n}"))).count()
}

/// The plan of a prepared statement, for any values: what a server that runs for days uses.
async fn prepared(db: &Db, sql: &str) -> Result<Vec<QueryResult>, DbErr> {
    let places = places(sql);
    let nulls = vec!["NULL"; places].join(", ");
    let execute = if places == 0 { String::new() } else { format!("({nulls})") };
    let rows = db
        .write(async |tx| {
            tx.execute_unprepared("SET LOCAL plan_cache_mode = force_generic_plan").await?;
            tx.execute_unprepared(&format!("PREPARE asked AS {sql}")).await?;
            let rows = tx.query_all_raw(statement(tx, &format!("EXPLAIN EXECUTE asked{execute}"), [])).await;
            tx.execute_unprepared("DEALLOCATE asked").await?;
            Ok(rows)
        })
        .await;
    rows.unwrap()
}
