//! The job that runs tasks, one after the other, and tells what they print while they print it.

use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::{Error, Result};
use stoa_jobs::{Job, Policy, Run as JobRun};
use stoa_sandbox::{Language, Reason, Stream};
use stoa_store::{BlobId, Upload};
use tokio::sync::mpsc;

use super::{
    model::{Isolation, Outcome, Raw, Run, RunExit, RunId, RunState},
    ops, store,
};
use crate::{LabMate, assignments, assignments::model::LabId};

/// Runs what was asked for, in order. A run that has ended is not run again.
#[derive(Debug, Serialize, Deserialize)]
pub struct RunTasks {
    /// Which lab.
    pub lab: LabId,
    /// Which runs; their rows say what to run.
    pub runs: Vec<RunId>,
}

/// Output is gathered this long before it is told: enough to look live, and no flood of events.
const GATHER: Duration = Duration::from_millis(60);

impl Job for RunTasks {
    const KIND: &'static str = "labmate.run";
    const POLICY: Policy = Policy { attempts: 3, deadline: Duration::from_secs(3600), ..Policy::USUAL };
    type App = LabMate;

    async fn run(self, app: LabMate, job: JobRun) -> Result<Value> {
        let owner = assignments::ops::owner(&job.ctx)?;
        let (mut good, total) = (0_usize, self.runs.len());
        for (at, id) in self.runs.iter().enumerate() {
            let run = store::find(&job.ctx.db.reads(), *id, owner)
                .await?
                .ok_or_else(|| Error::not_found("the lab or one of its tasks was removed"))?;
            let state = if run.state.is_terminal() {
                run.state
            } else if job.stopped().is_cancelled() {
                return self.stop(&job).await;
            } else {
                job.progress(at, total, format!("running task {} of {total}", at + 1)).await?;
                one(&app, &job, run).await?
            };
            good += usize::from(state == RunState::Succeeded);
        }
        if job.stopped().is_cancelled() {
            return self.stop(&job).await;
        }
        job.progress(total, total, "done").await?;
        Ok(json!({ "lab_id": self.lab, "run_ids": self.runs, "succeeded": good, "failed": total - good }))
    }
}

impl RunTasks {
    /// Somebody asked to stop, or the house does. In the latter case the job comes back and the runs with it.
    async fn stop(&self, job: &JobRun) -> Result<Value> {
        let ctx = &job.ctx;
        if !ctx.store.tasks.stopping().is_cancelled() {
            ctx.db
                .write(async |tx| {
                    job.hold(tx).await?;
                    for id in &self.runs {
                        store::set_cancelled(tx, *id, ctx.now()).await?;
                    }
                    Ok(())
                })
                .await?;
        }
        Err(Error::conflict("stopped"))
    }
}

async fn one(app: &LabMate, job: &JobRun, run: Run) -> Result<RunState> {
    let ctx = &job.ctx;
    let language = Language::by_id(&run.language)
        .ok_or_else(|| Error::invalid(format!("{} cannot run here", run.language)))?;
    ctx.db
        .write(async |tx| {
            job.hold(tx).await?;
            store::set_running(tx, run.id, ctx.now()).await
        })
        .await?;
    job.tell("run", &json!({ "id": run.id, "task_id": run.task_id, "state": RunState::Running })).await?;

    let (pipe, told) = mpsc::unbounded_channel();
    let limits = run.limits.of_sandbox(app.cells.limits());
    let program = async {
        // Moved in, so that the pipe ends when the program does.
        let pipe = pipe;
        let output = |stream: Stream, bytes: &[u8]| {
            let _nobody_listens = pipe.send((stream, bytes.to_vec()));
        };
        app.cells.run(&limits, language, &run.code, &run.stdin, job.stopped().clone(), output).await
    };
    let (done, heard) = tokio::join!(program, tell_output(job, &run, told));
    heard?;
    let done = done?;
    if done.exit.reason == Reason::Cancelled {
        return Ok(RunState::Cancelled);
    }
    let state = match (done.exit.reason, done.exit.code) {
        (Reason::Exited, Some(0)) => RunState::Succeeded,
        _ => RunState::Failed,
    };
    let outcome = Outcome {
        exit: RunExit { code: done.exit.code, signal: done.exit.signal, reason: done.exit.reason },
        usage: done.usage.into(),
        isolation: Isolation { layers: done.layers.iter().map(stoa_sandbox::Layer::name).collect() },
        truncated: done.truncated,
    };
    let mut uploads: Vec<(String, Upload)> = Vec::with_capacity(done.files.len());
    for file in done.files {
        let upload =
            ctx.store.blobs.receive_bytes(ctx, "application/octet-stream", Bytes::from(file.bytes)).await?;
        uploads.push((file.name, upload));
    }
    let raw = Raw { stdout: done.stdout, stderr: done.stderr };
    ctx.db
        .write(async |tx| {
            job.hold(tx).await?;
            let now = ctx.now();
            for (_, upload) in &uploads {
                ctx.store.blobs.keep(tx, upload, now).await?;
            }
            let files: Vec<(String, u64, BlobId)> =
                uploads.iter().map(|(name, upload)| (name.clone(), upload.size, upload.id)).collect();
            store::set_ended(tx, run.id, state, &outcome, raw, &files, now).await
        })
        .await?;
    job.tell("run", &ops::find(ctx, run.id).await?).await?;
    Ok(state)
}

/// Tells what the program prints, gathered into pieces, characters kept whole.
async fn tell_output(
    job: &JobRun,
    run: &Run,
    mut told: mpsc::UnboundedReceiver<(Stream, Vec<u8>)>,
) -> Result<()> {
    let mut stdout = Vec::new();
    let mut stderr = Vec::new();
    while let Some((stream, bytes)) = told.recv().await {
        let mut add = |stream, bytes: Vec<u8>| match stream {
            Stream::Stdout => stdout.extend(bytes),
            Stream::Stderr => stderr.extend(bytes),
        };
        add(stream, bytes);
        tokio::time::sleep(GATHER).await;
        while let Ok((stream, bytes)) = told.try_recv() {
            add(stream, bytes);
        }
        let over = told.is_closed() && told.is_empty();
        for (name, waiting) in [("stdout", &mut stdout), ("stderr", &mut stderr)] {
            let text = whole_characters(waiting, over);
            if !text.is_empty() {
                let data = json!({ "task_id": run.task_id, "run_id": run.id, "stream": name, "text": text });
                job.tell("output", &data).await?;
            }
        }
    }
    Ok(())
}

/// Takes what can be read as text; an unfinished character stays for the next piece, unless this is the last.
fn whole_characters(waiting: &mut Vec<u8>, last: bool) -> String {
    let ready = match std::str::from_utf8(waiting) {
        Err(error) if !last && error.error_len().is_none() => error.valid_up_to(),
        _ => waiting.len(),
    };
    let rest = waiting.split_off(ready);
    let text = String::from_utf8_lossy(waiting).into_owned();
    *waiting = rest;
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_is_never_told_in_halves() {
        let mut waiting = "aé".as_bytes()[..2].to_vec();
        assert_eq!(whole_characters(&mut waiting, false), "a");
        waiting.extend(&"é".as_bytes()[1..]);
        assert_eq!(whole_characters(&mut waiting, false), "é");
        waiting.extend([0xff, b'b', 0xc3]);
        assert_eq!(whole_characters(&mut waiting, true), "\u{fffd}b\u{fffd}");
        assert!(waiting.is_empty());
    }
}
