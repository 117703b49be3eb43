//! What came of a run: facts of the supervisor, never the program's word.

use serde::{Deserialize, Serialize};

use crate::Layers;

/// What came of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// How it ended.
    pub exit: Exit,
    /// What it wrote to stdout, up to the limit. Any bytes.
    pub stdout: Vec<u8>,
    /// What it wrote to stderr, up to the limit. Any bytes.
    pub stderr: Vec<u8>,
    /// Some output was cut off.
    pub truncated: bool,
    /// The files it left in its work folder, without those that were put there and not changed; by name.
    pub files: Vec<Artefact>,
    /// What it left and was not taken.
    pub skipped: Vec<Skipped>,
    /// What it used.
    pub usage: Usage,
    /// The walls that stood around it.
    pub layers: Layers,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    /// The exit code, if the program ended by itself.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Why it ended. A limit that was hit stands here whatever the code says.
    pub reason: Reason,
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// By itself, with a code.
    Exited,
    /// Wall time or processor time was used up.
    Timeout,
    /// Memory was used up.
    Memory,
    /// It wrote more than is kept.
    Output,
    /// A signal, such as a crash.
    Signal,
    /// It made a system call that ends a program at once.
    Refused,
    /// The caller did not want it any more.
    Cancelled,
}

/// One of the two output streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    /// Standard output.
    Stdout,
    /// Standard error.
    Stderr,
}

/// A file that a program left in its work folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artefact {
    /// The path below the work folder.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Something in the work folder that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// The path below the work folder; bytes that are no UTF-8 are replaced.
    pub name: String,
    /// Why: `link`, `special`, `too_large`, `too_many`, `too_deep`, `name`, `unreadable`.
    pub why: String,
}

/// What a run used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// From start to end, with the making of the cell.
    pub wall_ms: u64,
    /// Processor time of all its processes.
    pub cpu_ms: u64,
    /// The most memory it held. From the control group; else the largest sum or process seen.
    pub peak_memory_bytes: u64,
    /// The most processes and threads seen at one time. Looked at some times a second.
    pub processes: u64,
}
