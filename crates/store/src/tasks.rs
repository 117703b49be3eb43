//! Work beside the requests of this process: tracked, so that shutdown waits for it and a panic is seen.

use std::{future::Future, panic::AssertUnwindSafe, time::Duration};

use futures::FutureExt;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// The tasks of one process. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Tasks {
    tracker: TaskTracker,
    stop: CancellationToken,
}

impl Tasks {
    /// Starts a task. A panic in it is logged under its name and ends only the task.
    pub fn spawn(&self, name: &'static str, work: impl Future<Output = ()> + Send + 'static) {
        let work = async move {
            if let Err(panic) = AssertUnwindSafe(work).catch_unwind().await {
                let why = panic
                    .downcast_ref::<String>()
                    .map(String::as_str)
                    .or_else(|| panic.downcast_ref::<&str>().copied())
                    .unwrap_or("no message");
                tracing::error!(task = name, why, "a task panicked");
            }
        };
        #[expect(clippy::disallowed_methods, reason = "this is the tracked spawn")]
        tokio::spawn(self.tracker.track_future(work));
    }

    /// Becomes true when the process is asked to stop. Long tasks watch it.
    pub fn stopping(&self) -> &CancellationToken {
        &self.stop
    }

    /// Asks every task to stop and waits for them, at most `patience`. True if all ended.
    pub async fn stop(&self, patience: Duration) -> bool {
        self.stop.cancel();
        self.tracker.close();
        tokio::time::timeout(patience, self.tracker.wait()).await.is_ok()
    }
}
