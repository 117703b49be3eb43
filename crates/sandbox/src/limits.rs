//! What one run may use. Every limit has a name, a default and a ceiling; none can be switched off.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use stoa_core::{Error, Result};

const KIB: u64 = 1024;
const MIB: u64 = 1024 * KIB;

/// What one run may use. The default suits a student's program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Time from start to end. 10 s.
    pub wall: Duration,
    /// Processor time of all processes together. 5 s.
    pub cpu: Duration,
    /// Memory of all processes and of all files they wrote, together. 256 MiB.
    pub memory_bytes: u64,
    /// Processes and threads that live at the same time. 64.
    pub processes: u64,
    /// Open files of one process. 256.
    pub open_files: u64,
    /// Output kept, for stdout and for stderr. One byte more ends the run. 256 KiB.
    pub output_bytes: u64,
    /// Size of one written file. 16 MiB.
    pub file_bytes: u64,
    /// All written files together: `/work`, `/tmp` and `/dev/shm` share it. 64 MiB.
    pub disk_bytes: u64,
    /// Number of files and folders that may be made. 1024.
    pub files: u64,
    /// Number of files handed back. 32.
    pub artefacts: u64,
    /// Size of all files handed back, together. 16 MiB.
    pub artefact_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            wall: Duration::from_secs(10),
            cpu: Duration::from_secs(5),
            memory_bytes: 256 * MIB,
            processes: 64,
            open_files: 256,
            output_bytes: 256 * KIB,
            file_bytes: 16 * MIB,
            disk_bytes: 64 * MIB,
            files: 1024,
            artefacts: 32,
            artefact_bytes: 16 * MIB,
        }
    }
}

impl Limits {
    /// Refuses what is zero or beyond the ceiling, and says which field and what would be right.
    pub fn checked(self) -> Result<Self> {
        time("wall", self.wall, Duration::from_secs(3600))?;
        time("cpu", self.cpu, Duration::from_secs(3600))?;
        number("memory_bytes", self.memory_bytes, 8 * MIB, 64 * 1024 * MIB)?;
        number("processes", self.processes, 1, 4096)?;
        number("open_files", self.open_files, 16, 65_536)?;
        number("output_bytes", self.output_bytes, 1, 64 * MIB)?;
        number("file_bytes", self.file_bytes, 1, 16 * 1024 * MIB)?;
        number("disk_bytes", self.disk_bytes, 64 * KIB, 16 * 1024 * MIB)?;
        number("files", self.files, 16, 1_000_000)?;
        number("artefacts", self.artefacts, 0, 10_000)?;
        number("artefact_bytes", self.artefact_bytes, 0, 1024 * MIB)?;
        Ok(self)
    }

    /// These limits, changed by what a caller asked for. Nothing asked can exceed what stands here.
    pub fn narrowed(&self, asked: &Asked) -> Result<Self> {
        Self {
            wall: asked_time("/wall_s", asked.wall_s, self.wall)?,
            cpu: asked_time("/cpu_s", asked.cpu_s, self.cpu)?,
            memory_bytes: asked_number("/memory_bytes", asked.memory_bytes, self.memory_bytes)?,
            processes: asked_number("/processes", asked.processes, self.processes)?,
            output_bytes: asked_number("/output_bytes", asked.output_bytes, self.output_bytes)?,
            ..self.clone()
        }
        .checked()
    }
}

/// What a caller may ask for. A missing field means the site's own limit, never "unlimited".
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Asked {
    /// Seconds from start to end.
    pub wall_s: Option<f64>,
    /// Seconds of processor time.
    pub cpu_s: Option<f64>,
    /// Bytes of memory.
    pub memory_bytes: Option<i64>,
    /// Processes and threads at the same time.
    pub processes: Option<i64>,
    /// Bytes of output, for each stream.
    pub output_bytes: Option<i64>,
}

fn asked_time(field: &'static str, asked: Option<f64>, most: Duration) -> Result<Duration> {
    let Some(seconds) = asked else { return Ok(most) };
    match Duration::try_from_secs_f64(seconds) {
        Ok(time) if time >= Duration::from_millis(1) && time <= most => Ok(time),
        _ => Err(Error::field(field, format!("must be between 0.001 and {} seconds", most.as_secs_f64()))),
    }
}

fn asked_number(field: &'static str, asked: Option<i64>, most: u64) -> Result<u64> {
    let Some(number) = asked else { return Ok(most) };
    match u64::try_from(number) {
        Ok(number) if (1..=most).contains(&number) => Ok(number),
        _ => Err(Error::field(field, format!("must be between 1 and {most}"))),
    }
}

fn time(field: &'static str, is: Duration, most: Duration) -> Result<()> {
    if is >= Duration::from_millis(1) && is <= most {
        return Ok(());
    }
    Err(Error::field(field, format!("must be between 1 ms and {} s", most.as_secs())))
}

fn number(field: &'static str, is: u64, least: u64, most: u64) -> Result<()> {
    if (least..=most).contains(&is) {
        return Ok(());
    }
    Err(Error::field(field, format!("must be between {least} and {most}")))
}
