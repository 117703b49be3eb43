//! What a run is.

use std::{fmt, str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};
use stoa_core::{Error, Id, JobId, Result, Timestamp};
use stoa_sandbox::{Limits, Reason, Usage};
use stoa_store::BlobId;
use utoipa::ToSchema;

use crate::{
    assignments::model::{LabId, TaskId, names},
    example,
};

/// Tag of [`RunId`].
#[derive(Debug)]
pub enum RunTag {}
/// The id of a run.
pub type RunId = Id<RunTag>;

/// Where a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    /// Waits for its turn.
    Queued,
    /// Its program runs.
    Running,
    /// The program ended by itself with code 0.
    Succeeded,
    /// It ended in another way; see `exit`.
    Failed,
    /// It was stopped, or never began.
    Cancelled,
}

names!(RunState {
    Queued = "queued",
    Running = "running",
    Succeeded = "succeeded",
    Failed = "failed",
    Cancelled = "cancelled",
});

impl RunState {
    /// Whether nothing more will happen.
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Succeeded | Self::Failed | Self::Cancelled)
    }
}

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunExit {
    /// The exit code, if it ended by itself.
    #[schema(required, example = 0)]
    pub code: Option<i32>,
    /// The signal that ended it.
    #[schema(required, example = json!(null))]
    pub signal: Option<i32>,
    /// Why: `exited`, `timeout`, `memory`, `output`, `signal`, `refused` or `cancelled`.
    #[schema(value_type = String, example = "exited")]
    pub reason: Reason,
}

/// What a program used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunUsage {
    /// Milliseconds from start to end.
    #[schema(example = 48)]
    pub wall_ms: u64,
    /// Milliseconds of processor time.
    #[schema(example = 31)]
    pub cpu_ms: u64,
    /// The most memory it held, in bytes.
    #[schema(example = 9_437_184)]
    pub peak_memory_bytes: u64,
    /// The most processes and threads at one time.
    #[schema(example = 1)]
    pub processes: u64,
}

impl From<Usage> for RunUsage {
    fn from(usage: Usage) -> Self {
        Self {
            wall_ms: usage.wall_ms,
            cpu_ms: usage.cpu_ms,
            peak_memory_bytes: usage.peak_memory_bytes,
            processes: usage.processes,
        }
    }
}

/// The walls that stood around a program.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Isolation {
    /// Their names, as `user`, `network`, `seccomp`.
    #[schema(example = json!(["user", "network", "seccomp"]))]
    pub layers: Vec<String>,
}

/// What is kept of the end of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Outcome {
    pub(crate) exit: RunExit,
    pub(crate) usage: RunUsage,
    pub(crate) isolation: Isolation,
    pub(crate) truncated: bool,
}

/// What a run was allowed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunLimits {
    /// Seconds from start to end.
    #[schema(example = 5)]
    pub wall_seconds: u64,
    /// Seconds of processor time.
    #[schema(example = 2)]
    pub cpu_seconds: u64,
    /// MiB of memory.
    #[schema(example = 128)]
    pub memory_mib: u64,
}

/// What a caller asks for; what is left out is the site's own limit.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskedLimits {
    /// Seconds from start to end; at most the site's own.
    #[schema(minimum = 1, example = 5)]
    pub wall_seconds: Option<i64>,
    /// Seconds of processor time; at most the site's own.
    #[schema(minimum = 1, example = 2)]
    pub cpu_seconds: Option<i64>,
    /// MiB of memory, at least 16; at most the site's own.
    #[schema(minimum = 16, example = 128)]
    pub memory_mib: Option<i64>,
}

impl AskedLimits {
    /// The site's limits, narrowed by what was asked.
    pub(crate) fn within(&self, most: &Limits) -> Result<RunLimits> {
        Ok(RunLimits {
            wall_seconds: asked("/limits/wall_seconds", self.wall_seconds, 1, most.wall.as_secs())?,
            cpu_seconds: asked("/limits/cpu_seconds", self.cpu_seconds, 1, most.cpu.as_secs())?,
            memory_mib: asked("/limits/memory_mib", self.memory_mib, 16, most.memory_bytes >> 20)?,
        })
    }
}

fn asked(pointer: &'static str, asked: Option<i64>, least: u64, most: u64) -> Result<u64> {
    let Some(asked) = asked else { return Ok(most) };
    match u64::try_from(asked) {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err(Error::field(pointer, format!("must be from {least} to {most}"))),
    }
}

impl RunLimits {
    pub(crate) fn of_sandbox(&self, most: &Limits) -> Limits {
        Limits {
            wall: Duration::from_secs(self.wall_seconds),
            cpu: Duration::from_secs(self.cpu_seconds),
            memory_bytes: self.memory_mib << 20,
            ..most.clone()
        }
    }
}

