//! What may be done with tasks. Permission is the lookup: a task is found only through its owner.

use std::{collections::HashMap, time::Duration};

use http::HeaderMap;
use stoa_core::{Edit, Error, Granted, Read, Result, UserId};
use stoa_edge::ETag;
use stoa_store::{Ctx, Page, PageOf, Tx};

use super::{
    lists::Filter,
    model::{Kept, Need, TaskId, TaskTag, is_circle},
    store::{self, Changing},
    view::Task,
    wish::{NewTask, Snooze, TaskChange},
};
use crate::{Config, READ, WRITE, recurrence::next::Recurrence, reminders, settings};

/// A task of the caller's that is not deleted, to look at.
pub(crate) async fn open_to_read(ctx: &Ctx, id: TaskId) -> Result<Granted<Kept, Read>> {
    let who = ctx.actor.user(READ)?.id;
    found(store::find(&ctx.db.reads(), id, who).await?.filter(|task| task.deleted_at.is_none()))
}

/// A task of the caller's, to change, inside the write that changes it.
async fn open_to_edit(ctx: &Ctx, tx: &Tx, asked: &Asked<'_>) -> Result<Granted<Kept, Edit>> {
    let who = ctx.actor.user(WRITE)?.id;
    let task = store::lock(tx, asked.id, who).await?;
    found(task.filter(|task| asked.deleted || task.deleted_at.is_none()))
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

/// What each of these tasks needs.
pub(crate) async fn needs(ctx: &Ctx, ids: Vec<TaskId>) -> Result<HashMap<TaskId, Vec<Need>>> {
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
    let (mut task, needs) = new.check(ctx.id(), ctx.now())?;
    store::change(&ctx.db, who, async |list| {
        has_room(list, config, who, 1).await?;
        are_there(list, who, &needs).await?;
        keep_clock(list, who, None, &mut task).await?;
        store::add(list, who, &task).await?;
        reminders::ops::settle(list, who, None, &task, ctx.now()).await?;
        store::add_needs(list, who, task.id, &needs).await
    })
    .await?;
    seen(ctx, who, task).await
}

/// Of a task that recurs, remembers what the person's clock shows when it is due, unless it did before.
async fn keep_clock(tx: &Tx, who: UserId, before: Option<&Kept>, task: &mut Kept) -> Result<()> {
    let (Some(recurrence), Some(due)) = (task.recurrence.take(), task.due_at) else { return Ok(()) };
    let before =
        before.filter(|before| before.due_at == task.due_at).and_then(|before| before.recurrence.as_ref());
    task.recurrence = Some(match before {
        Some(before) => Recurrence { clock: before.clock, ..recurrence },
        None => recurrence.at(due, &settings::store::within(tx, who).await?.zone),
    });
    Ok(())
}

/// All open tasks of a person are looked at to find the best: there is an end to how many.
pub(crate) async fn has_room(tx: &Tx, config: &Config, who: UserId, more: u64) -> Result<()> {
    if more == 0 || store::count_open(tx, who).await? + more <= config.tasks {
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

/// Which task is to be changed.
struct Asked<'a> {
    id: TaskId,
    /// Refuses the change when the task has changed since.
    if_match: Option<&'a HeaderMap>,
    /// Even if it is deleted.
    deleted: bool,
}

/// One change of a task: found, compared, changed by `work`, written down as a new version; all of it in one write.
async fn change(
    ctx: &Ctx,
    asked: Asked<'_>,
    work: impl AsyncFnOnce(&Changing<'_>, UserId, &Granted<Kept, Edit>, &mut Kept) -> Result<()>,
) -> Result<Task> {
    let who = ctx.actor.user(WRITE)?.id;
    let task = store::change(&ctx.db, who, async |list| {
        let before = open_to_edit(ctx, list, &asked).await?;
        if let Some(headers) = asked.if_match {
            ETag::of_time(before.updated_at)?.check(headers)?;
        }
        let mut after = Kept::clone(&before);
        work(list, who, &before, &mut after).await?;
        save(ctx, list, who, &before, after).await
    })
    .await?;
    seen(ctx, who, task).await
}

/// Changes a task. `if_match` refuses the change when the task has changed since.
pub(crate) async fn edit(ctx: &Ctx, id: TaskId, told: TaskChange, if_match: &HeaderMap) -> Result<Task> {
    let asked = Asked { id, if_match: Some(if_match), deleted: false };
    change(ctx, asked, async |list, who, before, after| {
        if let Some(needs) = told.apply(after)? {
            tie(list, who, before, &needs).await?;
            after.updated_at = settings::ops::later(before.updated_at, ctx.now());
        }
        keep_clock(list, who, Some(before), after).await
    })
    .await
}

/// Says anew what a task needs. One at a time for each person: two that are each right may together make a circle.
async fn tie(list: &Changing<'_>, who: UserId, task: &Granted<Kept, Edit>, needs: &[TaskId]) -> Result<()> {
    settings::store::hold(list, who).await?;
    are_there(list, who, needs).await?;
    if is_circle(&store::links(list, who).await?, task.id, needs) {
        return Err(
            Error::field("/depends_on", "would make the task wait for itself").code("circular_dependency")
        );
    }
    store::clear_needs(list, task).await?;
    store::add_needs(list, who, task.id, needs).await
}

/// Done. Once is enough. Of a task that recurs, the next occurrence is made in the same write, and once.
pub(crate) async fn complete(ctx: &Ctx, id: TaskId, if_match: &HeaderMap) -> Result<Task> {
    let asked = Asked { id, if_match: Some(if_match), deleted: false };
    change(ctx, asked, async |list, who, before, after| {
        after.complete(ctx.now());
        let again = before.completed_at.is_none() && before.next_id.is_none() && before.recurrence.is_some();
        if again {
            let zone = settings::store::within(list, who).await?.zone;
            if let Some(next) = before.successor(ctx.id(), ctx.now(), &zone)? {
                store::add(list, who, &next).await?;
                reminders::ops::settle(list, who, None, &next, ctx.now()).await?;
                after.next_id = Some(next.id);
            }
        }
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
    let asked = Asked { id, if_match: Some(if_match), deleted: false };
    change(ctx, asked, async |_, _, _, after| step(after)).await
}

/// To be done again from the beginning. The occurrence that completing it made goes again, unless somebody has done
/// something with it since.
pub(crate) async fn reopen(ctx: &Ctx, config: &Config, id: TaskId, if_match: &HeaderMap) -> Result<Task> {
    let asked = Asked { id, if_match: Some(if_match), deleted: false };
    change(ctx, asked, async |list, who, before, after| {
        after.reopen();
        if let Some(next) = before.next_id
            && let Some(next) = store::lock(list, next, who).await?.filter(Kept::is_untouched)
        {
            store::forget(list, &Granted::new(next)).await?;
            after.next_id = None;
        }
        comes_back(list, config, who, before, after).await
    })
    .await
}

/// Takes a deletion back. Of a task that is not deleted there is nothing to take back.
pub(crate) async fn restore(ctx: &Ctx, config: &Config, id: TaskId) -> Result<Task> {
    change(ctx, Asked { id, if_match: None, deleted: true }, async |list, who, before, after| {
        after.deleted_at = None;
        comes_back(list, config, who, before, after).await
    })
    .await
}

/// What may be open again needs room.
async fn comes_back(tx: &Tx, config: &Config, who: UserId, before: &Kept, after: &Kept) -> Result<()> {
    if after.is_open() && !before.is_open() { has_room(tx, config, who, 1).await } else { Ok(()) }
}

/// How many deleted tasks are forgotten in one write: the others who write wait for it.
const TOGETHER: u64 = 200;

/// Forgets for good what was deleted longer ago than `age`; how many tasks that were. For the house.
pub(crate) async fn purge(ctx: &Ctx, age: Duration) -> Result<u64> {
    let (before, mut removed) = (ctx.now() - age, 0);
    loop {
        let now = ctx.db.write(async |tx| store::purge(tx, before, TOGETHER).await).await?;
        removed += now;
        if now < TOGETHER || ctx.store.tasks.stopping().is_cancelled() {
            return Ok(removed);
        }
    }
}

/// Writes a changed task down as a new version; one that did not change stays as it is.
async fn save(
    ctx: &Ctx,
    list: &Changing<'_>,
    who: UserId,
    before: &Granted<Kept, Edit>,
    mut after: Kept,
) -> Result<Kept> {
    if after != **before {
        after.updated_at = settings::ops::later(before.updated_at, ctx.now());
        store::save(list, before, &after).await?;
        reminders::ops::settle(list, who, Some(before), &after, ctx.now()).await?;
    }
    Ok(after)
}
