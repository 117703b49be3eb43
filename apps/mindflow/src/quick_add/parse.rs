//! A whole line: word by word, what each could mean; the rest is the title.

use jiff::{
    Unit,
    civil::{Date, DateTime, Time},
};
use stoa_core::{Error, Result, Timestamp};

use super::{
    dates, marks,
    model::{Parsed, Piece, QuickField},
    recurs,
    text::{Word, words},
    times,
};
use crate::{
    recurrence::{
        next::{self, RecurrenceFrom},
        rule::Rule,
    },
    tasks::wish::{self, NewTask, TAGS, TITLE},
    zone::Zone,
};

/// Longest line, in characters.
const LINE: usize = 500;

/// What a person at this moment in this zone means by a line. Each field is told once; what tells it again is part of
/// the title. A line that is all fields is its own title.
pub(super) fn parse(line: &str, zone: &Zone, now: Timestamp) -> Result<Parsed> {
    let control = |c: char| c.is_control() && !c.is_whitespace();
    if line.trim().is_empty() || line.chars().count() > LINE || line.chars().any(control) {
        return Err(Error::field(
            "/text",
            format!("must have 1 to {LINE} characters, no control characters"),
        ));
    }
    let words = words(line);
    let mut reader = Reader { words: &words, now: zone.local(now), found: Found::default() };
    let mut title = Vec::new();
    let mut at = 0;
    while at < words.len() {
        match reader.piece(at) {
            Some(used) => at += used,
            None => {
                title.push(words[at].shown);
                at += 1;
            }
        }
    }
    if title.is_empty() {
        title.extend(words.iter().map(|word| word.shown));
    }
    let title = title.join(" ");
    if title.chars().count() > TITLE {
        return Err(Error::field("/text", format!("leaves a title of more than {TITLE} characters")));
    }
    let due_at = reader.due().and_then(|due| zone.instant(due)).filter(|at| wish::in_reach(*at));
    let mut found = reader.found;
    // At the end of time nothing comes again.
    found.recurs = found.recurs.filter(|_| due_at.is_some());
    let task = NewTask {
        title,
        description: String::new(),
        priority: found.priority.unwrap_or(NewTask::priority()),
        due_at,
        effort_minutes: found.effort,
        preferred_time: found.preferred_time,
        tags: found.tags,
        project: found.project,
        recurrence: found.recurs.as_ref().map(|(rule, _)| rule.to_string()),
        recurrence_from: found.recurs.map(|(_, from)| from).unwrap_or_default(),
        reminders: Vec::new(),
        depends_on: Vec::new(),
    };
    Ok(Parsed { task, understood: found.pieces, time_zone: zone.name().to_owned() })
}

/// What was found so far.
#[derive(Default)]
struct Found {
    date: Option<Date>,
    /// Of the day that was named: `tomorrow morning`.
    part_of_day: Option<Time>,
    time: Option<Time>,
    moment: Option<DateTime>,
    priority: Option<u8>,
    effort: Option<u16>,
    preferred_time: Option<crate::tasks::model::PreferredTime>,
    tags: Vec<String>,
    project: Option<String>,
    recurs: Option<(Rule, RecurrenceFrom)>,
    pieces: Vec<Piece>,
}

struct Reader<'a> {
    words: &'a [Word<'a>],
    now: DateTime,
    found: Found,
}

