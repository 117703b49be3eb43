//! The sweep: what was deleted long ago is forgotten for good.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use stoa_core::Result;
use stoa_jobs::{Job, Run, Schedule};

use super::ops;

/// How long a deleted task can be restored: 30 days.
const KEPT: Duration = Duration::from_secs(30 * 86_400);
/// How often is looked.
const EVERY: Duration = Duration::from_secs(6 * 3600);

/// Forgets tasks that were deleted more than 30 days ago.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Sweep {}

impl Job for Sweep {
    const KIND: &'static str = "mindflow.sweep";
    type App = ();

    async fn run(self, (): (), run: Run) -> Result<Value> {
        Ok(json!({ "forgotten": ops::purge(&run.ctx, KEPT).await? }))
    }
}

impl Sweep {
    /// Four times a day.
    pub(crate) fn schedule() -> Schedule {
        Schedule::every(EVERY, &Self {}).expect("a few hours, and nothing told")
    }
}
