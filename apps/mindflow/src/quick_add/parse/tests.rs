//! Many lines, and what they mean on a Wednesday morning in Berlin.

use stoa_core::{Rng, TestRng};

use super::*;
use crate::{recurrence::next::RecurrenceFrom, tasks::model::PreferredTime};

/// Wednesday, 7 January 2026, 10:20 in Berlin.
const NOW: &str = "2026-01-07T09:20:00Z";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn berlin() -> Zone {
    Zone::named("Europe/Berlin").unwrap()
}

fn read(line: &str) -> NewTask {
    parse(line, &berlin(), now()).unwrap().task
}

/// Title and due time on a Berlin clock.
fn due(line: &str) -> (String, String) {
    let task = read(line);
    let at = task.due_at.map(|at| berlin().local(at).strftime("%Y-%m-%d %H:%M").to_string());
    (task.title, at.unwrap_or_default())
}

#[test]
fn the_line_of_the_contract_is_understood() {
    let parsed = parse("call Ana tomorrow 3pm !4 ~15m #phone", &berlin(), now()).unwrap();
    let expected = NewTask {
        title: "call Ana".into(),
        description: String::new(),
        priority: 4,
        due_at: Some("2026-01-08T14:00:00Z".parse().unwrap()),
        effort_minutes: Some(15),
        preferred_time: None,
        tags: vec!["phone".into()],
        project: None,
        recurrence: None,
        recurrence_from: RecurrenceFrom::Due,
        reminders: Vec::new(),
        depends_on: Vec::new(),
    };
    assert_eq!((parsed.task, &*parsed.time_zone), (expected, "Europe/Berlin"));
    let pieces: Vec<_> =
        parsed.understood.iter().map(|piece| (&*piece.text, piece.from, piece.to, &*piece.means)).collect();
    let expected = [
        ("tomorrow", 9, 17, "Thursday 8 January 2026"),
        ("3pm", 18, 21, "15:00"),
        ("!4", 22, 24, "priority 4"),
        ("~15m", 25, 29, "15 minutes"),
        ("#phone", 30, 36, "phone"),
    ];
    assert_eq!(pieces, expected);
}

#[test]
fn dates_and_times_meet_wherever_they_stand() {
    for (line, title, at) in [
        ("pay rent", "pay rent", ""),
        ("pay rent today", "pay rent", "2026-01-07 23:59"),
        ("pay rent by friday", "pay rent", "2026-01-09 23:59"),
        ("Friday: pay rent", "pay rent", "2026-01-09 23:59"),
        ("pay rent friday, 9:30", "pay rent", "2026-01-09 09:30"),
        ("9:30 friday pay rent", "pay rent", "2026-01-09 09:30"),
        ("tomorrow pay rent at 9am", "pay rent", "2026-01-08 09:00"),
        ("standup at 9am", "standup", "2026-01-08 09:00"),
        ("standup at 11am", "standup", "2026-01-07 11:00"),
        ("standup at 11", "standup", "2026-01-07 11:00"),
        ("standup today 9am", "standup", "2026-01-07 09:00"),
        ("tea in 20 minutes", "tea", "2026-01-07 10:40"),
        ("tea in half an hour", "tea", "2026-01-07 10:50"),
        ("review in 3 days", "review", "2026-01-10 23:59"),
        ("review in 3 days at noon", "review", "2026-01-10 12:00"),
        ("review tomorrow morning", "review", "2026-01-08 09:00"),
        ("review tomorrow morning 8:15", "review", "2026-01-08 08:15"),
        ("dinner tonight", "dinner", "2026-01-07 19:00"),
        ("dinner tonight 8pm", "dinner", "2026-01-07 20:00"),
        ("taxes 2026-07-31", "taxes", "2026-07-31 23:59"),
        ("taxes due 31 july at 5", "taxes", "2026-07-31 17:00"),
        ("birthday march 5th", "birthday", "2026-03-05 23:59"),
        // Before and after clocks change.
        ("call 28 march 12:00", "call", "2026-03-28 12:00"),
        ("call 29 march 2:30", "call", "2026-03-29 03:30"),
        ("call 30 march 12:00", "call", "2026-03-30 12:00"),
        // The second day stays in the title.
        ("move monday meeting to tuesday", "move meeting to tuesday", "2026-01-12 23:59"),
        ("tea in 5 minutes tomorrow", "tea tomorrow", "2026-01-07 10:25"),
    ] {
        assert_eq!(due(line), (title.to_owned(), at.to_owned()), "{line}");
    }
}

#[test]
fn what_is_no_field_is_the_title_as_it_was_written() {
    for (line, title) in [
        ("Buy  sun   cream", "Buy sun cream"),
        ("fix issue #12", "fix issue #12"),
        ("write to ana@example.org", "write to ana@example.org"),
        ("may be late", "may be late"),
        ("read \"The Day After Tomorrow\" today", "read \"The Day After Tomorrow\""),
        ("wait for 3 days", "wait for 3 days"),
        ("really?! yes!", "really?! yes!"),
        ("Grüße an Zoë 🎉 tomorrow", "Grüße an Zoë 🎉"),
        ("tomorrow", "tomorrow"),
        ("!5 #a", "!5 #a"),
        ("p1 at home", "p1 at home"),
    ] {
        assert_eq!(read(line).title, title, "{line}");
    }
    assert_eq!(read("tomorrow").due_at, read("x tomorrow").due_at);
}

