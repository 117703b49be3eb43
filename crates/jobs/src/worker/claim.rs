//! Claiming: as many jobs as there are places, whenever some are due.

use std::time::Duration;

use stoa_core::Result;
use stoa_store::{Engine, Uncertain};
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use super::{Running, Worker, ends::Ended};
use crate::{ops, stop::Stop, store::Claimed};

/// What a look at the queue found.
enum Found {
    /// As many as there were places: there may be more.
    Enough,
    /// No more now; look again after this, or when woken.
    NoMore(Duration),
}

impl Worker {
    pub(super) async fn claim_until_stopped(self, ended: mpsc::Sender<Ended>) {
        let inside = &self.0;
        let stopping = inside.store.tasks.stopping();
        let mut woken = inside.store.signals.listen(ops::QUEUE);
        let mut sure = false;
        loop {
            let place = tokio::select! {
                biased;
                () = stopping.cancelled() => return,
                place = inside.places.clone().acquire_owned() => place,
            };
            // From here to the start of what was claimed nothing may be dropped.
            let found = match place {
                Ok(place) => self.claim(place, &ended, sure).await,
                Err(closed) => Err(closed.into()),
            };
            let pause = match found {
                Ok(Found::Enough) => {
                    sure = true;
                    continue;
                }
                Ok(Found::NoMore(pause)) => pause,
                Err(error) => {
                    tracing::warn!(?error, "jobs cannot be claimed now; looking again");
                    self.look()
                }
            };
            sure = false;
            tokio::select! {
                () = stopping.cancelled() => return,
                () = woken.heard() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    /// Claims and starts. On SQLite, unless it is sure that something is due, it reads first: a worker that has nothing
    /// to do never takes a turn at writing. On PostgreSQL a claim that finds nothing is in nobody's way.
    async fn claim(
        &self,
        first: OwnedSemaphorePermit,
        ended: &mpsc::Sender<Ended>,
        sure: bool,
    ) -> Result<Found> {
        let inside = &self.0;
        if !sure && inside.store.db.engine() == Engine::Sqlite {
            let pause = self.until_next_due().await?;
            if !pause.is_zero() {
                return Ok(Found::NoMore(pause));
            }
        }
        let mut places = vec![first];
        while let Ok(place) = inside.places.clone().try_acquire_owned() {
            places.push(place);
        }
        let _claiming = inside.claiming.lock().await;
        let (now, most) = (inside.now(), places.len());
        let claimed = inside
            .store
            .db
            .write_uncertain(Uncertain, async |tx| {
                inside.queue.claim(tx, inside.node, now, now + inside.lease(), most).await
            })
            .await?;
        let found = claimed.len();
        for (job, place) in claimed.into_iter().zip(places) {
            self.start_one(job, place, ended.clone());
        }
        // None though something is due: another worker is taking it.
        Ok(match found {
            0 => Found::NoMore(self.until_next_due().await?.max(Duration::from_millis(10))),
            found if found < most => {
                Found::NoMore(self.until_next_due().await?.max(Duration::from_millis(1)))
            }
            _ => Found::Enough,
        })
    }

    fn start_one(&self, job: Claimed, place: OwnedSemaphorePermit, ended: mpsc::Sender<Ended>) {
        let stop = Stop::default();
        self.0.running().insert(job.id, Running { fence: job.fence, stop: stop.clone() });
        let worker = self.clone();
        self.0.store.tasks.spawn("jobs.run", async move {
            let end = worker.attempt(job, stop).await;
            let _nobody_writes = ended.send(end).await;
            // Others may run while this one's end is written down.
            drop(place);
        });
    }

    fn look(&self) -> Duration {
        Duration::from_millis(self.0.config.look_milliseconds.max(10))
    }

    /// Zero when something is due.
    async fn until_next_due(&self) -> Result<Duration> {
        let due = self.0.queue.next_due(&self.0.store.db.reads()).await?;
        Ok(due.map_or(self.look(), |due| due.since(self.0.now()).min(self.look())))
    }
}
