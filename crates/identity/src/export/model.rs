//! An export, and what it says of itself.

use std::time::Duration;

use serde::Serialize;
use stoa_core::{Id, JobId, Timestamp, UserId};
use utoipa::ToSchema;

/// An export.
#[derive(Debug)]
pub(crate) enum ExportTag {}
/// The id of an export.
pub(crate) type ExportId = Id<ExportTag>;

/// How long one can be downloaded.
pub(crate) const KEPT: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// How many one person may ask for in a day.
pub(crate) const A_DAY: u32 = 5;
/// Most bytes in one, before they are packed: what a zip without extensions can hold in one entry.
pub(super) const BYTES: u64 = u32::MAX as u64;
/// Most files in one, the manifest among them: what a zip without extensions can hold.
pub(super) const FILES: usize = 65_000;

/// Where an export stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = ExportState)]
pub(crate) enum State {
    /// A job writes it.
    Building,
    /// It can be downloaded.
    Ready,
    /// It could not be written; its job says why.
    Failed,
}

/// A file with everything that is kept of a person.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Export {
    /// Its id.
    pub(crate) id: ExportId,
    /// Where it stands.
    pub(crate) state: State,
    /// Bytes, once it is ready.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 48_213)]
    pub(crate) size: Option<u64>,
    /// When it was asked for.
    pub(crate) created_at: Timestamp,
    /// Until when it can be downloaded.
    pub(crate) expires_at: Timestamp,
    /// The job that writes it.
    pub(crate) job_id: JobId,
}

/// What an export says it holds: `manifest.json`, its last file.
#[derive(Debug, Serialize)]
pub(super) struct Manifest<'a> {
    pub(super) format: &'static str,
    pub(super) version: u8,
    /// Whose it is.
    pub(super) account: UserId,
    /// When it was begun: what changed later may be missing.
    pub(super) made_at: Timestamp,
    pub(super) folders: Vec<Folder>,
    pub(super) files: &'a [Entry],
}

/// A folder of an export.
#[derive(Debug, Serialize)]
pub(super) struct Folder {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
}

/// A file of an export.
#[derive(Debug, Serialize)]
pub(super) struct Entry {
    pub(super) path: String,
    pub(super) bytes: u64,
    pub(super) sha256: String,
}