#[test]
fn every_field_can_be_told() {
    let task = read("paint wall @Kitchen !low ~2h #diy #home #diy next saturday in the afternoon");
    assert_eq!((&*task.title, task.priority, task.effort_minutes), ("paint wall", 2, Some(120)));
    assert_eq!(
        (task.project.as_deref(), task.preferred_time),
        (Some("Kitchen"), Some(PreferredTime::Afternoon))
    );
    assert_eq!(task.tags, ["diy", "home"]);
    assert_eq!(task.due_at, Some("2026-01-17T22:59:00Z".parse().unwrap()));
    let twice = read("a !4 !5 ~10 ~20 @x @y");
    assert_eq!((&*twice.title, twice.priority, twice.effort_minutes), ("a !5 ~20 @y", 4, Some(10)));
}

#[test]
fn days_are_those_of_the_person() {
    let late = "2026-01-07T23:30:00Z".parse().unwrap();
    let due = |zone: &str| {
        parse("a today", &Zone::named(zone).unwrap(), late).unwrap().task.due_at.unwrap().to_string()
    };
    assert_eq!(due("UTC"), "2026-01-07T23:59:00.000000Z");
    assert_eq!(due("Europe/Berlin"), "2026-01-08T22:59:00.000000Z");
    assert_eq!(due("America/New_York"), "2026-01-08T04:59:00.000000Z");
}

/// Title, first time on a Berlin clock, and rule.
fn recurs(line: &str) -> (String, String, String) {
    let task = read(line);
    let (title, at) = due(line);
    let after = if task.recurrence_from == RecurrenceFrom::Completion { " after" } else { "" };
    (title, at, format!("{}{after}", task.recurrence.unwrap_or_default()))
}

