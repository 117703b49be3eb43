//! All open tasks of a person in the order in which to do them, and the explanation of each place.

use std::cmp::Reverse;

use serde::Serialize;
use stoa_core::Timestamp;
use utoipa::ToSchema;

use super::{
    model::{Parts, Points},
    open::{Open, OpenTask},
    words,
};
use crate::{
    settings::model::Settings,
    tasks::{
        model::{Kept, Need, Status, TaskId},
        view::Task,
    },
};

/// A part of a score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ScoreFactor)]
pub(crate) enum Factor {
    /// When it is due.
    Urgency,
    /// How much it matters.
    Priority,
    /// How short it is.
    Effort,
    /// Whether this is the time of day for it.
    TimeOfDay,
    /// It is overdue and matters: what is missing to the least that such a task scores.
    OverdueFloor,
}

/// One reason for a score.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ScoreReason)]
pub(crate) struct Reason {
    /// Which part of the score.
    pub(crate) factor: Factor,
    /// What was found: 0 to 2 for urgency, 1 to 5 for priority, 0 to 1 for effort, 0.9 to 1.1 for the time of day, 90
    /// for the floor.
    #[schema(example = 0.75)]
    pub(crate) value: f64,
    /// What it adds to the score, or takes away. All points together are the score.
    #[schema(example = 30.0)]
    pub(crate) points: f64,
    /// The same in words.
    #[schema(example = "Due tomorrow at 15:00")]
    pub(crate) text: String,
}

/// A task with its score, explained.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = RankedTask)]
pub(crate) struct Ranked {
    /// The task.
    pub(crate) task: Task,
    /// How much speaks for doing it now: the sum of the points below.
    #[schema(example = 77.5)]
    pub(crate) score: f64,
    /// What the score is made of.
    pub(crate) reasons: Vec<Reason>,
    /// What speaks most for it.
    #[schema(example = "Due tomorrow at 15:00: get it done ahead of time.")]
    pub(crate) recommendation: String,
}

/// Open tasks that are not ranked. Each is counted once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = LeftOut)]
pub(crate) struct LeftOut {
    /// They wait for other tasks.
    #[schema(example = 2)]
    pub(crate) blocked: usize,
    /// They wait for their time.
    #[schema(example = 1)]
    pub(crate) snoozed: usize,
}

/// What a person could do now.
pub(crate) struct Ranking<'a> {
    settings: &'a Settings,
    now: Timestamp,
    places: Vec<Place<'a>>,
    pub(crate) left_out: LeftOut,
}

type Place<'a> = (Parts, &'a OpenTask);

impl<'a> Ranking<'a> {
    /// Of all open tasks of a person, those that could be done.
    pub(crate) fn of(open: &'a Open, now: Timestamp) -> Self {
        let Open { settings, tasks } = open;
        let local = settings.zone.local(now);
        let mut left_out = LeftOut::default();
        let mut places = Vec::with_capacity(tasks.len());
        for one in tasks {
            if one.task.status(now) == Status::Snoozed {
                left_out.snoozed += 1;
            } else if one.blocked {
                left_out.blocked += 1;
            } else {
                places.push((Parts::at(&one.task, settings, now, local), one));
            }
        }
        Self { settings, now, places, left_out }
    }

    /// How many have a place.
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// The one that comes first, explained.
    pub(crate) fn first(&self) -> Option<Ranked> {
        self.places.iter().min_by_key(|place| order(place)).map(|place| self.explained(place))
    }

    /// Puts them in order: by score, of equals the one that is due first, then the oldest.
    pub(crate) fn sorted(mut self) -> Self {
        self.places.sort_by_cached_key(order);
        self
    }

    /// Where a task stands.
    pub(crate) fn place(&self, id: TaskId) -> Option<usize> {
        self.places.iter().position(|(_, one)| one.task.id == id)
    }

    /// Some of them from a place on, explained.
    pub(crate) fn some(&self, from: usize, most: usize) -> Vec<Ranked> {
        self.places.iter().skip(from).take(most).map(|place| self.explained(place)).collect()
    }

    fn explained(&self, (parts, one): &Place<'_>) -> Ranked {
        explained(parts, one.task.clone(), &one.needs, self.settings, self.now)
    }
}

fn order((parts, one): &Place<'_>) -> impl Ord + use<> {
    let task = &one.task;
    (Reverse(parts.total()), task.due_at.is_none(), task.due_at, task.created_at, task.id)
}

