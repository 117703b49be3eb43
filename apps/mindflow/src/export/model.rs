//! A task as it travels.

use serde::{Deserialize, Serialize};
use stoa_core::{Result, Timestamp};
use utoipa::ToSchema;

use crate::{
    recurrence::next::RecurrenceFrom,
    reminders::model::Reminder,
    tasks::model::{Kept, PreferredTime, TaskId},
};

/// What our JSON calls itself.
pub(crate) const FORMAT: &str = "stoa-tasks";

/// In which form tasks leave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TaskExportFormat)]
pub(crate) enum ExportFormat {
    /// All that is known, to be imported again.
    #[default]
    Json,
    /// A table for spreadsheets.
    Csv,
    /// To-dos of a calendar (RFC 5545).
    Ics,
}

impl ExportFormat {
    /// The name of the file.
    pub(super) const fn file_name(self) -> &'static str {
        match self {
            Self::Json => "tasks.json",
            Self::Csv => "tasks.csv",
            Self::Ics => "tasks.ics",
        }
    }

    /// The type of the file.
    pub(super) const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Ics => "text/calendar; charset=utf-8",
        }
    }
}

/// A task with all that is known of it.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = ExportedTask)]
pub(crate) struct Portable {
    /// Its id where it came from.
    pub(crate) id: TaskId,
    /// What is to be done.
    #[schema(example = "Call Ana")]
    pub(crate) title: String,
    /// More about it.
    #[serde(default)]
    #[schema(example = "About the contract; her number is in the mail of Friday.")]
    pub(crate) description: String,
    /// From 1, very low, to 5, urgent.
    #[serde(default = "crate::tasks::wish::NewTask::priority")]
    #[schema(example = 4)]
    pub(crate) priority: u8,
    /// When it must be done.
    pub(crate) due_at: Option<Timestamp>,
    /// How long it takes, in minutes.
    #[schema(example = 15)]
    pub(crate) effort_minutes: Option<u16>,
    /// When in the day it is best done.
    pub(crate) preferred_time: Option<PreferredTime>,
    /// Words to find it by.
    #[serde(default)]
    #[schema(example = json!(["phone"]))]
    pub(crate) tags: Vec<String>,
    /// What it is part of.
    #[schema(example = "contract")]
    pub(crate) project: Option<String>,
    /// That it comes again, as a rule of RFC 5545 §3.3.10.
    #[schema(example = "FREQ=WEEKLY;BYDAY=MO,TH")]
    pub(crate) recurrence: Option<String>,
    /// From when the next is counted.
    pub(crate) recurrence_from: Option<RecurrenceFrom>,
    /// The second of the day at which it recurs.
    #[schema(example = 54_000)]
    pub(crate) recurrence_clock: Option<i32>,
    /// When a letter shall remind of it.
    #[serde(default)]
    pub(crate) reminders: Vec<Reminder>,
    /// What must be done before.
    #[serde(default)]
    pub(crate) depends_on: Vec<TaskId>,
    /// When it was begun.
    pub(crate) started_at: Option<Timestamp>,
    /// Until when it shall not be seen.
    pub(crate) snoozed_until: Option<Timestamp>,
    /// When it was done.
    pub(crate) completed_at: Option<Timestamp>,
    /// When it was created.
    pub(crate) created_at: Timestamp,
    /// When it was last changed.
    pub(crate) updated_at: Timestamp,
}

impl Portable {
    pub(super) fn of(task: Kept, depends_on: Vec<TaskId>) -> Self {
        Self {
            id: task.id,
            title: task.title,
            description: task.description,
            priority: task.priority,
            due_at: task.due_at,
            effort_minutes: task.effort_minutes,
            preferred_time: task.preferred_time,
            tags: task.tags,
            project: task.project,
            recurrence_from: task.recurrence.as_ref().map(|one| one.from),
            recurrence_clock: task.recurrence.as_ref().map(|one| one.clock),
            recurrence: task.recurrence.map(|one| one.rule),
            reminders: task.reminders,
            depends_on,
            started_at: task.started_at,
            snoozed_until: task.snoozed_until,
            completed_at: task.completed_at,
            created_at: task.created_at,
            updated_at: task.updated_at,
        }
    }
}

/// The whole file, as JSON; it is written piece by piece.
#[derive(Serialize, ToSchema)]
#[schema(as = TaskExport)]
pub(crate) struct Exported {
    /// What this file is: `stoa-tasks`.
    #[schema(example = "stoa-tasks")]
    format: &'static str,
    /// 1.
    #[schema(example = 1)]
    version: u8,
    /// When it was written.
    exported_at: Timestamp,
    /// The tasks, oldest first.
    tasks: Vec<Portable>,
}

/// Writes tasks in some form.
pub(crate) trait Writer: Send + 'static {
    /// What stands before all tasks.
    fn head(&mut self, out: &mut String) -> Result<()>;
    /// One task, with what it needs.
    fn task(&mut self, out: &mut String, task: Kept, needs: Vec<TaskId>) -> Result<()>;
    /// What stands behind them.
    fn tail(&mut self, out: &mut String) -> Result<()>;
}

/// JSON, written task by task.
pub(super) struct Json {
    pub(super) now: Timestamp,
    pub(super) first: bool,
}

impl Writer for Json {
    fn head(&mut self, out: &mut String) -> Result<()> {
        let at = serde_json::to_string(&self.now)?;
        out.push_str(&format!("{{\"format\":\"{FORMAT}\",\"version\":1,\"exported_at\":{at},\"tasks\":["));
        Ok(())
    }

    fn task(&mut self, out: &mut String, task: Kept, needs: Vec<TaskId>) -> Result<()> {
        out.push_str(if self.first { "\n" } else { ",\n" });
        self.first = false;
        out.push_str(&serde_json::to_string(&Portable::of(task, needs))?);
        Ok(())
    }

    fn tail(&mut self, out: &mut String) -> Result<()> {
        out.push_str("\n]}\n");
        Ok(())
    }
}
