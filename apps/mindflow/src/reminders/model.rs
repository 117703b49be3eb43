//! What a task says about its reminders, and when they come.

use std::{collections::BTreeSet, time::Duration};

use serde::{Deserialize, Serialize};
use stoa_core::{Error, Result, Timestamp};
use utoipa::ToSchema;

use crate::tasks::{model::Kept, wish::in_reach};

/// Reminders of one task.
const MOST: usize = 5;
/// Longest time ahead, in minutes: four weeks.
const AHEAD: u16 = 40_320;

/// When a letter shall remind of a task: one of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TaskReminder)]
pub(crate) struct Reminder {
    /// So many minutes before the task is due, wherever that moves: at most four weeks. Waits while it is not due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 40_320, example = 30)]
    pub(crate) minutes_before: Option<u16>,
    /// At that time, whenever the task is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) at: Option<Timestamp>,
}

impl Reminder {
    /// When it comes, for a task that is due then.
    pub(crate) fn comes(self, due: Option<Timestamp>) -> Option<Timestamp> {
        let before = self.minutes_before.zip(due);
        let before = before.map(|(minutes, due)| due - Duration::from_secs(u64::from(minutes) * 60));
        self.at.or(before)
    }

    fn check(self, place: usize) -> Result<Self> {
        let refused = |field: &str, why: String| Err(Error::field(format!("/reminders/{place}{field}"), why));
        match (self.minutes_before, self.at) {
            (Some(minutes), None) if minutes > AHEAD => {
                refused("/minutes_before", format!("must be from 0 to {AHEAD}"))
            }
            (None, Some(at)) if !in_reach(at) => {
                refused("/at", "must lie between the years 1970 and 9998".into())
            }
            (Some(_), None) | (None, Some(_)) => Ok(self),
            (None, None) => refused("/minutes_before", "is missing; or send `at`".into()),
            (Some(_), Some(_)) => refused("/at", "must not stand beside `minutes_before`".into()),
        }
    }
}

/// What was told, if a task may have it; each once.
pub(crate) fn reminders(told: &[Reminder]) -> Result<Vec<Reminder>> {
    if told.len() > MOST {
        return Err(Error::field("/reminders", format!("must be at most {MOST}")));
    }
    let mut all = Vec::with_capacity(told.len());
    for (place, one) in told.iter().enumerate() {
        let one = one.check(place)?;
        if !all.contains(&one) {
            all.push(one);
        }
    }
    Ok(all)
}

/// When somebody is to be reminded of a task. Of what is done or deleted nobody is.
pub(crate) fn times(task: &Kept) -> BTreeSet<Timestamp> {
    let open = task.is_open().then_some(&task.reminders);
    open.into_iter().flatten().filter_map(|one| one.comes(task.due_at)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::model::tests::task;

    const NOW: Timestamp = Timestamp::from_micros(1_767_603_600_000_000);

    fn before(minutes: u16) -> Reminder {
        Reminder { minutes_before: Some(minutes), at: None }
    }

    fn at(at: Timestamp) -> Reminder {
        Reminder { minutes_before: None, at: Some(at) }
    }

    #[test]
    fn a_reminder_is_one_of_two_and_has_bounds() {
        let both = Reminder { minutes_before: Some(1), at: Some(NOW) };
        let none = Reminder { minutes_before: None, at: None };
        for (told, pointer) in [
            (vec![before(0), before(40_321)], "/reminders/1/minutes_before"),
            (vec![at(Timestamp::from_micros(i64::MAX))], "/reminders/0/at"),
            (vec![both], "/reminders/0/at"),
            (vec![none], "/reminders/0/minutes_before"),
            (vec![before(5); 6], "/reminders"),
        ] {
            assert_eq!(reminders(&told).unwrap_err().fields()[0].pointer, pointer, "{told:?}");
        }
        assert_eq!(reminders(&[before(5), at(NOW), before(5)]).unwrap(), [before(5), at(NOW)]);
    }

    #[test]
    fn what_is_relative_follows_the_task_and_nothing_follows_what_is_done() {
        let mut task = Kept { reminders: vec![before(60), at(NOW), before(0)], ..task(1, NOW) };
        assert_eq!(times(&task), [NOW].into());
        let due = NOW + Duration::from_secs(3600);
        task.due_at = Some(due);
        assert_eq!(times(&task), [NOW, due].into(), "two at one time are one");
        task.complete(NOW);
        assert_eq!(times(&task), [].into());
    }
}
