//! The report: the teacher's document with the answers in it, or a fresh document.
//!
//! A Word source keeps its looks: every part is copied as it is, only the body grows, and what it grows by is
//! formatted on its own. docx-rs can write a document but cannot add to one, so the few elements that a report
//! needs are written here (`ooxml`). The same input gives the same bytes.
//! Not here: which tasks, in which order, and what the verdict says; the caller knows.

mod entry;
mod fresh;
mod insert;
mod media;
mod ooxml;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use stoa_core::{Result, Timestamp};

use crate::{Format, Png};

/// What a report is made of.
#[derive(Clone, Debug)]
pub struct Report {
    /// The document that the tasks came from, if it is to be part of the report.
    pub source: Option<(Format, Vec<u8>)>,
    /// The title: above a fresh document, and above the answers when they stand at the end.
    pub title: String,
    /// Where the answers go.
    pub placement: Placement,
    /// The answers, in the order in which they appear. Below their questions, those of one question keep it.
    pub entries: Vec<Entry>,
    /// Lines for the end of the report: hashes, versions, whatever the caller stands for.
    pub notes: Vec<String>,
    /// When the report is made.
    pub made_at: Timestamp,
}

impl Default for Report {
    /// An empty report of 1970: what a test changes to what it needs.
    fn default() -> Self {
        Self {
            source: None,
            title: String::new(),
            placement: Placement::default(),
            entries: Vec::new(),
            notes: Vec::new(),
            made_at: Timestamp::from_micros(0),
        }
    }
}

/// Where the answers go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Placement {
    /// Each below its question; those without a place go to the end.
    #[default]
    BelowQuestion,
    /// All together on a new page after the document.
    End,
}

/// One task with what came of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The number of the question, as the sheet has it.
    pub number: Option<String>,
    /// The question.
    pub question: String,
    /// The place (`Block::last`) that the answer goes below.
    pub after_block: Option<usize>,
    /// The program; empty if there is none.
    pub code: String,
    /// Its language, as `find` names it.
    pub language: String,
    /// What it printed; `None` if it did not run. Terminal escapes are understood.
    pub output: Option<String>,
    /// What it printed as errors.
    pub errors: String,
    /// How the run ended.
    pub verdict: Option<Verdict>,
    /// When it ran.
    pub ran_at: Option<Timestamp>,
    /// A picture of code and output. Does not travel in the JSON; see `ask_report`.
    #[serde(skip)]
    pub picture: Option<Png>,
}

/// How a run ended, in one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// It ended as it should.
    pub good: bool,
    /// The line: `Ended with exit code 0 after 21 ms`.
    pub line: String,
}

/// Writes the report as a Word document.
///
/// # Errors
/// As `read`, for a source that cannot be read.
pub fn report(report: &Report) -> Result<Vec<u8>> {
    match &report.source {
        Some((Format::Docx, bytes)) => insert::write(report, bytes),
        Some((format, bytes)) => fresh::write(report, &crate::read(*format, bytes)?.blocks),
        None => fresh::write(report, &[]),
    }
}
