//! What may be done with reports: ask for one, look, download.

use serde_json::Value;
use stoa_core::{Error, Result, Scopes};
use stoa_jobs::{JobView, State};
use stoa_store::{BlobStream, Ctx, Page, PageOf};

use super::{
    jobs::Build,
    model::{self, Report, ReportId, ReportRequest, ReportState, ReportTag},
    store,
};
use crate::assignments::{
    self,
    model::{LabId, Task},
};

/// Asks for a report.
///
/// # Errors
/// `not_found` for a lab that is not the caller's; `invalid` for tasks that are not there; `conflict` while
/// the document is being read.
pub async fn build(ctx: &Ctx, lab: LabId, asked: &ReportRequest) -> Result<(Report, JobView)> {
    let id: ReportId = ctx.id();
    let job = ctx
        .db
        .write(async |tx| {
            let lab = assignments::ops::open_to_edit(ctx, tx, lab).await?;
            assignments::ops::readable(&lab)?;
            let filename = model::file_name(asked.filename.as_deref(), &lab.row.title)?;
            let tasks = choose(assignments::store::tasks(tx, lab.row.id).await?, asked)?;
            let (theme, placement, evidence) = (asked.theme, asked.placement, asked.evidence);
            let build = Build {
                report: id,
                lab: lab.row.id,
                tasks: tasks.iter().map(|task| task.id).collect(),
                theme,
                placement,
                evidence,
            };
            let job = stoa_jobs::later(ctx, tx, &build).await?;
            store::add(tx, id, lab.row.id, filename, job, ctx.now()).await?;
            Ok(job)
        })
        .await?;
    Ok((find(ctx, id).await?, stoa_jobs::find(ctx, job).await?))
}

fn choose(all: Vec<Task>, asked: &ReportRequest) -> Result<Vec<Task>> {
    let chosen: Vec<Task> = match &asked.tasks {
        None => all.into_iter().filter(|task| task.included).collect(),
        Some(ids) => {
            let mut chosen: Vec<Task> = Vec::new();
            for (at, id) in ids.iter().enumerate() {
                let task = all.iter().find(|task| task.id == *id);
                let task =
                    task.ok_or_else(|| Error::field(format!("/tasks/{at}"), "is not a task of this lab"))?;
                if chosen.iter().any(|before| before.id == task.id) {
                    return Err(Error::field(format!("/tasks/{at}"), "is named twice"));
                }
                chosen.push(task.clone());
            }
            chosen
        }
    };
    if chosen.is_empty() {
        return Err(Error::field("/tasks", "a report needs at least one task; include one"));
    }
    Ok(chosen)
}

/// Reports of a lab, newest first.
///
/// # Errors
/// `not_found` for a lab that is not the caller's.
pub async fn list(ctx: &Ctx, lab: LabId, page: Page<ReportTag>) -> Result<PageOf<Report>> {
    assignments::ops::open_to_read(ctx, lab).await?;
    let mut reports = store::list(&ctx.db.reads(), lab, page).await?;
    for report in &mut reports {
        settle(ctx, report).await?;
    }
    Ok(page.cut(reports, |report| report.id))
}

/// One report.
///
/// # Errors
/// `not_found` where there is none, or it is somebody else's.
pub async fn find(ctx: &Ctx, id: ReportId) -> Result<Report> {
    Ok(with_evidence(ctx, id).await?.0)
}

async fn with_evidence(ctx: &Ctx, id: ReportId) -> Result<(Report, Option<Value>)> {
    let who = ctx.actor.user(Scopes::LABS_READ)?.id;
    let found = store::find(&ctx.db.reads(), id, who).await?;
    let (mut report, evidence) = found.ok_or_else(|| Error::not_found("no such report"))?;
    settle(ctx, &mut report).await?;
    Ok((report, evidence))
}

/// A report whose job ended without writing it has failed.
async fn settle(ctx: &Ctx, report: &mut Report) -> Result<()> {
    if report.state == ReportState::Building {
        let over = match stoa_jobs::find(ctx, report.job_id).await {
            Ok(job) => matches!(job.state, State::Failed | State::Cancelled),
            Err(_) => true,
        };
        if over {
            report.state = ReportState::Failed;
        }
    }
    Ok(())
}

/// The finished document: its name, size, and bytes as they come.
///
/// # Errors
/// `not_found`; `conflict` while it is being written or if it failed.
pub async fn file(ctx: &Ctx, id: ReportId) -> Result<(String, u64, BlobStream)> {
    let report = find(ctx, id).await?;
    match (report.state, report.blob, report.size) {
        (ReportState::Ready, Some(blob), Some(size)) => {
            Ok((report.filename, size, ctx.store.blobs.read(blob).await?))
        }
        (ReportState::Failed, ..) => Err(Error::conflict("the report could not be written; build it again")),
        _ => Err(Error::conflict("the report is still being written")),
    }
}

/// The evidence of a finished report.
///
/// # Errors
/// As [`file`].
pub async fn evidence(ctx: &Ctx, id: ReportId) -> Result<Value> {
    let (_, evidence) = with_evidence(ctx, id).await?;
    evidence.ok_or_else(|| Error::conflict("the report is not finished"))
}
