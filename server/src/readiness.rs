//! What readiness looks at beside rows and files: the line to other processes, the queue, and the sandbox.

use std::{sync::Arc, time::Duration};

use stoa_core::Error;
use stoa_edge::Check;
use stoa_labmate::Cells;
use stoa_store::Store;

/// What goes over the line to the others is back within this.
const SOON: Duration = Duration::from_millis(1500);

/// Whether this process hears what others revoke. It does not while the database or Redis is away.
pub(crate) fn signals(store: &Arc<Store>) -> Check {
    let signals = store.signals.clone();
    Check::new("signals", move || {
        let signals = signals.clone();
        async move {
            tokio::time::timeout(SOON, signals.ping()).await.unwrap_or_else(|_| {
                Err(Error::unavailable(
                    "this process does not hear the others; look at the database and Redis",
                ))
            })
        }
    })
}

/// Whether jobs begin in time. It is everybody's queue: a process that leaves service would not make it shorter.
pub(crate) fn queue(store: &Arc<Store>, late: Duration) -> Check {
    let store = store.clone();
    Check::advice("queue", move || {
        let store = store.clone();
        async move {
            let lag = stoa_jobs::lag(&store.db, store.clock.now()).await?;
            if lag <= late {
                return Ok(());
            }
            Err(Error::unavailable(format!(
                "a job has been waiting for {} s; start more workers, or look at why those there are do not take it",
                lag.as_secs()
            )))
        }
    })
}

/// Whether programs can be run here.
pub(crate) fn sandbox(cells: &Cells) -> Check {
    let cells = cells.clone();
    Check::new("sandbox", move || {
        let cells = cells.clone();
        async move { cells.sandbox().await.map(drop) }
    })
}
