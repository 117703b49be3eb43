//! A score in words: each part with its sentence, and what to make of the whole.

use jiff::civil::DateTime;
use stoa_core::Timestamp;

use super::model::{Fit, Main, Parts, Urgency};
use crate::{tasks::model::Kept, zone::Zone};

/// When a task is due, as a person on the spot would say it.
pub(super) fn due(due_at: Option<Timestamp>, zone: &Zone, now: Timestamp) -> String {
    let Some(at) = due_at else { return "No due date".into() };
    if at < now {
        return format!("Overdue by {}", span(now.since(at).as_secs() / 60));
    }
    let (due, today) = (zone.local(at), zone.local(now));
    let days = today.date().until(due.date()).map_or(i32::MAX, |span| span.get_days());
    let day = match days {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        2..7 => due.strftime("on %A").to_string(),
        _ => due.strftime("on %-d %B %Y").to_string(),
    };
    format!("Due {day}{}", clock(due))
}

/// The time of a day; its last minute stands for the whole day.
fn clock(at: DateTime) -> String {
    match (at.hour(), at.minute()) {
        (23, 59) => String::new(),
        _ => at.strftime(" at %H:%M").to_string(),
    }
}

/// A number of minutes in the two largest units that it fills.
pub(super) fn span(minutes: u64) -> String {
    let (days, hours, rest) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    let of = |count: u64, unit: &str| format!("{count} {unit}{}", if count == 1 { "" } else { "s" });
    let both = |large: String, count: u64, unit: &str| match count {
        0 => large,
        _ => format!("{large} {}", of(count, unit)),
    };
    match (days, hours) {
        (0, 0) if rest == 0 => "less than a minute".into(),
        (0, 0) => of(rest, "minute"),
        (0, _) => both(of(hours, "hour"), rest, "minute"),
        (1..7, _) => both(of(days, "day"), hours, "hour"),
        _ => of(days, "day"),
    }
}

pub(super) const fn priority(level: u8) -> &'static str {
    match level {
        ..=1 => "Very low priority",
        2 => "Low priority",
        3 => "Medium priority",
        4 => "High priority",
        5.. => "Urgent priority",
    }
}

pub(super) fn effort(minutes: Option<u16>) -> String {
    minutes.map_or_else(
        || "No estimate of the effort".into(),
        |minutes| format!("Takes about {}", span(minutes.into())),
    )
}

pub(super) fn time_of_day(task: &Kept, fit: Fit) -> String {
    match (task.preferred_time, fit) {
        (Some(part), Fit::Match) => format!("Best done in the {}, and it is", part.as_str()),
        (Some(part), _) => format!("Best done in the {}, and it is not", part.as_str()),
        (None, _) => "Any time of day suits it".into(),
    }
}

/// One sentence that names what speaks most for the task.
pub(super) fn recommendation(task: &Kept, parts: &Parts, zone: &Zone, now: Timestamp) -> String {
    let when = due(task.due_at, zone, now);
    match (parts.main(), parts.due) {
        (Main::Urgency, Urgency::Overdue) => format!("{when}: do it now."),
        (Main::Urgency, Urgency::Day) => format!("{when}: now is a good moment."),
        (Main::Urgency, _) => format!("{when}: get it done ahead of time."),
        (Main::Effort, _) => format!("{}: a quick win.", effort(task.effort_minutes)),
        (Main::Priority, _) => {
            let advice = match task.priority {
                ..=2 => "nothing else speaks louder for it",
                3 => "worth doing when nothing presses",
                4.. => "it matters more than most",
            };
            format!("{}: {advice}.", priority(task.priority))
        }
        (Main::Nothing, _) => "Nothing speaks for it by your weights.".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        settings::model::{Settings, Weights},
        tasks::model::tests::task,
    };

    const NOW: &str = "2026-01-05T22:30:00Z";

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn days_are_those_of_the_person() {
        let say = |due_at: &str, zone: &str| due(Some(at(due_at)), &Zone::named(zone).unwrap(), at(NOW));
        // Half past ten in London is half past eleven in Berlin, and tomorrow in Tokyo.
        assert_eq!(say("2026-01-05T23:30:00Z", "UTC"), "Due today at 23:30");
        assert_eq!(say("2026-01-05T23:30:00Z", "Europe/Berlin"), "Due tomorrow at 00:30");
        assert_eq!(say("2026-01-05T23:30:00Z", "Asia/Tokyo"), "Due today at 08:30");
        assert_eq!(say("2026-01-06T23:59:00Z", "UTC"), "Due tomorrow");
        assert_eq!(say("2026-01-10T12:00:00Z", "UTC"), "Due on Saturday at 12:00");
        assert_eq!(say("2026-01-12T12:00:00Z", "UTC"), "Due on 12 January 2026 at 12:00");
        assert_eq!(say("2026-01-03T20:15:00Z", "UTC"), "Overdue by 2 days 2 hours");
        assert_eq!(due(None, &Zone::default(), at(NOW)), "No due date");
    }

    #[test]
    fn spans_have_at_most_two_units() {
        let said = [0, 1, 59, 60, 61, 1440, 1500, 2880, 10_080, 100_000].map(span);
        let expected = [
            "less than a minute",
            "1 minute",
            "59 minutes",
            "1 hour",
            "1 hour 1 minute",
            "1 day",
            "1 day 1 hour",
            "2 days",
            "7 days",
            "69 days",
        ];
        assert_eq!(said, expected);
    }

    #[test]
    fn the_recommendation_names_what_speaks_most() {
        let say = |task: &Kept, weights: Weights| {
            let settings = Settings { weights, ..Settings::default() };
            recommendation(task, &Parts::of(task, &settings, at(NOW)), &settings.zone, at(NOW))
        };
        let usual = |task: &Kept| say(task, Weights::USUAL);
        let plain = task(1, at(NOW));
        let due = |text: &str| Kept { due_at: Some(at(text)), ..plain.clone() };
        assert_eq!(usual(&due("2026-01-05T21:30:00Z")), "Overdue by 1 hour: do it now.");
        assert_eq!(usual(&due("2026-01-05T23:00:00Z")), "Due today at 23:00: now is a good moment.");
        assert_eq!(
            usual(&due("2026-01-07T09:00:00Z")),
            "Due on Wednesday at 09:00: get it done ahead of time."
        );
        // Due far off, it is the priority that speaks.
        assert_eq!(usual(&due("2026-02-07T09:00:00Z")), "Medium priority: worth doing when nothing presses.");
        let urgent = Kept { priority: 5, ..due("2026-01-05T23:00:00Z") };
        assert_eq!(usual(&urgent), "Urgent priority: it matters more than most.");
        let low = Kept { priority: 1, ..plain.clone() };
        assert_eq!(usual(&low), "Very low priority: nothing else speaks louder for it.");
        assert_eq!(
            usual(&Kept { effort_minutes: Some(10), ..low.clone() }),
            "Takes about 10 minutes: a quick win."
        );
        let only_urgency = Weights { urgency: 40, priority: 0, effort: 0 };
        assert_eq!(say(&plain, only_urgency), "Nothing speaks for it by your weights.");
        // The points that lift an important overdue task to its least are points for being overdue.
        let only_effort = Weights { urgency: 0, priority: 0, effort: 100 };
        let late = Kept { effort_minutes: Some(90), ..due("2026-01-05T21:30:00Z") };
        assert_eq!(say(&late, only_effort), "Overdue by 1 hour: do it now.");
    }
}