#[test]
fn what_comes_again_is_understood() {
    for (line, title, at, rule) in [
        ("water plants every day", "water plants", "2026-01-07 23:59", "FREQ=DAILY"),
        ("water plants daily at 9am", "water plants", "2026-01-08 09:00", "FREQ=DAILY"),
        ("every monday 9:30 standup", "standup", "2026-01-12 09:30", "FREQ=WEEKLY;BYDAY=MO"),
        ("standup every wednesday at 11", "standup", "2026-01-07 11:00", "FREQ=WEEKLY;BYDAY=WE"),
        ("run every mon, wed and fri", "run", "2026-01-07 23:59", "FREQ=WEEKLY;BYDAY=MO,WE,FR"),
        ("mail every weekday at 9am", "mail", "2026-01-08 09:00", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"),
        ("call mum every 2 weeks", "call mum", "2026-01-07 23:59", "FREQ=WEEKLY;INTERVAL=2"),
        ("call mum every other sunday", "call mum", "2026-01-11 23:59", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU"),
        ("call mum every 2 weeks on sunday", "call mum", "2026-01-11 23:59", "FREQ=WEEKLY;INTERVAL=2"),
        ("rent every 15th", "rent", "2026-01-15 23:59", "FREQ=MONTHLY;BYMONTHDAY=15"),
        ("rent every month on the 1st", "rent", "2026-02-01 23:59", "FREQ=MONTHLY;BYMONTHDAY=1"),
        ("rent every last day of the month", "rent", "2026-01-31 23:59", "FREQ=MONTHLY;BYMONTHDAY=-1"),
        ("club every 2nd friday of the month", "club", "2026-01-09 23:59", "FREQ=MONTHLY;BYDAY=2FR"),
        ("club every last friday", "club", "2026-01-30 23:59", "FREQ=MONTHLY;BYDAY=-1FR"),
        ("taxes every quarter", "taxes", "2026-01-07 23:59", "FREQ=MONTHLY;INTERVAL=3"),
        ("taxes yearly", "taxes", "2026-01-07 23:59", "FREQ=YEARLY"),
        ("gift every march 5", "gift", "2026-03-05 23:59", "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=5"),
        ("gift every 5th of march", "gift", "2026-03-05 23:59", "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=5"),
        ("cut hair every! 3 weeks", "cut hair", "2026-01-07 23:59", "FREQ=WEEKLY;INTERVAL=3 after"),
        ("review every week starting friday", "review starting", "2026-01-09 23:59", "FREQ=WEEKLY"),
        ("read everything every", "read everything every", "", ""),
        ("every one of them", "every one of them", "", ""),
        ("every 3 houses", "every 3 houses", "", ""),
        ("every 0 days", "every 0 days", "", ""),
        ("every sun cream", "every sun cream", "", ""),
    ] {
        assert_eq!(recurs(line), (title.to_owned(), at.to_owned(), rule.to_owned()), "{line}");
    }
    let parsed = parse("run every! 3 days", &berlin(), now()).unwrap();
    let piece = &parsed.understood[0];
    assert_eq!(
        (piece.field, &*piece.text, &*piece.means),
        (QuickField::Recurrence, "every! 3 days", "every 3 days after it is done")
    );
}

#[test]
fn lines_out_of_bounds_are_refused() {
    for bad in ["", "  \t ", "a\u{0}b", "a\u{7}b", &"x".repeat(501), &"y ".repeat(120)] {
        assert_eq!(parse(bad, &berlin(), now()).unwrap_err().fields()[0].pointer, "/text", "{bad:?}");
    }
    assert!(parse("two\nlines", &berlin(), now()).is_ok());
}

/// Pieces of lines, sensible and not.
const PIECES: &[&str] = &[
    "every",
    "every!",
    "other",
    "daily",
    "weekday",
    "weeks",
    "and",
    "mon,",
    "last",
    "2nd",
    "today",
    "tonight",
    "tomorrow",
    "friday",
    "sun",
    "next",
    "this",
    "week",
    "month",
    "weekend",
    "in",
    "3",
    "99999",
    "0",
    "days",
    "years",
    "hours",
    "a",
    "an",
    "half",
    "hour",
    "the",
    "31st",
    "of",
    "february",
    "may",
    "2026",
    "2026-02-29",
    "9998-12-31",
    "0000-00-00",
    "at",
    "by",
    "on",
    "due",
    "3pm",
    "12am",
    "25:61",
    "23:59",
    "noon",
    "midnight",
    "morning",
    "night",
    "!5",
    "!",
    "!9",
    "~",
    "~1h30m",
    "~,",
    "~.5h",
    "~h",
    "for",
    "2",
    "#a",
    "#",
    "#é",
    "@x",
    "@",
    "\"",
    "\"a",
    "b\"",
    "priority",
    "high",
    "low",
    "very",
    "🎉",
    "ß",
    "İ",
    "ﬀ",
    "\u{301}",
    "٣",
    "call",
    ",",
    "...",
    "day",
    "after",
    "end",
    "pm",
    "am",
    ":",
    "1:",
    ":1",
    "-",
    "--",
    "1-2-3",
    "٢٠٢٦-٠١-٠١",
    "1h",
    "hh",
    "h30",
];

fn any(rng: &Rng, most: usize) -> usize {
    usize::from(u16::from_le_bytes(rng.bytes())) % most
}

fn any_line(rng: &Rng) -> String {
    let mut line = String::new();
    for _ in 0..=any(rng, 12) {
        match any(rng, 8) {
            0 => line.extend(char::from_u32(u32::from_le_bytes(rng.bytes()) % 0x11_0000)),
            1 => line.push(char::from(rng.bytes::<1>()[0] % 128)),
            2 => line.push_str(&PIECES[any(rng, PIECES.len())].to_uppercase()),
            _ => line.push_str(PIECES[any(rng, PIECES.len())]),
        }
        if any(rng, 5) > 0 {
            line.push([' ', ' ', '\t', '\u{2003}'][any(rng, 4)]);
        }
    }
    line
}

#[test]
fn no_line_breaks_it_and_what_it_makes_is_always_a_task() {
    let rng = TestRng::seeded(11);
    let zones =
        ["UTC", "Europe/Berlin", "Pacific/Apia", "America/St_Johns"].map(|name| Zone::named(name).unwrap());
    let moments = [NOW, "1970-01-01T00:00:00Z", "2028-02-29T12:00:00Z", "9998-12-31T23:59:59Z"];
    let (mut read, mut understood) = (0, 0);
    for number in 0..60_000 {
        let line = any_line(&rng);
        let now: Timestamp = moments[any(&rng, 4)].parse().unwrap();
        let Ok(parsed) = parse(&line, &zones[any(&rng, 4)], now) else { continue };
        read += 1;
        understood += parsed.understood.len();
        let characters: Vec<char> = line.chars().collect();
        let mut behind = 0;
        for piece in &parsed.understood {
            assert!(
                behind <= piece.from && piece.from < piece.to && piece.to <= characters.len(),
                "{line:?}"
            );
            let there: String = characters[piece.from..piece.to].iter().collect();
            let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            assert_eq!(words(&there), piece.text, "{line:?}");
            behind = piece.to;
        }
        let id = crate::tasks::model::tests::task(number, now).id;
        let task = parsed.task.check(id, now);
        assert!(task.is_ok(), "{line:?}: {task:?}");
    }
    assert!(read > 40_000 && understood > 20_000, "{read} {understood}");
}

#[test]
fn reading_the_longest_line_takes_no_time() {
    let line = "in the ".repeat(71);
    let began = std::time::Instant::now();
    for _ in 0..100 {
        let _refused = parse(&line, &berlin(), now());
    }
    assert!(began.elapsed() < std::time::Duration::from_secs(2), "{:?}", began.elapsed());
}
