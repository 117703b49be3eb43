//! Time is handed in. The real clock is read here and nowhere else.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use time::OffsetDateTime;

use crate::Timestamp;

/// What time it is.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    System,
    Test(Arc<AtomicI64>),
}

impl Clock {
    /// The machine's clock.
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// Now.
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System => {
                #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
                let now = OffsetDateTime::now_utc();
                Timestamp::from(now)
            }
            Source::Test(micros) => Timestamp::from_micros(micros.load(Ordering::SeqCst)),
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({})", self.now())
    }
}

/// The hand on a test's clock. Every clone of its `Clock` sees it move.
#[derive(Clone, Debug)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    /// A clock that stands at 2026-01-05 09:00 UTC (a Monday) until it is moved.
    pub fn new() -> (Clock, Self) {
        Self::at(Timestamp::from_micros(1_767_603_600_000_000))
    }

    /// A clock that stands at a given time until it is moved.
    pub fn at(start: Timestamp) -> (Clock, Self) {
        let micros = Arc::new(AtomicI64::new(start.micros()));
        (Clock(Source::Test(micros.clone())), Self(micros))
    }

    /// Moves time on.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(i64::try_from(by.as_micros()).unwrap_or(i64::MAX), Ordering::SeqCst);
    }
}
