//! What a report is, and what may be asked of one.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use stoa_core::{Error, Id, JobId, Result, Timestamp};
use stoa_documents::{Placement, Theme};
use stoa_store::BlobId;
use utoipa::ToSchema;

use crate::assignments::model::{LabId, TaskId, names};

/// Tag of [`ReportId`].
#[derive(Debug)]
pub enum ReportTag {}
/// The id of a report.
pub type ReportId = Id<ReportTag>;

/// Where a report stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportState {
    /// It is being written.
    Building,
    /// It can be downloaded.
    Ready,
    /// It could not be written; its job says why.
    Failed,
}

names!(ReportState { Building = "building", Ready = "ready", Failed = "failed" });

/// What a report may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ReportFormat {
    /// Word.
    Docx,
}

/// What is asked of a report.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportRequest {
    /// What it is to be.
    pub format: ReportFormat,
    /// Which tasks, in which order; all that are included, in their order, if nothing is said.
    pub tasks: Option<Vec<TaskId>>,
    /// The look of the pictures.
    #[serde(default)]
    pub theme: Theme,
    /// Its name; made from the lab's title if nothing is said.
    #[schema(max_length = 120, example = "Lab_3_loops_report.docx")]
    pub filename: Option<String>,
    /// Where the answers go.
    #[serde(default)]
    pub placement: Placement,
    /// Whether the report ends with the evidence: hashes, limits, times.
    #[serde(default = "yes")]
    pub evidence: bool,
}

const fn yes() -> bool {
    true
}

/// A report.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Report {
    /// Its id.
    pub id: ReportId,
    /// Its lab.
    pub lab_id: LabId,
    /// Where it stands.
    pub state: ReportState,
    /// Its name.
    #[schema(example = "Lab_3_loops_report.docx")]
    pub filename: String,
    /// What it is.
    pub format: ReportFormat,
    /// Bytes.
    #[schema(required, example = 48_310)]
    pub size: Option<u64>,
    /// SHA-256 in hexadecimal.
    #[schema(required, example = "845e91831319e89c4d656bdb80c278ac09a7230d61e5dfd2e1b1fbb436ac8917")]
    pub sha256: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// The job that writes, or wrote, it.
    pub job_id: JobId,
    /// Where it is kept.
    #[serde(skip)]
    pub(crate) blob: Option<BlobId>,
}

/// The name of a report: plain characters, one ending.
pub(crate) fn file_name(asked: Option<&str>, title: &str) -> Result<String> {
    let Some(asked) = asked else {
        let words: String = title.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
        let stem = words.split_whitespace().collect::<Vec<_>>().join("_");
        let stem: String = stem.chars().take(100).collect();
        return Ok(if stem.is_empty() { "report.docx".into() } else { format!("{stem}_report.docx") });
    };
    let stem = asked.trim().strip_suffix(".docx").unwrap_or(asked.trim());
    let plain = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '.' | '_' | '-' | '(' | ')');
    let good = (1..=120).contains(&stem.chars().count())
        && stem.chars().all(plain)
        && !stem.starts_with('.')
        && !stem.contains("..");
    if good {
        return Ok(format!("{stem}.docx"));
    }
    Err(Error::field("/filename", "must have 1 to 120 letters, digits, blanks or . _ - ( )"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_has_a_plain_name_with_one_ending() {
        assert_eq!(file_name(Some("Lab 3.docx"), "").unwrap(), "Lab 3.docx");
        assert_eq!(file_name(None, "Lab 3: loops & lists").unwrap(), "Lab_3_loops_lists_report.docx");
        assert_eq!(file_name(None, "///").unwrap(), "report.docx");
        for bad in ["", "../x", ".hidden", "a/b", "a\nb", "x\u{202e}y", "\"q\""] {
            assert!(file_name(Some(bad), "").is_err(), "{bad:?}");
        }
    }
}
