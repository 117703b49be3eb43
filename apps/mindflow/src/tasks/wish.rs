//! What somebody says about a task, new or changed, and what its fields may hold.

mod fields;
mod snooze;

use serde::{Deserialize, Deserializer, Serialize};
use stoa_core::{Result, Timestamp};
use utoipa::ToSchema;

use self::fields::{description, due, effort, has_start, needs, priority, recurrence, tags, title};
pub(crate) use self::{
    fields::{DESCRIPTION, EFFORT, PROJECT, TAGS, TITLE, WORD, in_reach, project, tag},
    snooze::Snooze,
};
use super::model::{Kept, PreferredTime, TaskId};
use crate::{
    recurrence::next::RecurrenceFrom,
    reminders::model::{Reminder, reminders},
};

/// What a new task says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MindflowTaskNew)]
pub(crate) struct NewTask {
    /// What is to be done: 1 to 200 characters on one line.
    #[schema(min_length = 1, max_length = 200, example = "Call Ana")]
    pub(crate) title: String,
    /// More about it: at most 10,000 characters.
    #[serde(default)]
    #[schema(max_length = 10_000, example = "About the contract; her number is in the mail of Friday.")]
    pub(crate) description: String,
    /// From 1, very low, to 5, urgent.
    #[serde(default = "NewTask::priority")]
    #[schema(minimum = 1, maximum = 5, example = 4)]
    pub(crate) priority: u8,
    /// When it must be done.
    pub(crate) due_at: Option<Timestamp>,
    /// How long it takes, in minutes: at most a day.
    #[schema(minimum = 1, maximum = 1440, example = 15)]
    pub(crate) effort_minutes: Option<u16>,
    /// When in the day it is best done.
    pub(crate) preferred_time: Option<PreferredTime>,
    /// Words to find it by: at most 20, of letters, digits, `-` and `_`, in any case.
    #[serde(default)]
    #[schema(max_items = 20, example = json!(["phone"]))]
    pub(crate) tags: Vec<String>,
    /// What it is part of: 1 to 100 characters on one line.
    #[schema(min_length = 1, max_length = 100, example = "contract")]
    pub(crate) project: Option<String>,
    /// That it comes again, as a rule of RFC 5545 §3.3.10: `FREQ` from `DAILY` to `YEARLY`, `INTERVAL` and `COUNT` up
    /// to 999, `UNTIL`, `BYDAY`, `BYMONTHDAY`, `BYMONTH`, `BYSETPOS`, `WKST`. Needs `due_at`. Days are those of your
    /// time zone.
    #[schema(max_length = 200, example = "FREQ=WEEKLY;BYDAY=MO,TH")]
    pub(crate) recurrence: Option<String>,
    /// From when the next is counted.
    #[serde(default)]
    pub(crate) recurrence_from: RecurrenceFrom,
    /// When a letter shall remind you of it: at most 5. A time that has passed when it is set is not made up for.
    #[serde(default)]
    #[schema(max_items = 5)]
    pub(crate) reminders: Vec<Reminder>,
    /// Tasks of yours that must be done before: at most 50.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub(crate) depends_on: Vec<TaskId>,
}

impl NewTask {
    pub(crate) const fn priority() -> u8 {
        3
    }

    /// The task that is meant, and what it needs.
    pub(crate) fn check(self, id: TaskId, now: Timestamp) -> Result<(Kept, Vec<TaskId>)> {
        let task = Kept {
            id,
            title: title(&self.title)?,
            description: description(self.description)?,
            priority: priority(self.priority)?,
            due_at: due(self.due_at)?,
            effort_minutes: effort(self.effort_minutes)?,
            preferred_time: self.preferred_time,
            tags: tags(&self.tags)?,
            project: self.project.as_deref().map(project).transpose()?,
            recurrence: recurrence(self.recurrence.as_deref(), self.recurrence_from)?,
            reminders: reminders(&self.reminders)?,
            next_id: None,
            started_at: None,
            snoozed_until: None,
            completed_at: None,
            deleted_at: None,
            created_at: now,
            updated_at: now,
        };
        has_start(&task)?;
        Ok((task, needs(self.depends_on)?))
    }
}

/// What may be changed of a task. What is left out stays; `null` takes away.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MindflowTaskPatch)]
pub(crate) struct TaskChange {
    /// What is to be done.
    #[schema(min_length = 1, max_length = 200, example = "Call Ana")]
    title: Option<String>,
    /// More about it.
    #[schema(max_length = 10_000, example = "About the contract; her number is in the mail of Friday.")]
    description: Option<String>,
    /// From 1, very low, to 5, urgent.
    #[schema(minimum = 1, maximum = 5, example = 4)]
    priority: Option<u8>,
    /// When it must be done.
    #[serde(default, deserialize_with = "told")]
    #[schema(value_type = Option<Timestamp>)]
    due_at: Option<Option<Timestamp>>,
    /// How long it takes, in minutes.
    #[serde(default, deserialize_with = "told")]
    #[schema(value_type = Option<u16>, minimum = 1, maximum = 1440, example = 15)]
    effort_minutes: Option<Option<u16>>,
    /// When in the day it is best done.
    #[serde(default, deserialize_with = "told")]
    #[schema(value_type = Option<PreferredTime>)]
    preferred_time: Option<Option<PreferredTime>>,
    /// Words to find it by, in place of those before.
    #[schema(max_items = 20, example = json!(["phone"]))]
    tags: Option<Vec<String>>,
    /// What it is part of.
    #[serde(default, deserialize_with = "told")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100, example = "contract")]
    project: Option<Option<String>>,
    /// That it comes again, as a rule of RFC 5545 §3.3.10.
    #[serde(default, deserialize_with = "told")]
    #[schema(value_type = Option<String>, max_length = 200, example = "FREQ=WEEKLY;BYDAY=MO,TH")]
    recurrence: Option<Option<String>>,
    /// From when the next is counted.
    recurrence_from: Option<RecurrenceFrom>,
    /// When a letter shall remind you of it, in place of what was said before.
    #[schema(max_items = 5)]
    reminders: Option<Vec<Reminder>>,
    /// What must be done before, in place of what had to.
    #[schema(max_items = 50)]
    depends_on: Option<Vec<TaskId>>,
}

