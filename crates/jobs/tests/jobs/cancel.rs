//! Stopping.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use stoa_core::{Error, Result};
use stoa_jobs::{State, Worker, WorkerConfig, cancel};
use tokio::sync::{Notify, mpsc};

use crate::{
    house::{House, soon, worker},
    script::{Act, Patient, does},
};

pub(crate) async fn a_waiting_job_is_cancelled_at_once_and_never_runs(house: Arc<House>) -> Result<()> {
    let id = house.later(&Act { number: 1 }).await;
    let job = cancel(&house.anna(), id).await?;
    assert_eq!((job.state, job.finished_at.is_some(), &job.problem), (State::Cancelled, true, &None));
    let (ran, mut runs) = mpsc::unbounded_channel();
    worker(
        &house.node().await,
        vec![does::<Act, _>(move |number, _| {
            ran.send(number).unwrap();
            async { Ok(Value::Null) }
        })],
    );
    let next = house.later(&Act { number: 2 }).await;
    house.until(next, State::Succeeded).await;
    assert_eq!((runs.recv().await, runs.try_recv().is_err()), (Some(2), true));
    assert_eq!(house.find(id).await, job);
    Ok(())
}

pub(crate) async fn a_running_job_hears_of_it_on_another_node(house: Arc<House>) -> Result<()> {
    let (told, mut heard) = mpsc::unbounded_channel();
    // Neither a beat of the lease nor a look could tell it in time.
    let slow = WorkerConfig { lease_seconds: 600, look_milliseconds: 600_000, ..WorkerConfig::default() };
    Worker::start(
        &house.node().await,
        slow,
        vec![does::<Act, _>(move |_, run| {
            let told = told.clone();
            async move {
                told.send("started").unwrap();
                run.stopped().cancelled().await;
                told.send("stopped").unwrap();
                Err(Error::internal("killed"))
            }
        })],
        Vec::new(),
    );
    let id = house.later(&Act { number: 1 }).await;
    assert_eq!(soon("it runs", heard.recv()).await, Some("started"));
    let asked = Instant::now();
    assert_eq!(cancel(&house.anna(), id).await?.state, State::Running);
    assert_eq!(soon("it hears", heard.recv()).await, Some("stopped"));
    assert!(asked.elapsed() < Duration::from_secs(10), "{:?}", asked.elapsed());
    let job = house.until(id, State::Cancelled).await;
    assert_eq!((job.result, job.problem), (None, None));
    Ok(())
}

pub(crate) async fn a_job_that_waits_for_its_next_try_is_cancelled_at_once(house: Arc<House>) -> Result<()> {
    let (ran, mut runs) = mpsc::unbounded_channel();
    worker(
        &house.node().await,
        vec![does::<Patient, _>(move |_, run| {
            ran.send(run.attempt).unwrap();
            async { Err(Error::unavailable("not now")) }
        })],
    );
    let id = house.later(&Patient { number: 1 }).await;
    assert_eq!(soon("it runs", runs.recv()).await, Some(1));
    // Whether it is being written down or waits already, it never comes again.
    cancel(&house.anna(), id).await?;
    house.until(id, State::Cancelled).await;
    house.time.advance(Duration::from_secs(3600));
    house.store.signals.wake("jobs.queue");
    let next = house.later(&Patient { number: 2 }).await;
    assert_eq!(soon("the next runs", runs.recv()).await, Some(1));
    assert_eq!(house.state(id).await, State::Cancelled);
    cancel(&house.anna(), next).await?;
    Ok(())
}

pub(crate) async fn a_try_that_fails_after_it_was_cancelled_does_not_come_again(
    house: Arc<House>,
) -> Result<()> {
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let handler = {
        let (begun, go_on) = (begun.clone(), go_on.clone());
        does::<Patient, _>(move |_, _| {
            let (begun, go_on) = (begun.clone(), go_on.clone());
            async move {
                begun.notify_one();
                go_on.notified().await;
                Err(Error::unavailable("it would be tried again"))
            }
        })
    };
    worker(&house.node().await, vec![handler]);
    let id = house.later(&Patient { number: 1 }).await;
    soon("it runs", begun.notified()).await;
    cancel(&house.anna(), id).await?;
    go_on.notify_one();
    let job = house.until(id, State::Cancelled).await;
    assert!(job.finished_at.is_some());
    Ok(())
}

pub(crate) async fn cancelling_a_job_that_has_ended_changes_nothing(house: Arc<House>) -> Result<()> {
    worker(&house.node().await, vec![does::<Act, _>(|_, _| async { Ok(json!("done")) })]);
    let id = house.later(&Act { number: 1 }).await;
    let before = house.until(id, State::Succeeded).await;
    assert_eq!(cancel(&house.anna(), id).await?, before);
    assert_eq!(house.find(id).await, before);
    Ok(())
}
