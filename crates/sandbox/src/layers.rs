//! The walls around a cell by name: which of them stand here, and which must.

use serde::{Deserialize, Serialize};
use stoa_core::{Error, Result};

/// One wall between a stranger's program and the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layer {
    /// Its own user ids: being root inside means nothing outside.
    User,
    /// Its own file tree.
    Mount,
    /// Its own process ids: it sees and signals only its own.
    Pid,
    /// Its own network: a loopback of its own, nothing else.
    Network,
    /// Its own shared memory and message queues.
    Ipc,
    /// Its own host name.
    Uts,
    /// It does not see where in the control groups it is.
    CgroupNamespace,
    /// A server that is root starts cells under an id that owns nothing.
    Unprivileged,
    /// Programs with the setuid bit give nothing.
    NoNewPrivs,
    /// No capability, not even over its own namespaces.
    Capabilities,
    /// Limits of the kernel for each process.
    Rlimits,
    /// System calls that strangers have no use for are refused.
    Seccomp,
    /// A second, independent rule for files and signals.
    Landlock,
    /// Sums of memory, processes and processor time kept by control groups, version 1.
    CgroupV1,
    /// The same, version 2.
    CgroupV2,
    /// Without control groups: the cell's first process adds memory and processor time up, many times a second.
    Watchdog,
}

impl Layer {
    /// The name as it stands in reports and in the configuration.
    pub fn name(self) -> String {
        serde_json::to_value(self).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
    }
}

/// The layers that stand around a cell, in a fixed order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Layers(pub(crate) Vec<Layer>);

impl Layers {
    pub(crate) fn new(mut layers: Vec<Layer>) -> Self {
        layers.sort_unstable();
        layers.dedup();
        Self(layers)
    }

    /// Whether this one stands.
    pub fn has(&self, layer: Layer) -> bool {
        self.0.contains(&layer)
    }

    /// All that stand.
    pub fn iter(&self) -> impl Iterator<Item = Layer> + '_ {
        self.0.iter().copied()
    }
}

/// The layers without which nothing runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Floor(Vec<Layer>);

impl Default for Floor {
    /// All namespaces, no privileges, rlimits and the system call filter.
    fn default() -> Self {
        use Layer::{Capabilities, Ipc, Mount, Network, NoNewPrivs, Pid, Rlimits, Seccomp, User, Uts};
        Self(vec![User, Mount, Pid, Network, Ipc, Uts, NoNewPrivs, Capabilities, Rlimits, Seccomp])
    }
}

impl Floor {
    /// This floor with one more layer, as a site may ask for Landlock.
    #[must_use]
    pub fn with(mut self, layer: Layer) -> Self {
        self.0.push(layer);
        self
    }

    pub(crate) fn holds(&self, layers: &Layers) -> Result<()> {
        let missing: Vec<String> =
            self.0.iter().filter(|layer| !layers.has(**layer)).map(|layer| layer.name()).collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(Error::unavailable(format!(
            "programs cannot be run here: the sandbox lacks {}, which the configured floor asks for; {}",
            missing.join(", "),
            "a newer kernel may offer it, or lower `sandbox.floor` if you accept the risk"
        ))
        .code("sandbox_floor"))
    }
}
