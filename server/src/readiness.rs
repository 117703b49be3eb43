//! What readiness looks at beside rows and files: the line to other processes, and the sandbox.

use std::{sync::Arc, time::Duration};

use stoa_core::Error;
use stoa_edge::Check;
use stoa_labmate::Cells;
use stoa_store::Store;

/// A process that has just started hears the others within this.
const SOON: Duration = Duration::from_millis(1500);
const LOOK: Duration = Duration::from_millis(10);

/// Whether this process hears what others revoke. It does not while the database or Redis is away.
pub(crate) fn signals(store: &Arc<Store>) -> Check {
    let epoch = store.epoch.clone();
    Check::new("signals", move || {
        let epoch = epoch.clone();
        let heard = async move {
            while epoch.current().is_none() {
                tokio::time::sleep(LOOK).await;
            }
        };
        async move {
            tokio::time::timeout(SOON, heard).await.map_err(|_| {
                Error::unavailable("this process does not hear the others; look at the database and Redis")
            })
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