/// A field that was told, even as `null`.
fn told<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Option<T>, D::Error> {
    T::deserialize(from).map(Some)
}

impl TaskChange {
    /// Changes a task, and says what it needs from now on if that was told.
    pub(crate) fn apply(self, task: &mut Kept) -> Result<Option<Vec<TaskId>>> {
        if let Some(text) = self.title {
            task.title = title(&text)?;
        }
        if let Some(text) = self.description {
            task.description = description(text)?;
        }
        if let Some(level) = self.priority {
            task.priority = priority(level)?;
        }
        if let Some(at) = self.due_at {
            task.due_at = due(at)?;
        }
        if let Some(minutes) = self.effort_minutes {
            task.effort_minutes = effort(minutes)?;
        }
        if let Some(part) = self.preferred_time {
            task.preferred_time = part;
        }
        if let Some(words) = self.tags {
            task.tags = tags(&words)?;
        }
        if let Some(name) = self.project {
            task.project = name.as_deref().map(project).transpose()?;
        }
        let from = self.recurrence_from.or(task.recurrence.as_ref().map(|one| one.from)).unwrap_or_default();
        if let Some(rule) = self.recurrence {
            task.recurrence = recurrence(rule.as_deref(), from)?;
        } else if let Some(kept) = &mut task.recurrence {
            kept.from = from;
        }
        if let Some(told) = self.reminders {
            task.reminders = reminders(&told)?;
        }
        has_start(task)?;
        self.depends_on.map(needs).transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::model::tests::task;

    const NOW: Timestamp = Timestamp::from_micros(1_767_603_600_000_000);

    fn new(title: &str) -> NewTask {
        NewTask {
            title: title.into(),
            description: String::new(),
            priority: NewTask::priority(),
            due_at: None,
            effort_minutes: None,
            preferred_time: None,
            tags: Vec::new(),
            project: None,
            recurrence: None,
            recurrence_from: RecurrenceFrom::Due,
            reminders: Vec::new(),
            depends_on: Vec::new(),
        }
    }

    fn refused(new: NewTask) -> String {
        new.check(task(1, NOW).id, NOW).unwrap_err().fields()[0].pointer.to_string()
    }

    #[test]
    fn fields_out_of_bounds_are_named() {
        for title in ["", "  ", "a\nb", &"x".repeat(201)] {
            assert_eq!(refused(new(title)), "/title");
        }
        assert_eq!(refused(NewTask { description: "d".repeat(10_001), ..new("t") }), "/description");
        assert_eq!(refused(NewTask { description: "a\0".into(), ..new("t") }), "/description");
        assert_eq!(refused(NewTask { priority: 0, ..new("t") }), "/priority");
        assert_eq!(refused(NewTask { priority: 6, ..new("t") }), "/priority");
        assert_eq!(refused(NewTask { effort_minutes: Some(0), ..new("t") }), "/effort_minutes");
        assert_eq!(refused(NewTask { effort_minutes: Some(1441), ..new("t") }), "/effort_minutes");
        assert_eq!(refused(NewTask { tags: vec!["a".into(), "b c".into()], ..new("t") }), "/tags/1");
        assert_eq!(refused(NewTask { tags: vec!["x".into(); 21], ..new("t") }), "/tags");
        assert_eq!(refused(NewTask { project: Some(" ".into()), ..new("t") }), "/project");
        assert_eq!(refused(NewTask { depends_on: vec![task(2, NOW).id; 51], ..new("t") }), "/depends_on");
        for due in [-1, i64::MAX] {
            assert_eq!(refused(NewTask { due_at: Some(Timestamp::from_micros(due)), ..new("t") }), "/due_at");
        }
    }

    #[test]
    fn what_was_written_loosely_is_kept_tidily() {
        let loose = NewTask {
            tags: ["Phone", "phone", "grüße"].map(Into::into).to_vec(),
            project: Some(" Kitchen  2 ".into()),
            ..new("  Call Ana ")
        };
        let (kept, _) = loose.check(task(1, NOW).id, NOW).unwrap();
        assert_eq!((&*kept.title, kept.project.as_deref()), ("Call Ana", Some("Kitchen  2")));
        assert_eq!(kept.tags, ["phone", "grüße"]);
    }
}
