//! What each field of a task may hold.

use stoa_core::{Error, Result, Timestamp};

use crate::{
    recurrence::{
        next::{Recurrence, RecurrenceFrom},
        rule::Rule,
    },
    tasks::model::{Kept, TaskId},
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
/// Things that one task may need.
const NEEDS: usize = 50;
/// Longest effort, in minutes: a day.
pub(crate) const EFFORT: u16 = 1440;
/// Ten thousand years are enough: 9999-01-01.
const END_OF_TIME: Timestamp = Timestamp::from_micros(253_370_764_800_000_000);

pub(super) fn title(text: &str) -> Result<String> {
    line("/title", text, TITLE)
}

pub(crate) fn project(text: &str) -> Result<String> {
    line("/project", text, PROJECT)
}

/// Something on one line, without blanks around it.
pub(super) fn line(pointer: &'static str, text: &str, most: usize) -> Result<String> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > most || text.chars().any(char::is_control) {
        return Err(Error::field(
            pointer,
            format!("must have 1 to {most} characters, none of them control characters"),
        ));
    }
    Ok(text.to_owned())
}

pub(super) fn description(text: String) -> Result<String> {
    if text.chars().count() > DESCRIPTION {
        return Err(Error::field("/description", format!("must have at most {DESCRIPTION} characters")));
    }
    if text.contains('\0') {
        return Err(Error::field("/description", "must not contain a NUL character"));
    }
    Ok(text)
}

pub(super) fn priority(level: u8) -> Result<u8> {
    if (1..=5).contains(&level) {
        Ok(level)
    } else {
        Err(Error::field("/priority", "must be from 1, very low, to 5, urgent"))
    }
}

pub(super) fn due(at: Option<Timestamp>) -> Result<Option<Timestamp>> {
    match at {
        Some(at) if !in_reach(at) => Err(out_of_time("/due_at")),
        at => Ok(at),
    }
}

/// Whether a task may be due then.
pub(crate) fn in_reach(at: Timestamp) -> bool {
    at.micros() >= 0 && at < END_OF_TIME
}

pub(super) fn out_of_time(pointer: &'static str) -> Error {
    Error::field(pointer, "must lie between the years 1970 and 9998")
}

/// What recurs, in its one spelling; when it is due is not known here.
pub(super) fn recurrence(rule: Option<&str>, from: RecurrenceFrom) -> Result<Option<Recurrence>> {
    let rule = rule.map(str::parse::<Rule>).transpose()?;
    Ok(rule.map(|rule| Recurrence { rule: rule.to_string(), from, clock: 0 }))
}

pub(super) fn has_start(task: &Kept) -> Result<()> {
    match (&task.recurrence, task.due_at) {
        (Some(_), None) => Err(Error::field("/due_at", "is needed for a task that recurs: its first time")),
        _ => Ok(()),
    }
}

pub(super) fn effort(minutes: Option<u16>) -> Result<Option<u16>> {
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

pub(super) fn tags(words: &[String]) -> Result<Vec<String>> {
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

pub(super) fn needs(mut ids: Vec<TaskId>) -> Result<Vec<TaskId>> {
    if ids.len() > NEEDS {
        return Err(Error::field("/depends_on", format!("must be at most {NEEDS}")));
    }
    ids.sort_unstable();
    ids.dedup();
    Ok(ids)
}
