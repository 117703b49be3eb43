//! What a reminder says.

use std::time::Duration;

use stoa_core::{Timestamp, UserId};
use stoa_identity::mail::model::Letter;

use crate::{settings::model::Settings, tasks::model::Kept, zone::Zone};

/// Longest subject of a letter, in characters.
const SUBJECT: usize = 200;
/// What is shown of a description, in characters.
const DESCRIPTION: usize = 2_000;
/// What is shown of a title among many, in characters.
const LINE: usize = 120;
/// From then on a letter says that it is late.
const LATE: Duration = Duration::from_secs(15 * 60);

/// The letter for somebody who wanted to hear of a task at `meant`, told in their zone.
pub(super) fn letter(who: UserId, task: &Kept, zone: &Zone, meant: Timestamp, now: Timestamp) -> Letter {
    Letter::to_person(who, cut(&format!("Reminder: {}", task.title), SUBJECT), text(task, zone, meant, now))
}

/// The last letter of a day: all that is left of it, told in their zone.
pub(super) fn gathering(
    who: UserId,
    all: &[(Kept, Timestamp)],
    settings: &Settings,
    now: Timestamp,
) -> Letter {
    let zone = &settings.zone;
    let mut lines = Vec::with_capacity(all.len());
    for (task, meant) in all {
        let due = task.due_at.map(|due| {
            let word = if due < now { "was due" } else { "due" };
            format!(", {word} on {}", moment(due, zone))
        });
        let (clock, title) = (zone.local(*meant).strftime("%H:%M"), cut(&task.title, LINE));
        lines.push(format!("{clock}  {title}{}", due.unwrap_or_default()));
    }
    let text = format!(
        "All that you wanted to be reminded of until the end of this day:\n\n{}\n\nThis is letter {} of today, and the \
         last: so many are wanted in your settings for tasks.\n",
        lines.join("\n"),
        settings.letters_per_day
    );
    Letter::to_person(who, format!("Reminders for the rest of today: {} tasks", all.len()), text)
}

fn text(task: &Kept, zone: &Zone, meant: Timestamp, now: Timestamp) -> String {
    let mut parts = vec![task.title.clone()];
    parts.extend(task.due_at.map(|due| {
        let word = if due < now { "It was due" } else { "It is due" };
        format!("{word} on {}.", moment(due, zone))
    }));
    if !task.description.trim().is_empty() {
        parts.push(cut(task.description.trim(), DESCRIPTION));
    }
    if meant < now - LATE {
        parts
            .push(format!("This reminder was meant for {}; it could not be sent then.", moment(meant, zone)));
    }
    parts.push(
        "You asked to be reminded of this task; its reminders can be changed where it is edited.".into(),
    );
    parts.join("\n\n") + "\n"
}

/// A point in time on the clock of the person. The last minute of a day is the whole day.
fn moment(at: Timestamp, zone: &Zone) -> String {
    let local = zone.local(at);
    let day = local.strftime("%A, %-d %B %Y");
    if (local.hour(), local.minute()) == (23, 59) {
        return day.to_string();
    }
    format!("{day} at {} ({})", local.strftime("%H:%M"), zone.name())
}

fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).collect::<String>().trim_end().to_owned() + "…"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tasks::model::tests::task;

    const NOW: Timestamp = Timestamp::from_micros(1_767_603_600_000_000);

    #[test]
    fn times_are_those_of_the_persons_clock() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        let due = |at: &str| Kept { due_at: Some(at.parse().unwrap()), ..task(1, NOW) };
        let said = |task: &Kept, meant| text(task, &berlin, meant, NOW).lines().nth(2).unwrap().to_owned();
        let soon = due("2026-01-05T09:30:00Z");
        assert_eq!(said(&soon, NOW), "It is due on Monday, 5 January 2026 at 10:30 (Europe/Berlin).");
        assert_eq!(said(&due("2026-07-05T21:59:00Z"), NOW), "It is due on Sunday, 5 July 2026.");
        assert!(said(&due("2026-01-05T08:59:00Z"), NOW).starts_with("It was due on"));
        let late = NOW - Duration::from_secs(3600);
        let last = text(&task(1, NOW), &berlin, late, NOW);
        assert!(
            last.contains("meant for Monday, 5 January 2026 at 09:00 (Europe/Berlin); it could not"),
            "{last}"
        );
    }

    #[test]
    fn the_longest_task_makes_a_letter() {
        let long = Kept { title: "ä".repeat(200), description: "ö".repeat(10_000), ..task(1, NOW) };
        let text = text(&long, &Zone::default(), NOW, NOW);
        assert!(text.chars().count() < 2_500, "{}", text.chars().count());
        assert_eq!(cut(&format!("Reminder: {}", long.title), SUBJECT).chars().count(), 200);
    }
}
