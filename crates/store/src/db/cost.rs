//! What a request or job spent on the database, and which statements the house issues at all.

use std::{
    collections::BTreeSet,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

/// An account of statements, rows and time, for the one line in the log.
#[derive(Debug, Default)]
pub struct Cost {
    statements: AtomicU64,
    rows: AtomicU64,
    micros: AtomicU64,
}

impl Cost {
    /// Statements issued.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }
    /// Rows read.
    pub fn rows(&self) -> u64 {
        self.rows.load(Ordering::Relaxed)
    }
    /// Time spent waiting for the engine: for statements, for a turn to write, and for commits.
    pub fn time(&self) -> Duration {
        Duration::from_micros(self.micros.load(Ordering::Relaxed))
    }

    pub(super) fn add(&self, began: Instant, rows: u64) {
        self.statements.fetch_add(1, Ordering::Relaxed);
        self.rows.fetch_add(rows, Ordering::Relaxed);
        self.waited(began);
    }

    /// Time for a turn or a commit, which is no statement of the caller's.
    pub(super) fn waited(&self, began: Instant) {
        let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.micros.fetch_add(micros, Ordering::Relaxed);
    }
}

/// Every statement that was issued, once.
#[derive(Debug, Default)]
pub(super) struct Seen(Mutex<BTreeSet<String>>);

impl Seen {
    pub(super) fn add(&self, sql: &str) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !seen.contains(sql) {
            seen.insert(sql.to_owned());
        }
    }

    pub(super) fn list(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}