impl Reader<'_> {
    /// Takes what begins at a word; how many words that were.
    fn piece(&mut self, at: usize) -> Option<usize> {
        let low: Vec<&str> = self.words[at..].iter().take(6).map(|word| &*word.low).collect();
        if low.first().is_none_or(|word| word.is_empty()) {
            return None;
        }
        let (used, field, means) = self
            .word(at)
            .or_else(|| self.amount(&low))
            .or_else(|| self.recurs(at, &low))
            .or_else(|| self.due_words(&low))?;
        let piece = &self.words[at..at + used];
        let text = piece.iter().map(|word| word.shown).collect::<Vec<_>>().join(" ");
        let (from, to) = (piece[0].from, piece[used - 1].to);
        self.found.pieces.push(Piece { field, text, from, to, means });
        Some(used)
    }

    /// A tag or a project.
    fn word(&mut self, at: usize) -> Option<(usize, QuickField, String)> {
        let word = &self.words[at];
        let found = &mut self.found;
        if found.tags.len() < TAGS
            && let Some(tag) = marks::tag(&word.low)
        {
            if !found.tags.contains(&tag) {
                found.tags.push(tag.clone());
            }
            return Some((1, QuickField::Tags, tag));
        }
        if found.project.is_none()
            && let Some(project) = marks::project(word.shown)
        {
            found.project = Some(project.clone());
            return Some((1, QuickField::Project, project));
        }
        None
    }

    /// Priority, effort, or a preferred time.
    fn amount(&mut self, low: &[&str]) -> Option<(usize, QuickField, String)> {
        let found = &mut self.found;
        if found.priority.is_none()
            && let Some((used, level)) = marks::priority(low)
        {
            found.priority = Some(level);
            return Some((used, QuickField::Priority, format!("priority {level}")));
        }
        if found.effort.is_none()
            && let Some((used, minutes)) = marks::effort(low)
        {
            found.effort = Some(minutes);
            return Some((used, QuickField::EffortMinutes, format!("{minutes} minutes")));
        }
        if found.preferred_time.is_none()
            && let Some((used, part)) = marks::preferred_time(low)
        {
            found.preferred_time = Some(part);
            return Some((used, QuickField::PreferredTime, part.as_str().to_owned()));
        }
        None
    }

    /// That it comes again.
    fn recurs(&mut self, at: usize, low: &[&str]) -> Option<(usize, QuickField, String)> {
        let found = &mut self.found;
        if found.recurs.is_some() || found.moment.is_some() {
            return None;
        }
        let (used, rule) = recurs::rule(low)?;
        let after = self.words[at].shown.contains('!');
        let from = if after { RecurrenceFrom::Completion } else { RecurrenceFrom::Due };
        let means = rule.said(from);
        found.recurs = Some((rule, from));
        Some((used, QuickField::Recurrence, means))
    }

    /// A day, a time, or so long from now.
    fn due_words(&mut self, low: &[&str]) -> Option<(usize, QuickField, String)> {
        let found = &mut self.found;
        if found.moment.is_some() {
            return None;
        }
        if found.date.is_none()
            && found.time.is_none()
            && found.recurs.is_none()
            && let Some((used, wait)) = times::from_now(low)
        {
            let moment = self.now.checked_add(wait).ok()?.round(Unit::Minute).ok()?;
            found.moment = Some(moment);
            return Some((
                used,
                QuickField::DueAt,
                format!("{} at {}", dates::said(moment.date()), moment.strftime("%H:%M")),
            ));
        }
        if found.date.is_none()
            && let Some((used, (date, part))) = dates::day(low, self.now.date())
        {
            (found.date, found.part_of_day) = (Some(date), part);
            let at = part.map_or(String::new(), |at| at.strftime(" at %H:%M").to_string());
            return Some((used, QuickField::DueAt, format!("{}{at}", dates::said(date))));
        }
        if found.time.is_none()
            && let Some((used, time)) = times::clock(low)
        {
            found.time = Some(time);
            return Some((used, QuickField::DueAt, time.strftime("%H:%M").to_string()));
        }
        None
    }

    /// When the task is due: a day without a time at its end, a time without a day when clocks next show it.
    fn due(&self) -> Option<DateTime> {
        let found = &self.found;
        match (found.moment, found.date, found.time.or(found.part_of_day)) {
            (Some(moment), _, _) => Some(moment),
            (None, Some(date), time) => Some(date.to_datetime(time.unwrap_or(times::DAY))),
            (None, None, time) if let Some((rule, _)) = &found.recurs => {
                next::first(rule, self.now, time.unwrap_or(times::DAY))
            }
            (None, None, Some(time)) => {
                let today = self.now.date();
                let ahead = today.to_datetime(time) > self.now;
                let day = if ahead { Some(today) } else { today.tomorrow().ok() };
                day.map(|day| day.to_datetime(time))
            }
            (None, None, None) => None,
        }
    }
}

#[cfg(test)]
mod tests;
