//! The arithmetic of the generic cell rate algorithm. Pure.

use std::time::Duration;

use stoa_core::Timestamp;

use super::{Class, Decision};

/// The arithmetic for one class at one moment, in microseconds.
pub(super) struct Cell {
    pub(super) now: i64,
    pub(super) interval: i64,
    pub(super) burst: i64,
}

impl Cell {
    pub(super) fn of(class: &Class, now: Timestamp) -> Self {
        let per = i64::try_from(class.per.as_micros()).unwrap_or(i64::MAX);
        let limit = class.limit.max(1);
        let interval = (per / i64::from(limit)).max(1);
        Self { now: now.micros(), interval, burst: interval * i64::from(limit) }
    }

    /// The new arrival time, or the old one if there is no room.
    pub(super) fn advance(&self, arrival: i64, cost: u32) -> Result<i64, i64> {
        let arrival = arrival.max(self.now);
        let next = arrival + self.interval * i64::from(cost);
        if next - self.now <= self.burst { Ok(next) } else { Err(arrival) }
    }

    pub(super) fn decide(&self, answer: Result<i64, i64>) -> Decision {
        let (allowed, arrival) = match answer {
            Ok(arrival) => (true, arrival),
            Err(arrival) => (false, arrival),
        };
        let ahead = (arrival - self.now).max(0);
        let remaining = u32::try_from((self.burst - ahead) / self.interval).unwrap_or(0);
        let wait = if allowed { 0 } else { (ahead + self.interval - self.burst).max(0) };
        Decision { allowed, remaining, retry_after: micros(wait), reset: micros(ahead) }
    }
}

fn micros(micros: i64) -> Duration {
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(limit: u32) -> Class {
        Class { name: "test", limit, per: Duration::from_secs(60), lasting: false }
    }

    #[test]
    fn exactly_the_limit_passes_at_once_and_then_one_per_interval() {
        let mut now = Timestamp::from_micros(1_000_000_000);
        let mut arrival = 0;
        let mut passed = 0;
        for _ in 0..20 {
            if let Ok(next) = Cell::of(&class(5), now).advance(arrival, 1) {
                arrival = next;
                passed += 1;
            }
        }
        assert_eq!(passed, 5);
        let refused = Cell::of(&class(5), now);
        let said = refused.decide(refused.advance(arrival, 1));
        assert_eq!(said.retry_after, Duration::from_secs(12));
        assert_eq!(said.reset, Duration::from_secs(60));
        now = now + Duration::from_secs(12);
        assert!(Cell::of(&class(5), now).advance(arrival, 1).is_ok());
    }
}
