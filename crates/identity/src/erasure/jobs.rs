//! The job that erases whose time has come: every quarter of an hour, and at once where there is no time to think.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{Result, UserId};
use stoa_jobs::{Job, Policy, Run, Schedule, forget};
use stoa_store::Tx;

use crate::{
    Identity,
    audit::{self, model::Action, ops::record},
    export, invites, knocks, lockout, mail, people, sessions, signup, tokens,
};

/// How often is looked.
const EVERY: Duration = Duration::from_secs(15 * 60);

/// Erases everybody whose time has come, one after another.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Erase {}

impl Erase {
    /// Every quarter of an hour.
    pub(crate) fn schedule() -> Result<Schedule> {
        Schedule::every(EVERY, &Self {})
    }
}

impl Job for Erase {
    const KIND: &'static str = "identity.erase";
    const POLICY: Policy =
        Policy { attempts: 5, deadline: Duration::from_secs(60 * 60), pause: Duration::from_secs(10) };
    type App = Identity;

    async fn run(self, app: Identity, run: Run) -> Result<Value> {
        let ctx = &run.ctx;
        let mut erased = 0;
        while !run.stopped().is_cancelled()
            && let Some(who) = people::store::next_to_erase(&ctx.db.reads(), ctx.now()).await?
        {
            erase(&app, &run, who).await?;
            erased += 1;
        }
        Ok(json!({ "erased": erased }))
    }
}

/// Erases one person. Each step may have been done before by a run that was killed.
async fn erase(app: &Identity, run: &Run, who: UserId) -> Result<()> {
    let ctx = &run.ctx;
    // From here on nobody acts as them, on any node: nothing is added any more to what goes.
    let epoch = ctx
        .db
        .write(async |tx| {
            run.hold(tx).await?;
            let Some(row) = due(run, tx, who).await? else { return Ok(None) };
            people::store::set_disabled(tx, who, row.disabled_at.or(Some(ctx.now()))).await?;
            sessions::ops::end_all(ctx, tx, who, None).await?;
            tokens::store::remove_all(tx, who).await?;
            ctx.store.epoch.raise(tx).await.map(Some)
        })
        .await?;
    let Some(epoch) = epoch else { return Ok(()) };
    ctx.store.epoch.settled(&ctx.db, epoch).await?;
    // Their jobs first: a run that is at work finds its row gone and writes nothing.
    while step(run, async |tx| forget(tx, who).await).await? {}
    for part in app.personal()? {
        while step(run, async |tx| part.erase(ctx, tx, who).await).await? {}
    }
    step(run, async |tx| account(run, tx, who).await).await
}

/// One transaction of this run, and of no other.
async fn step<T>(run: &Run, work: impl AsyncFnOnce(&Tx) -> Result<T>) -> Result<T> {
    run.ctx
        .db
        .write(async |tx| {
            run.hold(tx).await?;
            work(tx).await
        })
        .await
}

/// The account, if it is still to be erased: they may have thought better of it.
async fn due(run: &Run, tx: &Tx, who: UserId) -> Result<Option<people::store::Model>> {
    let row = people::store::lock(tx, who).await?;
    Ok(row.filter(|row| row.erase_at.is_some_and(|at| at <= run.ctx.now())))
}

/// The account, with what refers to it by a cascade, and what names it by its address.
async fn account(run: &Run, tx: &Tx, who: UserId) -> Result<()> {
    let ctx = &run.ctx;
    let Some(row) = due(run, tx, who).await? else { return Ok(()) };
    for blob in export::store::blobs_of(tx, who).await? {
        ctx.store.blobs.discard(tx, blob, ctx.now()).await?;
    }
    let key = &row.email_key;
    mail::store::remove_to(tx, key).await?;
    signup::store::remove_all(tx, key).await?;
    invites::store::remove_to(tx, key).await?;
    knocks::store::remove_for(tx, key).await?;
    lockout::ops::clear(tx, key).await?;
    audit::store::forget(tx, who, key).await?;
    people::store::remove(tx, who).await?;
    record(ctx, tx, Action::Erased, Some(who), None).await
}
