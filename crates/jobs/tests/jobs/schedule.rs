//! Jobs that come again.

use std::{sync::Arc, time::Duration};

use serde_json::Value;
use stoa_core::Result;
use stoa_jobs::Schedule;
use tokio::sync::mpsc;

use crate::{
    house::{House, soon, worker_with},
    script::{Act, does},
};

const DAY: Duration = Duration::from_secs(24 * 3600);

pub(crate) async fn three_nodes_fire_a_schedule_once(house: Arc<House>) -> Result<()> {
    let (ran, mut runs) = mpsc::unbounded_channel();
    let mut workers = Vec::new();
    for _ in 0..3 {
        let ran = ran.clone();
        let handler = does::<Act, _>(move |number, run| {
            ran.send((number, run.ctx.actor.clone())).unwrap();
            async { Ok(Value::Null) }
        });
        let daily = Schedule::every(DAY, &Act { number: 7 })?;
        workers.push(worker_with(&house.node().await, vec![handler], vec![daily]));
    }
    let all_look = async || {
        let looks = workers.iter().map(stoa_jobs::Worker::tend);
        futures::future::try_join_all(looks).await
    };
    all_look().await?;
    assert_eq!(house.count("SELECT count(*) FROM jobs_job").await, 0, "the first time it is only noted");
    for day in 1..=3 {
        house.time.advance(DAY);
        let next = all_look().await?;
        assert!(next.iter().all(|next| *next <= DAY), "{next:?}");
        assert_eq!(soon("it fires", runs.recv()).await, Some((7, stoa_core::Actor::House)));
        assert_eq!(house.count("SELECT count(*) FROM jobs_job").await, day);
    }
    // What was missed is made up for once.
    house.time.advance(DAY * 10);
    all_look().await?;
    all_look().await?;
    assert_eq!(house.count("SELECT count(*) FROM jobs_job").await, 4);
    let at = house.count("SELECT next_at FROM jobs_schedule").await;
    assert_eq!(at % i64::try_from(DAY.as_micros())?, 0, "at midnight");
    Ok(())
}

pub(crate) async fn a_shorter_interval_counts_at_once(house: Arc<House>) -> Result<()> {
    let node = house.node().await;
    let handlers = || vec![does::<Act, _>(|_, _| async { Ok(Value::Null) })];
    let with = |every| Ok::<_, stoa_core::Error>(vec![Schedule::every(every, &Act { number: 1 })?]);
    worker_with(&node, handlers(), with(DAY * 30)?).tend().await?;
    let hourly = worker_with(&node, handlers(), with(Duration::from_secs(3600))?);
    assert!(hourly.tend().await? <= Duration::from_secs(3600));
    assert_eq!(house.count("SELECT count(*) FROM jobs_job").await, 0);
    house.time.advance(Duration::from_secs(3600));
    hourly.tend().await?;
    assert_eq!(house.count("SELECT count(*) FROM jobs_job").await, 1);
    Ok(())
}
