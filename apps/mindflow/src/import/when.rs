//! Dates as files write them.

use jiff::civil::{Date, DateTime, Time};
use stoa_core::Timestamp;

use crate::{quick_add, tasks::wish::NewTask, zone::Zone};

/// A whole day is due in its last minute.
pub(super) const DAY: Time = jiff::civil::time(23, 59, 0, 0);

/// Where and when a file is read.
#[derive(Clone, Debug)]
pub(super) struct Here {
    pub(super) zone: Zone,
    pub(super) now: Timestamp,
}

impl Here {
    /// The end of a day.
    pub(super) fn end_of(&self, day: Date) -> Option<Timestamp> {
        self.zone.instant(day.to_datetime(DAY))
    }

    /// A point in time, or a date with or without a time, as machines write them.
    pub(super) fn machine(&self, text: &str) -> Option<Timestamp> {
        let text = text.trim();
        if let Ok(at) = text.parse::<Timestamp>() {
            return Some(at);
        }
        if text.len() == 10
            && let Ok(day) = text.parse::<Date>()
        {
            return self.end_of(day);
        }
        let spaced = text.replacen(' ', "T", 1);
        let plain = (16..=30).contains(&spaced.len()) && !spaced.contains(['Z', '+', '[']);
        spaced.parse::<DateTime>().ok().filter(|_| plain).and_then(|at| self.zone.instant(at))
    }

    /// The same, or as people say it, perhaps with a recurrence: `every monday 9am`. Written into the task.
    pub(super) fn due(&self, text: &str, task: &mut NewTask) -> bool {
        if let Some(at) = self.machine(text) {
            task.due_at = Some(at);
            return true;
        }
        let Some(said) = quick_add::ops::date(text, &self.zone, self.now) else { return false };
        (task.due_at, task.recurrence, task.recurrence_from) =
            (said.due_at, said.recurrence, said.recurrence_from);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_machines_and_people_write_them() {
        let here = Here {
            zone: Zone::named("Europe/Berlin").unwrap(),
            now: "2026-01-07T09:20:00Z".parse().unwrap(),
        };
        let read = |text: &str| {
            let mut draft = super::super::model::Draft::new(1, String::new(), "x");
            here.due(text, &mut draft.task).then(|| {
                let at = draft.task.due_at.unwrap().to_string();
                format!(
                    "{}{}",
                    at.trim_end_matches(".000000Z"),
                    draft.task.recurrence.map_or(String::new(), |rule| format!(" {rule}"))
                )
            })
        };
        for (text, at) in [
            ("2026-03-05T14:30:00Z", "2026-03-05T14:30:00"),
            ("2026-03-05T14:30:00+02:00", "2026-03-05T12:30:00"),
            ("2026-03-05", "2026-03-05T22:59:00"),
            ("2026-03-05 14:30", "2026-03-05T13:30:00"),
            ("2026-03-05T14:30:00.0000000", "2026-03-05T13:30:00"),
            ("tomorrow", "2026-01-08T22:59:00"),
            ("5 Mar 2026 14:30", "2026-03-05T13:30:00"),
            ("every monday", "2026-01-12T22:59:00 FREQ=WEEKLY;BYDAY=MO"),
            ("every! 3 days", "2026-01-07T22:59:00 FREQ=DAILY;INTERVAL=3"),
        ] {
            assert_eq!(read(text).as_deref(), Some(at), "{text}");
        }
        for none in ["", "cada lunes", "tomorrow or so", "31/12/2026", "2026-02-30", "!4", "#tag", "x"] {
            assert_eq!(read(none), None, "{none}");
        }
    }
}
