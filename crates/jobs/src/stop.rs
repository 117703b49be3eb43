//! `Stop`: how a run is told that it should end, and why.

use std::sync::{Arc, OnceLock};

use tokio_util::sync::CancellationToken;

/// Why a run should end before it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// Somebody asked.
    Cancelled,
    /// It took too long.
    Deadline,
    /// Another run has taken over, or may have: the lease could not be renewed.
    Lost,
    /// The process stops.
    Shutdown,
}

/// Told once; the first reason counts. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Stop {
    token: CancellationToken,
    why: Arc<OnceLock<Why>>,
}

impl Stop {
    pub(crate) fn now(&self, why: Why) {
        let _already = self.why.set(why);
        self.token.cancel();
    }

    pub(crate) fn why(&self) -> Option<Why> {
        self.why.get().copied()
    }

    pub(crate) fn token(&self) -> &CancellationToken {
        &self.token
    }
}
