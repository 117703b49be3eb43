//! What a lab and its tasks are, and what their fields may hold.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use stoa_core::{Error, Id, JobId, Result, Timestamp};
use stoa_documents::Format;
use stoa_store::BlobId;
use utoipa::ToSchema;

use crate::{example, runs::model::RunRow};

/// Tag of [`LabId`].
#[derive(Debug)]
pub enum LabTag {}
/// The id of a lab.
pub type LabId = Id<LabTag>;
/// Tag of [`TaskId`].
#[derive(Debug)]
pub enum TaskTag {}
/// The id of a task. It stays the same however the task is edited or moved.
pub type TaskId = Id<TaskTag>;

/// Where a lab stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LabState {
    /// Its document is being read.
    Parsing,
    /// Its tasks are there.
    Ready,
    /// Its document could not be read; see the problem.
    Failed,
}

/// Where a task came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// From the document.
    Found,
    /// From a person.
    Added,
}

/// The document that was uploaded.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Source {
    /// Its name, as the sender called it.
    #[schema(example = "lab3_loops.docx")]
    pub name: String,
    /// What it is.
    #[schema(value_type = String, example = "docx")]
    pub format: Format,
    /// Bytes.
    #[schema(example = 18_204)]
    pub size: u64,
    /// SHA-256 in hexadecimal.
    #[schema(example = "ab518f5d7e886fe454ad077512c747fbaf349ef93d65f1540dc9fa5520d41e1c")]
    pub sha256: String,
}

/// A lab as it stands in a list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct LabRow {
    /// Its id.
    pub id: LabId,
    /// What it is called.
    #[schema(example = "Lab 3: loops")]
    pub title: String,
    /// Where it stands.
    pub state: LabState,
    /// The document.
    pub source: Source,
    /// How many tasks it has.
    #[schema(example = 8)]
    pub task_count: u64,
    /// Why its document could not be read.
    #[schema(required, example = "the file is empty; choose the assignment itself")]
    pub problem: Option<String>,
    /// When it was uploaded.
    pub created_at: Timestamp,
    /// When it, or one of its tasks, was last changed.
    pub updated_at: Timestamp,
    /// The job that reads, or read, the document.
    pub job_id: JobId,
}

/// A lab with its tasks.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Lab {
    /// As in a list.
    #[serde(flatten)]
    pub row: LabRow,
    /// In order.
    pub tasks: Vec<Task>,
}

/// Something to do: a question, and the code that answers it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// Its place, from 0.
    #[schema(example = 2)]
    pub position: u32,
    /// Its number in the document.
    #[schema(required, example = "3")]
    pub number: Option<String>,
    /// The question.
    #[schema(example = json!(example::QUESTION))]
    pub question: String,
    /// The code; empty if there is none yet.
    #[schema(example = json!(example::CODE))]
    pub code: String,
    /// The language of the code.
    #[schema(example = "python")]
    pub language: String,
    /// What the program reads.
    #[schema(example = json!(example::STDIN))]
    pub stdin: String,
    /// Whether it takes part in runs and reports.
    pub included: bool,
    /// Where it came from.
    pub origin: Origin,
    /// Its last run.
    #[schema(required)]
    pub last_run: Option<RunRow>,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// The place in the document below which its answer goes.
    #[serde(skip)]
    pub after_block: Option<usize>,
}

/// A lab as its row has it, with what only the house needs.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    pub(crate) row: LabRow,
    pub(crate) blob: Option<BlobId>,
}

/// What a new task says.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTask {
    /// The question: 1 to 10,000 characters.
    #[schema(min_length = 1, max_length = 10_000, example = json!(example::QUESTION))]
    pub question: String,
    /// The code: at most 200,000 characters.
    #[serde(default)]
    #[schema(example = json!(example::CODE))]
    pub code: String,
    /// The language of the code.
    #[serde(default = "NewTask::language")]
    #[schema(example = "python")]
    pub language: String,
    /// What the program reads: at most 200,000 characters.
    #[serde(default)]
    #[schema(example = json!(example::STDIN))]
    pub stdin: String,
    /// Its place, from 0; the end if nothing is said.
    #[schema(maximum = 65535, example = 2)]
    pub position: Option<u16>,
}

impl NewTask {
    fn language() -> String {
        "python".into()
    }
}

/// What may be changed of a task; what is left out stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TaskChange {
    /// The question.
    #[schema(example = json!(example::QUESTION))]
    pub question: Option<String>,
    /// The code.
    #[schema(example = json!(example::CODE))]
    pub code: Option<String>,
    /// The language of the code.
    #[schema(example = "python")]
    pub language: Option<String>,
    /// What the program reads.
    #[schema(example = json!(example::STDIN))]
    pub stdin: Option<String>,
    /// Whether it takes part in runs and reports.
    pub included: Option<bool>,
    /// Its new place, from 0; the others make room.
    #[schema(maximum = 65535, example = 2)]
    pub position: Option<u16>,
}

