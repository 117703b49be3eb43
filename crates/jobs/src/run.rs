//! `Run`: one try of a job, as the job's code sees it.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use serde::Serialize;
use serde_json::Value;
use stoa_core::{Error, JobId, Result};
use stoa_store::{Ctx, Tx, Uncertain};
use tokio_util::sync::CancellationToken;

use crate::{
    model::Progress,
    nul, ops,
    stop::Stop,
    store::{self, End, Ending},
};

/// One try of a job: who it is for, a way to tell how far it is, and the proof that it is still the present one.
#[derive(Clone)]
pub struct Run {
    /// Acts for the person who asked, or for the house.
    pub ctx: Ctx,
    /// The job.
    pub job: JobId,
    /// Which try this is; 1 is the first.
    pub attempt: i32,
    pub(crate) fence: i64,
    pub(crate) stop: Stop,
    /// Whether it ended itself together with its effects.
    pub(crate) finished: Arc<AtomicBool>,
}

impl Run {
    /// Becomes true when the work should stop: cancelled, past its deadline, taken over, or shutting down.
    pub fn stopped(&self) -> &CancellationToken {
        self.stop.token()
    }

    /// Tells how far the work is. Cheap, and not waited for on the disk.
    ///
    /// # Errors
    /// `conflict` when another run has taken over: stop then.
    pub async fn progress(&self, done: usize, total: usize, note: impl Into<String>) -> Result<()> {
        let progress = Progress {
            done: i64::try_from(done)?,
            total: i64::try_from(total)?,
            note: nul::shown(note.into()),
        };
        let data = serde_json::to_value(&progress)?;
        self.tell_with(Some(progress), "progress", data).await
    }

    /// Tells something of the job's own kind.
    ///
    /// # Errors
    /// As [`Run::progress`].
    pub async fn tell(&self, kind: &'static str, data: &(impl Serialize + Sync)) -> Result<()> {
        self.tell_with(None, kind, nul::shown_in(serde_json::to_value(data)?)).await
    }

    async fn tell_with(&self, progress: Option<Progress>, kind: &str, data: Value) -> Result<()> {
        let told = self
            .ctx
            .db
            .write_uncertain(Uncertain, async |tx| {
                store::tell(tx, self.job, self.fence, progress, kind, data).await
            })
            .await?;
        if !told {
            return Err(taken_over());
        }
        self.ctx.store.signals.wake(&ops::topic(self.job));
        Ok(())
    }

    /// Makes sure, inside a write, that this is still the present run. Every effect of a job that is not its
    /// last one goes behind this.
    ///
    /// # Errors
    /// `conflict` when another run has taken over.
    pub async fn hold(&self, tx: &Tx) -> Result<()> {
        if store::hold(tx, self.job, self.fence).await? { Ok(()) } else { Err(taken_over()) }
    }

    /// Ends the job as succeeded in the transaction that holds its last effects: both happen, once, or neither.
    ///
    /// # Errors
    /// `conflict` when another run has taken over; the transaction must fail then.
    pub async fn finish(&self, tx: &mut Tx, result: &Value) -> Result<()> {
        let end = End::Succeeded(nul::shown_in(result.clone()));
        let ending = Ending { id: self.job, fence: self.fence, end };
        if !store::end(tx, &ending, self.ctx.now()).await? {
            return Err(taken_over());
        }
        let (signals, topic) = (self.ctx.store.signals.clone(), ops::topic(self.job));
        let finished = self.finished.clone();
        tx.after_commit(move || {
            finished.store(true, Ordering::Release);
            signals.wake(&topic);
        });
        Ok(())
    }
}

fn taken_over() -> Error {
    Error::conflict("another run of this job has taken over")
}
