//! A line, and what was understood of it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::tasks::wish::NewTask;

/// A task in one line.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct QuickTask {
    /// Plain English, 1 to 500 characters. Understood are dates (`today`, `friday`, `next week`, `in 3 days`, `5 march`,
    /// `2026-03-05`), recurrence (`every monday`, `every 2 weeks`, `every 15th`, `every! 3 days` after it was done), times (`3pm`, `15:00`, `at noon`), priority (`!1` to `!5`, `!high`), effort (`~15m`, `for 2 hours`),
    /// tags (`#phone`), a project (`@contract`) and a time of day (`in the morning`). What stands between double quotes
    /// is left alone.
    #[schema(min_length = 1, max_length = 500, example = "call Ana tomorrow 3pm !4 ~15m #phone")]
    pub(crate) text: String,
}

/// Which field a piece of a line tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum QuickField {
    /// When it must be done.
    DueAt,
    /// How much it matters.
    Priority,
    /// How long it takes.
    EffortMinutes,
    /// When in the day it is best done.
    PreferredTime,
    /// A word to find it by.
    Tags,
    /// What it is part of.
    Project,
    /// That it comes again.
    Recurrence,
}

/// A piece of a line that means something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = QuickPiece)]
pub(crate) struct Piece {
    /// What it tells.
    pub(crate) field: QuickField,
    /// As it was written.
    #[schema(example = "tomorrow")]
    pub(crate) text: String,
    /// Its first character, counted in code points from 0.
    #[schema(example = 9)]
    pub(crate) from: usize,
    /// The character behind its last.
    #[schema(example = 17)]
    pub(crate) to: usize,
    /// What it was taken for.
    #[schema(example = "Tuesday 6 January 2026")]
    pub(crate) means: String,
}

/// What was understood of a line. Nothing is saved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = QuickParse)]
pub(crate) struct Parsed {
    /// The task that would be created; it can be changed and sent to `POST /tasks`.
    pub(crate) task: NewTask,
    /// What was understood, in order; the rest is the title.
    pub(crate) understood: Vec<Piece>,
    /// In which dates and times are meant.
    #[schema(example = "Europe/Berlin")]
    pub(crate) time_zone: String,
}
