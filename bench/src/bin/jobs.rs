//! No-op jobs: how many are drained in a second, how many can be enqueued, how soon an idle worker starts one.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stoa_bench::{Place, Spread, batched_updates, fdatasync, line, per_second, places};
use stoa_core::{Error, Result};
use stoa_jobs::{Job, Run, Worker, WorkerConfig, handler, later};
use stoa_store::{Ctx, Migration, Store};
use tokio::{sync::mpsc, task::JoinSet};

const WAITING: u32 = 20_000;
const ONE_BY_ONE: u32 = 500;
const IDLE: u32 = 100;

/// Does nothing.
#[derive(Serialize, Deserialize)]
struct Nothing {
    number: u32,
}

#[derive(Clone)]
struct Seen {
    ran: Arc<AtomicU32>,
    started: mpsc::UnboundedSender<Instant>,
}

impl Job for Nothing {
    const KIND: &'static str = "bench.nothing";
    type App = Seen;
    async fn run(self, seen: Seen, _: Run) -> Result<Value> {
        let _nobody_listens = seen.started.send(Instant::now());
        seen.ran.fetch_add(1, Ordering::Relaxed);
        Ok(Value::Null)
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    for engine in places() {
        line(&format!("{engine:?}"), "");
        let migrations: Vec<Migration> =
            stoa_store::MIGRATIONS.iter().chain(stoa_jobs::MIGRATIONS).copied().collect();
        let place = Place::new(engine, &migrations).await?;
        measure(&place).await?;
        place.remove().await?;
    }
    Ok(())
}

async fn measure(place: &Place) -> Result<()> {
    let store = &place.store;
    line("raw: fdatasync of one page, median, ms", &format!("{:.2}", fdatasync(&place.folder)?.at(0.5)));
    for batch in [64, 256] {
        let raw = batched_updates(&store.db, i64::from(WAITING), batch).await?;
        let what = format!("raw: rows updated twice, {batch} in a synced commit, /s");
        line(&what, &format!("{:.0}", per_second(WAITING, raw)));
    }
    let bulk = enqueue_many(store).await?;
    line("enqueued, 500 in a transaction, /s", &format!("{:.0}", per_second(WAITING, bulk)));
    let one_by_one = enqueue_one_by_one(store, ONE_BY_ONE).await?;
    line("enqueued one by one, /s", &format!("{:.0}", per_second(ONE_BY_ONE, one_by_one)));
    let began = Instant::now();
    let mut sixteen = JoinSet::new();
    for _ in 0..16 {
        let store = store.clone();
        sixteen.spawn(async move { enqueue_one_by_one(&store, ONE_BY_ONE / 4).await });
    }
    while let Some(done) = sixteen.join_next().await {
        done??;
    }
    line("the same by sixteen at once, /s", &format!("{:.0}", per_second(ONE_BY_ONE * 4, began.elapsed())));

    let (started, mut starts) = mpsc::unbounded_channel();
    let seen = Seen { ran: Arc::default(), started };
    let waiting = WAITING + ONE_BY_ONE * 5;
    let began = Instant::now();
    let worker =
        Worker::start(store, WorkerConfig::default(), vec![handler::<Nothing>(seen.clone())], Vec::new());
    while seen.ran.load(Ordering::Relaxed) < waiting || worker.running() > 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    line(&format!("drained, {waiting} waiting, /s"), &format!("{:.0}", per_second(waiting, began.elapsed())));

    while starts.try_recv().is_ok() {}
    let (mut all, mut after_commit) = (Vec::new(), Vec::new());
    for number in 0..IDLE {
        tokio::time::sleep(Duration::from_millis(97)).await;
        let began = Instant::now();
        enqueue(store, number..number + 1).await?;
        let committed = Instant::now();
        let start = starts.recv().await.ok_or_else(|| Error::internal("the worker is gone"))?;
        all.push(start - began);
        after_commit.push(start.saturating_duration_since(committed));
    }
    let (all, after_commit) = (Spread::of(all), Spread::of(after_commit));
    let figure = |spread: &Spread| format!("{:.2}, {:.2}", spread.at(0.5), spread.at(0.99));
    line("idle: from the call to enqueue to the start, p50, p99, ms", &figure(&all));
    line("idle: from the commit to the start, p50, p99, ms", &figure(&after_commit));
    Ok(())
}

async fn enqueue(store: &Arc<Store>, numbers: std::ops::Range<u32>) -> Result<()> {
    let ctx = Ctx::house(store);
    ctx.db
        .write(async |tx| {
            for number in numbers {
                later(&ctx, tx, &Nothing { number }).await?;
            }
            Ok(())
        })
        .await
}

async fn enqueue_many(store: &Arc<Store>) -> Result<Duration> {
    let began = Instant::now();
    for first in (0..WAITING).step_by(500) {
        enqueue(store, first..first + 500).await?;
    }
    Ok(began.elapsed())
}

async fn enqueue_one_by_one(store: &Arc<Store>, many: u32) -> Result<Duration> {
    let began = Instant::now();
    for number in 0..many {
        enqueue(store, number..number + 1).await?;
    }
    Ok(began.elapsed())
}
