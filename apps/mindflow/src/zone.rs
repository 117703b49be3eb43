//! A time zone of the IANA database: where a point in time meets a clock on the wall.

use jiff::{civil::DateTime, tz::TimeZone};
use stoa_core::{Error, Result, Timestamp};

/// Where a person is, as far as clocks go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Zone(TimeZone);

/// Longest name, in bytes; the longest there is has 32.
const NAME: usize = 64;

impl Default for Zone {
    fn default() -> Self {
        Self(TimeZone::UTC)
    }
}

impl Zone {
    /// By its name, in any case.
    pub(crate) fn named(name: &str) -> Result<Self> {
        let known = if name.len() <= NAME { TimeZone::get(name).ok() } else { None };
        known.filter(|zone| zone.iana_name().is_some() && !zone.is_unknown()).map(Self).ok_or_else(|| {
            Error::field("/time_zone", "is no time zone of the IANA database, such as `Europe/Berlin`")
        })
    }

    /// Its name, as the database spells it.
    pub(crate) fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// Its changes of the clocks.
    pub(crate) fn rules(&self) -> &TimeZone {
        &self.0
    }

    /// What clocks show there. Times that no row holds are 1970.
    pub(crate) fn local(&self, at: Timestamp) -> DateTime {
        let at = jiff::Timestamp::from_microsecond(at.micros()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        self.0.to_datetime(at)
    }

    /// When clocks show this there. Where they show it twice, the first time; where they jump over it, as much later
    /// as they jump. `None` at the end of all calendars.
    pub(crate) fn instant(&self, at: DateTime) -> Option<Timestamp> {
        Some(Timestamp::from_micros(self.0.to_timestamp(at).ok()?.as_microsecond()))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn names_are_those_of_the_database() {
        assert_eq!(Zone::named("europe/berlin").unwrap().name(), "Europe/Berlin");
        assert_eq!(Zone::named("UTC").unwrap().name(), "UTC");
        for bad in ["", "Berlin", "Etc/Unknown", "CET-1CEST", "+02:00", "../etc/passwd", &"A".repeat(65)] {
            assert_eq!(Zone::named(bad).unwrap_err().fields()[0].pointer, "/time_zone", "{bad:?}");
        }
    }

    #[test]
    fn a_day_may_lack_an_hour_or_have_one_twice() {
        let zone = Zone::named("Europe/Berlin").unwrap();
        let at = |date: DateTime| zone.instant(date).unwrap().to_string();
        assert_eq!(at(date(2026, 3, 29).at(2, 30, 0, 0)), "2026-03-29T01:30:00.000000Z");
        assert_eq!(at(date(2026, 10, 25).at(2, 30, 0, 0)), "2026-10-25T00:30:00.000000Z");
        let jumped = zone.local("2026-03-29T01:30:00Z".parse().unwrap());
        assert_eq!(jumped, date(2026, 3, 29).at(3, 30, 0, 0));
    }
}
