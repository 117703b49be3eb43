//! Asking for a job.

use std::{sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{Actor, Credential, Error, Kind, RequestId, Result, Role};
use stoa_jobs::{Job, Run, State, later, later_at};
use tokio::sync::mpsc;

use crate::{
    house::{House, soon, worker},
    script::{Act, does},
};

pub(crate) async fn lm_05_a_job_commits_or_vanishes_with_the_transaction_that_asked_for_it(
    house: Arc<House>,
) -> Result<()> {
    let ctx = house.anna();
    let (ran, mut runs) = mpsc::unbounded_channel();
    worker(
        &house.node().await,
        vec![does::<Act, _>(move |number, _| {
            ran.send(number).unwrap();
            async { Ok(Value::Null) }
        })],
    );
    let failed: Result<()> = ctx
        .db
        .write(async |tx| {
            later(&ctx, tx, &Act { number: 1 }).await?;
            Err(Error::conflict("changed my mind"))
        })
        .await;
    assert_eq!(failed.unwrap_err().kind(), Kind::Conflict);
    assert_eq!(house.count("SELECT count(*) FROM jobs_job").await, 0);
    let id = house.later(&Act { number: 2 }).await;
    house.until(id, State::Succeeded).await;
    assert_eq!(soon("it runs", runs.recv()).await, Some(2));
    assert!(runs.try_recv().is_err(), "the first one vanished");
    Ok(())
}

pub(crate) async fn mf_o3_the_request_id_and_the_person_go_into_the_job(house: Arc<House>) -> Result<()> {
    let (told, mut heard) = mpsc::unbounded_channel();
    worker(
        &house.node().await,
        vec![does::<Act, _>(move |_, run| {
            told.send((run.ctx.request.clone(), run.ctx.actor.clone(), run.attempt)).unwrap();
            async { Ok(json!({"pages": 3})) }
        })],
    );
    let ctx = house.as_user(house.anna, Role::Owner);
    let id = ctx.db.write(async |tx| later(&ctx, tx, &Act { number: 1 }).await).await?;
    let (request, actor, attempt) = soon("it runs", heard.recv()).await.unwrap();
    assert_eq!(request, ctx.request);
    let user = actor.user(stoa_core::Scopes::NONE)?;
    assert_eq!((user.id, user.role, user.via, attempt), (house.anna, Role::Member, Credential::Job, 1));
    assert!(actor.admin().is_err(), "what a job may do does not grow with the role of who asked");
    let job = house.until(id, State::Succeeded).await;
    assert_eq!((job.result, job.problem, job.kind.as_str()), (Some(json!({"pages": 3})), None, "test.act"));
    assert!(job.started_at.is_some() && job.finished_at.is_some());

    let request = RequestId::sane("from-a-schedule").unwrap();
    let house_ctx = stoa_store::Ctx::new(&house.store, Actor::House, request.clone());
    house_ctx.db.write(async |tx| later(&house_ctx, tx, &Act { number: 2 }).await).await?;
    assert_eq!(soon("it runs", heard.recv()).await.unwrap(), (request, Actor::House, 1));
    Ok(())
}

pub(crate) async fn a_job_waits_until_it_is_due(house: Arc<House>) -> Result<()> {
    let (ran, mut runs) = mpsc::unbounded_channel();
    worker(
        &house.node().await,
        vec![does::<Act, _>(move |number, _| {
            ran.send(number).unwrap();
            async { Ok(Value::Null) }
        })],
    );
    let ctx = house.anna();
    let due = ctx.now() + Duration::from_secs(600);
    let id = ctx.db.write(async |tx| later_at(&ctx, tx, &Act { number: 1 }, due).await).await?;
    let first = house.later(&Act { number: 2 }).await;
    house.until(first, State::Succeeded).await;
    assert_eq!(house.state(id).await, State::Queued);
    house.time.advance(Duration::from_secs(601));
    house.until(id, State::Succeeded).await;
    assert_eq!((runs.recv().await, runs.recv().await), (Some(2), Some(1)));
    Ok(())
}

pub(crate) async fn input_that_cannot_be_kept_is_refused_on_every_engine(house: Arc<House>) -> Result<()> {
    #[derive(Serialize, Deserialize)]
    struct Say {
        text: String,
    }
    impl Job for Say {
        const KIND: &'static str = "test.say";
        type App = ();
        async fn run(self, (): (), _: Run) -> Result<Value> {
            Ok(Value::Null)
        }
    }
    let ctx = house.anna();
    let refused = ctx.db.write(async |tx| later(&ctx, tx, &Say { text: "a\0b".into() }).await).await;
    let error = refused.unwrap_err();
    assert_eq!(
        (error.kind(), error.said()),
        (Kind::Invalid, "the character U+0000 cannot be kept; remove it")
    );
    Ok(())
}
