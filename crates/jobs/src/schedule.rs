//! Schedules: jobs that come again. Whichever node asks first when one is due enqueues it, once.

use std::time::Duration;

use serde_json::Value;
use stoa_core::{Result, Timestamp};
use stoa_store::Ctx;

use crate::{Job, ops, store};

/// A job of the house that comes again.
#[derive(Clone, Debug)]
pub struct Schedule {
    pub(crate) kind: &'static str,
    pub(crate) every: Duration,
    pub(crate) input: Value,
}

impl Schedule {
    /// `job`, every so often, at times that are whole multiples of `every` since 1970.
    ///
    /// # Errors
    /// When the input is no JSON.
    pub fn every<J: Job>(every: Duration, job: &J) -> Result<Self> {
        Ok(Self { kind: J::KIND, every, input: serde_json::to_value(job)? })
    }

    /// Enqueues what is due; the first time, only notes when that will be.
    pub(crate) async fn tick(&self, ctx: &Ctx) -> Result<()> {
        let now = ctx.now();
        let step = i64::try_from(self.every.as_micros().max(1))?;
        let next = Timestamp::from_micros((now.micros() / step + 1) * step);
        ctx.db
            .write(async |tx| {
                if store::schedule_is_due(tx, self.kind, now, next).await? {
                    ops::enqueue(ctx, tx, self.kind, self.input.clone(), now).await?;
                }
                Ok(())
            })
            .await
    }
}
