//! What is read from a file, and what is told about it.

use serde::{Deserialize, Serialize};
use stoa_core::Timestamp;
use utoipa::ToSchema;

use crate::tasks::wish::NewTask;

/// What wrote a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TaskImportFormat)]
pub(crate) enum Format {
    /// The JSON of `GET /tasks/export`.
    Stoa,
    /// A project of Todoist as CSV.
    Todoist,
    /// `data.json` of a Vikunja export.
    Vikunja,
    /// Microsoft To Do: lists or tasks as Microsoft Graph gives them.
    MicrosoftTodo,
    /// A table with a line of names.
    Csv,
}

impl Format {
    /// The name in rows.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Stoa => "stoa",
            Self::Todoist => "todoist",
            Self::Vikunja => "vikunja",
            Self::MicrosoftTodo => "microsoft_todo",
            Self::Csv => "csv",
        }
    }

    pub(super) const ALL: [Self; 5] =
        [Self::Stoa, Self::Todoist, Self::Vikunja, Self::MicrosoftTodo, Self::Csv];
}

/// A task as a file has it.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    /// The line of a table, else the number of the task.
    pub(super) line: u64,
    /// What the file calls it.
    pub(super) key: String,
    pub(super) task: NewTask,
    /// What must be done before, as the file calls it.
    pub(super) needs: Vec<String>,
    pub(super) started_at: Option<Timestamp>,
    pub(super) snoozed_until: Option<Timestamp>,
    pub(super) completed_at: Option<Timestamp>,
    pub(super) created_at: Option<Timestamp>,
    /// The second of the day at which it recurs.
    pub(super) clock: Option<i32>,
}

impl Draft {
    pub(super) fn new(line: u64, key: String, title: impl Into<String>) -> Self {
        let task = NewTask {
            title: title.into(),
            description: String::new(),
            priority: NewTask::priority(),
            due_at: None,
            effort_minutes: None,
            preferred_time: None,
            tags: Vec::new(),
            project: None,
            recurrence: None,
            recurrence_from: crate::recurrence::next::RecurrenceFrom::Due,
            reminders: Vec::new(),
            depends_on: Vec::new(),
        };
        Self {
            line,
            key,
            task,
            needs: Vec::new(),
            started_at: None,
            snoozed_until: None,
            completed_at: None,
            created_at: None,
            clock: None,
        }
    }

    /// Something more about it, below what is known.
    pub(super) fn describe(&mut self, text: &str) {
        let text = text.trim();
        if !text.is_empty() {
            let before = &mut self.task.description;
            if !before.is_empty() {
                before.push_str("\n\n");
            }
            before.push_str(text);
        }
    }
}

/// Something in a file that could not be taken as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TaskImportProblem)]
pub(crate) struct Problem {
    /// The line of a table, from 1; else the number of the task in the file.
    #[schema(example = 12)]
    pub(crate) line: u64,
    /// Which field of a task.
    #[schema(example = "due_at")]
    pub(crate) field: String,
    /// What is wrong, and what was done about it.
    #[schema(example = "`cada lunes` is no date that is understood; it stands in the description")]
    pub(crate) detail: String,
    /// The whole task is left out.
    #[schema(example = false)]
    pub(crate) skipped: bool,
}

/// All that was found in a file.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) drafts: Vec<Draft>,
    pub(super) problems: Vec<Problem>,
}

impl Found {
    /// Something was changed or left out of a task.
    pub(super) fn note(&mut self, line: u64, field: &str, detail: impl Into<String>) {
        self.problems.push(Problem { line, field: field.to_owned(), detail: detail.into(), skipped: false });
    }

    /// A task is left out.
    pub(super) fn skip(&mut self, line: u64, field: &str, detail: impl Into<String>) {
        self.problems.push(Problem { line, field: field.to_owned(), detail: detail.into(), skipped: true });
    }
}

/// A task that would come.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TaskImportRow)]
pub(crate) struct Row {
    /// The line of a table, from 1; else the number of the task in the file.
    #[schema(example = 2)]
    pub(crate) line: u64,
    /// What is to be done.
    #[schema(example = "Call Ana")]
    pub(crate) title: String,
    /// When it must be done.
    #[schema(required)]
    pub(crate) due_at: Option<Timestamp>,
    /// What it is part of.
    #[schema(required, example = "contract")]
    pub(crate) project: Option<String>,
    /// Words to find it by.
    #[schema(example = json!(["phone"]))]
    pub(crate) tags: Vec<String>,
    /// From 1, very low, to 5, urgent.
    #[schema(example = 4)]
    pub(crate) priority: u8,
    /// That it comes again, in words.
    #[schema(required, example = "every Monday")]
    pub(crate) recurrence_text: Option<String>,
    /// It is done already.
    #[schema(example = false)]
    pub(crate) completed: bool,
}

/// What an import did, or would do.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TaskImport)]
pub(crate) struct Report {
    /// What the file was read as.
    pub(crate) format: Format,
    /// Nothing was saved.
    #[schema(example = true)]
    pub(crate) dry_run: bool,
    /// Tasks that are new: they were added, or would be.
    #[schema(example = 42)]
    pub(crate) added: usize,
    /// Of those, tasks that are done already.
    #[schema(example = 7)]
    pub(crate) completed: usize,
    /// Tasks that were imported before; they stay as they are.
    #[schema(example = 3)]
    pub(crate) known: usize,
    /// Tasks that cannot be imported.
    #[schema(example = 1)]
    pub(crate) skipped: usize,
    /// The first 10 of the new ones.
    pub(crate) first: Vec<Row>,
    /// The first 100 things that could not be taken as they are.
    pub(crate) problems: Vec<Problem>,
    /// How many of those there are in all.
    #[schema(example = 2)]
    pub(crate) problems_total: usize,
}
