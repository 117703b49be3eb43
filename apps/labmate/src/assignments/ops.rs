//! What may be done with labs and tasks. Permission is the lookup: a lab is found only through its owner.

use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use stoa_core::{Edit, Error, Granted, Read, Result, Scopes, UserId};
use stoa_edge::ETag;
use stoa_jobs::{JobView, State};
use stoa_store::{Ctx, Page, PageOf, Tx};

use super::{
    jobs::Parse,
    model::{self, Kept, Lab, LabId, LabRow, LabState, LabTag, NewTask, Source, Task, TaskChange, TaskId},
    store,
};
use crate::{Config, reports, runs};

/// How much of a file is looked at to tell what it is.
const FIRST: usize = 64 << 10;

/// A lab of the caller's, to look at.
pub(crate) async fn open_to_read(ctx: &Ctx, id: LabId) -> Result<Granted<Kept, Read>> {
    let who = ctx.actor.user(Scopes::LABS_READ)?.id;
    found(store::find(&ctx.db.reads(), id, who).await?)
}

/// A lab of the caller's, to change, inside the write that changes it.
pub(crate) async fn open_to_edit(ctx: &Ctx, tx: &Tx, id: LabId) -> Result<Granted<Kept, Edit>> {
    let who = ctx.actor.user(Scopes::LABS_WRITE)?.id;
    found(store::find(tx, id, who).await?)
}

fn found<Can>(lab: Option<Kept>) -> Result<Granted<Kept, Can>> {
    lab.map(Granted::new).ok_or_else(|| Error::not_found("no such lab"))
}

/// The caller's labs, newest first.
///
/// # Errors
/// `unauthenticated`, `insufficient_scope`.
pub async fn list(ctx: &Ctx, page: Page<LabTag>) -> Result<PageOf<LabRow>> {
    let who = ctx.actor.user(Scopes::LABS_READ)?.id;
    let mut rows = store::list(&ctx.db.reads(), who, page).await?;
    for row in rows.iter_mut().filter(|row| row.state == LabState::Parsing) {
        settle(ctx, row).await?;
    }
    Ok(page.cut(rows, |row| row.id))
}

/// One lab with its tasks and their last runs.
///
/// # Errors
/// `not_found` where there is none, or it is somebody else's.
pub async fn show(ctx: &Ctx, id: LabId) -> Result<Lab> {
    let mut row = open_to_read(ctx, id).await?.into_inner().row;
    if row.state == LabState::Parsing {
        settle(ctx, &mut row).await?;
    }
    let mut tasks = store::tasks(&ctx.db.reads(), id).await?;
    runs::ops::attach_last(ctx, id, &mut tasks).await?;
    Ok(Lab { row, tasks })
}

/// A lab whose reading ended without a word (its job was cancelled or given up) has failed.
async fn settle(ctx: &Ctx, row: &mut LabRow) -> Result<()> {
    let ended = match stoa_jobs::find(ctx, row.job_id).await {
        Ok(job) => match job.state {
            State::Queued | State::Running | State::Succeeded => return Ok(()),
            State::Failed => {
                job.problem.map_or_else(|| "reading it failed".to_owned(), |problem| problem.detail)
            }
            State::Cancelled => "reading it was cancelled; upload it again".to_owned(),
        },
        Err(_) => "reading it was given up; upload it again".to_owned(),
    };
    row.state = LabState::Failed;
    row.problem = Some(ended);
    Ok(())
}

/// Takes a document in, and starts to read it.
///
/// # Errors
/// `unsupported` or `invalid` for what cannot be an assignment, `too_large` beyond the limit. Nothing is kept
/// then.
pub async fn upload(
    ctx: &Ctx,
    config: &Config,
    name: Option<&str>,
    title: Option<&str>,
    bytes: impl Stream<Item = Result<Bytes>> + Send,
) -> Result<(Lab, JobView)> {
    let owner = ctx.actor.user(Scopes::LABS_WRITE)?.id;
    let name = model::file_name(name);
    let title = title.map_or_else(|| Ok(model::title_of_file(&name)), model::title)?;
    let mut bytes = Box::pin(bytes);
    let mut first = Vec::new();
    while first.len() < FIRST
        && let Some(chunk) = bytes.next().await
    {
        first.extend_from_slice(&chunk?);
    }
    let format = stoa_documents::sniff(&name, &first)?;
    let whole = stream::once(async { Ok(Bytes::from(first)) }).chain(bytes);
    let upload = ctx.store.blobs.receive(ctx, model::format_name(format), config.upload_bytes, whole).await?;
    let source = Source { name, format, size: upload.size, sha256: upload.sha256.hex() };
    let id: LabId = ctx.id();
    ctx.db
        .write(async |tx| {
            let now = ctx.now();
            ctx.store.blobs.keep(tx, &upload, now).await?;
            let job = stoa_jobs::later(ctx, tx, &Parse { lab: id }).await?;
            let (source, sha256, blob) = (&source, upload.sha256, upload.id);
            store::add(tx, store::NewLab { id, owner, title, source, sha256, blob, job, now }).await
        })
        .await?;
    let lab = show(ctx, id).await?;
    let job = stoa_jobs::find(ctx, lab.row.job_id).await?;
    Ok((lab, job))
}

/// Gives a lab another title. `if_match` refuses the change when the lab has changed since.
///
/// # Errors
/// `not_found`, `stale`, `invalid`.
pub async fn rename(ctx: &Ctx, id: LabId, title: &str, if_match: &http::HeaderMap) -> Result<Lab> {
    let title = model::title(title)?;
    ctx.db
        .write(async |tx| {
            let lab = open_to_edit(ctx, tx, id).await?;
            ETag::of_time(lab.row.updated_at)?.check(if_match)?;
            store::rename(tx, &lab, &title, ctx.now()).await
        })
        .await?;
    show(ctx, id).await
}

