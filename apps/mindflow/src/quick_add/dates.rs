//! Days of a calendar, as people name them.

use jiff::{
    Span, ToSpan,
    civil::{Date, Time, Weekday},
};

use super::{
    text::{digits, number},
    times,
};

/// A day, and the time of it if the words said one.
pub(super) type Day = (Date, Option<Time>);

/// A day at the beginning of some words; how many of them it took. `on`, `by`, `due` and the like may stand before.
pub(super) fn day(words: &[&str], today: Date) -> Option<(usize, Day)> {
    let led = words
        .iter()
        .take(2)
        .take_while(|word| matches!(**word, "on" | "by" | "due" | "until" | "before"))
        .count();
    (0..=led).rev().find_map(|skipped| {
        let (used, (date, at)) = named(&words[skipped..], today, skipped > 0)?;
        // A year from either end of what a task may be due at: a zone may lie a day beside it.
        let reach = (1971..=9997).contains(&date.year());
        reach.then_some((skipped + used, (date, at)))
    })
}

fn named(words: &[&str], today: Date, led: bool) -> Option<(usize, Day)> {
    let (used, date) = match words {
        ["tonight", ..] => return Some((1, (today, Some(time_of("evening")?)))),
        ["this", part @ ("morning" | "afternoon" | "evening"), ..] => {
            return Some((2, (today, Some(time_of(part)?))));
        }
        ["today", ..] => (1, today),
        ["tomorrow" | "tmr" | "tmrw", ..] => (1, plus(today, 1.day())?),
        ["day", "after", "tomorrow", ..] => (3, plus(today, 2.days())?),
        ["the", "day", "after", "tomorrow", ..] => (4, plus(today, 2.days())?),
        ["in", ..] => ahead(words, today)?,
        ["this", word, ..] => (2, this(word, today)?),
        ["next", word, ..] => (2, next(word, today)?),
        ["end", "of", "month", ..] => (3, today.last_of_month()),
        ["end", "of", "the", "month", ..] => (4, today.last_of_month()),
        ["the", word, ..] if led => (2, nth(word, today)?),
        _ => weekday_or_date(words, today, led)?,
    };
    // `friday afternoon`
    match words.get(used).and_then(|word| times::part_of_day(word)) {
        Some(at) => Some((used + 1, (date, Some(at)))),
        None => Some((used, (date, None))),
    }
}

fn time_of(part: &str) -> Option<Time> {
    times::part_of_day(part)
}

fn plus(day: Date, span: Span) -> Option<Date> {
    day.checked_add(span).ok()
}

/// `in 3 days`, `in a week`, `in two months`.
fn ahead(words: &[&str], today: Date) -> Option<(usize, Date)> {
    let ["in", count, unit, ..] = words else { return None };
    let count = if matches!(*count, "a" | "an") { 1 } else { i64::from(number(count)?) };
    let span = match *unit {
        "day" | "days" => Span::new().try_days(count),
        "week" | "weeks" => Span::new().try_weeks(count),
        "month" | "months" => Span::new().try_months(count),
        "year" | "years" => Span::new().try_years(count),
        _ => return None,
    };
    plus(today, span.ok()?).map(|date| (3, date))
}

/// `this friday`, `this weekend`: today counts.
fn this(word: &str, today: Date) -> Option<Date> {
    let day = if word == "weekend" { Weekday::Saturday } else { weekday(word)? };
    plus(today, i64::from(today.weekday().until(day)).days())
}

/// `next week` begins on its Monday, `next friday` is that of next week, `next month` begins on its first.
fn next(word: &str, today: Date) -> Option<Date> {
    let monday = plus(today, (7 - i64::from(today.weekday().to_monday_zero_offset())).days())?;
    match word {
        "week" => Some(monday),
        "month" => plus(today.first_of_month(), 1.month()),
        "year" => plus(today.first_of_year(), 1.year()),
        "weekend" => plus(monday, 5.days()),
        word => plus(monday, i64::from(weekday(word)?.to_monday_zero_offset()).days()),
    }
}

/// The 15th: of this month if it is not over, else of the next that has one.
fn nth(word: &str, today: Date) -> Option<Date> {
    let day = i8::try_from(ordinal(word)?).ok()?;
    (0..12_i64).find_map(|month| {
        let first = plus(today.first_of_month(), month.months())?;
        Date::new(first.year(), first.month(), day).ok().filter(|date| *date >= today)
    })
}

