//! Tasks in a calendar (RFC 5545): to-dos for programs that have them, events for those that only show days.

use std::time::Duration;

use stoa_core::{Result, Timestamp};

use super::{
    lines::{escaped, line, text},
    model::Writer,
    zone,
};
use crate::{
    recurrence::{
        next::{Recurrence, RecurrenceFrom},
        rule::basic,
    },
    tasks::model::{Kept, Status, TaskId},
    zone::Zone,
};

/// As what a task is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `VTODO`.
    Todo,
    /// `VEVENT`, for what is due at some time.
    Event,
}

/// What a task without an effort is taken to last.
const USUAL: u16 = 15;

/// A calendar, written task by task.
pub(crate) struct Calendar {
    pub(crate) zone: Zone,
    pub(crate) now: Timestamp,
    pub(crate) shape: Shape,
}

impl Writer for Calendar {
    fn head(&mut self, out: &mut String) -> Result<()> {
        line(out, "BEGIN", "VCALENDAR");
        line(out, "VERSION", "2.0");
        line(out, "PRODID", "-//Stoa//MindFlow//EN");
        line(out, "CALSCALE", "GREGORIAN");
        text(out, "X-WR-CALNAME", "Tasks");
        // Rules need days and hours of a zone; a year back reaches what is long overdue.
        zone::write(out, &self.zone, self.now - Duration::from_secs(366 * 86_400));
        Ok(())
    }

    fn task(&mut self, out: &mut String, task: Kept, needs: Vec<TaskId>) -> Result<()> {
        let due = match (self.shape, task.due_at) {
            (Shape::Event, None) => return Ok(()),
            (_, due) => due,
        };
        let kind = if self.shape == Shape::Todo { "VTODO" } else { "VEVENT" };
        line(out, "BEGIN", kind);
        line(out, "UID", &format!("{}@stoa", task.id));
        // Without a method this is when the task last changed (§3.8.7.2): the same file as long as nothing changes.
        line(out, "DTSTAMP", &basic(task.updated_at));
        line(out, "LAST-MODIFIED", &basic(task.updated_at));
        line(out, "CREATED", &basic(task.created_at));
        text(out, "SUMMARY", &task.title);
        if !task.description.is_empty() {
            text(out, "DESCRIPTION", &task.description);
        }
        let names: Vec<String> = task.project.iter().chain(&task.tags).map(|name| escaped(name)).collect();
        if !names.is_empty() {
            line(out, "CATEGORIES", &names.join(","));
        }
        // Ours counts up to what is urgent, theirs down from 9.
        line(out, "PRIORITY", &(11 - 2 * i32::from(task.priority)).to_string());
        if let Some(due) = due {
            self.times(out, &task, due);
        }
        match self.shape {
            Shape::Todo => self.state(out, &task, &needs),
            // It is no appointment: nobody is busy.
            Shape::Event => line(out, "TRANSP", "TRANSPARENT"),
        }
        self.alarms(out, &task);
        line(out, "END", kind);
        Ok(())
    }

    fn tail(&mut self, out: &mut String) -> Result<()> {
        line(out, "END", "VCALENDAR");
        Ok(())
    }
}

impl Calendar {
    /// The reminders of what is open (§3.6.6). What moves with each occurrence is told from its end; all else, and what
    /// is due on a day without an hour, as a point in time.
    fn alarms(&self, out: &mut String, task: &Kept) {
        for one in task.is_open().then_some(&task.reminders).into_iter().flatten() {
            let Some(at) = one.comes(task.due_at) else { continue };
            line(out, "BEGIN", "VALARM");
            line(out, "ACTION", "DISPLAY");
            text(out, "DESCRIPTION", &task.title);
            match (one.minutes_before, task.due_at.filter(|due| rule(task).is_some() && !self.is_a_day(*due)))
            {
                (Some(_), Some(due)) => {
                    let before = self.span(task, due).1.since(at).as_secs() / 60;
                    line(out, "TRIGGER;RELATED=END", &format!("-PT{before}M"));
                }
                _ => line(out, "TRIGGER;VALUE=DATE-TIME", &basic(at)),
            }
            line(out, "END", "VALARM");
        }
    }

