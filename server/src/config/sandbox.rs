//! The sandbox's settings, in the words of a configuration file.

use std::{path::Path, time::Duration};

use serde::Deserialize;
use stoa_sandbox::{Floor, Limits};

/// Running strangers' programs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SandboxConfig {
    /// Cells at the same time.
    pub(crate) at_once: usize,
    /// Cells made ahead.
    pub(crate) spare: usize,
    /// The first of the ids that cells get.
    pub(crate) uid: u32,
    /// The layers without which nothing runs.
    pub(crate) floor: Floor,
    /// What one run may use.
    pub(crate) limits: LimitConfig,
}

/// What one run may use. See [`Limits`] for what each means.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LimitConfig {
    wall_seconds: u64,
    cpu_seconds: u64,
    memory_bytes: u64,
    processes: u64,
    open_files: u64,
    output_bytes: u64,
    file_bytes: u64,
    disk_bytes: u64,
    files: u64,
    artefacts: u64,
    artefact_bytes: u64,
}

impl SandboxConfig {
    /// For a sandbox that keeps its notes below this data folder.
    pub(crate) fn below(&self, data: &Path) -> stoa_sandbox::Config {
        stoa_sandbox::Config {
            at_once: self.at_once,
            spare: self.spare,
            uid: self.uid,
            floor: self.floor.clone(),
            ..stoa_sandbox::Config::new(data.join("sandbox"))
        }
    }
}

impl LimitConfig {
    /// As the sandbox takes them.
    pub(crate) fn all(&self) -> Limits {
        Limits {
            wall: Duration::from_secs(self.wall_seconds),
            cpu: Duration::from_secs(self.cpu_seconds),
            memory_bytes: self.memory_bytes,
            processes: self.processes,
            open_files: self.open_files,
            output_bytes: self.output_bytes,
            file_bytes: self.file_bytes,
            disk_bytes: self.disk_bytes,
            files: self.files,
            artefacts: self.artefacts,
            artefact_bytes: self.artefact_bytes,
        }
    }
}
