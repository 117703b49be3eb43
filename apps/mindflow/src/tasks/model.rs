//! A task as it is kept, and how it moves from state to state.

use std::{collections::HashMap, str::FromStr};

use serde::{Deserialize, Serialize};
use stoa_core::{Error, Id, Result, Timestamp};
use utoipa::ToSchema;

use crate::{recurrence::next::Recurrence, reminders::model::Reminder, zone::Zone};

/// Tag of [`TaskId`].
#[derive(Debug)]
pub(crate) enum TaskTag {}
/// The id of a task.
pub(crate) type TaskId = Id<TaskTag>;

/// Where a task stands at some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = TaskStatus)]
pub(crate) enum Status {
    /// Waits to be begun.
    Pending,
    /// Has been begun.
    InProgress,
    /// Done.
    Completed,
    /// Shall not be seen until its time comes; then it is what it was before.
    Snoozed,
}

/// When in the day somebody would rather do a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PreferredTime {
    /// Usually from 6 to 12; whoever likes says when theirs is.
    Morning,
    /// Usually from 12 to 18.
    Afternoon,
    /// Usually from 18 to 22.
    Evening,
}

impl PreferredTime {
    /// The name in rows, in JSON and in sentences.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Morning => "morning",
            Self::Afternoon => "afternoon",
            Self::Evening => "evening",
        }
    }
}

impl FromStr for PreferredTime {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        match text {
            "morning" => Ok(Self::Morning),
            "afternoon" => Ok(Self::Afternoon),
            "evening" => Ok(Self::Evening),
            _ => Err(Error::internal(format!("a row says `{text}`"))),
        }
    }
}

/// A task as its row has it. Its state is the times at which it changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) id: TaskId,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) priority: u8,
    pub(crate) due_at: Option<Timestamp>,
    pub(crate) effort_minutes: Option<u16>,
    pub(crate) preferred_time: Option<PreferredTime>,
    pub(crate) tags: Vec<String>,
    pub(crate) project: Option<String>,
    /// A task that has one is due at some time.
    pub(crate) recurrence: Option<Recurrence>,
    /// When its owner wants to hear of it; the letters themselves are in rows of their own.
    pub(crate) reminders: Vec<Reminder>,
    /// What comes after it, made when it was completed.
    pub(crate) next_id: Option<TaskId>,
    pub(crate) started_at: Option<Timestamp>,
    pub(crate) snoozed_until: Option<Timestamp>,
    pub(crate) completed_at: Option<Timestamp>,
    pub(crate) deleted_at: Option<Timestamp>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
}

/// Something that must be done before a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Need {
    pub(crate) id: TaskId,
    /// It is not done yet: the task is blocked.
    pub(crate) open: bool,
}

impl Kept {
    /// Where it stands at this moment.
    pub(crate) fn status(&self, now: Timestamp) -> Status {
        if self.completed_at.is_some() {
            Status::Completed
        } else if self.snoozed_until.is_some_and(|until| until > now) {
            Status::Snoozed
        } else if self.started_at.is_some() {
            Status::InProgress
        } else {
            Status::Pending
        }
    }

    /// Whether something is still to be done about it.
    pub(crate) fn is_open(&self) -> bool {
        self.completed_at.is_none() && self.deleted_at.is_none()
    }

    /// Done. Once is enough.
    pub(crate) fn complete(&mut self, now: Timestamp) {
        self.snoozed_until = None;
        self.completed_at.get_or_insert(now);
    }

    /// The one that comes after it, new and as this was in the beginning; `None` when this was the last.
    pub(crate) fn successor(&self, id: TaskId, now: Timestamp, zone: &Zone) -> Result<Option<Self>> {
        let (Some(recurrence), Some(due)) = (&self.recurrence, self.due_at) else { return Ok(None) };
        Ok(recurrence.next(due, now, zone)?.map(|(due, rest)| Self {
            id,
            due_at: Some(due),
            recurrence: Some(rest),
            // What was meant for one point in time has been.
            reminders: self.reminders.iter().copied().filter(|one| one.at.is_none()).collect(),
            next_id: None,
            started_at: None,
            snoozed_until: None,
            completed_at: None,
            deleted_at: None,
            created_at: now,
            updated_at: now,
            ..self.clone()
        }))
    }

    /// Nobody has done anything with it since it was made.
    pub(crate) fn is_untouched(&self) -> bool {
        self.updated_at == self.created_at && self.is_open()
    }

