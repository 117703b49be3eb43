//! Asking for an export, looking at it, downloading it.

use std::time::Duration;

use stoa_core::{Error, Kind, Result};
use stoa_jobs::{JobView, later};
use stoa_store::{BlobStream, Class, Ctx};

use super::{
    jobs::Write,
    model::{A_DAY, Export, ExportId, KEPT, State},
    store::{self, Row},
};
use crate::{
    Identity,
    audit::{model::Action, ops::record},
    sessions::ops::fresh,
};

/// Asks for a file with everything that is kept of the caller.
///
/// # Errors
/// `forbidden` (`reauthentication_required`) where they did not prove lately who they are; `limited` beyond five a day;
/// `unauthenticated`, `forbidden` without a browser session.
pub(crate) async fn ask(ctx: &Ctx, identity: &Identity) -> Result<(Export, JobView)> {
    let user = ctx.actor.at_the_browser()?.0.id;
    fresh(ctx, identity).await?;
    let day = Duration::from_secs(24 * 60 * 60);
    let class = Class { name: "exports", limit: A_DAY, per: day, lasting: true };
    let taken = ctx.store.counters.take(&ctx.db, &class, &user.to_string(), ctx.now()).await?;
    if !taken.allowed {
        return Err(Error::limited("your data was asked for too often today; download what is there")
            .retry_after(taken.retry_after));
    }
    let (id, now) = (ctx.id(), ctx.now());
    let job = ctx
        .db
        .write(async |tx| {
            let job = later(ctx, tx, &Write { export: id }).await?;
            let row = Row { id, job, blob: None, size: None, created_at: now, expires_at: now + KEPT };
            store::add(tx, user, &row).await?;
            record(ctx, tx, Action::ExportAsked, Some(user), None).await?;
            Ok(job)
        })
        .await?;
    Ok((shown(ctx, find(ctx, id).await?).await?, stoa_jobs::find(ctx, job).await?))
}

/// The caller's exports that have not expired, newest first.
///
/// # Errors
/// `unauthenticated`, `forbidden` without a browser session.
pub(crate) async fn list(ctx: &Ctx) -> Result<Vec<Export>> {
    let user = ctx.actor.at_the_browser()?.0.id;
    let most = i64::from(A_DAY) * 8;
    let mut all = Vec::new();
    for row in store::list(&ctx.db.reads(), user, ctx.now(), most).await? {
        all.push(shown(ctx, row).await?);
    }
    Ok(all)
}

/// The file: its size and its bytes as they come.
///
/// # Errors
/// `not_found` for one that has expired, is somebody else's or none; `conflict` (`export_not_ready`) while it is being
/// written, or where it could not be; else as [`list`].
pub(crate) async fn file(ctx: &Ctx, id: ExportId) -> Result<(u64, BlobStream)> {
    let row = find(ctx, id).await?;
    let (Some(blob), Some(size)) = (row.blob, row.size) else {
        let said = match shown(ctx, row).await?.state {
            State::Failed => "it could not be written; ask for it again",
            State::Building | State::Ready => "it is still being written; try again in a moment",
        };
        return Err(Error::conflict(said).code("export_not_ready"));
    };
    Ok((u64::try_from(size)?, ctx.store.blobs.read(blob).await?))
}

async fn find(ctx: &Ctx, id: ExportId) -> Result<Row> {
    let user = ctx.actor.at_the_browser()?.0.id;
    let row = store::find(&ctx.db.reads(), user, id, ctx.now()).await?;
    row.ok_or_else(|| Error::not_found("there is no such export"))
}

/// One whose job ended without writing it has failed.
async fn shown(ctx: &Ctx, row: Row) -> Result<Export> {
    let state = match row.blob {
        Some(_) => State::Ready,
        None => match stoa_jobs::find(ctx, row.job).await {
            Ok(job) if !job.state.is_terminal() => State::Building,
            Ok(_) => State::Failed,
            Err(error) if error.kind() == Kind::NotFound => State::Failed,
            Err(error) => return Err(error),
        },
    };
    let size = row.size.map(u64::try_from).transpose()?;
    let Row { id, job, created_at, expires_at, .. } = row;
    Ok(Export { id, state, size, created_at, expires_at, job_id: job })
}

/// Lets those go that have expired. Part of the regular sweep.
pub(crate) async fn sweep(ctx: &Ctx) -> Result<()> {
    let now = ctx.now();
    ctx.db
        .write(async |tx| {
            for blob in store::remove_expired(tx, now).await? {
                ctx.store.blobs.discard(tx, blob, now).await?;
            }
            Ok(())
        })
        .await
}
