//! What server and cell say to each other, over one socket that only they hold.
//!
//! To the helper: one byte that carries the program's stdin, and the [`Outset`]. To the cell, which may have waited
//! a while: the [`Policy`] (each length, JSON), the files' bytes; later perhaps [`STOP`]. From the cell: frames (kind, length, bytes). The end of the socket means the other side
//! is dead, and the cell goes with it. Nothing of this ever stands in arguments, environment or output.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{layers::Layer, run::Skipped};

/// The byte that ends a program.
pub(crate) const STOP: u8 = b'K';
/// The byte that carries stdin.
pub(crate) const STDIN: u8 = b'I';
/// The longest policy.
pub(crate) const LONGEST_POLICY: usize = 8 << 20;
/// The longest frame.
pub(crate) const LONGEST: usize = 1 << 20;

/// What a helper needs to become a cell that waits for its order.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Outset {
    /// The id on the machine that a helper started by root takes on.
    pub host_id: Option<u32>,
    /// Control groups to join: their `cgroup.procs` files.
    pub join: Vec<PathBuf>,
    /// System folders to show, read-only, at the same place.
    pub folders: Vec<PathBuf>,
}

/// What the cell is to do.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Policy {
    pub work: Work,
    /// Files for the work folder; their bytes follow the policy in this order.
    pub inputs: Vec<Input>,
    pub bounds: Bounds,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Work {
    /// Build everything, run nothing: which layers stand here?
    Probe,
    /// Run this command.
    Command { argv: Vec<String>, env: Vec<(String, String)> },
    /// Run our own binary as `sandbox-tool NAME`.
    Tool { name: String },
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Input {
    pub name: String,
    pub bytes: usize,
}

/// The limits as the kernel takes them.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Bounds {
    pub cpu_seconds: u64,
    pub processes: u64,
    pub open_files: u64,
    pub file_bytes: u64,
    pub disk_bytes: u64,
    pub files: u64,
    pub artefacts: u64,
    pub artefact_bytes: u64,
    /// `RLIMIT_AS`, where no control group counts memory.
    pub address_bytes: Option<u64>,
    /// `RLIMIT_DATA`, likewise.
    pub data_bytes: Option<u64>,
    /// What the watchdog keeps, where there is no control group.
    pub watch: Option<Watch>,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Watch {
    pub memory_bytes: u64,
    pub cpu_ms: u64,
}

/// What a frame from the cell holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Frame {
    /// The name of an artefact; its bytes follow.
    Name = b'N',
    /// Bytes of the artefact named last.
    Bytes = b'B',
    /// The [`Report`], as JSON. The last frame.
    Report = b'R',
}

impl Frame {
    pub(crate) fn from_byte(byte: u8) -> Option<Self> {
        [Self::Name, Self::Bytes, Self::Report].into_iter().find(|kind| *kind as u8 == byte)
    }
}

/// What the cell says at the end.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Report {
    /// The cell could not be made, or the program not started.
    pub failed: Option<Failure>,
    pub layers: Vec<Layer>,
    pub code: Option<i32>,
    pub signal: Option<i32>,
    pub cpu_ms: u64,
    pub peak_memory_bytes: u64,
    pub processes: u64,
    /// The watchdog ended it.
    pub over_memory: bool,
    pub over_cpu: bool,
    pub skipped: Vec<Skipped>,
}

/// A step that the kernel refused.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Failure {
    pub step: String,
    pub errno: i32,
}

impl Failure {
    pub(crate) fn new(step: impl Into<String>, errno: nix::errno::Errno) -> Self {
        Self { step: step.into(), errno: errno as i32 }
    }
}
