//! What may be done with runs: start, look, get a picture or a file.

use stoa_core::{Error, JobId, Result, Scopes};
use stoa_documents::{Shot, Theme};
use stoa_jobs::{JobView, State};
use stoa_sandbox::Language;
use stoa_store::{BlobStream, Ctx, Page, PageOf};
use tokio_util::sync::CancellationToken;

use super::{
    jobs::RunTasks,
    model::{Run, RunId, RunRequest, RunState, RunTag, verdict},
    store,
};
use crate::{
    LabMate,
    assignments::{
        self,
        model::{LabId, Task},
    },
};

/// Starts runs of some tasks, or of all that are included and can run. One job runs them in order.
///
/// # Errors
/// `not_found` for a lab that is not the caller's; `invalid` for tasks that are not there or cannot run.
pub async fn start(ctx: &Ctx, app: &LabMate, lab: LabId, asked: &RunRequest) -> Result<JobView> {
    let limits = asked.limits.within(app.cells.limits())?;
    let job = ctx
        .db
        .write(async |tx| {
            let lab = assignments::ops::open_to_edit(ctx, tx, lab).await?;
            assignments::ops::readable(&lab)?;
            let tasks = choose(assignments::store::tasks(tx, lab.row.id).await?, asked)?;
            let mut runs: Vec<RunId> = tasks.iter().map(|_| ctx.id()).collect();
            // Ids of one millisecond have no order of their own, and runs are listed by id.
            runs.sort_unstable();
            let job = stoa_jobs::later(ctx, tx, &RunTasks { lab: lab.row.id, runs: runs.clone() }).await?;
            for (id, task) in runs.into_iter().zip(&tasks) {
                store::add(tx, id, lab.row.id, task, job, &limits, ctx.now()).await?;
            }
            Ok(job)
        })
        .await?;
    stoa_jobs::find(ctx, job).await
}

fn choose(all: Vec<Task>, asked: &RunRequest) -> Result<Vec<Task>> {
    let Some(ids) = &asked.task_ids else {
        let can: Vec<Task> =
            all.into_iter().filter(|task| task.included && cannot_run(task).is_none()).collect();
        if can.is_empty() {
            return Err(Error::invalid("no task here has code that can run; write some Python first")
                .code("nothing_to_run"));
        }
        return Ok(can);
    };
    if ids.is_empty() {
        return Err(Error::field("/task_ids", "must name at least one task, or be left out"));
    }
    let mut chosen: Vec<Task> = Vec::with_capacity(ids.len().min(all.len()));
    for (at, id) in ids.iter().enumerate() {
        let pointer = || format!("/task_ids/{at}");
        let task = all.iter().find(|task| task.id == *id);
        let task = task.ok_or_else(|| Error::field(pointer(), "is not a task of this lab"))?;
        if let Some(why) = cannot_run(task) {
            return Err(Error::field(pointer(), why));
        }
        if chosen.iter().any(|before| before.id == task.id) {
            return Err(Error::field(pointer(), "is named twice"));
        }
        chosen.push(task.clone());
    }
    Ok(chosen)
}

fn cannot_run(task: &Task) -> Option<String> {
    if task.code.trim().is_empty() {
        return Some("has no code".into());
    }
    match Language::by_id(&task.language) {
        Some(_) => None,
        None => Some(format!("is in {}, which cannot run here", task.language)),
    }
}

/// Runs of a lab, newest first.
///
/// # Errors
/// `not_found` for a lab that is not the caller's.
pub async fn list(ctx: &Ctx, lab: LabId, page: Page<RunTag>) -> Result<PageOf<Run>> {
    assignments::ops::open_to_read(ctx, lab).await?;
    let mut runs = store::list(&ctx.db.reads(), lab, page).await?;
    settle(ctx, runs.iter_mut().collect()).await?;
    Ok(page.cut(runs, |run| run.id))
}

/// One run.
///
/// # Errors
/// `not_found` where there is none, or it is somebody else's.
pub async fn find(ctx: &Ctx, id: RunId) -> Result<Run> {
    let who = ctx.actor.user(Scopes::LABS_READ)?.id;
    let mut run =
        store::find(&ctx.db.reads(), id, who).await?.ok_or_else(|| Error::not_found("no such run"))?;
    settle(ctx, vec![&mut run]).await?;
    Ok(run)
}

/// Puts the last run beside each task.
pub(crate) async fn attach_last(ctx: &Ctx, lab: LabId, tasks: &mut [Task]) -> Result<()> {
    let mut runs = store::last_of_each(&ctx.db.reads(), lab).await?;
    settle(ctx, runs.iter_mut().collect()).await?;
    for task in tasks {
        task.last_run = runs.iter().find(|run| run.task_id == task.id).map(store::row_of);
    }
    Ok(())
}

/// A run whose job ended without running it was cancelled.
async fn settle(ctx: &Ctx, runs: Vec<&mut Run>) -> Result<()> {
    let mut ended: Vec<(JobId, bool)> = Vec::new();
    for run in runs.into_iter().filter(|run| !run.state.is_terminal()) {
        let known = ended.iter().find(|(job, _)| *job == run.job_id).map(|(_, ended)| *ended);
        let over = match known {
            Some(over) => over,
            None => {
                let over = match stoa_jobs::find(ctx, run.job_id).await {
                    Ok(job) => matches!(job.state, State::Failed | State::Cancelled),
                    Err(_) => true,
                };
                ended.push((run.job_id, over));
                over
            }
        };
        if over {
            run.state = RunState::Cancelled;
        }
    }
    Ok(())
}

/// A picture of a run: its code and what it printed.
///
/// # Errors
/// `not_found`; `conflict` while it has not ended.
pub async fn picture(ctx: &Ctx, app: &LabMate, id: RunId, theme: Theme) -> Result<Vec<u8>> {
    let run = find(ctx, id).await?;
    if !run.state.is_terminal() {
        return Err(Error::conflict("the run has not ended yet"));
    }
    Ok(app.cells.draw(&shot(&run, theme), CancellationToken::new()).await?.bytes)
}

/// What a picture of a run shows.
pub(crate) fn shot(run: &Run, theme: Theme) -> Shot {
    let extension = Language::by_id(&run.language).map_or("txt", |language| language.entry().extension);
    let mut output = run.stdout.clone();
    if !run.stderr.is_empty() {
        if !output.is_empty() && !output.ends_with('\n') {
            output.push('\n');
        }
        output.push_str(&run.stderr);
    }
    Shot {
        title: format!("main.{extension}"),
        code: Some(run.code.clone()),
        language: run.language.clone(),
        output: run.exit.is_some().then_some(output),
        status: run.exit.as_ref().map(|exit| verdict(exit, &run.usage, &run.limits).1),
        theme,
    }
}

/// A file that a run left: its name, and its bytes as they come.
///
/// # Errors
/// `not_found`.
pub async fn file(ctx: &Ctx, id: RunId, at: usize) -> Result<(String, u64, BlobStream)> {
    let run = find(ctx, id).await?;
    let file = run.files.into_iter().nth(at).ok_or_else(|| Error::not_found("no such file"))?;
    let bytes = ctx.store.blobs.read(file.blob).await?;
    Ok((file.name, file.size, bytes))
}
