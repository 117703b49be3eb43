//! What a list of tasks can be asked.

use serde::Deserialize;
use stoa_core::{Error, Result};
use utoipa::ToSchema;

use super::wish;

/// Which tasks, by where they stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StatusFilter {
    /// All that are not completed.
    Open,
    /// Waiting to be begun.
    Pending,
    /// Begun.
    InProgress,
    /// Done.
    Completed,
    /// Out of sight for now.
    Snoozed,
}

/// In which order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TaskOrder)]
pub(crate) enum Order {
    /// Newest first.
    #[default]
    Created,
    /// What is due soonest first, what is never due last.
    Due,
    /// Highest priority first, newest first among equals.
    Priority,
}

/// Which tasks are wanted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    pub(crate) status: Option<StatusFilter>,
    pub(crate) tag: Option<String>,
    pub(crate) project: Option<String>,
    /// All of them must occur in title or description; in small letters.
    pub(crate) words: Vec<String>,
    /// Those that were deleted, in place of those that were not.
    pub(crate) deleted: bool,
    pub(crate) order: Order,
}

/// Longest search, in characters.
const SEARCH: usize = 200;
/// Words of one search; each is one more thing to look for in every row.
const WORDS: usize = 8;

/// The words to look for.
pub(crate) fn words(text: &str) -> Result<Vec<String>> {
    let words: Vec<String> = text.to_lowercase().split_whitespace().map(ToOwned::to_owned).collect();
    if text.chars().count() > SEARCH || words.len() > WORDS || text.contains('\0') {
        return Err(Error::field("q", format!("must have at most {SEARCH} characters and {WORDS} words")));
    }
    Ok(words)
}

/// The tag to look for.
pub(crate) fn tag(word: &str) -> Result<String> {
    wish::tag(word).ok_or_else(|| Error::field("tag", "is no tag: letters, digits, `-` and `_`"))
}

/// The project to look for.
pub(crate) fn project(name: &str) -> Result<String> {
    wish::project(name).map_err(|_| Error::field("project", "is no name of a project"))
}
