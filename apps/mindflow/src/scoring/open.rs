//! What is open on somebody's list, remembered by this process for as long as the list has not changed: reading a
//! thousand rows costs a thousand times what arithmetic costs.
//!
//! What is remembered bears the revision that was read before it, so it is never older than it says. Asking costs one
//! row; who asks of a list that another node changed reads it anew.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use stoa_core::{Result, Timestamp, UserId};
use stoa_store::Ctx;

use crate::{
    settings::model::Settings,
    tasks::{
        model::{Kept, TaskId},
        store,
    },
};

/// Tasks remembered at most, of all people; some hundred bytes each.
const TASKS: usize = 50_000;
/// A list that nobody has asked for so long is forgotten when another is read.
const IDLE: Duration = Duration::from_secs(10 * 60);

/// All that is open on a list.
#[derive(Debug)]
pub(crate) struct Open {
    pub(super) settings: Settings,
    pub(super) tasks: Vec<OpenTask>,
}

/// One of them.
#[derive(Debug)]
pub(crate) struct OpenTask {
    pub(super) task: Kept,
    pub(super) needs: Vec<TaskId>,
    /// Whether something that it needs is open too.
    pub(super) blocked: bool,
}

impl Open {
    pub(super) fn of(settings: Settings, open: Vec<(Kept, Vec<TaskId>)>) -> Self {
        let undone: HashSet<TaskId> = open.iter().map(|(task, _)| task.id).collect();
        let tasks = open.into_iter().map(|(task, needs)| {
            let blocked = needs.iter().any(|need| undone.contains(need));
            OpenTask { task, needs, blocked }
        });
        Self { settings, tasks: tasks.collect() }
    }
}

/// The lists that this process remembers.
#[derive(Debug, Default)]
pub(crate) struct Lists(Mutex<HashMap<UserId, Remembered>>);

#[derive(Debug)]
struct Remembered {
    revision: i64,
    open: Arc<Open>,
    asked_at: Timestamp,
}

impl Lists {
    /// What is open on somebody's list now.
    pub(super) async fn open(&self, ctx: &Ctx, who: UserId) -> Result<Arc<Open>> {
        let reads = ctx.db.reads();
        let revision = store::revision(&reads, who).await?;
        if let Some(open) = self.recall(who, revision, ctx.now()) {
            return Ok(open);
        }
        let (settings, open) = store::open_of(&reads, who).await?;
        let open = Arc::new(Open::of(settings, open));
        self.keep(who, Remembered { revision, open: open.clone(), asked_at: ctx.now() });
        Ok(open)
    }

    fn recall(&self, who: UserId, revision: i64, now: Timestamp) -> Option<Arc<Open>> {
        let mut lists = self.lists();
        let known = lists.get_mut(&who).filter(|known| known.revision == revision)?;
        known.asked_at = now;
        Some(known.open.clone())
    }

    /// Remembers a list, and forgets those that were not asked for the longest, as far as there is no room.
    fn keep(&self, who: UserId, list: Remembered) {
        let mut lists = self.lists();
        let since = list.asked_at;
        lists.retain(|_, known| since < known.asked_at + IDLE);
        lists.insert(who, list);
        let mut count: usize = lists.values().map(|known| known.open.tasks.len()).sum();
        while count > TASKS {
            let oldest = lists.iter().min_by_key(|(_, known)| known.asked_at).map(|(who, _)| *who);
            let Some(gone) = oldest.and_then(|who| lists.remove(&who)) else { break };
            count -= gone.open.tasks.len();
        }
    }

    fn lists(&self) -> MutexGuard<'_, HashMap<UserId, Remembered>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::model::tests::task;

    const NOW: Timestamp = Timestamp::from_micros(1_767_603_600_000_000);

    fn list(tasks: u64, asked_at: Timestamp) -> Remembered {
        let open = (0..tasks).map(|number| (task(number, NOW), Vec::new())).collect();
        Remembered { revision: 1, open: Arc::new(Open::of(Settings::default(), open)), asked_at }
    }

    fn who(number: u128) -> UserId {
        format!("00000000-0000-7000-8000-{number:012}").parse().unwrap()
    }

    #[test]
    fn an_older_or_newer_revision_is_another_list() {
        let lists = Lists::default();
        lists.keep(who(1), list(1, NOW));
        assert!(lists.recall(who(1), 1, NOW).is_some());
        assert!(lists.recall(who(1), 0, NOW).is_none() && lists.recall(who(1), 2, NOW).is_none());
        assert!(lists.recall(who(2), 1, NOW).is_none());
    }

    #[test]
    fn there_is_an_end_to_what_is_remembered() {
        let lists = Lists::default();
        for number in 1..=6 {
            lists.keep(who(number), list(10_000, NOW + Duration::from_secs(u64::try_from(number).unwrap())));
        }
        let known = |number| lists.recall(who(number), 1, NOW).is_some();
        assert_eq!([1, 2, 6].map(known), [false, true, true]);
        lists.keep(who(7), list(1, NOW + IDLE + Duration::from_secs(4)));
        assert_eq!([2, 4, 5, 7].map(known), [false, false, true, true], "asking keeps from being forgotten");
    }
}
