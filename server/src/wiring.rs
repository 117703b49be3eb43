//! Wiring: which parts stand in this house. Nothing else in the server names an app; a fifth one is one crate and
//! one line in each of the two lists.

use stoa_core::Result;
use stoa_edge::{Check, Part, SharedAuthenticator};
use stoa_identity::Identity;
use stoa_jobs::{Handler, Schedule};
use stoa_store::Migration;

use crate::config::{Config, Role};

/// The parts, set up and not yet joined.
pub(crate) struct Wiring {
    pub(crate) identity: Identity,
}

impl Wiring {
    /// Sets every part up as the configuration says.
    ///
    /// # Errors
    /// When a part refuses its settings.
    pub(crate) fn new(config: &Config) -> Result<Self> {
        Ok(Self { identity: Identity::new(config.identity.clone())? })
    }

    /// What each brings to the network.
    pub(crate) fn parts(&self) -> Vec<Part> {
        vec![stoa_identity::part(&self.identity)]
    }

    /// Their kinds of jobs.
    pub(crate) fn handlers(&self) -> Vec<Handler> {
        Vec::new()
    }

    /// What readiness looks at, beside memory.
    pub(crate) fn checks(&self, _: Role) -> Vec<Check> {
        Vec::new()
    }

    /// What comes again by itself.
    pub(crate) fn schedules(&self) -> Vec<Schedule> {
        Vec::new()
    }

    /// All schemas, in the order in which they build on each other.
    pub(crate) fn migrations(&self) -> Vec<Migration> {
        let ground = [stoa_store::MIGRATIONS, stoa_jobs::MIGRATIONS, stoa_edge::MIGRATIONS];
        let parts = self.parts();
        ground.into_iter().chain(parts.iter().map(|part| part.migrations)).flatten().copied().collect()
    }

    /// Who tells callers apart.
    pub(crate) fn authenticator(&self) -> SharedAuthenticator {
        stoa_identity::authenticator(&self.identity)
    }
}
