//! Wiring: which parts stand in this house. A fifth app is one crate and one line in [`Wiring::parts`].

use std::sync::Arc;

use stoa_core::Result;
use stoa_edge::{Check, Out, Part, SharedAuthenticator};
use stoa_identity::Identity;
use stoa_labmate::{Cells, LabMate};
use stoa_mindflow::MindFlow;
use stoa_sandbox::Layer;
use stoa_store::{Migration, Store, Tasks};

use crate::{config::Config, readiness};

/// The parts, set up and not yet joined.
pub(crate) struct Wiring {
    /// People; the command line asks for them too.
    pub(crate) identity: Identity,
    labmate: LabMate,
    mindflow: MindFlow,
    cells: Cells,
}

impl Wiring {
    /// Sets every part up as the configuration says.
    ///
    /// # Errors
    /// When a part refuses its settings.
    pub(crate) fn new(config: &Config) -> Result<Self> {
        let cells = Cells::new(config.sandbox.below(&config.data), config.sandbox.limits.all());
        Ok(Self {
            identity: Identity::new(
                stoa_identity::Config { mail: config.mail.clone(), ..config.identity.clone() },
                Out::new(&config.out)?,
            )?,
            labmate: LabMate { cells: cells.clone(), config: config.labmate.clone() },
            mindflow: MindFlow::new(config.mindflow.clone()),
            cells,
        })
    }

    /// What each brings.
    pub(crate) fn parts(&self) -> Vec<Part> {
        let parts = vec![
            stoa_identity::part(&self.identity),
            stoa_labmate::part(&self.labmate),
            stoa_mindflow::part(&self.mindflow),
        ];
        self.identity.hears_of(parts.iter().flat_map(|part| part.personal.iter().cloned()));
        parts
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

    /// What readiness looks at.
    pub(crate) fn checks(&self, store: &Arc<Store>, config: &Config) -> Vec<Check> {
        let mut checks = Check::of_store(store);
        checks.push(readiness::signals(store));
        checks.push(readiness::queue(store, config.jobs.late()));
        if config.server.role.works() {
            checks.push(readiness::sandbox(&self.cells));
        }
        checks
    }

    /// Opens the sandbox beside everything else, so that the first run need not wait, and says so if it cannot be.
    pub(crate) fn prepare(&self, tasks: &Tasks) {
        let cells = self.cells.clone();
        tasks.spawn("server.sandbox", async move {
            match cells.sandbox().await {
                Ok(sandbox) => {
                    let layers: Vec<String> = sandbox.layers().iter().map(Layer::name).collect();
                    tracing::info!(layers = layers.join(" "), "the sandbox stands");
                }
                Err(error) => {
                    tracing::error!(said = error.said(), cause = error.cause(), "no program can be run");
                }
            }
        });
    }
}
