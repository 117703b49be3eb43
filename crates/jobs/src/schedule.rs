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
    every: i64,
    input: Value,
}

impl Schedule {
    /// `job`, every so often, at times that are whole multiples of `every` since 1970. What was missed while no
    /// node ran is made up for once. One schedule for each kind.
    ///
    /// # Errors
    /// When the input is no JSON, or `every` is longer than time.
    pub fn every<J: Job>(every: Duration, job: &J) -> Result<Self> {
        let every = i64::try_from(every.as_micros().max(1))?;
        Ok(Self { kind: J::KIND, every, input: serde_json::to_value(job)? })
    }

    /// Enqueues what is due; the first time, only notes when that will be. Gives back when it comes next.
    pub(crate) async fn tick(&self, ctx: &Ctx, seen: Option<Timestamp>) -> Result<Timestamp> {
        let now = ctx.now();
        let next = Timestamp::from_micros((now.micros().div_euclid(self.every) + 1) * self.every);
        match seen {
            Some(at) if at > now && at <= next => return Ok(at),
            Some(at) => {
                ctx.db
                    .write(async |tx| {
                        let first = store::move_schedule(tx, self.kind, at, next).await?;
                        // It lies too far ahead where `every` has become shorter: that is no reason to run.
                        if first && at <= now {
                            ops::enqueue(ctx, tx, self.kind, self.input.clone(), now).await?;
                        }
                        Ok(())
                    })
                    .await?;
            }
            None => ctx.db.write(async |tx| store::begin_schedule(tx, self.kind, next).await).await?,
        }
        Ok(next)
    }
}