fn explained(parts: &Parts, task: Kept, needs: &[TaskId], settings: &Settings, now: Timestamp) -> Ranked {
    let zone = &settings.zone;
    let reason = |factor, value, points: Points, text| Reason { factor, value, points: points.value(), text };
    let mut reasons = vec![
        reason(Factor::Urgency, parts.urgency_value(), parts.urgency, words::due(task.due_at, zone, now)),
        reason(Factor::Priority, task.priority.into(), parts.priority, words::priority(task.priority).into()),
        reason(
            Factor::Effort,
            Parts::effort_value(task.effort_minutes),
            parts.effort,
            words::effort(task.effort_minutes),
        ),
        reason(
            Factor::TimeOfDay,
            parts.fit.factor(),
            parts.time_of_day,
            words::time_of_day(&task, parts.fit),
        ),
    ];
    if parts.floor > Points::default() {
        let text = "Overdue and important: at least 90".to_owned();
        reasons.push(reason(Factor::OverdueFloor, Parts::floor_value(), parts.floor, text));
    }
    let recommendation = words::recommendation(&task, parts, zone, now);
    // Whatever is ranked waits for nothing.
    let needs: Vec<Need> = needs.iter().map(|id| Need { id: *id, open: false }).collect();
    let task = Task::seen(task, &needs, settings, now);
    Ranked { task, score: parts.total().value(), reasons, recommendation }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::{settings::model::Weights, tasks::model::tests::task};

    const NOW: Timestamp = Timestamp::from_micros(1_767_603_600_000_000);

    fn hours(hours: u64) -> Option<Timestamp> {
        Some(NOW + Duration::from_secs(hours * 3600))
    }

    fn titles(open: Vec<Kept>) -> Vec<String> {
        let open = Open::of(Settings::default(), open.into_iter().map(|task| (task, Vec::new())).collect());
        let ranking = Ranking::of(&open, NOW).sorted();
        let all: Vec<_> =
            ranking.some(0, ranking.len()).into_iter().map(|ranked| ranked.task.title).collect();
        assert_eq!(ranking.first().map(|ranked| ranked.task.title).as_ref(), all.first());
        all
    }

    #[test]
    fn ties_go_to_what_is_due_first_and_then_to_the_oldest() {
        let old = NOW - Duration::from_secs(60);
        let named = |title: &str, due_at, created_at| Kept {
            title: title.into(),
            due_at,
            created_at,
            ..task(1, NOW)
        };
        // 20 + 20 points, 40 points: the same.
        let open = vec![
            Kept { priority: 4, id: task(2, NOW).id, ..named("never due", None, old) },
            Kept { priority: 2, id: task(3, NOW).id, ..named("due later", hours(101), old) },
            Kept { priority: 2, id: task(4, NOW).id, ..named("due, young", hours(100), NOW) },
            Kept { priority: 2, id: task(5, NOW).id, ..named("due, old", hours(100), old) },
        ];
        let expected = ["due, old", "due, young", "due later", "never due"];
        assert_eq!(titles(open.clone()), expected);
        assert_eq!(titles(open.into_iter().rev().collect()), expected);
    }

    #[test]
    fn what_is_blocked_or_snoozed_is_left_out_and_counted_once() {
        let free = task(1, NOW);
        let blocked = Kept { priority: 5, ..task(2, NOW) };
        let both = Kept { snoozed_until: hours(1), ..task(3, NOW) };
        let awake = Kept { snoozed_until: Some(NOW), ..task(4, NOW) };
        let done = task(5, NOW).id;
        let open = vec![
            (free.clone(), vec![done]),
            (blocked, vec![done, both.id]),
            (both, vec![free.id]),
            (awake.clone(), vec![]),
        ];
        let open = Open::of(Settings::default(), open);
        let ranking = Ranking::of(&open, NOW).sorted();
        assert_eq!(ranking.left_out, LeftOut { blocked: 1, snoozed: 1 });
        assert_eq!((ranking.len(), ranking.place(done)), (2, None));
        let first = ranking.some(0, 1).remove(0);
        assert_eq!(first.task.depends_on, if first.task.id == free.id { vec![done] } else { vec![] });
        assert!(!first.task.blocked);
    }

    #[test]
    fn the_shown_parts_add_up_to_the_score_to_the_last_digit() {
        for weights in [
            Weights::USUAL,
            Weights { urgency: 33, priority: 7, effort: 91 },
            Weights { urgency: 1, priority: 1, effort: 0 },
        ] {
            let all = (0..600_u16).map(|number| {
                let place = usize::from(number % 4);
                let part = ["morning", "afternoon", "evening"].get(place).map(|part| part.parse().unwrap());
                let due = hours(u64::from(number)).map(|due| due - Duration::from_secs(3600 * 50));
                let task = Kept {
                    priority: 1 + u8::try_from(number % 5).unwrap(),
                    due_at: due.filter(|_| number % 3 > 0),
                    effort_minutes: Some(number / 3 + 1).filter(|_| number % 7 > 0),
                    preferred_time: part,
                    ..task(u64::from(number), NOW)
                };
                (task, Vec::new())
            });
            let settings = Settings { weights, ..Settings::default() };
            let open = Open::of(settings, all.collect());
            for ranked in Ranking::of(&open, NOW).sorted().some(0, 600) {
                let (there, back) = (ranked.reasons.iter(), ranked.reasons.iter().rev());
                let sums =
                    [there.map(|reason| reason.points).sum::<f64>(), back.map(|reason| reason.points).sum()];
                assert_eq!(sums.map(f64::to_bits), [ranked.score.to_bits(); 2], "{ranked:?}");
                assert_eq!(ranked.task.score.map(f64::to_bits), Some(ranked.score.to_bits()));
            }
        }
    }

    #[test]
    fn ten_thousand_tasks_are_ranked_at_once() {
        let open = (0..10_000).map(|number| {
            let task =
                Kept { due_at: hours(number % 300), priority: 1 + (number % 5) as u8, ..task(number, NOW) };
            (task, Vec::new())
        });
        let open = Open::of(Settings::default(), open.collect());
        let began = Instant::now();
        assert_eq!(Ranking::of(&open, NOW).sorted().len(), 10_000);
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    }
}
