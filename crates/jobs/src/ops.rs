//! What may be done with jobs from outside: enqueue, look, cancel.

use std::time::Duration;

use serde_json::Value;
use stoa_core::{Actor, Error, JobId, Result, Scopes, Timestamp, UserId};
use stoa_store::{Ctx, Db, Listener, Page, PageOf, Tx};

use crate::{Event, Job, JobView, nul, store};

/// Woken when there is something to claim.
pub(crate) const QUEUE: &str = "jobs.queue";
/// Woken when somebody asks a running job to stop.
pub(crate) const STOP: &str = "jobs.stop";

/// Woken when a job tells something or ends.
pub(crate) fn topic(id: JobId) -> String {
    format!("jobs.job.{id}")
}

/// Writes a job down in the caller's transaction: it will run if and only if that commits. It runs for the
/// person who acts.
///
/// # Errors
/// `invalid` when the input holds the character U+0000; otherwise when it is no JSON or the engine fails.
pub async fn later<J: Job>(ctx: &Ctx, tx: &mut Tx, job: &J) -> Result<JobId> {
    later_at(ctx, tx, job, ctx.now()).await
}

/// As [`later`], not before `due_at`.
///
/// # Errors
/// As [`later`].
pub async fn later_at<J: Job>(ctx: &Ctx, tx: &mut Tx, job: &J, due_at: Timestamp) -> Result<JobId> {
    enqueue(ctx, tx, J::KIND, serde_json::to_value(job)?, due_at).await
}

pub(crate) async fn enqueue(
    ctx: &Ctx,
    tx: &mut Tx,
    kind: &'static str,
    input: Value,
    due_at: Timestamp,
) -> Result<JobId> {
    if nul::is_in(&input) {
        return Err(Error::invalid("the character U+0000 cannot be kept; remove it"));
    }
    let owner = match &ctx.actor {
        Actor::User(user) => Some(user.id),
        Actor::Nobody | Actor::House => None,
    };
    let (id, now) = (ctx.id(), ctx.now());
    store::add(tx, store::New { id, kind, owner, request: ctx.request.as_str(), input, due_at, now }).await?;
    if due_at <= now {
        let signals = ctx.store.signals.clone();
        tx.after_commit(move || signals.wake(QUEUE));
    }
    Ok(id)
}

/// A job of the caller's.
///
/// # Errors
/// `not_found` where there is none, or it is somebody else's.
pub async fn find(ctx: &Ctx, id: JobId) -> Result<JobView> {
    owned(ctx.actor.user(Scopes::NONE)?.id, store::find(&ctx.db.reads(), id).await?)
}

fn owned(who: UserId, job: Option<JobView>) -> Result<JobView> {
    job.filter(|job| job.owner == Some(who)).ok_or_else(|| Error::not_found("no such job"))
}

/// How long the oldest job that is due has been waiting for a worker, of whatever kind; zero where none waits.
///
/// # Errors
/// When the engine fails.
pub async fn lag(db: &Db, now: Timestamp) -> Result<Duration> {
    Ok(store::oldest_due(&db.reads()).await?.map_or(Duration::ZERO, |due| now.since(due)))
}

/// What a job told after event number `after`, oldest first, at most 200.
///
/// # Errors
/// As [`find`].
pub async fn events(ctx: &Ctx, id: JobId, after: i64) -> Result<Vec<Event>> {
    find(ctx, id).await?;
    store::events(&ctx.db.reads(), id, after, 200).await
}

/// Hears when a job tells something or ends. Look once after calling this, then whenever it is heard.
pub fn watch(ctx: &Ctx, id: JobId) -> Listener {
    ctx.store.signals.listen(&topic(id))
}

/// Stops a job: at once if it waits, as soon as its worker hears of it if it runs. A job that has ended stays
/// as it is.
///
/// # Errors
/// As [`find`].
pub async fn cancel(ctx: &Ctx, id: JobId) -> Result<JobView> {
    let who = ctx.actor.user(Scopes::NONE)?.id;
    let (job, asked) = ctx
        .db
        .write(async |tx| {
            owned(who, store::find(tx, id).await?)?;
            let asked = store::ask_to_stop(tx, id, ctx.now()).await?;
            Ok((owned(who, store::find(tx, id).await?)?, asked))
        })
        .await?;
    if asked {
        ctx.store.signals.wake(STOP);
        ctx.store.signals.wake(&topic(id));
    }
    Ok(job)
}

/// A job that was given up, for those who look after the house.
pub type Failed = JobView;

/// Jobs that failed for good, newest first. For admins.
///
/// # Errors
/// `forbidden` for anyone else.
pub async fn failed(ctx: &Ctx, page: Page<stoa_core::JobTag>) -> Result<PageOf<Failed>> {
    ctx.actor.admin()?;
    let rows = store::failed(&ctx.db.reads(), page.after, page.limit + 1).await?;
    Ok(page.cut(rows, |job| job.id))
}

/// Forgets some of a person's jobs, whatever their state, and tells whether there are more. A run that is at work finds
/// its row gone: it writes nothing any more. For whoever erases a person.
///
/// # Errors
/// When the engine fails.
pub async fn forget(tx: &Tx, who: UserId) -> Result<bool> {
    /// In one commit: the others who write wait for it.
    const TOGETHER: i64 = 200;
    Ok(store::remove_of(tx, who, TOGETHER).await? == TOGETHER.unsigned_abs())
}

/// Forgets jobs that ended longer ago than `age`, and tells how many. Part of the regular sweep.
///
/// # Errors
/// When the engine fails.
pub async fn purge(ctx: &Ctx, age: Duration) -> Result<u64> {
    /// In one commit: the others who write wait for it.
    const TOGETHER: i64 = 500;
    let (before, mut removed) = (ctx.now() - age, 0);
    loop {
        let now = ctx.db.write(async |tx| store::remove_finished(tx, before, TOGETHER).await).await?;
        removed += now;
        if now < TOGETHER.unsigned_abs() || ctx.store.tasks.stopping().is_cancelled() {
            return Ok(removed);
        }
    }
}
