//! What may be done with a file.

use std::collections::{HashMap, HashSet};

use stoa_core::{Error, Id, Result, UserId};
use stoa_store::Ctx;

use super::{
    fit::fit,
    model::{Draft, Format, Found, Report, Row},
    read::{File, read},
    when::Here,
};
use crate::{
    Config, WRITE, reminders,
    settings::{self, model::Settings},
    tasks::{
        model::{Kept, TaskId},
        ops::has_room,
        store::{Changing, bulk, change},
    },
};

/// Tasks and problems that are shown.
const ROWS: usize = 10;
const PROBLEMS: usize = 100;

/// What a file makes: a task, the name under which it is known again, and what it needs.
struct Made {
    task: Kept,
    source: String,
    needs: Vec<TaskId>,
    line: u64,
}

/// Imports the tasks of a file, or only says what would come.
pub(super) async fn import(ctx: &Ctx, config: &Config, file: File, dry_run: bool) -> Result<Report> {
    let who = ctx.actor.user(WRITE)?.id;
    let settings = settings::ops::of(ctx, who).await?;
    let here = Here { zone: settings.zone.clone(), now: ctx.now() };
    // Megabytes of strangers' text: not on a thread that serves others.
    let read = tokio::task::spawn_blocking(move || {
        let (format, mut found) = read(&file, &here)?;
        let drafts = std::mem::take(&mut found.drafts);
        let drafts: Vec<Draft> =
            drafts.into_iter().filter_map(|mut draft| fit(&mut draft, &mut found).then_some(draft)).collect();
        Ok::<_, Error>((format, drafts, found))
    });
    let (format, drafts, mut found) = read.await??;
    let made = make(ctx, format, drafts, &settings, &mut found)?;
    let sources: Vec<String> = made.iter().map(|made| made.source.clone()).collect();
    let (made, known) = if dry_run {
        let known = bulk::known(&ctx.db.reads(), who, &sources).await?;
        fresh(made, &known)
    } else {
        change(&ctx.db, who, async |list| add(ctx, list, config, who, made, &sources).await).await?
    };
    Ok(report(format, dry_run, &made, known, found))
}

/// Those that were not imported before, and how many were.
fn fresh(made: Vec<Made>, known: &HashMap<String, TaskId>) -> (Vec<Made>, usize) {
    let all = made.len();
    let mut names: HashMap<TaskId, TaskId> = HashMap::new();
    for one in &made {
        names.extend(known.get(&one.source).map(|there| (one.task.id, *there)));
    }
    let mut fresh: Vec<Made> = made.into_iter().filter(|one| !known.contains_key(&one.source)).collect();
    // What is needed may be there already.
    for need in fresh.iter_mut().flat_map(|one| &mut one.needs) {
        *need = names.get(need).copied().unwrap_or(*need);
    }
    let known = all - fresh.len();
    (fresh, known)
}

/// Adds what is new. One import of a person at a time: the second sees what the first added.
async fn add(
    ctx: &Ctx,
    list: &Changing<'_>,
    config: &Config,
    who: UserId,
    made: Vec<Made>,
    sources: &[String],
) -> Result<(Vec<Made>, usize)> {
    settings::store::hold(list, who).await?;
    let (made, known) = fresh(made, &bulk::known(&**list, who, sources).await?);
    let open = made.iter().filter(|made| made.task.is_open()).count();
    has_room(list, config, who, u64::try_from(open)?).await?;
    let rows: Vec<_> = made.iter().map(|made| (&made.task, &*made.source)).collect();
    bulk::add(list, who, &rows).await?;
    for one in &made {
        reminders::ops::settle(list, who, None, &one.task, ctx.now()).await?;
    }
    let links: Vec<_> =
        made.iter().flat_map(|made| made.needs.iter().map(|need| (made.task.id, *need))).collect();
    bulk::add_needs(list, who, &links).await?;
    Ok((made, known))
}