    /// Whether it is shown as a day without hours.
    fn is_a_day(&self, due: Timestamp) -> bool {
        let local = self.zone.local(due);
        self.shape == Shape::Event && (local.hour(), local.minute()) == (23, 59)
    }

    /// From when to when something takes its time. The day of the rule is the day on which it is due.
    fn span(&self, task: &Kept, due: Timestamp) -> (Timestamp, Timestamp) {
        let lasts = Duration::from_secs(u64::from(task.effort_minutes.unwrap_or(USUAL)) * 60);
        let start = due - lasts;
        let same_day = self.zone.local(start).date() == self.zone.local(due).date();
        if same_day { (start, due) } else { (due, due + lasts) }
    }

    /// From when to when. What recurs is told in the person's zone, or nine o'clock would move when clocks change.
    fn times(&self, out: &mut String, task: &Kept, due: Timestamp) {
        let (rule, (start, end)) = (rule(task), self.span(task, due));
        let end_name = if self.shape == Shape::Todo { "DUE" } else { "DTEND" };
        if self.is_a_day(due) {
            line(out, "DTSTART;VALUE=DATE", &self.zone.local(due).strftime("%Y%m%d").to_string());
        } else if rule.is_some() {
            let zoned = |name: &str| format!("{name};TZID={}", self.zone.name());
            let shown = |at: Timestamp| self.zone.local(at).strftime("%Y%m%dT%H%M%S").to_string();
            line(out, &zoned("DTSTART"), &shown(start));
            line(out, &zoned(end_name), &shown(end));
        } else if self.shape == Shape::Event {
            line(out, "DTSTART", &basic(start));
            line(out, "DTEND", &basic(end));
        } else {
            line(out, "DUE", &basic(due));
        }
        if let Some(rule) = rule {
            line(out, "RRULE", &rule.rule);
        }
    }

    fn state(&self, out: &mut String, task: &Kept, needs: &[TaskId]) {
        let state = match task.status(self.now) {
            Status::Completed => "COMPLETED",
            Status::InProgress => "IN-PROCESS",
            Status::Pending | Status::Snoozed => "NEEDS-ACTION",
        };
        line(out, "STATUS", state);
        if let Some(done) = task.completed_at {
            line(out, "COMPLETED", &basic(done));
            line(out, "PERCENT-COMPLETE", "100");
        }
        for need in needs {
            // RFC 9253 §9.1.
            line(out, "RELATED-TO;RELTYPE=DEPENDS-ON", &format!("{need}@stoa"));
        }
    }
}

