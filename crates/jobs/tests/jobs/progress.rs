//! What a job tells while it runs.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use stoa_core::{Kind, Result};
use stoa_jobs::{Event, Progress, State, events, watch};
use tokio::sync::{Notify, mpsc};

use crate::{
    house::{House, effect, soon, worker},
    script::{Act, does},
};

pub(crate) async fn events_have_no_gaps_and_resume_by_number(house: Arc<House>) -> Result<()> {
    worker(
        &house.node().await,
        vec![does::<Act, _>(|_, run| async move {
            let line = async |n: usize| run.tell("line", &json!({"n": n})).await;
            for n in 1..=100 {
                // Many at once, as from a program's two outputs.
                tokio::try_join!(line(n), line(n), run.progress(n, 100, format!("page {n}")))?;
            }
            Ok(json!(null))
        })],
    );
    let ctx = house.anna();
    let id = house.later(&Act { number: 1 }).await;
    let mut told = watch(&ctx, id);
    let mut heard: Vec<Event> = Vec::new();
    soon("all is heard", async {
        loop {
            let state = house.state(id).await;
            let after = heard.last().map_or(0, |event| event.number);
            let more = events(&ctx, id, after).await?;
            assert!(more.len() <= 200);
            heard.extend(more);
            if heard.len() == 300 && state == State::Succeeded {
                return Ok::<_, stoa_core::Error>(());
            }
            if heard.len() < 300 && state != State::Succeeded {
                told.heard().await;
            }
        }
    })
    .await?;
    let numbers: Vec<i64> = heard.iter().map(|event| event.number).collect();
    assert_eq!(numbers, (1..=300).collect::<Vec<_>>());
    let job = house.find(id).await;
    assert_eq!(job.progress, Progress { done: 100, total: 100, note: "page 100".into() });
    assert_eq!(job.events, 300);
    assert_eq!(heard.iter().filter(|event| event.kind == "line").count(), 200);
    assert_eq!(events(&ctx, id, 250).await?, heard[250..]);
    assert_eq!(events(&ctx, id, 300).await?, []);
    Ok(())
}

pub(crate) async fn only_the_present_run_is_heard(house: Arc<House>) -> Result<()> {
    let (told, mut heard) = mpsc::unbounded_channel();
    let (taken_over, resumed) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let handler = {
        let (taken_over, resumed) = (taken_over.clone(), resumed.clone());
        move |_, run: stoa_jobs::Run| {
            let (told, taken_over, resumed) = (told.clone(), taken_over.clone(), resumed.clone());
            async move {
                if run.attempt == 1 {
                    run.tell("says", &"first").await?;
                    told.send(None).unwrap();
                    taken_over.notified().await;
                    let mut refusals = vec![
                        run.tell("says", &"late").await.unwrap_err().kind(),
                        run.progress(9, 9, "late").await.unwrap_err().kind(),
                    ];
                    let late = run.ctx.db.write(async |tx| {
                        effect(tx, run.job, "late").await?;
                        run.hold(tx).await
                    });
                    refusals.push(late.await.unwrap_err().kind());
                    let late = run.ctx.db.write(async |tx| {
                        effect(tx, run.job, "late").await?;
                        run.finish(tx, &json!("late")).await
                    });
                    refusals.push(late.await.unwrap_err().kind());
                    told.send(Some(refusals)).unwrap();
                    return Ok(json!("late"));
                }
                run.tell("says", &"second").await?;
                run.ctx
                    .db
                    .write(async |tx| {
                        run.hold(tx).await?;
                        effect(tx, run.job, "second").await
                    })
                    .await?;
                told.send(None).unwrap();
                resumed.notified().await;
                Ok(json!("second"))
            }
        }
    };
    // Its lease runs out although it lives: the other one's clock is what counts.
    let one = worker(&house.node().await, vec![does::<Act, _>(handler.clone())]);
    let id = house.later(&Act { number: 1 }).await;
    assert_eq!(soon("the first run", heard.recv()).await, Some(None));
    house.time.advance(Duration::from_secs(31));
    let other = worker(&house.node().await, vec![does::<Act, _>(handler)]);
    other.tend().await?;
    assert_eq!(soon("the second run", heard.recv()).await, Some(None));
    taken_over.notify_one();
    let refusals = soon("the first run goes on", heard.recv()).await.unwrap();
    assert_eq!(refusals, Some(vec![Kind::Conflict; 4]));
    resumed.notify_one();
    let job = house.until(id, State::Succeeded).await;
    assert_eq!((job.result, job.progress), (Some(json!("second")), Progress::default()));
    let said: Vec<_> = events(&house.anna(), id, 0).await?.into_iter().map(|event| event.data).collect();
    assert_eq!(said, [json!("first"), json!("second")]);
    assert_eq!(house.effects(id).await, ["second"]);
    drop(one);
    Ok(())
}