/// Tasks out of drafts. What a task cannot be is left out, and told.
fn make(
    ctx: &Ctx,
    format: Format,
    drafts: Vec<Draft>,
    settings: &Settings,
    found: &mut Found,
) -> Result<Vec<Made>> {
    let mut ids: HashMap<String, TaskId> = HashMap::new();
    let mut waiting = Vec::with_capacity(drafts.len());
    let mut made: Vec<Made> = Vec::with_capacity(drafts.len());
    for draft in drafts {
        let (line, id): (u64, TaskId) = (draft.line, Id::new(&ctx.store.clock, ctx.rng()));
        let Draft { task, needs, key, .. } = &draft;
        let mut kept = match task.clone().check(id, ctx.now()) {
            Ok((kept, _)) => kept,
            Err(error) => {
                let Some(field) = error.fields().first() else { return Err(error) };
                found.skip(line, field.pointer.trim_start_matches('/'), field.detail.to_string());
                continue;
            }
        };
        live(&mut kept, &draft, settings);
        if ids.insert(key.clone(), id).is_some() {
            found.skip(line, "id", "stands in the file twice; the second is left out");
            continue;
        }
        // Our own ids say themselves that a task is here already.
        made.push(Made { task: kept, source: format!("{}:{key}", format.as_str()), needs: Vec::new(), line });
        waiting.push(needs.clone());
    }
    for (one, needs) in made.iter_mut().zip(waiting) {
        tie(one, &needs, &ids, found);
    }
    untangle(&mut made, found);
    Ok(made)
}

/// What happened to a task before it came here.
fn live(kept: &mut Kept, draft: &Draft, settings: &Settings) {
    let past = |at: Option<stoa_core::Timestamp>| {
        at.filter(|at| crate::tasks::wish::in_reach(*at) && *at <= kept.created_at)
    };
    let (created, completed, started) =
        (past(draft.created_at), past(draft.completed_at), past(draft.started_at));
    kept.completed_at = completed.or(draft.completed_at.map(|_| kept.created_at));
    kept.started_at = started;
    kept.snoozed_until = draft.snoozed_until.filter(|at| crate::tasks::wish::in_reach(*at));
    kept.created_at = created.unwrap_or(kept.created_at);
    if let (Some(recurrence), Some(due)) = (kept.recurrence.take(), kept.due_at) {
        let mut recurrence = recurrence.at(due, &settings.zone);
        recurrence.clock =
            draft.clock.filter(|clock| (0..86_400).contains(clock)).unwrap_or(recurrence.clock);
        kept.recurrence = Some(recurrence);
    }
}

/// Most that one task needs, as everywhere.
const NEEDS: usize = 50;

fn tie(one: &mut Made, needs: &[String], ids: &HashMap<String, TaskId>, found: &mut Found) {
    let mut all: Vec<TaskId> =
        needs.iter().filter_map(|key| ids.get(key)).copied().filter(|id| *id != one.task.id).collect();
    all.sort_unstable();
    all.dedup();
    if all.len() > NEEDS {
        all.truncate(NEEDS);
        found.note(one.line, "depends_on", format!("was cut after {NEEDS}"));
    }
    one.needs = all;
}

/// Tasks that would wait for themselves wait for nothing.
fn untangle(made: &mut [Made], found: &mut Found) {
    let mut needed_by: HashMap<TaskId, Vec<TaskId>> = HashMap::new();
    let mut left: HashMap<TaskId, usize> = HashMap::new();
    for one in made.iter() {
        left.insert(one.task.id, one.needs.len());
        one.needs.iter().for_each(|need| needed_by.entry(*need).or_default().push(one.task.id));
    }
    let mut free: Vec<TaskId> = left.iter().filter(|(_, count)| **count == 0).map(|(id, _)| *id).collect();
    let mut done: HashSet<TaskId> = HashSet::new();
    while let Some(id) = free.pop() {
        done.insert(id);
        for other in needed_by.remove(&id).unwrap_or_default() {
            if let Some(count) = left.get_mut(&other) {
                *count -= 1;
                if *count == 0 {
                    free.push(other);
                }
            }
        }
    }
    for one in made.iter_mut().filter(|one| !done.contains(&one.task.id)) {
        one.needs.retain(|need| done.contains(need));
        found.note(one.line, "depends_on", "goes round in a circle; what closes it is left out");
    }
}

fn report(format: Format, dry_run: bool, made: &[Made], known: usize, mut found: Found) -> Report {
    found.problems.sort_by_key(|problem| problem.line);
    let skipped = found.problems.iter().filter(|problem| problem.skipped).count();
    let problems_total = found.problems.len();
    found.problems.truncate(PROBLEMS);
    let row = |made: &Made| Row {
        line: made.line,
        title: made.task.title.clone(),
        due_at: made.task.due_at,
        project: made.task.project.clone(),
        tags: made.task.tags.clone(),
        priority: made.task.priority,
        recurrence_text: made.task.recurrence.as_ref().map(crate::recurrence::next::Recurrence::said),
        completed: made.task.completed_at.is_some(),
    };
    Report {
        format,
        dry_run,
        added: made.len(),
        completed: made.iter().filter(|made| made.task.completed_at.is_some()).count(),
        known,
        skipped,
        first: made.iter().take(ROWS).map(row).collect(),
        problems: found.problems,
        problems_total,
    }
}
