//! What recurs, and when it comes next.

use std::str::FromStr;

use jiff::civil::{DateTime, Time};
use serde::{Deserialize, Serialize};
use stoa_core::{Error, Result, Timestamp};
use utoipa::ToSchema;

use super::{
    days::Days,
    rule::{Rule, Until},
};
use crate::zone::Zone;

/// From when the next occurrence is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RecurrenceFrom {
    /// From when it was due: what is late does not move what follows. Occurrences that have passed are skipped.
    #[default]
    Due,
    /// From when it was completed: so long after it was last done.
    Completion,
}

impl RecurrenceFrom {
    /// The name in rows.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Completion => "completion",
        }
    }
}

impl FromStr for RecurrenceFrom {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        match text {
            "due" => Ok(Self::Due),
            "completion" => Ok(Self::Completion),
            _ => Err(Error::internal(format!("a row says `{text}`"))),
        }
    }
}

/// That a task comes again, as its row has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Recurrence {
    /// In its one spelling.
    pub(crate) rule: String,
    pub(crate) from: RecurrenceFrom,
    /// What clocks show when it is due, in seconds of the day. Kept, since a day on which clocks jump over that hour
    /// would otherwise move all that follow.
    pub(crate) clock: i32,
}

impl Recurrence {
    /// Remembers what clocks in this zone show at that moment.
    pub(crate) fn at(mut self, due: Timestamp, zone: &Zone) -> Self {
        let time = zone.local(due).time();
        self.clock = i32::from(time.hour()) * 3600 + i32::from(time.minute()) * 60 + i32::from(time.second());
        self
    }

    /// When it is due again once it was done, and what of the rule is left then; `None` when that was the last.
    pub(crate) fn next(
        &self,
        due: Timestamp,
        done: Timestamp,
        zone: &Zone,
    ) -> Result<Option<(Timestamp, Self)>> {
        let rule: Rule = self.rule.parse()?;
        let clock = self.time()?;
        let start = match self.from {
            RecurrenceFrom::Due => zone.local(due).date(),
            RecurrenceFrom::Completion => zone.local(done).date(),
        };
        // Who counts must count all; else what has passed need not be looked at.
        let from = if rule.count.is_some() { start } else { start.max(zone.local(done).date()) };
        let mut left = rule.count.map(|count| count - 1);
        for day in Days::from(&rule, start, from).filter(|day| *day > start) {
            let Some(at) =
                zone.instant(day.to_datetime(clock)).filter(|at| crate::tasks::wish::in_reach(*at))
            else {
                return Ok(None);
            };
            let over = match rule.until {
                None => false,
                Some(Until::Day(last)) => day > last,
                Some(Until::Moment(last)) => at > last,
            };
            if over || left == Some(0) {
                return Ok(None);
            }
            if at > done && (self.from == RecurrenceFrom::Completion || at > due) {
                let rest = Rule { count: left, ..rule };
                return Ok(Some((at, Self { rule: rest.to_string(), ..self.clone() })));
            }
            left = left.map(|left| left - 1);
        }
        Ok(None)
    }

    fn time(&self) -> Result<Time> {
        let (hour, minute, second) = (self.clock / 3600, self.clock / 60 % 60, self.clock % 60);
        Ok(Time::new(i8::try_from(hour)?, i8::try_from(minute)?, i8::try_from(second)?, 0)?)
    }

    /// As people say it.
    pub(crate) fn said(&self) -> String {
        self.rule.parse().map_or_else(|_| self.rule.clone(), |rule: Rule| rule.said(self.from))
    }
}

