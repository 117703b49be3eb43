//! Times of a day.

use std::time::Duration;

use jiff::civil::{Time, time};

use super::text::{digits, number};

/// The last minute of a day stands for the whole day.
pub(super) const DAY: Time = time(23, 59, 0, 0);

/// `3pm`, `3:30 pm`, `15:00`, `at 15`, `noon`, `midnight`, with or without `at`.
pub(super) fn clock(words: &[&str]) -> Option<(usize, Time)> {
    match words {
        ["at" | "by" | "before", rest @ ..] => {
            let (used, at) = plain(rest).or_else(|| bare(rest))?;
            Some((used + 1, at))
        }
        words => plain(words),
    }
}

fn plain(words: &[&str]) -> Option<(usize, Time)> {
    match words {
        ["noon" | "midday", ..] => Some((1, time(12, 0, 0, 0))),
        ["midnight", ..] => Some((1, DAY)),
        [hour, half @ ("am" | "pm" | "a.m" | "p.m"), ..] => {
            of_half(hour, half.starts_with('p')).map(|at| (2, at))
        }
        [word, ..] => {
            let half = word.strip_suffix("pm").map(|hour| (hour, true));
            let half = half.or_else(|| word.strip_suffix("am").map(|hour| (hour, false)));
            let at = match half {
                Some((hour, after_noon)) => of_half(hour, after_noon),
                None => of_day(word),
            };
            at.map(|at| (1, at))
        }
        [] => None,
    }
}

/// An hour alone: of those before breakfast the one after noon.
fn bare(words: &[&str]) -> Option<(usize, Time)> {
    let hour = digits(words.first()?).filter(|_| words[0].len() <= 2)?;
    let hour = if (1..=6).contains(&hour) { hour + 12 } else { hour };
    made(hour, 0).map(|at| (1, at))
}

/// Of the half of a day: `3`, `3:30`, `3.30`.
fn of_half(text: &str, after_noon: bool) -> Option<Time> {
    let (hour, minute) = match text.split_once([':', '.']) {
        Some((hour, minute)) => (digits(hour)?, minutes(minute)?),
        None => (digits(text)?, 0),
    };
    let twelve = (1..=12).contains(&hour).then_some(hour % 12)?;
    made(if after_noon { twelve + 12 } else { twelve }, minute)
}

/// Of the whole day: `15:00`, `9:05`.
fn of_day(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    made(digits(hour).filter(|_| hour.len() <= 2)?, minutes(minute)?)
}

fn minutes(text: &str) -> Option<u32> {
    digits(text).filter(|_| text.len() == 2)
}

fn made(hour: u32, minute: u32) -> Option<Time> {
    Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, 0, 0).ok()
}

/// The time that a part of a day begins with, said behind a day: `tomorrow morning`.
pub(super) fn part_of_day(word: &str) -> Option<Time> {
    match word {
        "morning" => Some(time(9, 0, 0, 0)),
        "afternoon" => Some(time(15, 0, 0, 0)),
        "evening" => Some(time(19, 0, 0, 0)),
        "night" => Some(time(21, 0, 0, 0)),
        _ => None,
    }
}

/// `in 2 hours`, `in 90 minutes`, `in half an hour`: so long from now.
pub(super) fn from_now(words: &[&str]) -> Option<(usize, Duration)> {
    let minutes = |count: u32, unit: &str| match unit {
        "minute" | "minutes" | "min" | "mins" => Some(count),
        "hour" | "hours" | "hr" | "hrs" | "h" => count.checked_mul(60),
        _ => None,
    };
    let (used, minutes) = match words {
        ["in", "half", "an", "hour", ..] => (4, 30),
        ["in", "a" | "an", unit, ..] => (3, minutes(1, unit)?),
        ["in", count, unit, ..] => (3, minutes(number(count)?, unit)?),
        _ => return None,
    };
    Some((used, Duration::from_secs(u64::from(minutes) * 60)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Option<(usize, String)> {
        let words: Vec<&str> = line.split(' ').collect();
        clock(&words).map(|(used, at)| (used, at.strftime("%H:%M").to_string()))
    }

    #[test]
    fn clocks_are_read_in_the_usual_ways() {
        for (line, used, at) in [
            ("3pm", 1, "15:00"),
            ("3 pm", 2, "15:00"),
            ("3:30pm", 1, "15:30"),
            ("3.30 p.m", 2, "15:30"),
            ("12am", 1, "00:00"),
            ("12pm", 1, "12:00"),
            ("15:00", 1, "15:00"),
            ("9:05", 1, "09:05"),
            ("at 15:00", 2, "15:00"),
            ("at 15", 2, "15:00"),
            ("at 3", 2, "15:00"),
            ("at 9", 2, "09:00"),
            ("at noon", 2, "12:00"),
            ("by 5pm", 2, "17:00"),
            ("midnight", 1, "23:59"),
        ] {
            assert_eq!(read(line), Some((used, at.to_owned())), "{line}");
        }
        for none in [
            "3", "15", "13pm", "0am", "25:00", "9:60", "9:5", "123:00", "at", "at ana", "pm", "am", ":",
            "1:2:3",
        ] {
            assert_eq!(read(none), None, "{none}");
        }
    }

    #[test]
    fn waits_are_counted_from_now() {
        let read =
            |line: &str| from_now(&line.split(' ').collect::<Vec<_>>()).map(|(_, wait)| wait.as_secs() / 60);
        assert_eq!(read("in 2 hours"), Some(120));
        assert_eq!(read("in an hour"), Some(60));
        assert_eq!(read("in half an hour"), Some(30));
        assert_eq!(read("in ten minutes"), Some(10));
        assert_eq!(read("in 2 days"), None);
        assert_eq!(read("in 99999 hours"), Some(5_999_940));
    }
}
