//! Who runs what.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde_json::{Value, json};
use stoa_core::Result;
use stoa_jobs::{State, Worker, WorkerConfig, later};
use tokio::sync::{Notify, Semaphore, mpsc, watch};

use crate::{
    house::{House, effect, quick, soon, worker},
    script::{Act, Foreign, does},
};

pub(crate) async fn lm_04_two_workers_on_two_nodes_run_each_of_400_jobs_once(
    house: Arc<House>,
) -> Result<()> {
    let ctx = house.anna();
    let ids = ctx
        .db
        .write(async |tx| {
            let mut ids = Vec::new();
            for number in 0..400 {
                ids.push(later(&ctx, tx, &Act { number }).await?);
            }
            Ok(ids)
        })
        .await?;
    let (ran, mut runs) = mpsc::unbounded_channel();
    // Nothing goes on before both have begun: each worker has its share.
    let begun = Arc::new(watch::Sender::new(0));
    let mut workers = Vec::new();
    for who in ["one", "other"] {
        let (ran, begun) = (ran.clone(), begun.clone());
        let first = Arc::new(AtomicUsize::new(0));
        let node = house.node().await;
        workers.push(worker(
            &node,
            vec![does::<Act, _>(move |number, run| {
                let (ran, begun, first) = (ran.clone(), begun.clone(), first.clone());
                async move {
                    ran.send((number, who)).unwrap();
                    if first.fetch_add(1, Ordering::SeqCst) == 0 {
                        begun.send_modify(|workers| *workers += 1);
                    }
                    begun.subscribe().wait_for(|workers| *workers == 2).await?;
                    run.ctx
                        .db
                        .write(async |tx| {
                            effect(tx, run.job, who).await?;
                            run.finish(tx, &json!(number)).await
                        })
                        .await?;
                    Ok(Value::Null)
                }
            })],
        ));
    }
    for (number, id) in (0..).zip(&ids) {
        let job = house.until(*id, State::Succeeded).await;
        assert_eq!(job.result, Some(json!(number)));
        assert_eq!(house.effects(*id).await.len(), 1, "{id}");
    }
    let mut seen = HashMap::new();
    while let Ok((number, who)) = runs.try_recv() {
        assert_eq!(seen.insert(number, who), None, "{number} ran twice");
    }
    assert_eq!(seen.len(), 400);
    assert!(["one", "other"].iter().all(|who| seen.values().any(|by| by == who)), "both worked");
    Ok(())
}

pub(crate) async fn no_more_run_at_once_than_there_are_places(house: Arc<House>) -> Result<()> {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let gate = Arc::new(Semaphore::new(0));
    let full = Arc::new(Notify::new());
    let handler = {
        let (now, most, gate, full) = (now.clone(), most.clone(), gate.clone(), full.clone());
        does::<Act, _>(move |_, _| {
            let (now, most, gate, full) = (now.clone(), most.clone(), gate.clone(), full.clone());
            async move {
                let running = now.fetch_add(1, Ordering::SeqCst) + 1;
                most.fetch_max(running, Ordering::SeqCst);
                if running == 3 {
                    full.notify_one();
                }
                gate.acquire().await?.forget();
                now.fetch_sub(1, Ordering::SeqCst);
                Ok(Value::Null)
            }
        })
    };
    let config = WorkerConfig { at_once: 3, ..quick() };
    Worker::start(&house.node().await, config, vec![handler], Vec::new());
    let mut ids = Vec::new();
    for number in 0..12 {
        ids.push(house.later(&Act { number }).await);
    }
    soon("three run", full.notified()).await;
    gate.add_permits(12);
    for id in ids {
        house.until(id, State::Succeeded).await;
    }
    assert_eq!(most.load(Ordering::SeqCst), 3);
    Ok(())
}

pub(crate) async fn a_worker_leaves_kinds_alone_that_it_does_not_know(house: Arc<House>) -> Result<()> {
    let foreign = house.later(&Foreign { number: 1 }).await;
    worker(&house.node().await, vec![does::<Act, _>(|_, _| async { Ok(Value::Null) })]);
    let known = house.later(&Act { number: 1 }).await;
    house.until(known, State::Succeeded).await;
    assert_eq!(house.state(foreign).await, State::Queued);
    worker(&house.node().await, vec![does::<Foreign, _>(|_, _| async { Ok(Value::Null) })]);
    house.until(foreign, State::Succeeded).await;
    Ok(())
}

pub(crate) async fn an_end_that_is_written_twice_counts_once(house: Arc<House>) -> Result<()> {
    let (told, mut second) = mpsc::unbounded_channel();
    worker(
        &house.node().await,
        vec![does::<Act, _>(move |_, run| {
            let told = told.clone();
            async move {
                let finish = async |what: &str| {
                    run.ctx
                        .db
                        .write(async |tx| {
                            effect(tx, run.job, what).await?;
                            run.finish(tx, &json!(what)).await
                        })
                        .await
                };
                finish("first").await?;
                told.send(finish("second").await.unwrap_err().kind()).unwrap();
                Ok(json!("third"))
            }
        })],
    );
    let id = house.later(&Act { number: 1 }).await;
    assert_eq!(soon("it runs", second.recv()).await, Some(stoa_core::Kind::Conflict));
    assert_eq!(house.until(id, State::Succeeded).await.result, Some(json!("first")));
    assert_eq!(house.effects(id).await, ["first"]);
    Ok(())
}
