//! One asks at a time; when that is over, all who wait look again at once.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use tokio::sync::{Notify, futures::Notified};

#[derive(Default)]
pub(super) struct Turn {
    taken: AtomicBool,
    over: Notify,
    /// Whoever waits while this grows is refused too, and does not wait out the same failure once more.
    failures: AtomicU64,
}

/// The turn, until it is dropped; also when who has it goes away in the middle.
pub(super) struct Taken<'a>(&'a Turn);

impl Turn {
    pub(super) fn take(&self) -> Option<Taken<'_>> {
        (!self.taken.swap(true, Ordering::AcqRel)).then(|| Taken(self))
    }

    /// Resolves when a turn ends after this was enabled.
    pub(super) fn over(&self) -> Notified<'_> {
        self.over.notified()
    }

    pub(super) fn failures(&self) -> u64 {
        self.failures.load(Ordering::Acquire)
    }
}

impl Taken<'_> {
    pub(super) fn failed(&self) {
        self.0.failures.fetch_add(1, Ordering::AcqRel);
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.0.taken.store(false, Ordering::Release);
        self.0.over.notify_waiters();
    }
}
