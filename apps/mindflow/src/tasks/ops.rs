//! What may be done with tasks. Permission is the lookup: a task is found only through its owner.

use std::collections::HashMap;

use http::HeaderMap;
use stoa_core::{Edit, Error, Granted, Read, Result, UserId};
use stoa_edge::ETag;
use stoa_store::{Ctx, Page, PageOf, Tx};

use super::{
    lists::Filter,
    model::{Kept, Need, TaskId, TaskTag, is_circle},
    store,
    view::Task,
    wish::{NewTask, Snooze, TaskChange},
};
use crate::{Config, READ, WRITE, settings};

/// A task of the caller's that is not deleted, to look at.
async fn open_to_read(ctx: &Ctx, id: TaskId) -> Result<Granted<Kept, Read>> {
    let who = ctx.actor.user(READ)?.id;
    found(store::find(&ctx.db.reads(), id, who).await?.filter(|task| task.deleted_at.is_none()))
}

/// A task of the caller's that is not deleted, to change, inside the write that changes it.
async fn open_to_edit(ctx: &Ctx, tx: &Tx, id: TaskId) -> Result<Granted<Kept, Edit>> {
    let who = ctx.actor.user(WRITE)?.id;
    found(store::lock(tx, id, who).await?.filter(|task| task.deleted_at.is_none()))
}

/// A task of the caller's, even if it is deleted, to change.
async fn open_to_restore(ctx: &Ctx, tx: &Tx, id: TaskId) -> Result<Granted<Kept, Edit>> {
    let who = ctx.actor.user(WRITE)?.id;
    found(store::lock(tx, id, who).await?)
}

fn found<Can>(task: Option<Kept>) -> Result<Granted<Kept, Can>> {
    task.map(Granted::new).ok_or_else(|| Error::not_found("no such task"))
}

/// The caller's tasks that pass a filter.
pub(crate) async fn list(ctx: &Ctx, filter: &Filter, page: Page<TaskTag>) -> Result<PageOf<Task>> {
    let who = ctx.actor.user(READ)?.id;
    let db = ctx.db.reads();
    let after = match page.after {
        None => None,
        Some(id) => {
            let row = store::find(&db, id, who).await?;
            Some(row.ok_or_else(|| Error::field("after", "is not a cursor from `next`"))?)
        }
    };
    let now = ctx.now();
    let rows = store::list(&db, who, filter, after.as_ref(), page.limit + 1, now).await?;
    let page = page.cut(rows, |row| row.id);
    let mut needs = needs(ctx, page.items.iter().map(|row| row.id).collect()).await?;
    let settings = settings::ops::of(ctx, who).await?;
    Ok(page.map(|row| {
        let needs = needs.remove(&row.id).unwrap_or_default();
        Task::seen(row, &needs, &settings, now)
    }))
}

async fn needs(ctx: &Ctx, ids: Vec<TaskId>) -> Result<HashMap<TaskId, Vec<Need>>> {
    let mut needs: HashMap<TaskId, Vec<Need>> = HashMap::new();
    if !ids.is_empty() {
        for (task, need) in store::needs(&ctx.db.reads(), ids).await? {
            needs.entry(task).or_default().push(need);
        }
    }
    Ok(needs)
}

/// One task.
pub(crate) async fn show(ctx: &Ctx, id: TaskId) -> Result<Task> {
    let task = open_to_read(ctx, id).await?.into_inner();
    seen(ctx, ctx.actor.user(READ)?.id, task).await
}

async fn seen(ctx: &Ctx, who: UserId, task: Kept) -> Result<Task> {
    let needs = needs(ctx, vec![task.id]).await?.remove(&task.id).unwrap_or_default();
    let settings = settings::ops::of(ctx, who).await?;
    Ok(Task::seen(task, &needs, &settings, ctx.now()))
}

/// Creates a task.
pub(crate) async fn create(ctx: &Ctx, config: &Config, new: NewTask) -> Result<Task> {
    let who = ctx.actor.user(WRITE)?.id;
    let (task, needs) = new.check(ctx.id(), ctx.now())?;
    ctx.db
        .write(async |tx| {
            has_room(tx, config, who).await?;
            are_there(tx, who, &needs).await?;
            store::add(tx, who, &task).await?;
            store::add_needs(tx, who, task.id, &needs).await
        })
        .await?;
    seen(ctx, who, task).await
}

/// All open tasks of a person are looked at to find the best: there is an end to how many.
async fn has_room(tx: &Tx, config: &Config, who: UserId) -> Result<()> {
    if store::count_open(tx, who).await? < config.tasks {
        return Ok(());
    }
    let most = config.tasks;
    Err(Error::conflict(format!("there are {most} open tasks; complete or delete some first"))
        .code("too_many_tasks"))
}

/// What a task shall need must be a task of the same person.
async fn are_there(tx: &Tx, who: UserId, needs: &[TaskId]) -> Result<()> {
    if needs.is_empty() {
        return Ok(());
    }
    let there = store::known(tx, who, needs.to_vec()).await?;
    match needs.iter().position(|id| !there.contains(id)) {
        None => Ok(()),
        Some(_) => Err(Error::field("/depends_on", "names a task that is not there")),
    }
}

