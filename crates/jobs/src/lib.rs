//! Durable jobs. The row is the queue: a job is written down in the caller's own transaction, leased by one
//! worker at a time, renewed while it runs, retried with growing pauses, cancelled for good, and ends in a
//! state that a person can see.
//!
//! Owns the tables `jobs_*`. Everything above may enqueue ([`later`]), look ([`find`], [`events`]) and cancel
//! ([`cancel`]); the server starts one [`Worker`] in each process with that role.
//!
//! **Twice means once.** A job may run twice (a worker died, a lease ran out), never two at a time with effect:
//! each claim raises the job's fence, and [`Run::finish`] commits effects and completion together only while the
//! fence is still the run's own.
//!
//! Not here: HTTP (the doors to jobs are in `edge`), and what any job does.

mod handler;
mod model;
mod nul;
mod ops;
mod run;
mod schedule;
mod stop;
mod store;
mod worker;

use stoa_store::Migration;

pub use handler::{Handler, Job, Policy, handler};
pub use model::{Event, JobView, Problem, Progress, State};
pub use ops::{Failed, cancel, events, failed, find, forget, lag, later, later_at, purge, watch};
pub use run::Run;
pub use schedule::Schedule;
pub use worker::{Worker, WorkerConfig};

/// What this crate keeps of its own.
pub const MIGRATIONS: &[Migration] = &[
    Migration::new("jobs", 1, "jobs", include_str!("../migrations/0001_jobs.sql")),
    Migration::new("jobs", 2, "owner", include_str!("../migrations/0002_owner.sql")),
];