/// What a calendar can know of how a task recurs.
fn rule(task: &Kept) -> Option<&Recurrence> {
    task.recurrence.as_ref().filter(|one| one.from == RecurrenceFrom::Due && task.completed_at.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{reminders::model::Reminder, tasks::model::tests::task};

    const NOW: Timestamp = Timestamp::from_micros(1_767_603_600_000_000);

    fn written(task: Kept, shape: Shape) -> String {
        let mut calendar = Calendar { zone: Zone::named("Europe/Berlin").unwrap(), now: NOW, shape };
        let mut out = String::new();
        calendar.task(&mut out, task, Vec::new()).unwrap();
        out
    }

    fn has(out: &str, line: &str) {
        assert!(out.lines().any(|one| one == line), "{line} in\n{out}");
    }

    fn weekly(due: &str) -> Kept {
        let recurrence =
            Recurrence { rule: "FREQ=WEEKLY;BYDAY=MO".into(), from: RecurrenceFrom::Due, clock: 0 };
        Kept { due_at: Some(due.parse().unwrap()), recurrence: Some(recurrence), ..task(1, NOW) }
    }

    #[test]
    fn what_recurs_is_told_on_the_clocks_of_the_person() {
        let out = written(weekly("2026-01-05T08:30:00Z"), Shape::Todo);
        for line in [
            "DTSTART;TZID=Europe/Berlin:20260105T091500",
            "DUE;TZID=Europe/Berlin:20260105T093000",
            "RRULE:FREQ=WEEKLY;BYDAY=MO",
        ] {
            has(&out, line);
        }
        // Five past midnight: it would begin on a Sunday.
        has(
            &written(weekly("2026-01-04T23:05:00Z"), Shape::Todo),
            "DTSTART;TZID=Europe/Berlin:20260105T000500",
        );
        let after = Kept {
            recurrence: weekly("2026-01-05T08:30:00Z")
                .recurrence
                .map(|one| Recurrence { from: RecurrenceFrom::Completion, ..one }),
            ..weekly("2026-01-05T08:30:00Z")
        };
        assert!(!written(after, Shape::Todo).contains("RRULE"), "no calendar knows when it is done");
    }

    #[test]
    fn a_whole_day_is_a_day_and_nobody_is_busy() {
        let day = Kept { due_at: Some("2026-01-05T22:59:00Z".parse().unwrap()), ..task(1, NOW) };
        let out = written(day.clone(), Shape::Event);
        has(&out, "DTSTART;VALUE=DATE:20260105");
        has(&out, "TRANSP:TRANSPARENT");
        assert!(!out.contains("DTEND"), "{out}");
        has(&written(day, Shape::Todo), "DUE:20260105T225900Z");
        assert_eq!(written(task(1, NOW), Shape::Event), "", "no day, no event");
    }

    fn alarm(trigger: &str) -> String {
        format!("BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:task 1\r\n{trigger}\r\nEND:VALARM\r\n")
    }

    #[test]
    fn reminders_are_alarms_of_what_is_open() {
        let before = Reminder { minutes_before: Some(30), at: None };
        let at = Reminder { minutes_before: None, at: Some("2026-01-05T07:00:00Z".parse().unwrap()) };
        let once = Kept {
            title: "task 1".into(),
            due_at: Some("2026-01-05T08:30:00Z".parse().unwrap()),
            reminders: vec![before, at],
            ..task(1, NOW)
        };
        let absolute = |at: &str| alarm(&format!("TRIGGER;VALUE=DATE-TIME:{at}"));
        for shape in [Shape::Todo, Shape::Event] {
            let out = written(once.clone(), shape);
            let both = absolute("20260105T080000Z") + &absolute("20260105T070000Z");
            assert!(out.contains(&both), "{out}");
            // What recurs is alarmed of each time: of an event that would begin on the day before, by its later end.
            let weekly = Kept { reminders: vec![before], ..weekly("2026-01-05T08:30:00Z") };
            let weekly = Kept { title: "task 1".into(), ..weekly };
            assert!(written(weekly.clone(), shape).contains(&alarm("TRIGGER;RELATED=END:-PT30M")));
            let at_midnight =
                Kept { due_at: Some("2026-01-04T23:05:00Z".parse().unwrap()), ..weekly.clone() };
            assert!(written(at_midnight, shape).contains(&alarm("TRIGGER;RELATED=END:-PT45M")));
            // The whole day.
            let day = Kept { due_at: Some("2026-01-05T22:59:00Z".parse().unwrap()), ..weekly.clone() };
            let trigger = match shape {
                Shape::Todo => alarm("TRIGGER;RELATED=END:-PT30M"),
                Shape::Event => absolute("20260105T222900Z"),
            };
            assert!(written(day, shape).contains(&trigger));
            // Nothing to be before, and nothing to be done.
            let someday = Kept { due_at: None, ..once.clone() };
            assert_eq!(written(someday, shape).contains(&absolute("20260105T070000Z")), shape == Shape::Todo);
            let done = Kept { completed_at: Some(NOW), ..once.clone() };
            assert!(!written(done, shape).contains("VALARM"));
        }
    }

    #[test]
    fn states_and_priorities_are_those_of_calendars() {
        let urgent = Kept {
            priority: 5,
            started_at: Some(NOW),
            tags: vec!["a".into()],
            project: Some("x, y".into()),
            ..task(1, NOW)
        };
        let out = written(urgent, Shape::Todo);
        for line in ["PRIORITY:1", "STATUS:IN-PROCESS", "CATEGORIES:x\\, y,a", "DTSTAMP:20260105T090000Z"] {
            has(&out, line);
        }
        let done = Kept { priority: 1, completed_at: Some(NOW), ..task(1, NOW) };
        let out = written(done, Shape::Todo);
        for line in ["PRIORITY:9", "STATUS:COMPLETED", "COMPLETED:20260105T090000Z"] {
            has(&out, line);
        }
    }
}
