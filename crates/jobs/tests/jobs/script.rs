//! Kinds of jobs whose code is given by the test.

use std::{pin::Pin, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stoa_core::Result;
use stoa_jobs::{Handler, Job, Policy, Run, handler};

type Answer = Pin<Box<dyn Future<Output = Result<Value>> + Send>>;

/// What a job does, given its number.
#[derive(Clone)]
pub(crate) struct Script(Arc<dyn Fn(i64, Run) -> Answer + Send + Sync>);

impl Script {
    pub(crate) fn new<F: Future<Output = Result<Value>> + Send + 'static>(
        does: impl Fn(i64, Run) -> F + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(move |number, run| Box::pin(does(number, run))))
    }
}

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident, $name:literal, $policy:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Serialize, Deserialize)]
        pub(crate) struct $kind {
            pub(crate) number: i64,
        }

        impl Job for $kind {
            const KIND: &'static str = $name;
            const POLICY: Policy = $policy;
            type App = Script;
            fn run(self, script: Script, run: Run) -> impl Future<Output = Result<Value>> + Send {
                (script.0)(self.number, run)
            }
        }
    )+};
}

kinds! {
    /// As most jobs are: five tries.
    Act, "test.act", Policy::USUAL;
    /// Three tries, with a pause of a minute.
    Patient, "test.patient", Policy { attempts: 3, deadline: Duration::from_secs(60), pause: Duration::from_secs(60) };
    /// One try of a twentieth of a second.
    Brief, "test.brief", Policy { attempts: 1, deadline: Duration::from_millis(50), pause: Duration::from_secs(1) };
    /// Nobody here knows this kind.
    Foreign, "test.foreign", Policy::USUAL;
}

/// A handler for `J` that does this.
pub(crate) fn does<J: Job<App = Script>, F: Future<Output = Result<Value>> + Send + 'static>(
    does: impl Fn(i64, Run) -> F + Send + Sync + 'static,
) -> Handler {
    handler::<J>(Script::new(does))
}