/// Names of days and dates. Short names of days are words of other meanings too (`sun`, `sat`, `wed`): they count only
/// behind a word that leads to a day, or at the end.
fn weekday_or_date(words: &[&str], today: Date, led: bool) -> Option<(usize, Date)> {
    let coming = |day: Weekday| {
        let ahead = match today.weekday().until(day) {
            0 => 7,
            days => i64::from(days),
        };
        plus(today, ahead.days())
    };
    match words {
        [word, rest @ ..] if let Some(day) = weekday(word) => {
            let whole = word.ends_with("day");
            (whole || led || rest.iter().all(|word| is_mark(word)))
                .then(|| coming(day))
                .flatten()
                .map(|date| (1, date))
        }
        [word, ..] if word.contains('-') => iso(word).map(|date| (1, date)),
        // `5 march`, `5th of march`, `march 5`, each with a year or without.
        [day, "of", name, year, ..] if full(day, name, year).is_some() => {
            full(day, name, year).map(|date| (4, date))
        }
        [day, "of", name, ..] if month(name).is_some() => coming_date(day, name, today).map(|date| (3, date)),
        [day, name, year, ..] if full(day, name, year).is_some() => {
            full(day, name, year).map(|date| (3, date))
        }
        [name, day, year, ..] if full(day, name, year).is_some() => {
            full(day, name, year).map(|date| (3, date))
        }
        [day, name, ..] if month(name).is_some() && ordinal(day).is_some() => {
            coming_date(day, name, today).map(|date| (2, date))
        }
        [name, day, ..] if month(name).is_some() => coming_date(day, name, today).map(|date| (2, date)),
        _ => None,
    }
}

/// What may stand behind a short name of a day without making it another word: marks and times.
pub(super) fn is_mark(word: &str) -> bool {
    word.is_empty()
        || word.starts_with(['#', '@', '!', '~'])
        || word.starts_with(|c: char| c.is_ascii_digit())
        || matches!(word, "at" | "am" | "pm" | "noon" | "morning" | "afternoon" | "evening" | "night")
}

fn full(day: &str, name: &str, year: &str) -> Option<Date> {
    let year = digits(year).filter(|_| year.len() == 4)?;
    Date::new(i16::try_from(year).ok()?, month(name)?, i8::try_from(ordinal(day)?).ok()?).ok()
}

/// A date without a year: the next that comes, today counts. 29 February waits for its year.
fn coming_date(day: &str, name: &str, today: Date) -> Option<Date> {
    let (day, month) = (i8::try_from(ordinal(day)?).ok()?, month(name)?);
    (0..=8).find_map(|years| {
        Date::new(today.year().checked_add(years)?, month, day).ok().filter(|date| *date >= today)
    })
}

/// 2026-03-05, in full.
fn iso(word: &str) -> Option<Date> {
    let mut parts = word.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let lengths = (year.len(), month.len(), day.len()) == (4, 2, 2) && parts.next().is_none();
    let (year, month, day) = (digits(year)?, digits(month)?, digits(day)?);
    let date = Date::new(i16::try_from(year).ok()?, i8::try_from(month).ok()?, i8::try_from(day).ok()?);
    date.ok().filter(|_| lengths)
}

/// `5`, `5th`, `1st`: a day of a month.
pub(super) fn ordinal(word: &str) -> Option<u32> {
    let plain = ["st", "nd", "rd", "th"].iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word);
    digits(plain).filter(|day| plain.len() <= 2 && (1..=31).contains(day))
}

pub(super) fn weekday(word: &str) -> Option<Weekday> {
    Some(match word {
        "monday" | "mon" => Weekday::Monday,
        "tuesday" | "tue" | "tues" => Weekday::Tuesday,
        "wednesday" | "wed" => Weekday::Wednesday,
        "thursday" | "thu" | "thur" | "thurs" => Weekday::Thursday,
        "friday" | "fri" => Weekday::Friday,
        "saturday" | "sat" => Weekday::Saturday,
        "sunday" | "sun" => Weekday::Sunday,
        _ => return None,
    })
}

