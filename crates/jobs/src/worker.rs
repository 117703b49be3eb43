//! `Worker`: claims what is due, runs it, renews its leases, takes over from the dead.

use std::{
    collections::HashMap,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use futures::FutureExt;
use serde::Deserialize;
use serde_json::Value;
use stoa_core::{Actor, Credential, Error, JobId, RequestId, Result, Role, Scopes, User};
use stoa_store::{Ctx, NodeId, Store, Uncertain};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

use crate::{
    Handler, Run, Schedule,
    model::Problem,
    ops,
    store::{self, Claimed, End},
};

/// How a worker works.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WorkerConfig {
    /// Jobs at once in this process.
    pub at_once: usize,
    /// How long a job is this worker's without a sign of life, in seconds.
    pub lease_seconds: u64,
    /// How often the worker looks by itself, should a wake-up be lost, in milliseconds.
    pub look_milliseconds: u64,
    /// How long ended jobs can be looked at, in days.
    pub keep_days: u64,
}

impl Default for WorkerConfig {
    fn default() -> Self {
        Self { at_once: 64, lease_seconds: 30, look_milliseconds: 1000, keep_days: 30 }
    }
}

/// Runs jobs in this process. Cheap to clone.
#[derive(Clone)]
pub struct Worker(Arc<Inside>);

struct Inside {
    store: Arc<Store>,
    node: NodeId,
    config: WorkerConfig,
    handlers: HashMap<&'static str, Handler>,
    schedules: Vec<Schedule>,
    claim_sql: String,
    running: Mutex<HashMap<JobId, (i64, CancellationToken)>>,
    places: Arc<Semaphore>,
    ended: mpsc::Sender<Ended>,
}

struct Ended {
    id: JobId,
    fence: i64,
    end: End,
    _place: OwnedSemaphorePermit,
}

/// Ends that are written together at most.
const TOGETHER: usize = 256;

impl Worker {
    /// Starts working on these kinds until the process stops.
    pub fn start(
        store: &Arc<Store>,
        config: WorkerConfig,
        handlers: Vec<Handler>,
        schedules: Vec<Schedule>,
    ) -> Self {
        let (ended, inbox) = mpsc::channel(TOGETHER * 4);
        let mut kinds: Vec<_> = handlers.iter().map(|handler| handler.kind).collect();
        kinds.sort_unstable();
        let worker = Self(Arc::new(Inside {
            node: NodeId::new(&store.clock, &store.rng),
            claim_sql: store::claim_sql(&kinds, store.db.engine()),
            running: Mutex::default(),
            places: Arc::new(Semaphore::new(config.at_once.max(1))),
            handlers: handlers.into_iter().map(|handler| (handler.kind, handler)).collect(),
            store: store.clone(),
            schedules,
            config,
            ended,
        }));
        let tasks = &store.tasks;
        tasks.spawn("jobs.claim", worker.clone().claim_until_stopped());
        tasks.spawn("jobs.lease", worker.clone().renew_until_stopped());
        tasks.spawn("jobs.end", worker.clone().write_ends(inbox));
        worker
    }

    /// How many jobs run here now.
    pub fn running(&self) -> usize {
        self.0.lock().len()
    }

