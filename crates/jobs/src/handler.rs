//! `Job`: what kinds of work bring. `Handler`: one kind with what it needs, as a part hands it over.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use stoa_core::{Error, Kind, Result, Rng};

use crate::Run;

/// One kind of durable work. The value is its input and travels as JSON.
///
/// It may run twice: what it does must mean once. Effects in rows belong into [`Run::finish`].
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The stable name, as `labmate.run`.
    const KIND: &'static str;
    /// How often and how long it is tried.
    const POLICY: Policy = Policy::USUAL;
    /// What it needs beside the context: a sandbox, settings. `()` when nothing.
    type App: Clone + Send + Sync + 'static;

    /// Does the work. What it returns is the job's result.
    ///
    /// # Errors
    /// `internal`, `unavailable`, `upstream_failed`, `timeout`, `rate_limited` are tried again; the others are
    /// final.
    fn run(self, app: Self::App, run: Run) -> impl Future<Output = Result<Value>> + Send;
}

/// How often and how long a kind of job is tried.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Tries in all, those included whose worker died.
    pub attempts: i32,
    /// How long one try may take.
    pub deadline: Duration,
    /// The pause after the first failure; it doubles each time, up to five minutes, and is jittered.
    pub pause: Duration,
}

impl Policy {
    /// Five tries of at most ten minutes.
    pub const USUAL: Self =
        Self { attempts: 5, deadline: Duration::from_secs(600), pause: Duration::from_secs(2) };

    const LONGEST_PAUSE: Duration = Duration::from_secs(300);

    /// Whether, and after which pause, a job is tried again that failed at `attempt` (1 is the first).
    pub(crate) fn again(&self, attempt: i32, error: &Error, rng: &Rng) -> Option<Duration> {
        let passing = matches!(
            error.kind(),
            Kind::Internal | Kind::Unavailable | Kind::Upstream | Kind::Timeout | Kind::Limited
        );
        if !passing || attempt >= self.attempts {
            return None;
        }
        let doubled = self.pause * 2_u32.saturating_pow(u32::try_from(attempt - 1).unwrap_or(0).min(16));
        let longest = doubled.min(Self::LONGEST_PAUSE);
        // Between half and all of it: many that failed together do not come back together.
        let jittered = longest.mul_f64(0.5 + rng.fraction() / 2.0);
        Some(jittered.max(error.retry_in().unwrap_or_default()))
    }
}

type Work = dyn Fn(Value, Run) -> Pin<Box<dyn Future<Output = Result<Value>> + Send>> + Send + Sync;

/// One kind of job with what it needs.
#[derive(Clone)]
pub struct Handler {
    /// The stable name.
    pub kind: &'static str,
    pub(crate) policy: Policy,
    pub(crate) work: Arc<Work>,
}

/// A handler for `J`, with what it needs.
pub fn handler<J: Job>(app: J::App) -> Handler {
    let work = move |input: Value, run: Run| -> Pin<Box<dyn Future<Output = Result<Value>> + Send>> {
        let app = app.clone();
        Box::pin(async move {
            let job: J = serde_json::from_value(input)?;
            job.run(app, run).await
        })
    };
    Handler { kind: J::KIND, policy: J::POLICY, work: Arc::new(work) }
}

#[cfg(test)]
mod tests {
    use stoa_core::TestRng;

    use super::*;

    #[test]
    fn pauses_double_and_differ_and_some_errors_are_final() {
        let (policy, rng) = (Policy::USUAL, TestRng::seeded(7));
        let busy = || Error::unavailable("busy");
        let pauses: Vec<_> =
            (1..5).map(|attempt| policy.again(attempt, &busy(), &rng).unwrap().as_secs_f64()).collect();
        for (attempt, pause) in pauses.iter().enumerate() {
            let whole = 2.0 * 2_f64.powi(i32::try_from(attempt).unwrap());
            assert!((whole / 2.0..=whole).contains(pause), "{pauses:?}");
        }
        assert!(policy.again(5, &busy(), &rng).is_none(), "the fifth try is the last");
        assert!(policy.again(1, &Error::invalid("never"), &rng).is_none());
        let told = policy.again(1, &busy().retry_after(Duration::from_secs(60)), &rng).unwrap();
        assert_eq!(told, Duration::from_secs(60));
    }
}