const QUESTION: usize = 10_000;
const CODE: usize = 200_000;
const TITLE: usize = 200;

/// A title without blanks around it.
pub(crate) fn title(text: &str) -> Result<String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > TITLE || text.chars().any(char::is_control) {
        return Err(Error::field(
            "/title",
            format!("must have 1 to {TITLE} characters, none of them control characters"),
        ));
    }
    Ok(text.to_owned())
}

/// The name of an upload: shown to people, never a path. Control characters and folders are cut away.
pub(crate) fn file_name(name: Option<&str>) -> String {
    let base = name.unwrap_or_default().rsplit(['/', '\\']).next().unwrap_or_default();
    let base: String = base.chars().filter(|c| !c.is_control()).take(255).collect();
    if base.trim().is_empty() { "assignment".into() } else { base }
}

/// What a lab is called if nobody says: the file's name without its ending.
pub(crate) fn title_of_file(name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let words = stem.replace(['_', '-'], " ");
    let title: String = words.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(TITLE).collect();
    if title.is_empty() { "Assignment".into() } else { title }
}

impl TaskChange {
    pub(crate) fn check(&self) -> Result<()> {
        text("/question", self.question.as_deref(), 1, QUESTION)?;
        text("/code", self.code.as_deref(), 0, CODE)?;
        text("/stdin", self.stdin.as_deref(), 0, CODE)?;
        language(self.language.as_deref())
    }
}

impl NewTask {
    pub(crate) fn check(&self) -> Result<()> {
        text("/question", Some(&self.question), 1, QUESTION)?;
        text("/code", Some(&self.code), 0, CODE)?;
        text("/stdin", Some(&self.stdin), 0, CODE)?;
        language(Some(&self.language))
    }
}

fn text(pointer: &'static str, text: Option<&str>, least: usize, most: usize) -> Result<()> {
    let Some(text) = text else { return Ok(()) };
    let length = text.chars().count();
    if length > most || text.trim().len() < least {
        return Err(Error::field(pointer, format!("must have {least} to {most} characters")));
    }
    if text.contains('\0') {
        return Err(Error::field(pointer, "must not contain a NUL character"));
    }
    Ok(())
}

/// Any short plain word: a document may hold code of languages that cannot run here yet.
fn language(name: Option<&str>) -> Result<()> {
    let Some(name) = name else { return Ok(()) };
    let plain = (1..=32).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-');
    if plain {
        Ok(())
    } else {
        Err(Error::field("/language", "must be the id of a language, such as `python`"))
    }
}

macro_rules! names {
    ($type:ty { $($state:ident = $name:literal),+ $(,)? }) => {
        impl $type {
            /// The name in rows and in JSON.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$state => $name),+ }
            }
        }
        impl FromStr for $type {
            type Err = Error;
            fn from_str(text: &str) -> Result<Self> {
                match text {
                    $($name => Ok(Self::$state),)+
                    _ => Err(Error::internal(format!("a row says `{text}`"))),
                }
            }
        }
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use names;

names!(LabState { Parsing = "parsing", Ready = "ready", Failed = "failed" });
names!(Origin { Found = "found", Added = "added" });

/// The name of a format in rows.
pub(crate) const fn format_name(format: Format) -> &'static str {
    match format {
        Format::Docx => "docx",
        Format::Markdown => "markdown",
        Format::Text => "text",
    }
}

pub(crate) fn format_of(name: &str) -> Result<Format> {
    match name {
        "docx" => Ok(Format::Docx),
        "markdown" => Ok(Format::Markdown),
        "text" => Ok(Format::Text),
        other => Err(Error::internal(format!("a row says `{other}`"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_is_shown_and_never_a_path() {
        assert_eq!(file_name(Some("../../etc/Lab 3.docx")), "Lab 3.docx");
        assert_eq!(file_name(Some("C:\\labs\\a\u{7}b.md")), "ab.md");
        assert_eq!(file_name(Some("..//")), "assignment");
        assert_eq!(title_of_file("lab_3-loops.docx"), "lab 3 loops");
        assert_eq!(title_of_file("___.docx"), "Assignment");
    }

    #[test]
    fn fields_out_of_bounds_are_named() {
        let long = TaskChange { question: Some("q".repeat(10_001)), ..TaskChange::default() };
        assert_eq!(long.check().unwrap_err().fields()[0].pointer, "/question");
        let blank = TaskChange { question: Some("  ".into()), ..TaskChange::default() };
        assert!(blank.check().is_err());
        let nul = TaskChange { code: Some("a\0b".into()), ..TaskChange::default() };
        assert_eq!(nul.check().unwrap_err().fields()[0].pointer, "/code");
        let shell = TaskChange { language: Some("python; rm".into()), ..TaskChange::default() };
        assert_eq!(shell.check().unwrap_err().fields()[0].pointer, "/language");
        assert!(TaskChange { code: Some(String::new()), ..TaskChange::default() }.check().is_ok());
    }
}
