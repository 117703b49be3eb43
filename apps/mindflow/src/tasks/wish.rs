//! What somebody says about a task, new or changed, and what its fields may hold.

use serde::{Deserialize, Deserializer, Serialize};
use stoa_core::{Error, Result, Timestamp};
use utoipa::ToSchema;

use super::model::{Kept, PreferredTime, TaskId};
use crate::recurrence::{
    next::{Recurrence, RecurrenceFrom},
    rule::Rule,
};

/// Longest title, in characters.
pub(crate) const TITLE: usize = 200;
/// Longest description, in characters.
pub(crate) const DESCRIPTION: usize = 10_000;
/// Longest tag or word for a project, in characters.
pub(crate) const WORD: usize = 50;
/// Longest name of a project, in characters.
pub(crate) const PROJECT: usize = 100;
/// Tags of one task.
pub(crate) const TAGS: usize = 20;
const NEEDS: usize = 50;
/// Longest effort, in minutes: a day.
pub(crate) const EFFORT: u16 = 1440;
/// Ten thousand years are enough: 9999-01-01.
const END_OF_TIME: Timestamp = Timestamp::from_micros(253_370_764_800_000_000);
const HOURS: u16 = 8760;

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
        has_start(task)?;
        self.depends_on.map(needs).transpose()
    }
}

/// How long a task shall not be seen: one of the two.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Snooze {
    /// Until then.
    pub(super) until: Option<Timestamp>,
    /// That many hours from now: at most a year.
    #[schema(minimum = 1, maximum = 8760, example = 3)]
    pub(super) hours: Option<u16>,
}

impl Snooze {
    /// The end of it.
    pub(crate) fn end(self, now: Timestamp) -> Result<Timestamp> {
        match (self.until, self.hours) {
            (Some(until), None) if until <= now => Err(Error::field("/until", "must lie in the future")),
            (Some(until), None) if !in_reach(until) => Err(out_of_time("/until")),
            (Some(until), None) => Ok(until),
            (None, Some(hours)) if (1..=HOURS).contains(&hours) => {
                Ok(now + std::time::Duration::from_secs(u64::from(hours) * 3600))
            }
            (None, Some(_)) => Err(Error::field("/hours", format!("must be from 1 to {HOURS}"))),
            (None, None) => Err(Error::field("/until", "is missing; or send `hours`")),
            (Some(_), Some(_)) => Err(Error::field("/hours", "must not stand beside `until`")),
        }
    }
}

fn title(text: &str) -> Result<String> {
    line("/title", text, TITLE)
}

pub(crate) fn project(text: &str) -> Result<String> {
    line("/project", text, PROJECT)
}

/// Something on one line, without blanks around it.
fn line(pointer: &'static str, text: &str, most: usize) -> Result<String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > most || text.chars().any(char::is_control) {
        return Err(Error::field(
            pointer,
            format!("must have 1 to {most} characters, none of them control characters"),
        ));
    }
    Ok(text.to_owned())
}

fn description(text: String) -> Result<String> {
    if text.chars().count() > DESCRIPTION {
        return Err(Error::field("/description", format!("must have at most {DESCRIPTION} characters")));
    }
    if text.contains('\0') {
        return Err(Error::field("/description", "must not contain a NUL character"));
    }
    Ok(text)
}

fn priority(level: u8) -> Result<u8> {
    if (1..=5).contains(&level) {
        Ok(level)
    } else {
        Err(Error::field("/priority", "must be from 1, very low, to 5, urgent"))
    }
}

fn due(at: Option<Timestamp>) -> Result<Option<Timestamp>> {
    match at {
        Some(at) if !in_reach(at) => Err(out_of_time("/due_at")),
        at => Ok(at),
    }
}

/// Whether a task may be due then.
pub(crate) fn in_reach(at: Timestamp) -> bool {
    at.micros() >= 0 && at < END_OF_TIME
}

fn out_of_time(pointer: &'static str) -> Error {
    Error::field(pointer, "must lie between the years 1970 and 9998")
}

/// What recurs, in its one spelling; when it is due is not known here.
fn recurrence(rule: Option<&str>, from: RecurrenceFrom) -> Result<Option<Recurrence>> {
    let rule = rule.map(str::parse::<Rule>).transpose()?;
    Ok(rule.map(|rule| Recurrence { rule: rule.to_string(), from, clock: 0 }))
}

fn has_start(task: &Kept) -> Result<()> {
    match (&task.recurrence, task.due_at) {
        (Some(_), None) => Err(Error::field("/due_at", "is needed for a task that recurs: its first time")),
        _ => Ok(()),
    }
}

fn effort(minutes: Option<u16>) -> Result<Option<u16>> {
    match minutes {
        Some(minutes) if !(1..=EFFORT).contains(&minutes) => {
            Err(Error::field("/effort_minutes", format!("must be from 1 to {EFFORT}")))
        }
        minutes => Ok(minutes),
    }
}

/// A tag in small letters, if the word is one.
pub(crate) fn tag(word: &str) -> Option<String> {
    let word = word.to_lowercase();
    let plain = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    ((1..=WORD).contains(&word.chars().count()) && word.chars().all(plain)).then_some(word)
}

fn tags(words: &[String]) -> Result<Vec<String>> {
    if words.len() > TAGS {
        return Err(Error::field("/tags", format!("must be at most {TAGS}")));
    }
    let mut all = Vec::with_capacity(words.len());
    for (place, word) in words.iter().enumerate() {
        let tag = tag(word).ok_or_else(|| {
            let rule = format!("must have 1 to {WORD} letters, digits, `-` or `_`");
            Error::field(format!("/tags/{place}"), rule)
        })?;
        if !all.contains(&tag) {
            all.push(tag);
        }
    }
    Ok(all)
}

fn needs(mut ids: Vec<TaskId>) -> Result<Vec<TaskId>> {
    if ids.len() > NEEDS {
        return Err(Error::field("/depends_on", format!("must be at most {NEEDS}")));
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
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

    #[test]
    fn a_snooze_has_one_end_and_it_lies_ahead() {
        let hours = |hours| Snooze { hours: Some(hours), until: None };
        assert_eq!(hours(3).end(NOW).unwrap().since(NOW).as_secs(), 3 * 3600);
        let until = |until| Snooze { until: Some(until), hours: None };
        let soon = Timestamp::from_micros(NOW.micros() + 1);
        assert_eq!(until(soon).end(NOW).unwrap(), soon);
        for (bad, pointer) in [
            (hours(0), "/hours"),
            (hours(8761), "/hours"),
            (until(NOW), "/until"),
            (until(Timestamp::from_micros(i64::MAX)), "/until"),
            (Snooze::default(), "/until"),
            (Snooze { until: Some(soon), hours: Some(1) }, "/hours"),
        ] {
            assert_eq!(bad.end(NOW).unwrap_err().fields()[0].pointer, pointer);
        }
    }
}
