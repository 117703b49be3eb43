//! A task as it is shown.

use serde::Serialize;
use stoa_core::Timestamp;
use utoipa::ToSchema;

use super::model::{Kept, Need, PreferredTime, Status, TaskId};
use crate::{
    recurrence::next::{Recurrence, RecurrenceFrom},
    reminders::model::Reminder,
    scoring::model::Parts,
    settings::model::Settings,
};

/// Something to be done.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = MindflowTask)]
pub(crate) struct Task {
    /// Its id.
    pub(crate) id: TaskId,
    /// What is to be done.
    #[schema(example = "Call Ana")]
    pub(crate) title: String,
    /// More about it; empty if there is none.
    #[schema(example = "About the contract; her number is in the mail of Friday.")]
    pub(crate) description: String,
    /// Where it stands now.
    pub(crate) status: Status,
    /// Whether something that must be done before is not done.
    pub(crate) blocked: bool,
    /// From 1, very low, to 5, urgent.
    #[schema(example = 4)]
    pub(crate) priority: u8,
    /// When it must be done.
    #[schema(required)]
    pub(crate) due_at: Option<Timestamp>,
    /// Until when it shall not be seen, while that lies ahead.
    #[schema(required)]
    pub(crate) snoozed_until: Option<Timestamp>,
    /// How long it takes, in minutes.
    #[schema(required, example = 15)]
    pub(crate) effort_minutes: Option<u16>,
    /// When in the day it is best done.
    #[schema(required)]
    pub(crate) preferred_time: Option<PreferredTime>,
    /// Words to find it by.
    #[schema(example = json!(["phone"]))]
    pub(crate) tags: Vec<String>,
    /// What it is part of.
    #[schema(required, example = "contract")]
    pub(crate) project: Option<String>,
    /// That it comes again, as a rule of RFC 5545 §3.3.10.
    #[schema(required, example = "FREQ=WEEKLY;BYDAY=MO,TH")]
    pub(crate) recurrence: Option<String>,
    /// From when the next is counted.
    #[schema(required)]
    pub(crate) recurrence_from: Option<RecurrenceFrom>,
    /// The same in words.
    #[schema(required, example = "every week on Monday and Thursday")]
    pub(crate) recurrence_text: Option<String>,
    /// When a letter reminds you of it, while it is open.
    pub(crate) reminders: Vec<Reminder>,
    /// The occurrence that was made when this one was completed.
    #[schema(required)]
    pub(crate) next_id: Option<TaskId>,
    /// What must be done before.
    pub(crate) depends_on: Vec<TaskId>,
    /// How much speaks for doing it now; nothing if it is done or deleted.
    #[schema(required, example = 77.5)]
    pub(crate) score: Option<f64>,
    /// When it was created.
    pub(crate) created_at: Timestamp,
    /// When it was last changed.
    pub(crate) updated_at: Timestamp,
    /// When it was begun.
    #[schema(required)]
    pub(crate) started_at: Option<Timestamp>,
    /// When it was done.
    #[schema(required)]
    pub(crate) completed_at: Option<Timestamp>,
    /// When it was deleted.
    #[schema(required)]
    pub(crate) deleted_at: Option<Timestamp>,
}

impl Task {
    /// What a person sees of a task at some moment.
    pub(crate) fn seen(task: Kept, needs: &[Need], settings: &Settings, now: Timestamp) -> Self {
        let score = task.is_open().then(|| Parts::of(&task, settings, now).total().value());
        Self {
            status: task.status(now),
            blocked: needs.iter().any(|need| need.open),
            depends_on: needs.iter().map(|need| need.id).collect(),
            score,
            id: task.id,
            title: task.title,
            description: task.description,
            priority: task.priority,
            due_at: task.due_at,
            snoozed_until: task.snoozed_until.filter(|until| *until > now),
            effort_minutes: task.effort_minutes,
            preferred_time: task.preferred_time,
            tags: task.tags,
            project: task.project,
            recurrence_from: task.recurrence.as_ref().map(|one| one.from),
            recurrence_text: task.recurrence.as_ref().map(Recurrence::said),
            recurrence: task.recurrence.map(|one| one.rule),
            reminders: task.reminders,
            next_id: task.next_id,
            created_at: task.created_at,
            updated_at: task.updated_at,
            started_at: task.started_at,
            completed_at: task.completed_at,
            deleted_at: task.deleted_at,
        }
    }
}
