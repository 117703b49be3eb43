//! Our own JSON, as `GET /tasks/export` writes it.

use serde_json::Value;

use super::model::{Draft, Found};
use crate::export::model::Portable;

/// Reads tasks.
pub(super) fn read(tasks: &[Value], found: &mut Found) {
    for (number, value) in (1..).zip(tasks) {
        match serde_path_to_error::deserialize(value) {
            Ok(task) => found.drafts.push(draft(number, task)),
            Err(error) => {
                let field = error.path().to_string();
                let why: String = error.into_inner().to_string().chars().take(200).collect();
                found.skip(number, &field, why);
            }
        }
    }
}

fn draft(line: u64, task: Portable) -> Draft {
    let mut draft = Draft::new(line, task.id.to_string(), task.title);
    draft.task.description = task.description;
    draft.task.priority = task.priority;
    draft.task.due_at = task.due_at;
    draft.task.effort_minutes = task.effort_minutes;
    draft.task.preferred_time = task.preferred_time;
    draft.task.tags = task.tags;
    draft.task.project = task.project;
    draft.task.recurrence = task.recurrence;
    draft.task.recurrence_from = task.recurrence_from.unwrap_or_default();
    draft.task.reminders = task.reminders;
    draft.needs = task.depends_on.iter().map(ToString::to_string).collect();
    draft.started_at = task.started_at;
    draft.snoozed_until = task.snoozed_until;
    draft.completed_at = task.completed_at;
    draft.created_at = Some(task.created_at);
    draft.clock = task.recurrence_clock;
    draft
}
