//! What happens with reminders: they follow what a task says, and letters follow them.

use std::{collections::BTreeSet, time::Duration};

use jiff::civil::date;
use stoa_core::{Result, Timestamp, UserId};
use stoa_identity::{
    mail::{self, model::Letter},
    people,
};
use stoa_store::{Ctx, Tx};

use super::{
    letter::{gathering, letter},
    model::times,
    state::{ReminderState, Why},
    store::{self, Model},
};
use crate::{
    settings::{self, model::Settings},
    tasks::{
        model::{Kept, TaskId},
        ops as tasks_ops, store as tasks,
    },
};

/// Letters of one write: the others who write wait for it.
const TOGETHER: u64 = 20;
/// Most reminders that one letter gathers.
const GATHERED: u64 = 100;
/// Most reminders of a task that are shown.
const SHOWN: u64 = 50;
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
        match standing(ctx, tx, &due).await? {
            Standing::Single(task, settings) => told.sent += single(ctx, tx, &due, &task, &settings).await?,
            Standing::Last(settings) => told.sent += gathered(ctx, tx, due.owner, &settings).await?,
            Standing::Out(why) => told.skipped += u64::from(store::skip(tx, &due, now, why).await?),
        }
    }
    Ok(told)
}

/// What is to become of a reminder whose time has come.
enum Standing {
    /// A letter of its own.
    Single(Box<Kept>, Settings),
    /// Part of the last letter of the day.
    Last(Settings),
    /// No letter.
    Out(Why),
}

async fn standing(ctx: &Ctx, tx: &mut Tx, due: &Model) -> Result<Standing> {
    if due.due_at < ctx.now() - LATE {
        return Ok(Standing::Out(Why::Late));
    }
    // What is done is no longer here: whoever did it has cleared it away.
    let task = tasks::find(tx, due.task_id, due.owner).await?.filter(Kept::is_open);
    let active = people::ops::is_active(tx, due.owner).await?;
    let Some(task) = task.filter(|_| active) else { return Ok(Standing::Out(Why::Gone)) };
    let settings = settings::store::within(tx, due.owner).await?;
    let posted = store::posted(tx, due.owner, day(&settings, ctx.now())).await?;
    Ok(match posted + 1 - i32::from(settings.letters_per_day) {
        ..0 => Standing::Single(Box::new(task), settings),
        0 => Standing::Last(settings),
        1.. => Standing::Out(Why::Limit),
    })
}

/// The day on somebody's clock, as days since 1970.
fn day(settings: &Settings, now: Timestamp) -> i32 {
    (settings.zone.local(now).date() - date(1970, 1, 1)).get_days()
}

/// A letter for one reminder. How many were posted.
async fn single(ctx: &Ctx, tx: &mut Tx, due: &Model, task: &Kept, settings: &Settings) -> Result<u64> {
    let now = ctx.now();
    if !store::take(tx, due, now).await? {
        return Ok(0);
    }
    let written = letter(due.owner, task, &settings.zone, due.due_at, now);
    post(ctx, tx, due.owner, settings, &written, std::slice::from_ref(due)).await
}

/// The last letter that somebody wants on a day: for all that is left of it. How many were posted.
async fn gathered(ctx: &Ctx, tx: &mut Tx, who: UserId, settings: &Settings) -> Result<u64> {
    let now = ctx.now();
    let tomorrow = settings.zone.local(now).date().tomorrow().ok();
    let end = tomorrow.and_then(|day| settings.zone.instant(day.at(0, 0, 0, 0))).unwrap_or(now);
    let (mut told, mut rows) = (Vec::new(), Vec::new());
    for due in store::until(tx, who, end.max(now), GATHERED).await? {
        let task = tasks::find(tx, due.task_id, who).await?.filter(Kept::is_open);
        if let Some(task) = task.filter(|_| due.due_at >= now - LATE)
            && store::take(tx, &due, now).await?
        {
            told.push((task, due.due_at));
            rows.push(due);
        }
    }
    match &told[..] {
        [] => Ok(0),
        [(task, meant)] => {
            let written = letter(who, task, &settings.zone, *meant, now);
            post(ctx, tx, who, settings, &written, &rows).await
        }
        _ => post(ctx, tx, who, settings, &gathering(who, &told, settings, now), &rows).await,
    }
}

async fn post(
    ctx: &Ctx,
    tx: &mut Tx,
    who: UserId,
    settings: &Settings,
    letter: &Letter,
    rows: &[Model],
) -> Result<u64> {
    store::count(tx, who, day(settings, ctx.now())).await?;
    let id = mail::ops::post(ctx, tx, letter).await?;
    for row in rows {
        store::set_letter(tx, row, id).await?;
    }
    Ok(1)
}

/// What became of the reminders of one of the caller's tasks, the latest first.
pub(crate) async fn states(ctx: &Ctx, id: TaskId) -> Result<Vec<ReminderState>> {
    let task = tasks_ops::open_to_read(ctx, id).await?.into_inner();
    let reads = ctx.db.reads();
    let rows = store::of_task(&reads, task.id, SHOWN).await?;
    let fates = mail::ops::fates(ctx, rows.iter().filter_map(|row| row.letter).collect()).await?;
    rows.iter().map(|row| ReminderState::of(row, row.letter.and_then(|letter| fates.get(&letter)))).collect()
}
