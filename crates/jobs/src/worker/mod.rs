//! `Worker`: claims what is due, runs it, renews its leases, takes over from the dead.
//!
//! Three tasks work beside each other: `claim` takes jobs and starts a task for each (`attempt`); `ends` writes
//! down how they ended, many in one commit; `leases` keeps what runs here, and looks after all (`tend`).

mod attempt;
mod claim;
mod ends;
mod leases;
mod tend;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use serde::Deserialize;
use stoa_core::{JobId, Timestamp};
use stoa_store::{NodeId, Store};
use tokio::sync::{Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

use crate::{Handler, Schedule, stop::Stop, store::Queue};

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
    /// A job that is due for longer is late, and health says so, in seconds.
    pub late_seconds: u64,
    /// How long ended jobs can be looked at, in days.
    pub keep_days: u64,
}

impl Default for WorkerConfig {
    fn default() -> Self {
        Self { at_once: 64, lease_seconds: 30, look_milliseconds: 1000, late_seconds: 60, keep_days: 30 }
    }
}

impl WorkerConfig {
    /// A job that is due for longer is late.
    pub fn late(&self) -> Duration {
        Duration::from_secs(self.late_seconds)
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
    queue: Queue,
    /// What has been claimed and whose end is not yet written down.
    running: Mutex<HashMap<JobId, Running>>,
    /// Held while jobs are claimed and entered into `running`, so that nobody asks in between.
    claiming: tokio::sync::Mutex<()>,
    places: Arc<Semaphore>,
    last_purge: Mutex<Option<Instant>>,
}

struct Running {
    fence: i64,
    stop: Stop,
}

impl Worker {
    /// Starts working on these kinds until the process stops. What runs then is told to stop, and handed back.
    pub fn start(
        store: &Arc<Store>,
        config: WorkerConfig,
        handlers: Vec<Handler>,
        schedules: Vec<Schedule>,
    ) -> Self {
        let kinds: Vec<_> = handlers.iter().map(|handler| handler.kind).collect();
        let worker = Self(Arc::new(Inside {
            node: NodeId::new(&store.clock, &store.rng),
            queue: Queue::of(&kinds, store.db.engine()),
            running: Mutex::default(),
            claiming: tokio::sync::Mutex::default(),
            places: Arc::new(Semaphore::new(config.at_once.max(1))),
            last_purge: Mutex::default(),
            handlers: handlers.into_iter().map(|handler| (handler.kind, handler)).collect(),
            store: store.clone(),
            schedules,
            config,
        }));
        // Each run has a sender. When claiming has stopped and the last run is over, there is nobody left to send,
        // the last ends are written, and then nobody needs the leases.
        let (ended, inbox) = mpsc::channel(ends::TOGETHER);
        let over = CancellationToken::new();
        let tasks = &store.tasks;
        tasks.spawn("jobs.claim", worker.clone().claim_until_stopped(ended));
        tasks.spawn("jobs.ends", worker.clone().write_ends(inbox, over.clone()));
        tasks.spawn("jobs.leases", worker.clone().keep_leases(over));
        worker
    }

    /// How many jobs are this worker's now.
    pub fn running(&self) -> usize {
        self.0.running().len()
    }
}

impl Inside {
    fn running(&self) -> MutexGuard<'_, HashMap<JobId, Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lease(&self) -> Duration {
        Duration::from_secs(self.config.lease_seconds.max(1))
    }

    fn now(&self) -> Timestamp {
        self.store.clock.now()
    }
}