    /// To be done again from the beginning, whatever it was.
    pub(crate) fn reopen(&mut self) {
        (self.started_at, self.snoozed_until, self.completed_at) = (None, None, None);
    }

    /// Begun. What was snoozed is awake.
    pub(crate) fn start(&mut self, now: Timestamp) -> Result<()> {
        self.not_completed("started")?;
        self.snoozed_until = None;
        self.started_at.get_or_insert(now);
        Ok(())
    }

    /// Out of sight until then.
    pub(crate) fn snooze(&mut self, until: Timestamp) -> Result<()> {
        self.not_completed("snoozed")?;
        self.snoozed_until = Some(until);
        Ok(())
    }

    fn not_completed(&self, wish: &str) -> Result<()> {
        match self.completed_at {
            None => Ok(()),
            Some(_) => Err(Error::conflict(format!("a completed task cannot be {wish}; reopen it first"))
                .code("task_completed")),
        }
    }
}

/// Whether `task` would have to wait for itself if it needed `needs`, given what each task needs now.
pub(crate) fn is_circle(links: &[(TaskId, TaskId)], task: TaskId, needs: &[TaskId]) -> bool {
    let mut of: HashMap<TaskId, Vec<TaskId>> = HashMap::new();
    for (from, to) in links.iter().filter(|(from, _)| *from != task) {
        of.entry(*from).or_default().push(*to);
    }
    let mut open = needs.to_vec();
    while let Some(next) = open.pop() {
        if next == task {
            return true;
        }
        // Taken out: what was looked at is not looked at again.
        open.extend(of.remove(&next).unwrap_or_default());
    }
    false
}

#[cfg(test)]
pub(crate) mod tests {
    use stoa_core::{TestClock, TestRng};

    use super::*;

    /// An ordinary task, made at `now`, by number.
    pub(crate) fn task(number: u64, now: Timestamp) -> Kept {
        Kept {
            id: Id::new(&TestClock::at(now).0, &TestRng::seeded(number)),
            title: format!("task {number}"),
            description: String::new(),
            priority: 3,
            due_at: None,
            effort_minutes: None,
            preferred_time: None,
            tags: Vec::new(),
            project: None,
            recurrence: None,
            reminders: Vec::new(),
            next_id: None,
            started_at: None,
            snoozed_until: None,
            completed_at: None,
            deleted_at: None,
            created_at: now,
            updated_at: now,
        }
    }

    const NOW: Timestamp = Timestamp::from_micros(1_767_603_600_000_000);
    const LATER: Timestamp = Timestamp::from_micros(1_767_603_600_000_001);

    #[test]
    fn a_snoozed_task_wakes_as_what_it_was() {
        let mut task = task(1, NOW);
        task.start(NOW).unwrap();
        task.snooze(LATER).unwrap();
        assert_eq!((task.status(NOW), task.status(LATER)), (Status::Snoozed, Status::InProgress));
        task.start(LATER).unwrap();
        assert_eq!((task.status(NOW), task.started_at), (Status::InProgress, Some(NOW)));
    }

    #[test]
    fn done_is_done_once_and_only_reopening_undoes_it() {
        let mut task = task(1, NOW);
        task.snooze(LATER).unwrap();
        task.complete(NOW);
        task.complete(LATER);
        assert_eq!((task.status(NOW), task.completed_at), (Status::Completed, Some(NOW)));
        assert_eq!(task.start(LATER).unwrap_err().stable_code(), "task_completed");
        assert_eq!(task.snooze(LATER).unwrap_err().stable_code(), "task_completed");
        task.reopen();
        assert_eq!((task.status(NOW), task.completed_at), (Status::Pending, None));
    }

    #[test]
    fn a_task_that_would_wait_for_itself_is_found() {
        let [a, b, c, d] = [1, 2, 3, 4].map(|number| task(number, NOW).id);
        let links = [(b, a), (c, b), (d, b), (d, c)];
        assert!(is_circle(&links, a, &[a]));
        assert!(is_circle(&links, a, &[d]));
        assert!(!is_circle(&links, d, &[a, b, c]), "what it needed before no longer counts");
        assert!(!is_circle(&links, d, &[]));
        // Links that already go round do not trap whoever looks.
        assert!(!is_circle(&[(a, b), (b, a)], c, &[a]));
    }
}
