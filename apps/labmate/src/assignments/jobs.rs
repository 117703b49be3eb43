//! The job that reads an uploaded document.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{Error, Kind, Result};
use stoa_jobs::{Job, Policy, Run};

use super::{
    find,
    model::{Kept, LabId, LabState, TaskId},
    ops, store,
};
use crate::LabMate;

/// Reads a lab's document and writes its tasks down.
#[derive(Debug, Serialize, Deserialize)]
pub struct Parse {
    /// Which lab.
    pub lab: LabId,
}

impl Job for Parse {
    const KIND: &'static str = "labmate.parse";
    const POLICY: Policy = Policy { attempts: 3, deadline: Duration::from_secs(60), ..Policy::USUAL };
    type App = LabMate;

    async fn run(self, app: LabMate, run: Run) -> Result<Value> {
        let ctx = &run.ctx;
        let owner = ops::owner(ctx)?;
        let lab = store::find(&ctx.db.reads(), self.lab, owner)
            .await?
            .ok_or_else(|| Error::not_found("the lab was removed"))?;
        if lab.row.state != LabState::Parsing {
            return Ok(json!({ "lab_id": self.lab, "tasks": lab.row.task_count }));
        }
        match read(&app, &run, &lab).await {
            Ok(found) => {
                let tasks: Vec<(TaskId, find::Found)> =
                    found.into_iter().map(|found| (ctx.id(), found)).collect();
                let result = json!({ "lab_id": self.lab, "tasks": tasks.len() });
                ctx.db
                    .write(async |tx| {
                        store::set_ready(tx, self.lab, tasks, ctx.now()).await?;
                        run.finish(tx, &result).await
                    })
                    .await?;
                Ok(result)
            }
            Err(why) if is_final(&why) => {
                ctx.db
                    .write(async |tx| {
                        run.hold(tx).await?;
                        store::set_failed(tx, self.lab, why.said(), ctx.now()).await?;
                        match lab.blob {
                            Some(blob) => ctx.store.blobs.discard(tx, blob, ctx.now()).await,
                            None => Ok(()),
                        }
                    })
                    .await?;
                Err(why)
            }
            Err(why) => Err(why),
        }
    }
}

async fn read(app: &LabMate, run: &Run, lab: &Kept) -> Result<Vec<find::Found>> {
    let blob = lab.blob.ok_or_else(|| Error::internal("a lab that is being read has its document"))?;
    run.progress(0, 2, "reading the document").await?;
    let bytes = run.ctx.store.blobs.read_whole(blob, app.config.upload_bytes).await?;
    let (name, format) = (&lab.row.source.name, lab.row.source.format);
    let document = app.cells.read(name, Some(format), &bytes, run.stopped().clone()).await?;
    run.progress(1, 2, "finding the tasks").await?;
    Ok(find::find(&document))
}

/// The document is at fault, not the moment.
fn is_final(error: &Error) -> bool {
    matches!(error.kind(), Kind::Invalid | Kind::Unsupported | Kind::TooLarge | Kind::Malformed)
}
