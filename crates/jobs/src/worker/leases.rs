//! Leases: a sign of life for what runs here, and the ear for those who want it to stop.

use std::time::{Duration, Instant};

use stoa_core::{Error, JobId, Result};
use stoa_store::Uncertain;
use tokio_util::sync::CancellationToken;

use super::{Inside, Worker};
use crate::{ops, stop::Why, store};

impl Worker {
    /// Until the last end is written: also while the process stops and what runs tidies up.
    pub(super) async fn keep_leases(self, over: CancellationToken) {
        let inside = &self.0;
        let mut asked_to_stop = inside.store.signals.listen(ops::STOP);
        let beat = inside.lease() / 3;
        let mut renewed = Instant::now();
        loop {
            match tokio::time::timeout(beat, inside.renew()).await.unwrap_or_else(|late| Err(late.into())) {
                Ok(()) => renewed = Instant::now(),
                Err(error) => {
                    tracing::warn!(?error, "leases could not be renewed");
                    if renewed.elapsed() >= inside.lease() {
                        inside.let_go();
                    }
                }
            }
            let next = self.tend().await.unwrap_or_else(|error| {
                tracing::warn!(?error, "schedules and jobs of dead workers could not be looked at");
                beat
            });
            let wait = tokio::time::sleep(beat.min(next).max(Duration::from_millis(10)));
            tokio::pin!(wait);
            loop {
                tokio::select! {
                    () = over.cancelled() => return,
                    () = &mut wait => break,
                    () = asked_to_stop.heard() => {}
                }
                if let Err(error) = inside.stop_the_cancelled().await {
                    tracing::warn!(?error, "nobody can be told to stop now; the next renewal tells");
                }
            }
        }
    }
}

impl Inside {
    /// Keeps the leases of what runs here, and stops what was cancelled or taken over.
    async fn renew(&self) -> Result<()> {
        let runs: Vec<(JobId, i64)> = self.running().iter().map(|(id, run)| (*id, run.fence)).collect();
        if runs.is_empty() {
            return Ok(());
        }
        let until = self.now() + self.lease();
        let kept =
            self.store.db.write_uncertain(Uncertain, async |tx| store::renew(tx, &runs, until).await).await?;
        for (id, fence) in runs {
            match kept.iter().find(|(kept, _)| *kept == id) {
                Some((_, false)) => {}
                Some((_, true)) => self.stop(id, fence, Why::Cancelled),
                None => self.stop(id, fence, Why::Lost),
            }
        }
        Ok(())
    }

    async fn stop_the_cancelled(&self) -> Result<()> {
        let _nobody_claims = self.claiming.lock().await;
        for (id, fence) in store::asked_to_stop(&self.store.db.reads(), self.node).await? {
            self.stop(id, fence, Why::Cancelled);
        }
        Ok(())
    }

    /// Nobody knows whether what runs here is still ours.
    fn let_go(&self) {
        let error = Error::unavailable("no lease could be renewed in time");
        tracing::error!(?error, "letting go of all jobs");
        self.running().values().for_each(|run| run.stop.now(Why::Lost));
    }

    fn stop(&self, id: JobId, fence: i64, why: Why) {
        if let Some(run) = self.running().get(&id)
            && run.fence == fence
        {
            run.stop.now(why);
        }
    }
}
