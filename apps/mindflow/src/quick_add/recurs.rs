//! What comes again, as people say it: `every monday`, `every 2 weeks`, `every! 3 days`.

use jiff::civil::Weekday;

use super::{
    dates::{is_mark, month, ordinal, weekday},
    text::number,
};
use crate::recurrence::rule::{ByDay, Frequency, Rule};

/// Longest interval that is understood: that of a rule.
const INTERVAL: u32 = 999;

/// A rule at the beginning of some words; how many of them it took.
pub(super) fn rule(words: &[&str]) -> Option<(usize, Rule)> {
    match words {
        ["daily", ..] => Some((1, Rule::every(1, Frequency::Daily))),
        ["weekly", ..] => Some((1, Rule::every(1, Frequency::Weekly))),
        ["monthly", ..] => Some((1, Rule::every(1, Frequency::Monthly))),
        ["yearly" | "annually", ..] => Some((1, Rule::every(1, Frequency::Yearly))),
        ["every" | "each", rest @ ..] => {
            let (used, rule) =
                unit(rest).or_else(|| of_month(rest)).or_else(|| of_year(rest)).or_else(|| days(rest))?;
            Some((used + 1, rule))
        }
        _ => None,
    }
}

/// `day`, `2 weeks`, `other month`, `quarter`, `month on the 15th`.
fn unit(words: &[&str]) -> Option<(usize, Rule)> {
    let (skipped, interval) = match words {
        ["other", ..] => (1, 2),
        [word, ..] => match number(word).filter(|count| (1..=INTERVAL).contains(count)) {
            Some(count) => (1, u16::try_from(count).ok()?),
            None => (0, 1),
        },
        [] => return None,
    };
    let rest = &words[skipped..];
    let rule = match rest {
        ["day" | "days", ..] => Rule::every(interval, Frequency::Daily),
        ["week" | "weeks", ..] => Rule::every(interval, Frequency::Weekly),
        ["month" | "months", "on", "the", word, ..] if ordinal(word).is_some() => {
            return Some((skipped + 4, on(Rule::every(interval, Frequency::Monthly), ordinal(word)?)?));
        }
        ["month" | "months", ..] => Rule::every(interval, Frequency::Monthly),
        ["quarter" | "quarters", ..] => {
            Rule::every(interval.checked_mul(3).filter(|all| *all < 1000)?, Frequency::Monthly)
        }
        ["year" | "years", ..] => Rule::every(interval, Frequency::Yearly),
        ["weekday" | "workday", ..] if skipped == 0 => {
            use Weekday::{Friday, Monday, Thursday, Tuesday, Wednesday};
            Rule::weekly(&[Monday, Tuesday, Wednesday, Thursday, Friday])
        }
        ["weekend", ..] if skipped == 0 => Rule::weekly(&[Weekday::Saturday]),
        [word, ..] if words[0] == "other" && is_day(word, &rest[1..]) => {
            Rule { interval, ..Rule::weekly(&[weekday(word)?]) }
        }
        _ => return None,
    };
    Some((skipped + 1, rule))
}

fn on(rule: Rule, day: u32) -> Option<Rule> {
    Some(Rule { by_month_day: vec![i8::try_from(day).ok()?], ..rule })
}

/// `15th`, `last day of the month`, `2nd friday`, `last friday of the month`.
fn of_month(words: &[&str]) -> Option<(usize, Rule)> {
    let monthly = Rule::every(1, Frequency::Monthly);
    let behind = |used: usize| match &words[used..] {
        ["of", "the", "month", ..] => used + 3,
        ["of", "each" | "every", "month", ..] => used + 3,
        _ => used,
    };
    match words {
        ["last", "day", ..] => Some((behind(2), Rule { by_month_day: vec![-1], ..monthly })),
        ["last", word, ..] => {
            let by_day = vec![ByDay { nth: -1, day: weekday(word)? }];
            Some((behind(2), Rule { by_day, ..monthly }))
        }
        [nth, word, ..] if is_nth(nth) && weekday(word).is_some() => {
            let nth = i8::try_from(ordinal(nth)?).ok().filter(|nth| *nth <= 5)?;
            Some((behind(2), Rule { by_day: vec![ByDay { nth, day: weekday(word)? }], ..monthly }))
        }
        // `5th of march` is a day of a year.
        [nth, "of", name, ..] if is_nth(nth) && month(name).is_some() => None,
        [nth, ..] if is_nth(nth) => Some((behind(1), on(monthly, ordinal(nth)?)?)),
        _ => None,
    }
}

/// `5th`: a number alone counts something else.
fn is_nth(word: &str) -> bool {
    ordinal(word).is_some() && word.ends_with(char::is_alphabetic)
}

/// `march 5`, `5 march`, `5th of march`.
fn of_year(words: &[&str]) -> Option<(usize, Rule)> {
    let (used, day, name) = match words {
        [day, "of", name, ..] => (3, day, name),
        [day, name, ..] if ordinal(day).is_some() => (2, day, name),
        [name, day, ..] => (2, day, name),
        _ => return None,
    };
    let rule = Rule { by_month: vec![month(name)?], ..Rule::every(1, Frequency::Yearly) };
    Some((used, on(rule, ordinal(day)?)?))
}

/// `monday`, `mon and thu`, `mon wed fri`.
fn days(words: &[&str]) -> Option<(usize, Rule)> {
    let (mut used, mut found) = (0, Vec::new());
    loop {
        let joined = usize::from(!found.is_empty() && words.get(used) == Some(&"and"));
        let Some(word) = words.get(used + joined) else { break };
        // In a row of days a short name is one, whatever stands behind the row.
        let behind = &words[used + joined + 1..];
        let Some(day) = weekday(word).filter(|_| !found.is_empty() || is_day(word, behind)) else { break };
        if !found.contains(&day) {
            found.push(day);
        }
        used += joined + 1;
    }
    found.sort_unstable_by_key(|day: &Weekday| day.to_monday_zero_offset());
    if found.is_empty() { None } else { Some((used, Rule::weekly(&found))) }
}

/// A name of a day; a short one only where no other word follows that makes it mean something else.
fn is_day(word: &str, behind: &[&str]) -> bool {
    let next = behind.first();
    weekday(word).is_some()
        && (word.ends_with("day")
            || next.is_none_or(|next| is_mark(next) || *next == "and" || weekday(next).is_some()))
}