pub(super) fn month(word: &str) -> Option<i8> {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let is = |name: &&str| {
        *name == word
            || (word.len() == 3 && name.starts_with(word))
            || (word == "sept" && name.starts_with("sept"))
    };
    i8::try_from(NAMES.iter().position(is)? + 1).ok()
}

/// A day in words that leave no doubt.
pub(super) fn said(day: Date) -> String {
    day.strftime("%A %-d %B %Y").to_string()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    /// A Wednesday.
    const TODAY: Date = date(2026, 1, 7);

    fn read(line: &str) -> Option<(usize, String)> {
        let words: Vec<&str> = line.split(' ').collect();
        let at = |at: Option<Time>| at.map_or(String::new(), |at| at.strftime(" %H:%M").to_string());
        day(&words, TODAY).map(|(used, (date, time))| (used, format!("{date}{}", at(time))))
    }

    #[test]
    fn days_are_read_in_the_usual_ways() {
        for (line, used, date) in [
            ("today", 1, "2026-01-07"),
            ("tonight", 1, "2026-01-07 19:00"),
            ("this evening", 2, "2026-01-07 19:00"),
            ("tomorrow", 1, "2026-01-08"),
            ("tomorrow morning", 2, "2026-01-08 09:00"),
            ("day after tomorrow", 3, "2026-01-09"),
            ("the day after tomorrow", 4, "2026-01-09"),
            ("friday", 1, "2026-01-09"),
            ("friday afternoon", 2, "2026-01-09 15:00"),
            ("on friday", 2, "2026-01-09"),
            ("due by friday", 3, "2026-01-09"),
            ("fri", 1, "2026-01-09"),
            ("fri #work", 1, "2026-01-09"),
            ("sun 15:00", 1, "2026-01-11"),
            ("by sun cream", 2, "2026-01-11"),
            ("wednesday", 1, "2026-01-14"),
            ("this wednesday", 2, "2026-01-07"),
            ("this weekend", 2, "2026-01-10"),
            ("next friday", 2, "2026-01-16"),
            ("next monday", 2, "2026-01-12"),
            ("next week", 2, "2026-01-12"),
            ("next weekend", 2, "2026-01-17"),
            ("next month", 2, "2026-02-01"),
            ("next year", 2, "2027-01-01"),
            ("end of month", 3, "2026-01-31"),
            ("end of the month", 4, "2026-01-31"),
            ("in 3 days", 3, "2026-01-10"),
            ("in a week", 3, "2026-01-14"),
            ("in two months", 3, "2026-03-07"),
            ("2026-03-05", 1, "2026-03-05"),
            ("on 2026-03-05", 2, "2026-03-05"),
            ("5 march", 2, "2026-03-05"),
            ("5th of march", 3, "2026-03-05"),
            ("march 5", 2, "2026-03-05"),
            ("march 5th", 2, "2026-03-05"),
            ("mar 5 2027", 3, "2027-03-05"),
            ("5 mar 2027", 3, "2027-03-05"),
            ("5th of march 2027", 4, "2027-03-05"),
            ("7 january", 2, "2026-01-07"),
            ("6 january", 2, "2027-01-06"),
            ("29 february", 2, "2028-02-29"),
            ("on the 15th", 3, "2026-01-15"),
            ("by the 3rd", 3, "2026-02-03"),
            ("on the 31st", 3, "2026-01-31"),
            ("may 1", 2, "2026-05-01"),
        ] {
            assert_eq!(read(line), Some((used, date.to_owned())), "{line}");
        }
    }

    #[test]
    fn words_that_only_look_like_days_are_none() {
        for none in [
            "sun cream",
            "sat nav",
            "may",
            "may be",
            "march on",
            "next",
            "next step",
            "this",
            "this one",
            "in",
            "in 3",
            "in three houses",
            "the 15th",
            "on",
            "due",
            "2026-13-01",
            "2026-02-30",
            "26-01-01",
            "1970-12-31",
            "9998-01-01",
            "2026-1-1",
            "32 march",
            "0 march",
            "31 june",
            "in 99999 years",
            "end of story",
            "of march",
            "",
        ] {
            assert_eq!(read(none), None, "{none:?}");
        }
    }
}
