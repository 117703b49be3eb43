//! `data.json` of a Vikunja export: projects with their tasks, older ones below namespaces.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;
use stoa_core::Timestamp;

use super::{
    model::{Draft, Found},
    text::plain,
};
use crate::recurrence::next::RecurrenceFrom;

/// How deep projects lie in each other.
const DEPTH: usize = 10;

#[derive(Deserialize)]
struct Project {
    #[serde(default)]
    title: String,
    #[serde(default)]
    tasks: Option<Vec<Value>>,
    /// Before projects could hold projects.
    #[serde(default)]
    lists: Option<Vec<Value>>,
    #[serde(default)]
    child_projects: Option<Vec<Value>>,
}

#[derive(Deserialize)]
struct Task {
    id: i64,
    title: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    done: bool,
    done_at: Option<Timestamp>,
    due_date: Option<Timestamp>,
    created: Option<Timestamp>,
    #[serde(default)]
    priority: i64,
    #[serde(default)]
    repeat_after: u64,
    #[serde(default)]
    repeat_mode: u8,
    #[serde(default)]
    labels: Option<Vec<Label>>,
    #[serde(default)]
    related_tasks: Option<HashMap<String, Vec<Other>>>,
}

#[derive(Deserialize)]
struct Label {
    #[serde(default)]
    title: String,
}

#[derive(Deserialize)]
struct Other {
    id: i64,
}

/// Reads projects, and what lies in them.
pub(super) fn read(projects: &[Value], found: &mut Found) {
    let mut number = 0;
    inside(projects, &mut number, DEPTH, found);
}

fn inside(projects: &[Value], number: &mut u64, depth: usize, found: &mut Found) {
    for value in projects {
        let Ok(project) = Project::deserialize(value) else {
            found.skip(*number + 1, "project", "is no project of Vikunja; what is in it is left out");
            continue;
        };
        for task in project.tasks.iter().flatten() {
            *number += 1;
            match Task::deserialize(task) {
                Ok(task) => found.drafts.push(draft(*number, task, &project.title)),
                Err(_) => found.skip(*number, "task", "is no task of Vikunja"),
            }
            let at = found.drafts.len();
            if let Some(wrong) =
                found.drafts.get(at.wrapping_sub(1)).filter(|draft| draft.line == *number && odd(draft, task))
            {
                let line = wrong.line;
                found.note(line, "recurrence", "repeats in a way that a task here cannot; it comes once");
            }
        }
        if depth > 0 {
            for below in [&project.lists, &project.child_projects].into_iter().flatten() {
                inside(below, number, depth - 1, found);
            }
        }
    }
}

/// It repeats there and not here.
fn odd(draft: &Draft, task: &Value) -> bool {
    let repeats =
        task["repeat_after"].as_u64().is_some_and(|seconds| seconds > 0) || task["repeat_mode"] == 1;
    repeats && draft.task.recurrence.is_none()
}

/// Its zero is the first of January of the year 1.
fn told(at: Option<Timestamp>) -> Option<Timestamp> {
    at.filter(|at| at.micros() > 0)
}

fn draft(line: u64, task: Task, project: &str) -> Draft {
    let mut draft = Draft::new(line, task.id.to_string(), task.title);
    draft.task.description = plain(&task.description);
    draft.task.project = Some(project.to_owned()).filter(|name| !name.is_empty());
    draft.task.tags = task.labels.into_iter().flatten().map(|label| label.title).collect();
    // None, low, medium, high, urgent, do it now.
    draft.task.priority = match task.priority {
        1 => 2,
        3 => 4,
        4.. => 5,
        _ => 3,
    };
    draft.task.due_at = told(task.due_date);
    draft.created_at = told(task.created);
    draft.completed_at = told(task.done_at).or(draft.created_at).filter(|_| task.done);
    if draft.task.due_at.is_some() {
        draft.task.recurrence = rule(task.repeat_after, task.repeat_mode);
    }
    if task.repeat_mode == 2 {
        draft.task.recurrence_from = RecurrenceFrom::Completion;
    }
    let before = ["subtask", "blocked", "follows"];
    let related = task.related_tasks.unwrap_or_default();
    draft.needs = before
        .iter()
        .filter_map(|kind| related.get(*kind))
        .flatten()
        .map(|other| other.id.to_string())
        .collect();
    draft
}

/// Every so many seconds, by whole days; or every month.
fn rule(seconds: u64, mode: u8) -> Option<String> {
    const DAY: u64 = 86_400;
    match (mode, seconds) {
        (1, _) => Some("FREQ=MONTHLY".to_owned()),
        (_, seconds) if seconds == 0 || seconds % DAY != 0 || seconds / DAY > 999 => None,
        (_, seconds) if seconds % (7 * DAY) == 0 => {
            Some(format!("FREQ=WEEKLY;INTERVAL={}", seconds / (7 * DAY)))
        }
        (_, seconds) => Some(format!("FREQ=DAILY;INTERVAL={}", seconds / DAY)),
    }
}
