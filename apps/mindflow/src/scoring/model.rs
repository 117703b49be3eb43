//! The score: `(urgency · 40 + priority · 10 + effort · 10) × time of day`, in parts that add up to it.
//!
//! | part | value |
//! |---|---|
//! | urgency | overdue 2, within 24 hours 1, within 48 hours 0.75, within a week 0.5, later 0.25, never 0 |
//! | priority | 1 to 5 |
//! | effort | up to 15 minutes 1, up to 30 0.75, up to 60 0.5, beyond 0.25, unknown 0 |
//! | time of day | the preferred one 1.1, another 0.9, none preferred 1 |
//!
//! 40, 10 and 10 are the usual weights; a person may have others, and says when their morning, afternoon and evening are. What is overdue with a priority of at least 3 scores
//! at least 90 under any weights. Points are whole quarters, which binary fractions hold exactly: whoever adds the
//! shown parts up, in any order and in any language, gets the shown score to the last digit.

use std::ops::Add;

use jiff::civil::DateTime;
use stoa_core::Timestamp;

use crate::{
    settings::model::{Hours, Settings},
    tasks::model::{Kept, PreferredTime},
};

/// Points, in quarters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Points(i32);

impl Points {
    /// As a number; exact.
    pub(crate) fn value(self) -> f64 {
        f64::from(self.0) / 4.0
    }
}

impl Add for Points {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

/// A value of a part, in quarters.
type Quarters = i32;

/// What is overdue and at least this important …
const IMPORTANT: u8 = 3;
/// … scores at least this.
const FLOOR: Points = Points(90 * 4);

/// How soon a task is due. Beyond a clock's hour nothing of this depends on where somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Urgency {
    /// The time has passed.
    Overdue,
    /// In less than 24 hours.
    Day,
    /// In less than 48 hours.
    TwoDays,
    /// In less than 168 hours.
    Week,
    /// Some day.
    Later,
    /// Never.
    Never,
}

impl Urgency {
    pub(crate) fn of(due_at: Option<Timestamp>, now: Timestamp) -> Self {
        const HOUR: u64 = 3600;
        match due_at {
            None => Self::Never,
            Some(due) if due < now => Self::Overdue,
            Some(due) => match due.since(now).as_secs() {
                left if left < 24 * HOUR => Self::Day,
                left if left < 48 * HOUR => Self::TwoDays,
                left if left < 168 * HOUR => Self::Week,
                _ => Self::Later,
            },
        }
    }

    const fn quarters(self) -> Quarters {
        match self {
            Self::Overdue => 8,
            Self::Day => 4,
            Self::TwoDays => 3,
            Self::Week => 2,
            Self::Later => 1,
            Self::Never => 0,
        }
    }
}

const fn effort(minutes: Option<u16>) -> Quarters {
    match minutes {
        None => 0,
        Some(..=15) => 4,
        Some(16..=30) => 3,
        Some(31..=60) => 2,
        Some(61..) => 1,
    }
}

/// How a time of day suits a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    /// No time is preferred.
    Any,
    /// This is the preferred time.
    Match,
    /// Another time is preferred.
    Mismatch,
}

impl Fit {
    fn of(preferred: Option<PreferredTime>, hours: Hours, hour: i8) -> Self {
        match preferred {
            None => Self::Any,
            Some(part) if hours.part(hour) == Some(part) => Self::Match,
            Some(_) => Self::Mismatch,
        }
    }

    /// What a sum is multiplied with.
    pub(crate) const fn factor(self) -> f64 {
        match self {
            Self::Any => 1.0,
            Self::Match => 1.1,
            Self::Mismatch => 0.9,
        }
    }

    /// What multiplying adds to a sum, to the nearest quarter. Under the usual weights a sum is a multiple of two and a
    /// half points, and nothing is rounded.
    const fn of_sum(self, sum: Points) -> Points {
        let tenth = (sum.0 + 5) / 10;
        match self {
            Self::Any => Points(0),
            Self::Match => Points(tenth),
            Self::Mismatch => Points(-tenth),
        }
    }
}

/// The parts of a score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) due: Urgency,
    pub(crate) fit: Fit,
    pub(crate) urgency: Points,
    pub(crate) priority: Points,
    pub(crate) effort: Points,
    pub(crate) time_of_day: Points,
    /// What is missing to the least that an important overdue task scores.
    pub(crate) floor: Points,
}

