//! How long a task shall not be seen.

use serde::Deserialize;
use stoa_core::{Error, Result, Timestamp};
use utoipa::ToSchema;

use super::fields::{in_reach, out_of_time};

/// Longest, in hours: a year.
const HOURS: u16 = 8760;

/// How long a task shall not be seen: one of the two.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Snooze {
    /// Until then.
    pub(in crate::tasks) until: Option<Timestamp>,
    /// That many hours from now: at most a year.
    #[schema(minimum = 1, maximum = 8760, example = 3)]
    pub(in crate::tasks) hours: Option<u16>,
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

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_767_603_600_000_000);

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
