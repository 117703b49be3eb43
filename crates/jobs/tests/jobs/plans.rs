//! Every statement finds its rows by an index, with many jobs waiting and very many ended.

use std::{sync::Arc, time::Duration};

use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use stoa_core::{Error, Result, Rng, Role};
use stoa_jobs::{State, cancel, events, failed, purge};
use stoa_store::{Ctx, Db, Store};

use crate::{
    house::{House, Kept, migrations, page, settings, soon, worker},
    script::{Act, Patient, does},
};

/// Ended and waiting jobs that are there before. The waiting ones are not yet due, and of a foreign kind.
const ENDED: u32 = 30_000;
const WAITING: u32 = 10_000;

pub(crate) async fn no_statement_reads_a_whole_table(house: Arc<House>) -> Result<()> {
    fill(&house).await?;
    let config = settings(house.kept, house.folder.clone(), house.database.as_deref());
    let db = Db::open_recording(&config.database, &config.folder).await?;
    let node = Store::over(db, &config, &migrations(), house.clock.clone(), Rng::system()).await?;
    live_a_little(&house, &node).await?;
    if house.kept == Kept::Sqlite {
        for sql in node.db.statements() {
            for step in plan(&house, &sql).await? {
                let whole = step.starts_with("SCAN jobs_job") || step.starts_with("SCAN jobs_event");
                // A partial index is a list of just the rows that are wanted.
                assert!(!whole || step.contains("USING INDEX"), "{sql}\n{step}");
            }
        }
    }
    // PostgreSQL plans by what it knows of the rows at the moment; there the whole life above is what is shown.
    node.tasks.stop(Duration::from_secs(30)).await;
    Ok(())
}

/// Everything that is ever done with jobs, once or more.
async fn live_a_little(house: &House, node: &Arc<Store>) -> Result<()> {
    let worker = worker(
        node,
        vec![
            does::<Act, _>(|number, run| async move {
                run.progress(1, 1, "").await?;
                if number % 2 == 0 {
                    return Ok(json!(number));
                }
                run.ctx
                    .db
                    .write(async |tx| {
                        run.hold(tx).await?;
                        run.finish(tx, &json!(number)).await
                    })
                    .await?;
                Ok(json!(number))
            }),
            does::<Patient, _>(|_, run| async move {
                run.tell("waits", &1).await?;
                run.stopped().cancelled().await;
                Err(Error::unavailable("stopped"))
            }),
        ],
    );
    let acting = |ctx: Ctx| Ctx::new(node, ctx.actor, ctx.request);
    let ctx = acting(house.anna());
    let mut ids = Vec::new();
    for number in 0..40 {
        ids.push(ctx.db.write(async |tx| stoa_jobs::later(&ctx, tx, &Act { number }).await).await?);
    }
    let long = ctx.db.write(async |tx| stoa_jobs::later(&ctx, tx, &Patient { number: 1 }).await).await?;
    for id in ids {
        house.until_seen_from(node, id, State::Succeeded).await;
        assert_eq!(events(&ctx, id, 0).await?.len(), 1);
    }
    let mut told = stoa_jobs::watch(&ctx, long);
    soon("it has begun", async {
        while house.find(long).await.events == 0 {
            told.heard().await;
        }
    })
    .await;
    // Its lease runs out: it is taken over, and runs once more.
    house.time.advance(Duration::from_secs(31));
    worker.tend().await?;
    cancel(&ctx, long).await?;
    house.until_seen_from(node, long, State::Cancelled).await;
    failed(&acting(house.as_user(house.ben, Role::Admin)), page(50, None)).await?;
    purge(&acting(Ctx::house(node)), Duration::from_secs(365 * 24 * 3600)).await?;
    Ok(())
}

/// Rows that are just there.
async fn fill(house: &House) -> Result<()> {
    let (id, empty) = match house.kept {
        Kept::Sqlite => ("randomblob(16)", "'null'"),
        Kept::Postgres | Kept::PostgresAndRedis => ("gen_random_uuid()", "'null'::jsonb"),
    };
    let now = house.clock.now().micros();
    let rows = |many: u32, kind: &str, state: &str, due: i64, finished: &str| {
        format!(
            "INSERT INTO jobs_job (id, kind, state, request, input, due_at, attempt, fence, cancel_requested, \
             events, done, total, note, created_at, finished_at) \
             WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {many}) \
             SELECT {id}, '{kind}', '{state}', 'request-1', {empty}, {due} + i, 0, 0, FALSE, 0, 0, 0, '', \
             {now} - i, {finished} FROM n"
        )
    };
    let later = now + 365 * 24 * 3_600_000_000;
    let statements = [
        rows(ENDED, "test.act", "succeeded", now - 1_000_000_000, &format!("{now} - i")),
        rows(1000, "test.act", "failed", now - 1_000_000_000, &format!("{now} - i")),
        rows(WAITING, "test.foreign", "queued", later, "NULL"),
        "INSERT INTO jobs_event (job_id, number, kind, data) SELECT id, 1, 'says', input FROM jobs_job \
         WHERE state = 'succeeded'"
            .to_owned(),
        "ANALYZE".to_owned(),
    ];
    house
        .store
        .db
        .write(async |tx| {
            for sql in &statements {
                tx.execute_unprepared(sql).await?;
            }
            Ok(())
        })
        .await
}

/// SQLite's plan for a statement, one line for each step.
async fn plan(house: &House, sql: &str) -> Result<Vec<String>> {
    let reads = house.store.db.reads();
    let statement = Statement::from_string(reads.get_database_backend(), format!("EXPLAIN QUERY PLAN {sql}"));
    let rows = reads.query_all_raw(statement).await?;
    rows.iter().map(|row| Ok(row.try_get("", "detail")?)).collect()
}