/// Removes a lab with everything that belongs to it.
///
/// # Errors
/// `not_found`.
pub async fn remove(ctx: &Ctx, id: LabId) -> Result<()> {
    let job = ctx
        .db
        .write(async |tx| {
            let lab = open_to_edit(ctx, tx, id).await?;
            let now = ctx.now();
            let mut blobs = runs::store::blobs_of(tx, id).await?;
            blobs.extend(reports::store::blobs_of(tx, id).await?);
            blobs.extend(lab.blob);
            for blob in blobs {
                ctx.store.blobs.discard(tx, blob, now).await?;
            }
            store::remove(tx, &lab).await?;
            Ok(lab.row.job_id)
        })
        .await?;
    // Whatever still works on it has nothing left to write to; reading is told to stop at once.
    stoa_jobs::cancel(ctx, job).await.map(drop).or_else(|error| match error.kind() {
        stoa_core::Kind::NotFound => Ok(()),
        _ => Err(error),
    })
}

/// Adds a task.
///
/// # Errors
/// `not_found`, `invalid`; `conflict` while the document is still being read.
pub async fn add_task(ctx: &Ctx, config: &Config, lab: LabId, new: NewTask) -> Result<Task> {
    new.check()?;
    let id: TaskId = ctx.id();
    ctx.db
        .write(async |tx| {
            let lab = open_to_edit(ctx, tx, lab).await?;
            readable(&lab)?;
            if lab.row.task_count >= config.tasks {
                return Err(Error::conflict(format!("a lab has at most {} tasks", config.tasks)));
            }
            let now = ctx.now();
            let end = u32::try_from(lab.row.task_count)?;
            let place = new.position.map_or(end, u32::from).min(end);
            store::add_task(tx, &lab, id, new, end, now).await?;
            if place < end {
                arrange(tx, &lab, id, place).await?;
            }
            store::touch(tx, &lab, now).await
        })
        .await?;
    task(ctx, lab, id).await
}

/// Changes a task. `if_match` refuses the change when the task has changed since.
///
/// # Errors
/// `not_found`, `stale`, `invalid`.
pub async fn edit_task(
    ctx: &Ctx,
    lab: LabId,
    id: TaskId,
    change: TaskChange,
    if_match: &http::HeaderMap,
) -> Result<Task> {
    change.check()?;
    ctx.db
        .write(async |tx| {
            let lab = open_to_edit(ctx, tx, lab).await?;
            let task = store::find_task(tx, lab.row.id, id).await?.ok_or_else(no_task)?;
            ETag::of_time(task.updated_at)?.check(if_match)?;
            let now = ctx.now();
            store::change_task(tx, &lab, id, &change, now).await?;
            if let Some(place) = change.position {
                arrange(tx, &lab, id, u32::from(place)).await?;
            }
            store::touch(tx, &lab, now).await
        })
        .await?;
    task(ctx, lab, id).await
}

/// Removes a task with its runs.
///
/// # Errors
/// `not_found`.
pub async fn remove_task(ctx: &Ctx, lab: LabId, id: TaskId) -> Result<()> {
    ctx.db
        .write(async |tx| {
            let lab = open_to_edit(ctx, tx, lab).await?;
            store::find_task(tx, lab.row.id, id).await?.ok_or_else(no_task)?;
            for blob in runs::store::blobs_of_task(tx, id).await? {
                ctx.store.blobs.discard(tx, blob, ctx.now()).await?;
            }
            store::remove_task(tx, &lab, id).await?;
            for (place, task) in store::tasks(tx, lab.row.id).await?.into_iter().enumerate() {
                store::place_task(tx, &lab, task.id, place).await?;
            }
            store::touch(tx, &lab, ctx.now()).await
        })
        .await
}

async fn task(ctx: &Ctx, lab: LabId, id: TaskId) -> Result<Task> {
    let task = store::find_task(&ctx.db.reads(), lab, id).await?.ok_or_else(no_task)?;
    let mut one = [task];
    runs::ops::attach_last(ctx, lab, &mut one).await?;
    let [task] = one;
    Ok(task)
}

fn no_task() -> Error {
    Error::not_found("no such task")
}

/// Moves one task to a place; the others keep their order around it.
async fn arrange(tx: &Tx, lab: &Granted<Kept, Edit>, id: TaskId, place: u32) -> Result<()> {
    let before = store::tasks(tx, lab.row.id).await?;
    let mut order: Vec<TaskId> = before.iter().map(|task| task.id).filter(|other| *other != id).collect();
    order.insert(usize::try_from(place)?.min(order.len()), id);
    for (position, id) in order.into_iter().enumerate() {
        let moved = before.iter().any(|task| task.id == id && task.position as usize != position);
        if moved {
            store::place_task(tx, lab, id, position).await?;
        }
    }
    Ok(())
}

/// Refuses what makes no sense before the tasks are there.
pub(crate) fn readable(lab: &Kept) -> Result<()> {
    match lab.row.state {
        LabState::Ready => Ok(()),
        LabState::Parsing => Err(Error::conflict("the document is still being read; try again in a moment")),
        LabState::Failed => Err(Error::conflict("the document could not be read; upload another one")),
    }
}

/// Who owns what a job works on: jobs act for the person who asked.
pub(crate) fn owner(ctx: &Ctx) -> Result<UserId> {
    Ok(ctx.actor.user(Scopes::LABS_WRITE)?.id)
}