impl Parts {
    /// What speaks for a task at some moment.
    pub(crate) fn of(task: &Kept, settings: &Settings, now: Timestamp) -> Self {
        Self::at(task, settings, now, settings.zone.local(now))
    }

    /// The same, with the clock on the wall already read.
    pub(crate) fn at(task: &Kept, settings: &Settings, now: Timestamp, local: DateTime) -> Self {
        let weights = settings.weights;
        let times = |value: Quarters, weight: u8| Points(value * i32::from(weight));
        let (due, fit) =
            (Urgency::of(task.due_at, now), Fit::of(task.preferred_time, settings.hours, local.hour()));
        let urgency = times(due.quarters(), weights.urgency);
        let priority = times(4 * i32::from(task.priority), weights.priority);
        let effort = times(effort(task.effort_minutes), weights.effort);
        let sum = urgency + priority + effort;
        let time_of_day = fit.of_sum(sum);
        let counts = due == Urgency::Overdue && task.priority >= IMPORTANT;
        let missing = if counts { (FLOOR.0 - (sum + time_of_day).0).max(0) } else { 0 };
        Self { due, fit, urgency, priority, effort, time_of_day, floor: Points(missing) }
    }

    /// The score.
    pub(crate) fn total(&self) -> Points {
        self.urgency + self.priority + self.effort + self.time_of_day + self.floor
    }

    /// The value behind the points for urgency.
    pub(crate) fn urgency_value(&self) -> f64 {
        f64::from(self.due.quarters()) / 4.0
    }

    /// The value behind the points for effort.
    pub(crate) fn effort_value(minutes: Option<u16>) -> f64 {
        f64::from(effort(minutes)) / 4.0
    }

    /// What the least is that counts, as shown.
    pub(crate) fn floor_value() -> f64 {
        FLOOR.value()
    }

    /// What speaks most for the task. Of equals the one that passes soonest.
    pub(crate) fn main(&self) -> Main {
        let candidates = [
            (Main::Urgency, self.urgency + self.floor),
            (Main::Effort, self.effort),
            (Main::Priority, self.priority),
        ];
        let most = candidates.iter().map(|(_, points)| *points).max().unwrap_or_default();
        let main = candidates.iter().find(|(_, points)| *points == most && most > Points(0));
        main.map_or(Main::Nothing, |(main, _)| *main)
    }
}

