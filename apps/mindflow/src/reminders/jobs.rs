//! The look for reminders whose time has come.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stoa_core::Result;
use stoa_jobs::{Job, Run, Schedule};

use super::ops;

/// How often is looked; a reminder is at most so much late.
const EVERY: Duration = Duration::from_secs(60);

/// Posts the letters whose time has come.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Remind {}

impl Job for Remind {
    const KIND: &'static str = "mindflow.remind";
    type App = ();

    async fn run(self, (): (), run: Run) -> Result<Value> {
        Ok(serde_json::to_value(ops::post_due(&run.ctx).await?)?)
    }
}

impl Remind {
    /// Every minute.
    pub(crate) fn schedule() -> Schedule {
        Schedule::every(EVERY, &Self {}).expect("a minute, and nothing told")
    }
}
