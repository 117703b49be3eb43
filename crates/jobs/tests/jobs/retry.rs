//! Tries that fail.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use stoa_core::{Error, Result};
use stoa_jobs::{JobView, Problem, State};
use tokio::sync::mpsc;

use crate::{
    house::{House, soon, worker},
    script::{Act, Brief, Patient, does},
};

fn problem(job: &JobView) -> (&str, &str) {
    let Some(Problem { code, detail }) = &job.problem else { panic!("{job:?}") };
    (code, detail)
}

/// Waits until a try was written down and the job waits for the next.
async fn failed_once_more(house: &House, id: stoa_core::JobId) -> Duration {
    let mut told = stoa_jobs::watch(&house.anna(), id);
    soon("it waits for its next try", async {
        loop {
            let due = house
                .count(
                    "SELECT CASE WHEN state = 'queued' AND attempt > 0 THEN due_at ELSE 0 END FROM jobs_job",
                )
                .await;
            if due > 0 {
                return stoa_core::Timestamp::from_micros(due).since(house.clock.now());
            }
            told.heard().await;
        }
    })
    .await
}

pub(crate) async fn a_failed_try_comes_again_after_a_growing_pause_and_ends_as_failed(
    house: Arc<House>,
) -> Result<()> {
    let (ran, mut runs) = mpsc::unbounded_channel();
    worker(
        &house.node().await,
        vec![does::<Patient, _>(move |_, run| {
            ran.send(run.attempt).unwrap();
            async { Err(Error::unavailable("the printer is out of paper")) }
        })],
    );
    let id = house.later(&Patient { number: 1 }).await;
    for (attempt, least, most) in [(1, 30, 60), (2, 60, 120)] {
        assert_eq!(soon("a try", runs.recv()).await, Some(attempt));
        let pause = failed_once_more(&house, id).await;
        assert!((least..=most).contains(&pause.as_secs()), "{pause:?} after try {attempt}");
        house.time.advance(pause);
    }
    assert_eq!(soon("a try", runs.recv()).await, Some(3));
    let job = house.until(id, State::Failed).await;
    assert_eq!(problem(&job), ("unavailable", "the printer is out of paper"));
    assert_eq!((job.result, runs.try_recv().is_err()), (None, true));
    Ok(())
}

pub(crate) async fn a_final_error_ends_the_job_at_once(house: Arc<House>) -> Result<()> {
    let (ran, mut runs) = mpsc::unbounded_channel();
    worker(
        &house.node().await,
        vec![does::<Act, _>(move |_, run| {
            ran.send(run.attempt).unwrap();
            async { Err(Error::invalid("this is no document").code("not_a_document")) }
        })],
    );
    let id = house.later(&Act { number: 1 }).await;
    let job = house.until(id, State::Failed).await;
    assert_eq!(problem(&job), ("not_a_document", "this is no document"));
    assert_eq!((runs.recv().await, runs.try_recv().is_err()), (Some(1), true));
    Ok(())
}

pub(crate) async fn a_panic_is_a_failed_try(house: Arc<House>) -> Result<()> {
    let worker = worker(
        &house.node().await,
        vec![does::<Patient, _>(|_, run| {
            assert!(run.attempt > 1, "this panic belongs to the test");
            async { Ok(json!("well")) }
        })],
    );
    let id = house.later(&Patient { number: 1 }).await;
    house.time.advance(failed_once_more(&house, id).await);
    assert_eq!(house.until(id, State::Succeeded).await.result, Some(json!("well")));
    drop(worker);
    Ok(())
}

pub(crate) async fn a_try_that_takes_too_long_is_told_to_stop_and_fails(house: Arc<House>) -> Result<()> {
    let (told, mut heard) = mpsc::unbounded_channel();
    worker(
        &house.node().await,
        vec![does::<Brief, _>(move |_, run| {
            let told = told.clone();
            async move {
                run.stopped().cancelled().await;
                told.send(()).unwrap();
                Err(Error::internal("killed"))
            }
        })],
    );
    let id = house.later(&Brief { number: 1 }).await;
    soon("it is told to stop", heard.recv()).await.unwrap();
    assert_eq!(problem(&house.until(id, State::Failed).await), ("timeout", "it took longer than 50ms"));
    Ok(())
}

pub(crate) async fn an_output_with_a_zero_character_is_kept_on_every_engine(house: Arc<House>) -> Result<()> {
    worker(
        &house.node().await,
        vec![does::<Act, _>(|number, run| async move {
            run.progress(1, 2, "a\0note").await?;
            run.tell("output", &json!({"text": "x\0y"})).await?;
            if number == 1 {
                return Ok(json!(["r\0"]));
            }
            run.ctx.db.write(async |tx| run.finish(tx, &json!(["f\0"])).await).await?;
            Ok(Value::Null)
        })],
    );
    for (number, result) in [(1, json!(["r␀"])), (2, json!(["f␀"]))] {
        let id = house.later(&Act { number }).await;
        let job = house.until(id, State::Succeeded).await;
        assert_eq!((job.result, job.progress.note.as_str()), (Some(result), "a␀note"));
        let events = stoa_jobs::events(&house.anna(), id, 1).await?;
        assert_eq!(events[0].data, json!({"text": "x␀y"}));
    }
    Ok(())
}