/// When a rule first falls from this moment on, at this time of the day.
pub(crate) fn first(rule: &Rule, now: DateTime, clock: Time) -> Option<DateTime> {
    let today = now.date();
    let start = if today.to_datetime(clock) > now { today } else { today.tomorrow().ok()? };
    Days::from(rule, start, start).next().map(|day| day.to_datetime(clock))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use stoa_core::TestRng;

    use super::*;

    fn berlin() -> Zone {
        Zone::named("Europe/Berlin").unwrap()
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn recurs(rule: &str, from: RecurrenceFrom, due: Timestamp, zone: &Zone) -> Recurrence {
        Recurrence { rule: rule.to_owned(), from, clock: 0 }.at(due, zone)
    }

    /// The Berlin clocks of what follows, each done when it is due.
    fn chain(rule: &str, due: &str, many: usize) -> Vec<String> {
        let zone = berlin();
        let (mut due, mut all) = (at(due), Vec::new());
        let mut recurrence = recurs(rule, RecurrenceFrom::Due, due, &zone);
        while let Some((next, rest)) = recurrence.next(due, due, &zone).unwrap() {
            all.push(zone.local(next).strftime("%Y-%m-%d %H:%M").to_string());
            (due, recurrence) = (next, rest);
            if all.len() == many {
                break;
            }
        }
        all
    }

    #[test]
    fn nine_o_clock_stays_nine_o_clock_when_the_clocks_change() {
        let days = chain("FREQ=DAILY", "2026-03-27T08:00:00Z", 4);
        assert_eq!(days, ["2026-03-28 09:00", "2026-03-29 09:00", "2026-03-30 09:00", "2026-03-31 09:00"]);
    }

    #[test]
    fn an_hour_that_a_day_lacks_moves_that_day_only() {
        let days = chain("FREQ=DAILY", "2026-03-28T01:30:00Z", 3);
        assert_eq!(days, ["2026-03-29 03:30", "2026-03-30 02:30", "2026-03-31 02:30"]);
        let twice = chain("FREQ=DAILY", "2026-10-24T00:30:00Z", 2);
        assert_eq!(twice, ["2026-10-25 02:30", "2026-10-26 02:30"]);
    }

    #[test]
    fn what_is_late_moves_nothing_and_what_has_passed_is_skipped() {
        let zone = berlin();
        let due = at("2026-01-05T08:00:00Z");
        let weekly = recurs("FREQ=WEEKLY;BYDAY=MO", RecurrenceFrom::Due, due, &zone);
        let next = |done: &str| weekly.next(due, at(done), &zone).unwrap().unwrap().0.to_string();
        assert_eq!(next("2026-01-01T08:00:00Z"), "2026-01-12T08:00:00.000000Z", "done early");
        assert_eq!(next("2026-01-07T08:00:00Z"), "2026-01-12T08:00:00.000000Z", "a little late");
        assert_eq!(
            next("2026-01-26T07:59:59Z"),
            "2026-01-26T08:00:00.000000Z",
            "just in time for the fourth"
        );
        assert_eq!(next("2026-01-26T08:00:00Z"), "2026-02-02T08:00:00.000000Z", "very late");
        assert_eq!(next("2036-01-01T08:00:00Z"), "2036-01-07T08:00:00.000000Z", "ten years late");
    }

    #[test]
    fn after_completion_counts_from_the_day_it_was_done() {
        let zone = berlin();
        let due = at("2026-01-05T08:00:00Z");
        let every = |rule: &str| recurs(rule, RecurrenceFrom::Completion, due, &zone);
        let next =
            |rule: &str, done: &str| every(rule).next(due, at(done), &zone).unwrap().unwrap().0.to_string();
        assert_eq!(next("FREQ=DAILY;INTERVAL=3", "2026-01-09T20:00:00Z"), "2026-01-12T08:00:00.000000Z");
        // It is already Saturday in Berlin.
        assert_eq!(next("FREQ=DAILY;INTERVAL=3", "2026-01-09T23:30:00Z"), "2026-01-13T08:00:00.000000Z");
        assert_eq!(
            next("FREQ=DAILY;INTERVAL=3", "2026-01-02T20:00:00Z"),
            "2026-01-05T08:00:00.000000Z",
            "early"
        );
        assert_eq!(next("FREQ=WEEKLY;INTERVAL=2", "2026-01-09T20:00:00Z"), "2026-01-23T08:00:00.000000Z");
        assert_eq!(next("FREQ=WEEKLY;BYDAY=MO", "2026-01-09T20:00:00Z"), "2026-01-12T08:00:00.000000Z");
    }

    #[test]
    fn it_ends_with_its_count_and_with_its_last_day() {
        assert_eq!(chain("FREQ=DAILY;COUNT=3", "2026-01-05T08:00:00Z", 9).len(), 2);
        assert_eq!(chain("FREQ=DAILY;COUNT=1", "2026-01-05T08:00:00Z", 9).len(), 0);
        assert_eq!(chain("FREQ=DAILY;UNTIL=20260107", "2026-01-05T08:00:00Z", 9).len(), 2);
        assert_eq!(chain("FREQ=DAILY;UNTIL=20260107T075959Z", "2026-01-05T08:00:00Z", 9).len(), 1);
        assert_eq!(chain("FREQ=DAILY", "9998-12-30T08:00:00Z", 9).len(), 1);
        // Those that were skipped count too.
        let zone = berlin();
        let due = at("2026-01-05T08:00:00Z");
        let five = recurs("FREQ=DAILY;COUNT=5", RecurrenceFrom::Due, due, &zone);
        let (next, rest) = five.next(due, at("2026-01-07T09:00:00Z"), &zone).unwrap().unwrap();
        assert_eq!(
            (next.to_string(), rest.rule),
            ("2026-01-08T08:00:00.000000Z".into(), "FREQ=DAILY;COUNT=2".into())
        );
        assert_eq!(five.next(due, at("2026-01-09T09:00:00Z"), &zone).unwrap(), None);
    }

    #[test]
    fn the_first_one_is_today_if_its_hour_lies_ahead() {
        let now = date(2026, 1, 7).at(10, 20, 0, 0);
        let clock = |hour: i8| Time::new(hour, 0, 0, 0).unwrap();
        let first =
            |rule: &str, hour: i8| first(&rule.parse().unwrap(), now, clock(hour)).unwrap().to_string();
        assert_eq!(first("FREQ=DAILY;INTERVAL=3", 12), "2026-01-07T12:00:00");
        assert_eq!(first("FREQ=DAILY;INTERVAL=3", 9), "2026-01-08T09:00:00");
        assert_eq!(first("FREQ=WEEKLY;BYDAY=WE", 12), "2026-01-07T12:00:00");
        assert_eq!(first("FREQ=WEEKLY;BYDAY=WE", 9), "2026-01-14T09:00:00");
    }

    const RULES: [&str; 8] = [
        "FREQ=DAILY",
        "FREQ=DAILY;INTERVAL=7",
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU",
        "FREQ=MONTHLY",
        "FREQ=MONTHLY;BYDAY=-1SU",
        "FREQ=MONTHLY;BYMONTHDAY=-1",
        "FREQ=YEARLY;BYMONTH=3,10;BYDAY=-1SU",
        "FREQ=DAILY;COUNT=40",
    ];

    /// In zones whose clocks jump by an hour, by half of one, at midnight, or over a whole day.
    #[test]
    fn what_comes_next_lies_ahead_shows_the_same_clock_and_is_the_same_when_asked_again() {
        let rng = TestRng::seeded(5);
        let any = |most: u64| u64::from_le_bytes(rng.bytes()) % most;
        let zones = ["UTC", "Europe/Berlin", "Australia/Lord_Howe", "Africa/Cairo", "Pacific/Apia"];
        for _ in 0..4_000 {
            let zone = Zone::named(zones[usize::try_from(any(5)).unwrap()]).unwrap();
            let minutes = i64::try_from(any(20 * 365 * 1440)).unwrap();
            let due = Timestamp::from_micros(1_262_304_000_000_000 + minutes * 60_000_000);
            let late =
                Timestamp::from_micros(due.micros() + i64::try_from(any(90 * 1440)).unwrap() * 60_000_000);
            let from = [RecurrenceFrom::Due, RecurrenceFrom::Completion][usize::try_from(any(2)).unwrap()];
            let recurrence = recurs(RULES[usize::try_from(any(8)).unwrap()], from, due, &zone);
            let next = recurrence.next(due, late, &zone).unwrap();
            assert_eq!(next, recurrence.next(due, late, &zone).unwrap());
            let Some((next, rest)) = next else {
                assert!(recurrence.rule.contains("COUNT"), "{recurrence:?}");
                continue;
            };
            assert!(
                next > late && (from == RecurrenceFrom::Completion || next > due),
                "{recurrence:?} {due} {late}"
            );
            assert_eq!(rest.clock, recurrence.clock);
            // The same clock as before, or an hour that this day does not have.
            let (wall, clock) = (zone.local(next), recurrence.time().unwrap());
            let jumped = zone.instant(wall.date().to_datetime(clock)) == Some(next);
            assert!(
                wall.time() == clock || jumped || wall.date().to_datetime(clock) < wall,
                "{recurrence:?} {next}"
            );
        }
    }
}
