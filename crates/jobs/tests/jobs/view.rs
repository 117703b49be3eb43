//! Who sees what, and for how long.

use std::{sync::Arc, time::Duration};

use serde_json::json;
use stoa_core::{Error, Id, Kind, Result, Role};
use stoa_jobs::{State, cancel, events, failed, find, purge};

use crate::{
    house::{House, page, worker},
    script::{Act, Foreign, does},
};

pub(crate) async fn a_strangers_job_is_as_absent_as_none(house: Arc<House>) -> Result<()> {
    let id = house.later(&Act { number: 1 }).await;
    let none = Id::new(&house.clock, &house.store.rng);
    let as_ben = house.ben();
    let mut answers = Vec::new();
    for id in [id, none] {
        answers.push(find(&as_ben, id).await.map(drop));
        answers.push(events(&as_ben, id, 0).await.map(drop));
        answers.push(cancel(&as_ben, id).await.map(drop));
    }
    for answer in answers {
        let error = answer.unwrap_err();
        assert_eq!((error.kind(), error.said()), (Kind::NotFound, "no such job"));
    }
    assert_eq!(house.state(id).await, State::Queued, "a stranger stopped nothing");
    // The house's own jobs are nobody's.
    let own = stoa_store::Ctx::house(&house.store);
    let id = own.db.write(async |tx| stoa_jobs::later(&own, tx, &Act { number: 1 }).await).await?;
    assert_eq!(find(&as_ben, id).await.unwrap_err().kind(), Kind::NotFound);
    Ok(())
}

pub(crate) async fn admins_see_what_was_given_up_page_by_page(house: Arc<House>) -> Result<()> {
    worker(
        &house.node().await,
        vec![does::<Act, _>(|number, _| async move {
            if number == 0 { Ok(json!(0)) } else { Err(Error::invalid(format!("reason {number}"))) }
        })],
    );
    let mut ids = Vec::new();
    for number in 0..6 {
        let id = house.later(&Act { number }).await;
        let state = if number == 0 { State::Succeeded } else { State::Failed };
        house.until(id, state).await;
        ids.push(id);
    }
    assert_eq!(failed(&house.anna(), page(50, None)).await.unwrap_err().kind(), Kind::Forbidden);
    let admin = house.as_user(house.ben, Role::Admin);
    let first = failed(&admin, page(3, None)).await?;
    let seen: Vec<_> = first.items.iter().map(|job| job.id).collect();
    ids[1..].sort_unstable();
    assert_eq!(seen, [ids[5], ids[4], ids[3]]);
    assert_eq!(first.items[0].owner, Some(house.anna));
    let rest = failed(&admin, page(3, Some(first.next.unwrap().parse()?))).await?;
    assert_eq!(rest.items.iter().map(|job| job.id).collect::<Vec<_>>(), [ids[2], ids[1]]);
    assert_eq!(rest.next, None);
    Ok(())
}

pub(crate) async fn lm_16_the_lag_is_how_long_the_oldest_job_is_due(house: Arc<House>) -> Result<()> {
    let lag = async || stoa_jobs::lag(&house.store.db, house.clock.now()).await;
    assert_eq!(lag().await?, Duration::ZERO);
    let ctx = house.anna();
    let in_an_hour = house.clock.now() + Duration::from_secs(3600);
    ctx.db.write(async |tx| stoa_jobs::later_at(&ctx, tx, &Act { number: 1 }, in_an_hour).await).await?;
    assert_eq!(lag().await?, Duration::ZERO);
    // Nobody here knows this kind.
    house.later(&Foreign { number: 2 }).await;
    house.time.advance(Duration::from_secs(90));
    assert_eq!(lag().await?, Duration::from_secs(90));
    Ok(())
}

pub(crate) async fn ended_jobs_are_forgotten_with_their_events_and_the_others_stay(
    house: Arc<House>,
) -> Result<()> {
    let handler = || {
        does::<Act, _>(|_, run| async move {
            run.tell("says", &"hello").await?;
            Ok(json!(null))
        })
    };
    worker(&house.node().await, vec![handler()]);
    let old = house.later(&Act { number: 1 }).await;
    house.until(old, State::Succeeded).await;
    house.time.advance(Duration::from_secs(24 * 3600));
    let new = house.later(&Act { number: 2 }).await;
    house.until(new, State::Succeeded).await;
    let waiting = house.later(&Foreign { number: 3 }).await;
    let ctx = stoa_store::Ctx::house(&house.store);
    house.time.advance(Duration::from_secs(3600));
    assert_eq!(purge(&ctx, Duration::from_secs(12 * 3600)).await?, 1);
    assert_eq!(find(&house.anna(), old).await.unwrap_err().kind(), Kind::NotFound);
    assert_eq!(house.count("SELECT count(*) FROM jobs_event").await, 1);
    assert_eq!((house.state(new).await, house.state(waiting).await), (State::Succeeded, State::Queued));
    assert_eq!(purge(&ctx, Duration::from_secs(12 * 3600)).await?, 0);
    Ok(())
}
