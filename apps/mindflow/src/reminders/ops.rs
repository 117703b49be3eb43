//! What happens with reminders: they follow what a task says, and letters follow them.

use std::{collections::BTreeSet, time::Duration};

use stoa_core::{Result, Timestamp, UserId};
use stoa_identity::{mail, people};
use stoa_store::{Ctx, Tx};

use super::{letter::letter, model::times, store};
use crate::{
    settings,
    tasks::{model::Kept, store as tasks},
};

/// Letters of one write: the others who write wait for it.
const TOGETHER: u64 = 20;
/// What is later than this is left out: it would only tell of what is long past.
const LATE: Duration = Duration::from_secs(86_400);

/// Settles the letters of a task anew, in the write that changed it. What lies in the past is not caught up with.
pub(crate) async fn settle(
    tx: &Tx,
    who: UserId,
    before: Option<&Kept>,
    after: &Kept,
    now: Timestamp,
) -> Result<()> {
    let (old, new) = (before.map(times).unwrap_or_default(), times(after));
    if old == new {
        return Ok(());
    }
    if before.is_some() {
        store::clear(tx, after.id).await?;
    }
    let ahead: BTreeSet<Timestamp> = new.into_iter().filter(|at| *at > now).collect();
    store::add(tx, who, after.id, &ahead).await
}

/// What became of the letters whose time had come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Told {
    /// Letters that were posted.
    pub(crate) sent: u64,
    /// Letters that were too late.
    pub(crate) skipped: u64,
}

/// Posts all letters whose time has come. Each is noted in the write that posts it, so that it is posted once, however
/// often and wherever this runs. For the house.
pub(crate) async fn post_due(ctx: &Ctx) -> Result<Told> {
    let mut told = Told::default();
    // Mostly there is nothing, and then nobody waits for a write.
    while store::is_any_due(&ctx.db.reads(), ctx.now()).await? && !ctx.store.tasks.stopping().is_cancelled() {
        let some = ctx.db.write(async |tx| post_some(ctx, tx).await).await?;
        if some == Told::default() {
            break;
        }
        told = Told { sent: told.sent + some.sent, skipped: told.skipped + some.skipped };
    }
    Ok(told)
}

async fn post_some(ctx: &Ctx, tx: &mut Tx) -> Result<Told> {
    let (now, mut told) = (ctx.now(), Told::default());
    for due in store::due(tx, now, TOGETHER).await? {
        // What is done is no longer here: whoever did it has cleared it away.
        let task = tasks::find(tx, due.task_id, due.owner).await?.filter(Kept::is_open);
        let reaches = due.due_at >= now - LATE && people::ops::is_active(tx, due.owner).await?;
        let task = task.filter(|_| reaches);
        if !store::close(tx, &due, now, task.is_some()).await? {
            continue;
        }
        match task {
            Some(task) => {
                let zone = settings::store::within(tx, due.owner).await?.zone;
                mail::ops::post(ctx, tx, &letter(due.owner, &task, &zone, due.due_at, now)).await?;
                told.sent += 1;
            }
            None => told.skipped += 1,
        }
    }
    Ok(told)
}
