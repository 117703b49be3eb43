//! The job that writes a report.

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{Error, Kind, Result};
use stoa_documents::{Placement, Report as Document, Theme};
use stoa_jobs::{Job, Policy, Run};

use super::{
    build::{self, Answered},
    model::{Report, ReportId, ReportState},
    store,
};
use crate::{
    LabMate,
    assignments::{
        self,
        model::{Kept, LabId, TaskId},
    },
    runs,
};

const DOCX: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

/// Writes a report of these tasks, in this order.
#[derive(Debug, Serialize, Deserialize)]
pub struct Build {
    /// Which report.
    pub report: ReportId,
    /// Of which lab.
    pub lab: LabId,
    /// Of which tasks.
    pub tasks: Vec<TaskId>,
    /// The look of the pictures.
    pub theme: Theme,
    /// Where the answers go.
    pub placement: Placement,
    /// Whether the document ends with the evidence.
    pub evidence: bool,
}

impl Job for Build {
    const KIND: &'static str = "labmate.report";
    const POLICY: Policy = Policy { attempts: 3, deadline: Duration::from_secs(600), ..Policy::USUAL };
    type App = LabMate;

    async fn run(self, app: LabMate, run: Run) -> Result<Value> {
        let ctx = &run.ctx;
        let owner = assignments::ops::owner(ctx)?;
        let gone = || Error::not_found("the lab was removed");
        let lab = assignments::store::find(&ctx.db.reads(), self.lab, owner).await?.ok_or_else(gone)?;
        let (report, _) = store::find(&ctx.db.reads(), self.report, owner).await?.ok_or_else(gone)?;
        if report.state != ReportState::Building {
            return Ok(result(&report));
        }
        match self.write(&app, &run, &lab, &report).await {
            Err(why) if matches!(why.kind(), Kind::Invalid | Kind::TooLarge | Kind::Unsupported) => {
                ctx.db
                    .write(async |tx| {
                        run.hold(tx).await?;
                        store::set_failed(tx, self.report).await
                    })
                    .await?;
                Err(why)
            }
            other => other,
        }
    }
}

impl Build {
    async fn write(&self, app: &LabMate, run: &Run, lab: &Kept, report: &Report) -> Result<Value> {
        let ctx = &run.ctx;
        let answers = self.answers(app, run).await?;
        run.progress(self.tasks.len(), self.tasks.len() + 1, "writing the document").await?;
        let source = match lab.blob {
            Some(blob) => {
                let bytes = ctx.store.blobs.read_whole(blob, app.config.upload_bytes).await?;
                Some((lab.row.source.format, bytes.to_vec()))
            }
            None => None,
        };
        let made_at = ctx.now();
        let evidence = build::evidence(&lab.row.source, &answers, made_at);
        let notes = if self.evidence { build::notes(&lab.row.source, &answers) } else { Vec::new() };
        let document = Document {
            source,
            title: lab.row.title.clone(),
            placement: self.placement,
            entries: answers.into_iter().map(build::entry).collect(),
            notes,
            made_at,
        };
        let bytes = app.cells.write(&document, run.stopped().clone()).await?;
        let upload = ctx.store.blobs.receive_bytes(ctx, DOCX, Bytes::from(bytes)).await?;
        let evidence = build::seal(evidence, &report.filename, upload.sha256, upload.size);
        let result = result(report);
        ctx.db
            .write(async |tx| {
                ctx.store.blobs.keep(tx, &upload, ctx.now()).await?;
                store::set_ready(tx, self.report, &upload, &evidence).await?;
                run.finish(tx, &result).await
            })
            .await?;
        Ok(result)
    }

    async fn answers(&self, app: &LabMate, run: &Run) -> Result<Vec<Answered>> {
        let db = &run.ctx.db;
        let mut answers = Vec::with_capacity(self.tasks.len());
        for (at, id) in self.tasks.iter().enumerate() {
            run.progress(at, self.tasks.len() + 1, format!("drawing task {}", at + 1)).await?;
            // A task that was removed in the meantime is left out.
            let Some(task) = assignments::store::find_task(&db.reads(), self.lab, *id).await? else {
                continue;
            };
            let ran = runs::store::last_ended(&db.reads(), *id).await?;
            let picture = match &ran {
                Some(ran) => {
                    let shot = runs::ops::shot(ran, self.theme);
                    Some(app.cells.draw(&shot, run.stopped().clone()).await?)
                }
                None => None,
            };
            answers.push(Answered { task, run: ran, picture });
        }
        Ok(answers)
    }
}

fn result(report: &Report) -> Value {
    json!({ "report_id": report.id, "lab_id": report.lab_id, "filename": report.filename })
}