    async fn claim_until_stopped(self) {
        let inside = &self.0;
        let stopping = inside.store.tasks.stopping();
        let mut woken = inside.store.signals.listen(ops::QUEUE);
        loop {
            let claimed = tokio::select! {
                () = stopping.cancelled() => return,
                claimed = self.claim() => claimed,
            };
            let pause = match claimed {
                Ok(true) => continue,
                Ok(false) => self.until_next_due().await,
                Err(error) => {
                    tracing::warn!(?error, "jobs cannot be claimed now; looking again");
                    self.look()
                }
            };
            tokio::select! {
                () = stopping.cancelled() => return,
                () = woken.heard() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    fn look(&self) -> Duration {
        Duration::from_millis(self.0.config.look_milliseconds.max(10))
    }

    async fn until_next_due(&self) -> Duration {
        let due = store::next_due(&self.0.store.db.reads()).await.ok().flatten();
        let now = self.0.store.clock.now();
        due.map_or(self.look(), |due| due.since(now).max(Duration::from_millis(1)).min(self.look()))
    }

    /// Claims as many as there are places, and starts them. True if there may be more.
    async fn claim(&self) -> Result<bool> {
        let inside = &self.0;
        let first = inside.places.clone().acquire_owned().await?;
        let mut places = vec![first];
        while let Ok(place) = inside.places.clone().try_acquire_owned() {
            places.push(place);
        }
        // Waiting rows are counted first by a read, so that an idle worker never takes the writer.
        let now = inside.store.clock.now();
        match store::next_due(&inside.store.db.reads()).await? {
            Some(due) if due <= now => {}
            _ => return Ok(false),
        }
        let until = now + Duration::from_secs(inside.config.lease_seconds);
        let claimed = inside
            .store
            .db
            .write_uncertain(Uncertain, async |tx| {
                store::claim(tx, &inside.claim_sql, inside.node, now, until, places.len()).await
            })
            .await?;
        let more = claimed.len() == places.len();
        for (job, place) in claimed.into_iter().zip(places) {
            self.start_one(job, place);
        }
        Ok(more)
    }

    fn start_one(&self, job: Claimed, place: OwnedSemaphorePermit) {
        let stop = CancellationToken::new();
        self.0.lock().insert(job.id, (job.fence, stop.clone()));
        let worker = self.clone();
        self.0.store.tasks.spawn("jobs.run", async move {
            let (id, fence) = (job.id, job.fence);
            let end = worker.run(job, stop).await;
            let _stopping = worker.0.ended.send(Ended { id, fence, end, _place: place }).await;
        });
    }

    async fn run(&self, job: Claimed, stop: CancellationToken) -> End {
        let Some(handler) = self.0.handlers.get(job.kind.as_str()) else {
            return End::HandedBack;
        };
        if job.cancel_requested {
            return End::Cancelled;
        }
        let began = Instant::now();
        let ctx = self.ctx(&job);
        let (fence, attempt, policy) = (job.fence, job.attempt, handler.policy);
        let run = Run { ctx: ctx.clone(), job: job.id, attempt, fence, stop: stop.clone() };
        let work = AssertUnwindSafe((handler.work)(job.input, run)).catch_unwind();
        let stopping = self.0.store.tasks.stopping();
        // The work is dropped when its time is over; before that it hears of it and may tidy up.
        let outcome = tokio::select! {
            done = work => done.unwrap_or_else(|_| Err(Error::internal("the job panicked"))),
            () = tokio::time::sleep(policy.deadline) => {
                stop.cancel();
                Err(Error::timeout(format!("it took longer than {} s", policy.deadline.as_secs())))
            }
            () = async { stop.cancelled().await; tokio::time::sleep(Duration::from_secs(5)).await } => {
                Err(Error::internal("the job did not stop by itself"))
            }
            () = async { stopping.cancelled().await; stop.cancel(); std::future::pending::<()>().await } => {
                Err(Error::internal("unreachable"))
            }
        };
        let end = self.judge(outcome, attempt, policy, &stop);
        tell_log(&ctx, &job.kind, job.id, attempt, &end, began);
        end
    }

    fn ctx(&self, job: &Claimed) -> Ctx {
        let store = &self.0.store;
        let request = RequestId::sane(&job.request).unwrap_or_else(|| RequestId::new(&store.rng));
        let actor = match job.owner {
            Some(id) => {
                Actor::User(User { id, role: Role::Member, scopes: Scopes::EVERYTHING, via: Credential::Job })
            }
            None => Actor::House,
        };
        Ctx::new(store, actor, request)
    }

    fn judge(
        &self,
        outcome: Result<Value>,
        attempt: i32,
        policy: crate::Policy,
        stop: &CancellationToken,
    ) -> End {
        let store = &self.0.store;
        match outcome {
            Ok(result) => End::Succeeded(result),
            Err(_) if stop.is_cancelled() && store.tasks.stopping().is_cancelled() => End::HandedBack,
            Err(error) if stop.is_cancelled() && error.kind() != stoa_core::Kind::Timeout => End::Cancelled,
            Err(error) => match policy.again(attempt, &error, &store.rng) {
                Some(pause) => {
                    tracing::warn!(?error, attempt, "a job failed and is tried again");
                    End::Again(store.clock.now() + pause)
                }
                None => {
                    if error.kind() == stoa_core::Kind::Internal {
                        tracing::error!(?error, attempt, "a job failed for good");
                    }
                    End::Failed(Problem::of(&error))
                }
            },
        }
    }

    /// Writes ends down, many in one commit; the place is free again once they are.
    async fn write_ends(self, mut inbox: mpsc::Receiver<Ended>) {
        let mut ends = Vec::with_capacity(TOGETHER);
        let stopping = self.0.store.tasks.stopping().clone();
        loop {
            tokio::select! {
                biased;
                n = inbox.recv_many(&mut ends, TOGETHER) => if n == 0 { return },
                // Runs hand back their jobs when the process stops; nobody is left when the last one has.
                () = async { stopping.cancelled().await; tokio::time::sleep(Duration::from_millis(20)).await } => {
                    if self.running() == 0 {
                        return;
                    }
                }
            }
            let now = self.0.store.clock.now();
            let written = self
                .0
                .store
                .db
                .write(async |tx| {
                    for ended in &ends {
                        // False where the job finished itself with its effects, or another has taken over.
                        store::end(tx, ended.id, ended.fence, &ended.end, now).await?;
                    }
                    Ok(())
                })
                .await;
            if let Err(error) = written {
                // The leases run out and the jobs run again; twice means once.
                tracing::error!(?error, "the ends of jobs could not be written");
            }
            for ended in ends.drain(..) {
                self.0.lock().remove(&ended.id);
                self.0.store.signals.wake(&ops::topic(ended.id));
            }
        }
    }

    async fn renew_until_stopped(self) {
        let inside = &self.0;
        let stopping = inside.store.tasks.stopping();
        let beat = Duration::from_secs(inside.config.lease_seconds.max(3)) / 3;
        let mut asked_to_stop = inside.store.signals.listen(ops::STOP);
        let mut last_purge = None;
        loop {
            if let Err(error) = self.renew().await {
                tracing::warn!(?error, "leases could not be renewed");
            }
            if let Err(error) = self.tend(&mut last_purge).await {
                tracing::warn!(?error, "jobs of dead workers could not be looked for");
            }
            tokio::select! {
                () = stopping.cancelled() => return,
                () = asked_to_stop.heard() => {}
                () = tokio::time::sleep(beat) => {}
            }
        }
    }

    /// Keeps the leases of what runs here, and stops what was cancelled or taken over.
    async fn renew(&self) -> Result<()> {
        let inside = &self.0;
        let before: Vec<(JobId, i64)> = inside.lock().iter().map(|(id, (fence, _))| (*id, *fence)).collect();
        if before.is_empty() {
            return Ok(());
        }
        let until = inside.store.clock.now() + Duration::from_secs(inside.config.lease_seconds);
        let ours = inside
            .store
            .db
            .write_uncertain(Uncertain, async |tx| store::renew(tx, inside.node, until).await)
            .await?;
        let running = inside.lock();
        for (id, fence) in before {
            let keeps = ours.iter().any(|(our, at, cancel)| *our == id && *at == fence && !cancel);
            if !keeps
                && let Some((now, stop)) = running.get(&id)
                && *now == fence
            {
                stop.cancel();
            }
        }
        Ok(())
    }

    /// What any worker does for all: schedules, jobs of the dead, old rows.
    async fn tend(&self, last_purge: &mut Option<Instant>) -> Result<()> {
        let inside = &self.0;
        let ctx = Ctx::house(&inside.store);
        for schedule in &inside.schedules {
            schedule.tick(&ctx).await?;
        }
        self.take_over().await?;
        if last_purge.is_none_or(|at| at.elapsed() > Duration::from_secs(3600)) {
            ops::purge(&ctx, Duration::from_secs(inside.config.keep_days * 24 * 3600)).await?;
            *last_purge = Some(Instant::now());
        }
        Ok(())
    }

    /// Puts jobs whose worker is gone back into the queue, or gives them up.
    pub(crate) async fn take_over(&self) -> Result<()> {
        let inside = &self.0;
        let now = inside.store.clock.now();
        for job in store::expired(&inside.store.db.reads(), now).await? {
            let gone = Error::unavailable("the worker that ran it is gone");
            let end = match inside.handlers.get(job.kind.as_str()) {
                _ if job.cancel_requested => End::Cancelled,
                Some(handler) if job.attempt >= handler.policy.attempts => End::Failed(Problem::of(&gone)),
                _ => End::Again(now),
            };
            let moved =
                inside.store.db.write(async |tx| store::end(tx, job.id, job.fence, &end, now).await).await?;
            if moved {
                tracing::warn!(job = %job.id, kind = job.kind, "took over a job whose worker is gone");
                inside.store.signals.wake(ops::QUEUE);
                inside.store.signals.wake(&ops::topic(job.id));
            }
        }
        Ok(())
    }
}

impl Inside {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<JobId, (i64, CancellationToken)>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One line for each run, with what it cost.
fn tell_log(ctx: &Ctx, kind: &str, id: JobId, attempt: i32, end: &End, began: Instant) {
    let ended = match end {
        End::Succeeded(_) => "succeeded",
        End::Failed(_) => "failed",
        End::Cancelled => "cancelled",
        End::Again(_) => "again",
        End::HandedBack => "handed back",
    };
    metrics::counter!("stoa_jobs_total", "kind" => kind.to_owned(), "end" => ended).increment(1);
    metrics::histogram!("stoa_job_seconds", "kind" => kind.to_owned()).record(began.elapsed());
    let cost = ctx.db.cost();
    tracing::info!(
        job = %id, kind, who = %ctx.actor, ended, attempt,
        db = %format_args!("{}q/{}r/{}ms", cost.statements(), cost.rows(), cost.time().as_millis()),
        total_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        req = %ctx.request,
    );
}
