//! The account of a tool call: one line in the log with what it cost, and metrics.

use std::time::{Duration, Instant};

use stoa_core::Kind;
use stoa_store::Ctx;

use super::{Revision, ToolFailure, ToolOutcome};
use crate::pipeline::millis;

/// An account that was opened and will be closed with an outcome.
pub(crate) struct Account {
    tool: &'static str,
    ctx: Ctx,
    before: (u64, u64, Duration),
    began: Instant,
}

impl Account {
    pub(crate) fn open(tool: &'static str, ctx: &Ctx) -> Self {
        Self { tool, before: spent(ctx), ctx: ctx.clone(), began: Instant::now() }
    }

    /// Writes the line. Our own faults get their cause beside it, once, here.
    pub(crate) fn close(self, revision: Revision, outcome: &Result<ToolOutcome, ToolFailure>) {
        let (how, code) = match outcome {
            Ok(ToolOutcome::Done(_)) => ("done", None),
            Ok(ToolOutcome::NeedsInput { .. }) => ("needs_input", None),
            Err(ToolFailure::Protocol(_)) => ("malformed", None),
            Err(ToolFailure::Refused(error)) => {
                let (code, at, cause) = (error.stable_code(), error.at(), error.cause());
                let cause = cause.as_deref().unwrap_or("none");
                match error.kind() {
                    Kind::Internal => tracing::error!(tool = self.tool, code, cause, %at, "a fault of ours"),
                    Kind::Upstream | Kind::Unavailable | Kind::Timeout => {
                        tracing::warn!(tool = self.tool, code, said = error.said(), cause, %at, "could not be done");
                    }
                    _ => {}
                }
                ("refused", Some(code))
            }
        };
        let (took, after) = (self.began.elapsed(), spent(&self.ctx));
        metrics::counter!("stoa_mcp_calls_total", "tool" => self.tool, "outcome" => how).increment(1);
        metrics::histogram!("stoa_mcp_call_seconds", "tool" => self.tool).record(took);
        tracing::info!(
            tool = self.tool,
            who = %self.ctx.actor,
            revision = revision.date(),
            outcome = how,
            code,
            statements = after.0 - self.before.0,
            rows = after.1 - self.before.1,
            db_ms = millis(after.2.saturating_sub(self.before.2)),
            total_ms = millis(took),
            "tool call"
        );
    }
}

fn spent(ctx: &Ctx) -> (u64, u64, Duration) {
    let cost = ctx.db.cost();
    (cost.statements(), cost.rows(), cost.time())
}