/// Changes a task. `if_match` refuses the change when the task has changed since.
pub(crate) async fn edit(ctx: &Ctx, id: TaskId, change: TaskChange, if_match: &HeaderMap) -> Result<Task> {
    let who = ctx.actor.user(WRITE)?.id;
    let task = ctx
        .db
        .write(async |tx| {
            let before = open_to_edit(ctx, tx, id).await?;
            ETag::of_time(before.updated_at)?.check(if_match)?;
            let mut after = Kept::clone(&before);
            if let Some(needs) = change.apply(&mut after)? {
                tie(tx, who, &before, &needs).await?;
                after.updated_at = settings::ops::later(before.updated_at, ctx.now());
            }
            save(ctx, tx, &before, after).await
        })
        .await?;
    seen(ctx, who, task).await
}

/// Says anew what a task needs. One at a time for each person: two that are each right may together make a circle.
async fn tie(tx: &Tx, who: UserId, task: &Granted<Kept, Edit>, needs: &[TaskId]) -> Result<()> {
    settings::store::hold(tx, who).await?;
    are_there(tx, who, needs).await?;
    if is_circle(&store::links(tx, who).await?, task.id, needs) {
        return Err(
            Error::field("/depends_on", "would make the task wait for itself").code("circular_dependency")
        );
    }
    store::clear_needs(tx, task).await?;
    store::add_needs(tx, who, task.id, needs).await
}

/// Done. Once is enough.
pub(crate) async fn complete(ctx: &Ctx, id: TaskId, if_match: &HeaderMap) -> Result<Task> {
    step(ctx, id, if_match, |task| {
        task.complete(ctx.now());
        Ok(())
    })
    .await
}

/// Begun.
pub(crate) async fn start(ctx: &Ctx, id: TaskId, if_match: &HeaderMap) -> Result<Task> {
    step(ctx, id, if_match, |task| task.start(ctx.now())).await
}

/// Out of sight for a while.
pub(crate) async fn snooze(ctx: &Ctx, id: TaskId, asked: Snooze, if_match: &HeaderMap) -> Result<Task> {
    let until = asked.end(ctx.now())?;
    step(ctx, id, if_match, |task| task.snooze(until)).await
}

/// Deletes a task; it can be restored.
pub(crate) async fn remove(ctx: &Ctx, id: TaskId, if_match: &HeaderMap) -> Result<()> {
    step(ctx, id, if_match, |task| {
        task.deleted_at = Some(ctx.now());
        Ok(())
    })
    .await
    .map(drop)
}

/// One step of a task's life that never makes it one more open task.
async fn step(
    ctx: &Ctx,
    id: TaskId,
    if_match: &HeaderMap,
    step: impl FnOnce(&mut Kept) -> Result<()>,
) -> Result<Task> {
    let who = ctx.actor.user(WRITE)?.id;
    let task = ctx
        .db
        .write(async |tx| {
            let before = open_to_edit(ctx, tx, id).await?;
            ETag::of_time(before.updated_at)?.check(if_match)?;
            let mut after = Kept::clone(&before);
            step(&mut after)?;
            save(ctx, tx, &before, after).await
        })
        .await?;
    seen(ctx, who, task).await
}

/// To be done again from the beginning.
pub(crate) async fn reopen(ctx: &Ctx, config: &Config, id: TaskId, if_match: &HeaderMap) -> Result<Task> {
    let who = ctx.actor.user(WRITE)?.id;
    let task = ctx
        .db
        .write(async |tx| {
            let before = open_to_edit(ctx, tx, id).await?;
            ETag::of_time(before.updated_at)?.check(if_match)?;
            let mut after = Kept::clone(&before);
            after.reopen();
            comes_back(tx, config, who, &before, after, ctx).await
        })
        .await?;
    seen(ctx, who, task).await
}

/// Takes a deletion back. Of a task that is not deleted there is nothing to take back.
pub(crate) async fn restore(ctx: &Ctx, config: &Config, id: TaskId) -> Result<Task> {
    let who = ctx.actor.user(WRITE)?.id;
    let task = ctx
        .db
        .write(async |tx| {
            let before = open_to_restore(ctx, tx, id).await?;
            let mut after = Kept::clone(&before);
            after.deleted_at = None;
            comes_back(tx, config, who, &before, after, ctx).await
        })
        .await?;
    seen(ctx, who, task).await
}

/// Writes a task down that may be open again.
async fn comes_back(
    tx: &Tx,
    config: &Config,
    who: UserId,
    before: &Granted<Kept, Edit>,
    after: Kept,
    ctx: &Ctx,
) -> Result<Kept> {
    if after.is_open() && !before.is_open() {
        has_room(tx, config, who).await?;
    }
    save(ctx, tx, before, after).await
}

/// Writes a changed task down as a new version; one that did not change stays as it is.
async fn save(ctx: &Ctx, tx: &Tx, before: &Granted<Kept, Edit>, mut after: Kept) -> Result<Kept> {
    if after != **before {
        after.updated_at = settings::ops::later(before.updated_at, ctx.now());
        store::save(tx, before, &after).await?;
    }
    Ok(after)
}
