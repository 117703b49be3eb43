//! What any worker does for all: schedules, jobs of the dead, old rows.

use std::{
    sync::PoisonError,
    time::{Duration, Instant},
};

use stoa_core::{Error, Result};
use stoa_store::Ctx;

use super::Worker;
use crate::{
    model::Problem,
    ops,
    store::{self, Claimed, End, Ending},
};

/// Jobs of the dead that are taken over in one commit.
const TOGETHER: i64 = 200;

const HOUR: Duration = Duration::from_secs(3600);

impl Worker {
    /// One round of what is done for all; also what a test calls in place of waiting. Gives back how long until a
    /// schedule is due.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn tend(&self) -> Result<Duration> {
        if self.0.store.tasks.stopping().is_cancelled() {
            return Ok(HOUR);
        }
        while self.take_over().await? {}
        let next = self.tick_schedules().await?;
        if self.is_time_to_purge() {
            let age = Duration::from_secs(self.0.config.keep_days * 24 * 3600);
            ops::purge(&Ctx::house(&self.0.store), age).await?;
        }
        Ok(next)
    }

    async fn tick_schedules(&self) -> Result<Duration> {
        let inside = &self.0;
        let mut next = HOUR;
        if inside.schedules.is_empty() {
            return Ok(next);
        }
        let noted = store::schedules(&inside.store.db.reads()).await?;
        for schedule in &inside.schedules {
            let ctx = Ctx::house(&inside.store);
            let at = schedule.tick(&ctx, noted.get(schedule.kind).copied()).await?;
            next = next.min(at.since(inside.now()));
        }
        Ok(next)
    }

    /// Puts jobs whose worker is gone back into the queue, or gives them up. True if there may be more.
    async fn take_over(&self) -> Result<bool> {
        let store = &self.0.store;
        let now = store.clock.now();
        let orphans = store::expired(&store.db.reads(), now, TOGETHER).await?;
        if orphans.is_empty() {
            return Ok(false);
        }
        let endings: Vec<_> = orphans
            .iter()
            .map(|job| Ending { id: job.id, fence: job.fence, end: self.end_of_orphan(job) })
            .collect();
        let moved = store.db.write(async |tx| store::end_all(tx, &endings, now).await).await?;
        for job in orphans.iter().filter(|job| moved.contains(&job.id)) {
            tracing::warn!(
                job = %job.id, kind = job.kind, attempt = job.attempt, id = job.request,
                "took over a job whose worker is gone"
            );
            store.signals.wake(&ops::topic(job.id));
        }
        store.signals.wake(ops::QUEUE);
        Ok(i64::try_from(orphans.len())? == TOGETHER)
    }

    fn end_of_orphan(&self, job: &Claimed) -> End {
        let handler = self.0.handlers.get(job.kind.as_str());
        if job.cancel_requested {
            End::Cancelled
        } else if handler.is_some_and(|handler| job.attempt >= handler.policy.attempts) {
            End::Failed(Problem::of(&Error::unavailable("the worker that ran it is gone")))
        } else {
            End::Again(self.0.now())
        }
    }

    fn is_time_to_purge(&self) -> bool {
        let mut last = self.0.last_purge.lock().unwrap_or_else(PoisonError::into_inner);
        let due = last.is_none_or(|at| at.elapsed() >= HOUR);
        if due {
            *last = Some(Instant::now());
        }
        due
    }
}