/// What speaks most for a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Main {
    /// When it is due.
    Urgency,
    /// That it is short.
    Effort,
    /// That it is important.
    Priority,
    /// Under these weights, nothing.
    Nothing,
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use stoa_core::{Rng, TestRng};

    use super::*;
    use crate::{settings::model::Weights, tasks::model::tests::task, zone::Zone};

    /// A Monday, 09:00 UTC.
    const NOW: Timestamp = Timestamp::from_micros(1_767_603_600_000_000);

    fn hours(hours: i64) -> Option<Timestamp> {
        Some(Timestamp::from_micros(NOW.micros() + hours * 3_600_000_000))
    }

    fn score(task: &Kept) -> f64 {
        Parts::of(task, &Settings::default(), NOW).total().value()
    }

    #[test]
    fn the_worked_example_of_the_seed_holds() {
        let example = Kept { due_at: hours(25), priority: 3, effort_minutes: Some(30), ..task(1, NOW) };
        assert_eq!(score(&example), 67.5);
        assert_eq!(score(&Kept { priority: 1, ..task(1, NOW) }), 10.0);
        let most = Kept { due_at: hours(-1), priority: 5, effort_minutes: Some(15), ..task(1, NOW) };
        assert_eq!(score(&most), 140.0);
    }

    #[test]
    fn urgency_changes_at_its_borders_and_not_beside_them() {
        let just = |hours: u64| NOW + Duration::from_secs(hours * 3600);
        let before = |at: Timestamp| Timestamp::from_micros(at.micros() - 1);
        for (due, urgency) in [
            (before(NOW), Urgency::Overdue),
            (NOW, Urgency::Day),
            (before(just(24)), Urgency::Day),
            (just(24), Urgency::TwoDays),
            (before(just(48)), Urgency::TwoDays),
            (just(48), Urgency::Week),
            (before(just(168)), Urgency::Week),
            (just(168), Urgency::Later),
        ] {
            assert_eq!(Urgency::of(Some(due), NOW), urgency, "{due}");
        }
        assert_eq!(Urgency::of(None, NOW), Urgency::Never);
    }

    #[test]
    fn short_tasks_score_more_at_their_borders() {
        let values = [None, Some(1), Some(15), Some(16), Some(30), Some(31), Some(60), Some(61), Some(1440)]
            .map(effort);
        assert_eq!(values, [0, 4, 4, 3, 3, 2, 2, 1, 1]);
    }

    #[test]
    fn the_time_of_day_is_that_of_the_person() {
        let task = Kept { preferred_time: Some(PreferredTime::Evening), priority: 5, ..task(1, NOW) };
        let there = |zone: &str| {
            let settings = Settings { zone: Zone::named(zone).unwrap(), ..Settings::default() };
            Parts::of(&task, &settings, NOW).total().value()
        };
        // 09:00 in London is 18:00 in Tokyo, and 01:00 in Los Angeles.
        assert_eq!((there("Europe/London"), there("Asia/Tokyo")), (45.0, 55.0));
        assert_eq!(there("America/Los_Angeles"), 45.0);
    }

    fn any(rng: &Rng, most: u8) -> u8 {
        u8::try_from(u16::from(rng.bytes::<1>()[0]) % (u16::from(most) + 1)).unwrap()
    }

    /// Tasks, settings and moments of all kinds.
    fn many(mut each: impl FnMut(&Kept, &Settings, Timestamp)) {
        let rng = TestRng::seeded(7);
        let zones = ["UTC", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia"]
            .map(|name| Zone::named(name).unwrap());
        for number in 0..20_000 {
            let parts = [PreferredTime::Morning, PreferredTime::Afternoon, PreferredTime::Evening];
            let task = Kept {
                priority: 1 + any(&rng, 4),
                due_at: hours(i64::from(any(&rng, 255)) - 64).filter(|_| any(&rng, 3) > 0),
                effort_minutes: Some(u16::from(any(&rng, 90)) + 1).filter(|_| any(&rng, 3) > 0),
                preferred_time: parts.get(usize::from(any(&rng, 3))).copied(),
                ..task(number, NOW)
            };
            let weights =
                Weights { urgency: any(&rng, 100), priority: any(&rng, 100), effort: any(&rng, 100) };
            let zone = zones[usize::from(any(&rng, 3))].clone();
            let weights = if any(&rng, 1) == 0 { Weights::USUAL } else { weights };
            let settings = Settings { zone, weights, ..Settings::default() };
            each(&task, &settings, NOW + Duration::from_secs(3600 * u64::from(any(&rng, 23))));
        }
    }

    #[test]
    fn under_the_usual_weights_the_score_is_the_formula() {
        many(|task, settings, now| {
            if settings.weights != Weights::USUAL {
                return;
            }
            let parts = Parts::of(task, settings, now);
            let sum = parts.urgency_value() * 40.0
                + f64::from(task.priority) * 10.0
                + Parts::effort_value(task.effort_minutes) * 10.0;
            assert!((parts.total().value() - sum * parts.fit.factor()).abs() < 1e-9, "{task:?}");
            assert_eq!(parts.floor, Points(0), "{task:?}");
        });
    }

    #[test]
    fn what_is_overdue_and_important_scores_ninety_under_any_weights() {
        let mut seen = 0;
        many(|task, settings, now| {
            let parts = Parts::of(task, settings, now);
            if task.due_at.is_some_and(|due| due < now) && task.priority >= 3 {
                seen += 1;
                assert!(parts.total().value() >= 90.0, "{parts:?}");
            } else {
                assert_eq!(parts.floor, Points(0));
            }
        });
        assert!(seen > 1000, "{seen}");
    }

    #[test]
    fn what_speaks_most_is_what_has_most_points() {
        many(|task, settings, now| {
            let parts = Parts::of(task, settings, now);
            let named = match parts.main() {
                Main::Urgency => parts.urgency + parts.floor,
                Main::Effort => parts.effort,
                Main::Priority => parts.priority,
                Main::Nothing => Points(0),
            };
            assert!(
                [parts.urgency, parts.priority, parts.effort].iter().all(|part| *part <= named),
                "{parts:?}"
            );
        });
    }
}