/// A file that a program left in its work folder.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RunFile {
    /// Its path below the work folder.
    #[schema(example = "primes.csv")]
    pub name: String,
    /// Bytes.
    #[schema(example = 26)]
    pub size: u64,
    /// Where to get it.
    #[schema(example = "/api/v1/runs/019cade2-11c0-7b41-9c55-3f0a6d2e8b17/files/0")]
    pub url: String,
    /// Where it is kept.
    #[serde(skip)]
    pub(crate) blob: BlobId,
}

/// A run as it stands beside a task.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct RunRow {
    /// Its id.
    pub id: RunId,
    /// Where it stands.
    pub state: RunState,
    /// How the program ended.
    #[schema(required)]
    pub exit: Option<RunExit>,
    /// When it began.
    #[schema(required)]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[schema(required)]
    pub finished_at: Option<Timestamp>,
    /// SHA-256 of the code it ran: whether the task has changed since.
    #[schema(example = json!(example::CODE_SHA256))]
    pub code_sha256: String,
}

/// A run with all that came of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// Its lab.
    pub lab_id: LabId,
    /// Its task.
    pub task_id: TaskId,
    /// The job it is part of.
    pub job_id: JobId,
    /// The language of the code.
    #[schema(example = "python")]
    pub language: String,
    /// Where it stands.
    pub state: RunState,
    /// How the program ended.
    #[schema(required)]
    pub exit: Option<RunExit>,
    /// What it wrote to stdout; bytes that are no UTF-8 are replaced.
    #[schema(example = json!(example::STDOUT))]
    pub stdout: String,
    /// What it wrote to stderr.
    #[schema(example = "")]
    pub stderr: String,
    /// Whether some output was cut off.
    pub truncated: bool,
    /// The files it left.
    pub files: Vec<RunFile>,
    /// What it used.
    pub usage: RunUsage,
    /// The walls around it.
    pub isolation: Isolation,
    /// What it was allowed.
    pub limits: RunLimits,
    /// SHA-256 of the code, in hexadecimal.
    #[schema(example = json!(example::CODE_SHA256))]
    pub code_sha256: String,
    /// When it began.
    #[schema(required)]
    pub started_at: Option<Timestamp>,
    /// When it ended.
    #[schema(required)]
    pub finished_at: Option<Timestamp>,
    /// The code as it ran.
    #[schema(example = json!(example::CODE))]
    pub code: String,
    /// What the program read.
    #[schema(example = json!(example::STDIN))]
    pub stdin: String,
    /// The bytes of the output, for hashes.
    #[serde(skip)]
    pub(crate) raw: Raw,
}

/// Output as the program wrote it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Raw {
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
}

/// What is asked of a run of tasks.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RunRequest {
    /// Which tasks; all that are included and have code if nothing is said.
    pub task_ids: Option<Vec<TaskId>>,
    /// What each run may use.
    #[serde(default, deserialize_with = "stoa_edge::object")]
    #[schema(required = false)]
    pub limits: AskedLimits,
}

/// How a run ended, in one line for people.
pub(crate) fn verdict(exit: &RunExit, usage: &RunUsage, limits: &RunLimits) -> (bool, String) {
    let took = took(usage.wall_ms);
    match (exit.reason, exit.code, exit.signal) {
        (Reason::Exited, Some(0), _) => (true, format!("Ended with exit code 0 after {took}")),
        (Reason::Exited, code, _) => {
            (false, format!("Ended with exit code {} after {took}", code.unwrap_or(-1)))
        }
        (Reason::Timeout, ..) => (
            false,
            format!(
                "Stopped after {took}: over its limit of {} s ({} s of processor time)",
                limits.wall_seconds, limits.cpu_seconds
            ),
        ),
        (Reason::Memory, ..) => {
            (false, format!("Stopped after {took}: over its limit of {} MiB", limits.memory_mib))
        }
        (Reason::Output, ..) => (false, format!("Stopped after {took}: it wrote more output than is kept")),
        (Reason::Signal, _, signal) => {
            (false, format!("Ended by signal {} after {took}", signal.unwrap_or(0)))
        }
        (Reason::Refused, ..) => {
            (false, format!("Stopped after {took}: it asked the system for something forbidden"))
        }
        (Reason::Cancelled, ..) => (false, "Cancelled".to_owned()),
    }
}

fn took(wall_ms: u64) -> String {
    if wall_ms < 1000 {
        return format!("{wall_ms} ms");
    }
    format!("{}.{} s", wall_ms / 1000, wall_ms % 1000 / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asked_limits_narrow_and_never_widen() {
        let most = Limits::default();
        let limits = AskedLimits { wall_seconds: Some(2), ..AskedLimits::default() }.within(&most).unwrap();
        assert_eq!(limits, RunLimits { wall_seconds: 2, cpu_seconds: 5, memory_mib: 256 });
        for bad in [Some(0), Some(-1), Some(11), Some(i64::MAX)] {
            let refused =
                AskedLimits { wall_seconds: bad, ..AskedLimits::default() }.within(&most).unwrap_err();
            assert_eq!(refused.fields()[0].pointer, "/limits/wall_seconds", "{bad:?}");
        }
    }
}
