//! One try of one job, from the claim to the verdict.

use std::{
    any::Any,
    panic::AssertUnwindSafe,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use futures::FutureExt;
use serde_json::Value;
use stoa_core::{Actor, Credential, Error, Kind, RequestId, Result, Role, Scopes, User};
use stoa_store::Ctx;
use tracing::Instrument;

use super::{Worker, ends::Ended};
use crate::{
    Handler, Policy, Run,
    model::Problem,
    nul,
    stop::{Stop, Why},
    store::{Claimed, End, Ending},
};

/// How long work that was told to stop may tidy up before it is dropped.
const TIDY: Duration = Duration::from_secs(5);

impl Worker {
    /// Runs a job once. Its log lines carry the id of the request that asked for it.
    pub(super) async fn attempt(&self, job: Claimed, stop: Stop) -> Ended {
        let (id, fence) = (job.id, job.fence);
        let request = self.request(&job);
        let span = tracing::info_span!("job", id = %request, job = %id, kind = job.kind);
        let end = match self.0.handlers.get(job.kind.as_str()) {
            _ if job.cancel_requested => Some(End::Cancelled),
            // Claimed in the moment of stopping.
            _ if self.0.store.tasks.stopping().is_cancelled() => Some(End::HandedBack),
            Some(handler) => self.run(handler, job, request, stop).instrument(span).await,
            None => Some(End::HandedBack),
        };
        Ended { id, fence, ending: end.map(|end| Ending { id, fence, end }) }
    }

    fn request(&self, job: &Claimed) -> RequestId {
        RequestId::sane(&job.request).unwrap_or_else(|| RequestId::new(&self.0.store.rng))
    }

    /// `None` where the job ended itself together with its effects.
    async fn run(&self, handler: &Handler, job: Claimed, request: RequestId, stop: Stop) -> Option<End> {
        let began = Instant::now();
        let actor = job.owner.map_or(Actor::House, |id| {
            Actor::User(User { id, role: Role::Member, scopes: Scopes::EVERYTHING, via: Credential::Job })
        });
        let ctx = Ctx::new(&self.0.store, actor, request);
        let finished = Arc::new(AtomicBool::new(false));
        let run = Run {
            ctx: ctx.clone(),
            job: job.id,
            attempt: job.attempt,
            fence: job.fence,
            stop: stop.clone(),
            finished: finished.clone(),
        };
        let policy = handler.policy;
        let outcome = {
            let work = async { (handler.work)(job.input, run).await };
            let mut work = pin!(AssertUnwindSafe(work).catch_unwind());
            let outcome = tokio::select! {
                biased;
                done = &mut work => Some(done),
                () = self.until_told_to_stop(&stop, policy.deadline) => {
                    tokio::time::timeout(TIDY, &mut work).await.ok()
                }
            };
            match outcome {
                Some(Ok(done)) => done,
                Some(Err(panic)) => Err(panicked(&*panic)),
                // It is dropped here, and what it holds with it.
                None => Err(Error::internal("the job did not stop when it was told to")),
            }
        };
        let end = if finished.load(Ordering::Acquire) {
            None
        } else {
            Some(self.judge(outcome, job.attempt, policy, &stop))
        };
        tell_log(&ctx, &job.kind, job.attempt, end.as_ref(), began);
        end
    }

    async fn until_told_to_stop(&self, stop: &Stop, deadline: Duration) {
        tokio::select! {
            () = stop.token().cancelled() => {}
            () = tokio::time::sleep(deadline) => stop.now(Why::Deadline),
            () = self.0.store.tasks.stopping().cancelled() => stop.now(Why::Shutdown),
        }
    }

    fn judge(&self, outcome: Result<Value>, attempt: i32, policy: Policy, stop: &Stop) -> End {
        let error = match (outcome, stop.why()) {
            // Whoever is done is done, whatever it was told.
            (Ok(result), _) => return End::Succeeded(nul::shown_in(result)),
            (Err(_), Some(Why::Cancelled)) => return End::Cancelled,
            (Err(_), Some(Why::Lost | Why::Shutdown)) => return End::HandedBack,
            (Err(cause), Some(Why::Deadline)) => {
                Error::timeout(format!("it took longer than {:?}", policy.deadline))
                    .because(format!("{cause:?}"))
            }
            (Err(error), None) => error,
        };
        let store = &self.0.store;
        if let Some(pause) = policy.again(attempt, &error, &store.rng) {
            tracing::warn!(?error, attempt, "a job failed and is tried again");
            return End::Again(store.clock.now() + pause);
        }
        if error.kind() == Kind::Internal {
            tracing::error!(?error, attempt, "a job failed for good");
        }
        End::Failed(Problem::of(&error))
    }
}

fn panicked(panic: &(dyn Any + Send)) -> Error {
    let why = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    Error::internal(format!("the job panicked: {why}"))
}

/// One line for each run, with what it cost.
fn tell_log(ctx: &Ctx, kind: &str, attempt: i32, end: Option<&End>, began: Instant) {
    let ended = match end {
        None | Some(End::Succeeded(_)) => "succeeded",
        Some(End::Failed(_)) => "failed",
        Some(End::Cancelled) => "cancelled",
        Some(End::Again(_)) => "again",
        Some(End::HandedBack) => "handed back",
    };
    metrics::counter!("stoa_jobs_total", "kind" => kind.to_owned(), "end" => ended).increment(1);
    metrics::histogram!("stoa_job_seconds", "kind" => kind.to_owned()).record(began.elapsed());
    let cost = ctx.db.cost();
    tracing::info!(
        who = %ctx.actor, ended, attempt,
        db = %format_args!("{}q/{}r/{}ms", cost.statements(), cost.rows(), cost.time().as_millis()),
        total_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        "job"
    );
}
