//! Workers that die, stall, or are killed by what they run.

use std::{sync::Arc, time::Duration};

use nix::sys::signal::Signal;
use serde_json::json;
use stoa_core::Result;
use stoa_jobs::{Problem, State, events};

use crate::{
    house::{House, worker},
    process::{Other, go_on},
    script::{Act, Patient, does},
};

const LEASE: Duration = Duration::from_secs(30);

async fn steps(house: &House, id: stoa_core::JobId) -> Result<Vec<serde_json::Value>> {
    Ok(events(&house.anna(), id, 0).await?.into_iter().map(|event| event.data).collect())
}

pub(crate) async fn lm_24_a_killed_worker_loses_nothing_and_effects_happen_once(
    house: Arc<House>,
) -> Result<()> {
    let id = house.later(&Act { number: 1 }).await;
    let mut other = Other::start(&house, Duration::ZERO);
    assert_eq!(other.says().await.as_deref(), Some("begun"));
    other.signal(Signal::SIGKILL);
    other.is_gone().await;

    let worker = worker(&house.node().await, vec![does::<Act, _>(go_on)]);
    worker.tend().await?;
    assert_eq!(house.state(id).await, State::Running, "its lease has not run out");
    house.time.advance(LEASE * 2);
    worker.tend().await?;
    let job = house.until(id, State::Succeeded).await;
    assert_eq!(job.result, Some(json!({"after": 1, "attempt": 2})));
    assert_eq!(steps(&house, id).await?, [json!("begun"), json!("resumed")]);
    assert_eq!(house.effects(id).await, ["other, step 1", "ours, step 2"]);
    Ok(())
}

pub(crate) async fn lm_05_a_stalled_worker_that_wakes_up_changes_nothing(house: Arc<House>) -> Result<()> {
    let id = house.later(&Act { number: 1 }).await;
    let mut other = Other::start(&house, Duration::ZERO);
    assert_eq!(other.says().await.as_deref(), Some("begun"));
    other.signal(Signal::SIGSTOP);

    house.time.advance(LEASE * 2);
    let worker = worker(&house.node().await, vec![does::<Act, _>(go_on)]);
    worker.tend().await?;
    let job = house.until(id, State::Succeeded).await;

    other.signal(Signal::SIGCONT);
    other.tell("go on").await;
    assert_eq!(other.says().await.as_deref(), Some("conflict, conflict"));
    // Also what its worker writes about the run comes too late. It ends, so that this has been written.
    other.signal(Signal::SIGKILL);
    other.is_gone().await;
    assert_eq!(house.find(id).await, job);
    assert_eq!(steps(&house, id).await?, [json!("begun"), json!("resumed")]);
    assert_eq!(house.effects(id).await, ["other, step 1", "ours, step 2"]);
    Ok(())
}

pub(crate) async fn a_job_that_kills_its_workers_ends_as_failed(house: Arc<House>) -> Result<()> {
    let id = house.later(&Patient { number: 1 }).await;
    for died in 0..3 {
        let mut other = Other::start(&house, LEASE * 2 * died);
        assert_eq!(other.says().await.as_deref(), Some("dying"), "worker {died}");
        other.is_gone().await;
    }
    house.time.advance(LEASE * 8);
    let worker =
        worker(&house.node().await, vec![does::<Patient, _>(|_, _| async { Ok(json!("a fourth try")) })]);
    worker.tend().await?;
    let job = house.until(id, State::Failed).await;
    let gone = Problem { code: "unavailable".into(), detail: "the worker that ran it is gone".into() };
    assert_eq!((job.problem, job.result), (Some(gone), None));
    Ok(())
}
