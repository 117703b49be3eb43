//! A process that is asked to stop.

use std::{sync::Arc, time::Duration};

use serde_json::{Value, json};
use stoa_core::{Error, Result};
use stoa_jobs::State;
use tokio::sync::mpsc;

use crate::{
    house::{House, soon, worker},
    script::{Act, does},
};

pub(crate) async fn lm_23_shutdown_hands_running_jobs_back_and_does_not_count_the_try(
    house: Arc<House>,
) -> Result<()> {
    let (ran, mut runs) = mpsc::unbounded_channel();
    let stopping = house.restarted().await;
    let leaving = {
        let ran = ran.clone();
        worker(
            &stopping,
            vec![does::<Act, _>(move |_, run| {
                ran.send(run.attempt).unwrap();
                async move {
                    run.stopped().cancelled().await;
                    Err(Error::internal("killed"))
                }
            })],
        )
    };
    let mut ids = Vec::new();
    for number in 0..5 {
        ids.push(house.later(&Act { number }).await);
    }
    for _ in &ids {
        assert_eq!(soon("it runs", runs.recv()).await, Some(1));
    }
    assert!(stopping.tasks.stop(Duration::from_secs(30)).await, "all tasks ended");
    assert_eq!(leaving.running(), 0);
    for id in &ids {
        assert_eq!(house.state(*id).await, State::Queued);
    }
    // No lease has to run out: the next one takes them at once, and it is still their first try.
    worker(
        &house.restarted().await,
        vec![does::<Act, _>(move |number, run| {
            ran.send(run.attempt).unwrap();
            async move { Ok(json!(number)) }
        })],
    );
    for _ in &ids {
        assert_eq!(soon("it runs again", runs.recv()).await, Some(1));
    }
    Ok(())
}

pub(crate) async fn lm_23_work_that_is_done_in_time_is_not_lost(house: Arc<House>) -> Result<()> {
    let (ran, mut runs) = mpsc::unbounded_channel();
    let stopping = house.restarted().await;
    worker(
        &stopping,
        vec![does::<Act, _>(move |number, run| {
            ran.send(number).unwrap();
            async move {
                run.stopped().cancelled().await;
                run.progress(1, 1, "the last page").await?;
                Ok::<Value, _>(json!(number))
            }
        })],
    );
    let id = house.later(&Act { number: 3 }).await;
    soon("it runs", runs.recv()).await;
    assert!(stopping.tasks.stop(Duration::from_secs(30)).await, "all tasks ended");
    let job = house.find(id).await;
    assert_eq!((job.state, job.result), (State::Succeeded, Some(json!(3))));
    Ok(())
}
