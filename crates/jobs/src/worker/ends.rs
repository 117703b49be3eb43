//! Writing down how runs ended: whatever has gathered, in one statement and one commit.

use std::time::Duration;

use stoa_core::{JobId, Result};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::Worker;
use crate::{
    ops,
    store::{self, Ending},
};

/// Ends that are written together at most.
pub(super) const TOGETHER: usize = 256;

/// How often an end that cannot be written is tried again, a little later each time: for about six seconds.
const ROUNDS: u32 = 6;

/// A run that is over.
pub(super) struct Ended {
    pub(super) id: JobId,
    pub(super) fence: i64,
    /// Nothing where it wrote down its own end.
    pub(super) ending: Option<Ending>,
}

impl Worker {
    /// Until the last run is over.
    pub(super) async fn write_ends(self, mut inbox: mpsc::Receiver<Ended>, over: CancellationToken) {
        let mut ended = Vec::with_capacity(TOGETHER);
        while inbox.recv_many(&mut ended, TOGETHER).await > 0 {
            let endings = ended.iter_mut().filter_map(|ended| ended.ending.take()).collect();
            self.write_down(endings).await;
            for Ended { id, fence, .. } in ended.drain(..) {
                // Its next run may have begun here already.
                let mut running = self.0.running();
                if running.get(&id).is_some_and(|entry| entry.fence == fence) {
                    running.remove(&id);
                }
            }
        }
        over.cancel();
    }

    /// Until then the jobs keep their leases; what cannot be written at last runs again when they run out. Twice
    /// means once.
    async fn write_down(&self, mut endings: Vec<Ending>) {
        for round in 0..ROUNDS {
            let Err(error) = self.write_together(&endings).await else { return };
            tracing::warn!(?error, jobs = endings.len(), "the ends of jobs cannot be written");
            // One that can never be written must not hold up the others.
            if endings.len() > 1 {
                let mut left = Vec::new();
                for ending in endings {
                    if self.write_together(std::slice::from_ref(&ending)).await.is_err() {
                        left.push(ending);
                    }
                }
                endings = left;
            }
            if endings.is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100) * 2_u32.pow(round)).await;
        }
        tracing::error!(jobs = endings.len(), "the ends of jobs were not written; they will run again");
    }

    async fn write_together(&self, endings: &[Ending]) -> Result<()> {
        if endings.is_empty() {
            return Ok(());
        }
        let store = &self.0.store;
        let now = store.clock.now();
        let moved = store.db.write(async |tx| store::end_all(tx, endings, now).await).await?;
        if moved.len() < endings.len() {
            tracing::warn!(
                late = endings.len() - moved.len(),
                "runs ended that others have taken over; nothing came of them"
            );
        }
        let mut again = false;
        for ending in endings {
            again |= matches!(ending.end, store::End::HandedBack);
            store.signals.wake(&ops::topic(ending.id));
        }
        if again {
            store.signals.wake(ops::QUEUE);
        }
        Ok(())
    }
}
