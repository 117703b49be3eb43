//! A recurrence rule, and how it is written (RFC 5545 §3.3.10).

use std::fmt;

use jiff::civil::{Date, Weekday};
use stoa_core::Timestamp;

use super::next::RecurrenceFrom;

/// How often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Frequency {
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// A day of the week: every one of them, or the first, the second, the last of a month or year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ByDay {
    /// Counted from the beginning, or if it is negative from the end; 0 for every one.
    pub(crate) nth: i8,
    pub(crate) day: Weekday,
}

/// When it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    /// With this day.
    Day(Date),
    /// At this moment.
    Moment(Timestamp),
}

/// When something comes again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) frequency: Frequency,
    pub(crate) interval: u16,
    /// How many more there are, this one included.
    pub(crate) count: Option<u16>,
    pub(crate) until: Option<Until>,
    pub(crate) by_day: Vec<ByDay>,
    pub(crate) by_month_day: Vec<i8>,
    pub(crate) by_month: Vec<i8>,
    pub(crate) by_set_pos: Vec<i16>,
    pub(crate) week_start: Weekday,
}

impl Rule {
    /// Every so many days, weeks, months, years.
    pub(crate) const fn every(interval: u16, frequency: Frequency) -> Self {
        Self {
            frequency,
            interval,
            count: None,
            until: None,
            by_day: Vec::new(),
            by_month_day: Vec::new(),
            by_month: Vec::new(),
            by_set_pos: Vec::new(),
            week_start: Weekday::Monday,
        }
    }

    /// As people say it.
    pub(crate) fn said(&self, from: RecurrenceFrom) -> String {
        super::words::said(self, from)
    }

    /// Every week, on these days.
    pub(crate) fn weekly(days: &[Weekday]) -> Self {
        let by_day = days.iter().map(|day| ByDay { nth: 0, day: *day }).collect();
        Self { by_day, ..Self::every(1, Frequency::Weekly) }
    }
}

const WEEKDAYS: [(&str, Weekday); 7] = [
    ("MO", Weekday::Monday),
    ("TU", Weekday::Tuesday),
    ("WE", Weekday::Wednesday),
    ("TH", Weekday::Thursday),
    ("FR", Weekday::Friday),
    ("SA", Weekday::Saturday),
    ("SU", Weekday::Sunday),
];

/// `MO`.
pub(super) fn short(day: Weekday) -> &'static str {
    WEEKDAYS[usize::from(day.to_monday_zero_offset().unsigned_abs())].0
}

/// The day that `MO` is.
pub(super) fn weekday(text: &str) -> Option<Weekday> {
    WEEKDAYS.iter().find(|(name, _)| *name == text).map(|(_, day)| *day)
}

impl Frequency {
    pub(super) const ALL: [(&'static str, Self); 4] = [
        ("DAILY", Self::Daily),
        ("WEEKLY", Self::Weekly),
        ("MONTHLY", Self::Monthly),
        ("YEARLY", Self::Yearly),
    ];

    fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, one)| *one == self).map_or("", |(name, _)| name)
    }
}

/// As it is kept and sent: parts in one order, nothing said that goes without saying.
impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FREQ={}", self.frequency.as_str())?;
        if self.interval != 1 {
            write!(f, ";INTERVAL={}", self.interval)?;
        }
        if let Some(count) = self.count {
            write!(f, ";COUNT={count}")?;
        }
        match self.until {
            None => {}
            Some(Until::Day(day)) => write!(f, ";UNTIL={}", day.strftime("%Y%m%d"))?,
            Some(Until::Moment(at)) => write!(f, ";UNTIL={}", basic(at))?,
        }
        list(f, "BYMONTH", &self.by_month)?;
        list(f, "BYMONTHDAY", &self.by_month_day)?;
        list(f, "BYDAY", &self.by_day)?;
        list(f, "BYSETPOS", &self.by_set_pos)?;
        match self.week_start {
            Weekday::Monday => Ok(()),
            day => write!(f, ";WKST={}", short(day)),
        }
    }
}

impl fmt::Display for ByDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.nth {
            0 => f.write_str(short(self.day)),
            nth => write!(f, "{nth}{}", short(self.day)),
        }
    }
}

fn list<T: fmt::Display>(f: &mut fmt::Formatter<'_>, name: &str, values: &[T]) -> fmt::Result {
    for (place, value) in values.iter().enumerate() {
        match place {
            0 => write!(f, ";{name}={value}")?,
            _ => write!(f, ",{value}")?,
        }
    }
    Ok(())
}

/// `20260105T090000Z`: a moment as RFC 5545 §3.3.5 writes it, in UTC.
pub(crate) fn basic(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_microsecond(at.micros()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.strftime("%Y%m%dT%H%M%SZ").to_string()
}
