//! Reading a recurrence rule. What is not understood is refused: half a rule would be another rule.

use std::str::FromStr;

use jiff::civil::Date;
use stoa_core::{Error, Result, Timestamp};

use super::rule::{ByDay, Frequency, Rule, Until, weekday};

/// Longest rule, in bytes.
pub(crate) const RULE: usize = 200;
/// Most of one list: all days of a month.
const LIST: usize = 31;
/// Longest interval, and most repetitions.
const MOST: u16 = 999;

/// What is wrong with a rule.
fn bad(why: impl std::fmt::Display) -> Error {
    Error::field("/recurrence", why.to_string())
}

impl FromStr for Rule {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        if text.len() > RULE || !text.is_ascii() {
            return Err(bad(format_args!("is a rule of at most {RULE} plain characters")));
        }
        let upper = text.to_ascii_uppercase();
        let mut rule = None;
        let mut seen = Vec::new();
        for part in upper.strip_prefix("RRULE:").unwrap_or(&upper).split(';') {
            let (name, value) =
                part.split_once('=').ok_or_else(|| bad("is no rule such as `FREQ=WEEKLY;BYDAY=MO,TH`"))?;
            if seen.contains(&name) {
                return Err(bad(format_args!("says {} twice", shown(name))));
            }
            // Parts may come in any order, and the frequency says what the others mean: it is read first.
            if name == "FREQ" {
                rule = Some(Self::every(1, frequency(value)?));
            }
            seen.push(name);
        }
        let mut rule = rule.ok_or_else(|| bad("needs `FREQ=`: DAILY, WEEKLY, MONTHLY or YEARLY"))?;
        for part in upper.strip_prefix("RRULE:").unwrap_or(&upper).split(';') {
            if let Some((name, value)) = part.split_once('=') {
                set(&mut rule, name, value)?;
            }
        }
        makes_sense(&rule)?;
        Ok(rule)
    }
}

fn frequency(value: &str) -> Result<Frequency> {
    let known = Frequency::ALL.iter().find(|(name, _)| *name == value);
    known.map(|(_, frequency)| *frequency).ok_or_else(|| {
        bad("knows the frequencies DAILY, WEEKLY, MONTHLY and YEARLY; a task comes once a day at most")
    })
}

fn set(rule: &mut Rule, name: &str, value: &str) -> Result<()> {
    match name {
        "FREQ" => {}
        "INTERVAL" => rule.interval = upto(name, value)?,
        "COUNT" => rule.count = Some(upto(name, value)?),
        "UNTIL" => rule.until = Some(until(value)?),
        "BYDAY" => rule.by_day = list(name, value, by_day)?,
        "BYMONTHDAY" => rule.by_month_day = list(name, value, |text| signed(text, 31))?,
        "BYMONTH" => {
            rule.by_month = list(name, value, |text| signed(text, 12).filter(|month| *month > 0))?;
        }
        "BYSETPOS" => rule.by_set_pos = list(name, value, |text| signed(text, 366))?,
        "WKST" => rule.week_start = weekday(value).ok_or_else(|| bad("`WKST` is a day such as `MO`"))?,
        name => return Err(bad(format_args!("does not know {}", shown(name)))),
    }
    Ok(())
}

/// A name of somebody else's, short and harmless.
fn shown(name: &str) -> String {
    let name: String = name.chars().take(20).collect();
    format!("`{}`", name.escape_default())
}

fn upto(name: &str, value: &str) -> Result<u16> {
    let number = digits(value).filter(|number| (1..=MOST).contains(number));
    number.ok_or_else(|| bad(format_args!("`{name}` is a number from 1 to {MOST}")))
}

/// Digits and nothing else: `parse` would take a sign too.
fn digits<T: FromStr>(text: &str) -> Option<T> {
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

/// From 1 to `most`, or from the end.
fn signed<T>(text: &str, most: i16) -> Option<T>
where
    T: TryFrom<i16>,
{
    let (sign, rest) = match text.as_bytes().first()? {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => (1, text),
    };
    let number: i16 = digits(rest).filter(|number| (1..=most).contains(number))?;
    T::try_from(sign * number).ok()
}

fn by_day(text: &str) -> Option<ByDay> {
    let at = text.len().checked_sub(2)?;
    let day = weekday(&text[at..])?;
    let nth = if at == 0 { 0 } else { signed(&text[..at], 53)? };
    Some(ByDay { nth, day })
}

fn list<T: PartialEq>(name: &str, value: &str, one: impl Fn(&str) -> Option<T>) -> Result<Vec<T>> {
    let mut all = Vec::new();
    for text in value.split(',') {
        let value = one(text).ok_or_else(|| bad(format_args!("has a `{name}` that is none")))?;
        if !all.contains(&value) {
            all.push(value);
        }
    }
    if all.len() > LIST {
        return Err(bad(format_args!("has a `{name}` of more than {LIST}")));
    }
    Ok(all)
}

/// `20260331` or `20260331T215900Z`.
fn until(value: &str) -> Result<Until> {
    let day = |text: &str| Date::strptime("%Y%m%d", text).ok().filter(|_| text.len() == 8);
    let read = match value.strip_suffix('Z') {
        None => day(value).map(Until::Day),
        Some(moment) => jiff::civil::DateTime::strptime("%Y%m%dT%H%M%S", moment)
            .ok()
            .filter(|_| moment.len() == 15)
            .and_then(|at| jiff::tz::TimeZone::UTC.to_timestamp(at).ok())
            .map(|at| Until::Moment(Timestamp::from_micros(at.as_microsecond()))),
    };
    read.ok_or_else(|| bad("`UNTIL` is a day such as `20260331` or a moment such as `20260331T215900Z`"))
}

/// What each part allows beside it (RFC 5545 §3.3.10).
fn makes_sense(rule: &Rule) -> Result<()> {
    use Frequency::{Daily, Monthly, Weekly, Yearly};
    let numbered = rule.by_day.iter().any(|day| day.nth != 0);
    let any_by = !(rule.by_day.is_empty() && rule.by_month_day.is_empty() && rule.by_month.is_empty());
    let in_a_month = rule.frequency == Monthly || !rule.by_month.is_empty();
    match rule {
        rule if rule.count.is_some() && rule.until.is_some() => Err(bad("has `COUNT` or `UNTIL`, not both")),
        Rule { frequency: Daily | Weekly, .. } if numbered => {
            Err(bad("counts days of the week only within a month or year"))
        }
        Rule { frequency: Weekly, by_month_day, .. } if !by_month_day.is_empty() => {
            Err(bad("has no `BYMONTHDAY` within a week"))
        }
        Rule { frequency: Monthly | Yearly, by_day, .. }
            if in_a_month && by_day.iter().any(|day| day.nth.abs() > 5) =>
        {
            Err(bad("counts at most five of a day in a month"))
        }
        Rule { by_set_pos, .. } if !by_set_pos.is_empty() && !any_by => {
            Err(bad("has `BYSETPOS` only beside another `BY`"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String> {
        text.parse::<Rule>().map(|rule| rule.to_string())
    }

    #[test]
    fn rules_are_kept_in_one_spelling() {
        for (loose, kept) in [
            ("FREQ=WEEKLY;BYDAY=MO,TH", "FREQ=WEEKLY;BYDAY=MO,TH"),
            ("RRULE:freq=weekly;byday=mo,mo", "FREQ=WEEKLY;BYDAY=MO"),
            ("BYDAY=-1FR;FREQ=MONTHLY;INTERVAL=1", "FREQ=MONTHLY;BYDAY=-1FR"),
            ("FREQ=MONTHLY;BYDAY=+2MO", "FREQ=MONTHLY;BYDAY=2MO"),
            ("FREQ=DAILY;INTERVAL=3;COUNT=10", "FREQ=DAILY;INTERVAL=3;COUNT=10"),
            ("FREQ=DAILY;UNTIL=20260331", "FREQ=DAILY;UNTIL=20260331"),
            ("FREQ=DAILY;UNTIL=20260331T215900Z", "FREQ=DAILY;UNTIL=20260331T215900Z"),
            ("FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=-1;WKST=SU", "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=-1;WKST=SU"),
            (
                "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
                "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
            ),
        ] {
            assert_eq!(read(loose).unwrap(), kept);
            assert_eq!(read(kept).unwrap(), kept);
        }
    }

    #[test]
    fn what_is_not_understood_is_refused_whole() {
        for bad in [
            "",
            "weekly",
            "INTERVAL=2",
            "FREQ=SECONDLY",
            "FREQ=HOURLY",
            "FREQ=DAILY;FREQ=WEEKLY",
            "FREQ=DAILY;INTERVAL=0",
            "FREQ=DAILY;INTERVAL=1000",
            "FREQ=DAILY;INTERVAL=-1",
            "FREQ=DAILY;INTERVAL=+1",
            "FREQ=DAILY;COUNT=0",
            "FREQ=DAILY;COUNT=5;UNTIL=20260331",
            "FREQ=DAILY;UNTIL=2026-03-31",
            "FREQ=DAILY;UNTIL=20260231",
            "FREQ=DAILY;UNTIL=20260331T215900",
            "FREQ=DAILY;BYHOUR=9",
            "FREQ=DAILY;BYDAY=1MO",
            "FREQ=DAILY;BYSETPOS=1",
            "FREQ=WEEKLY;BYDAY=XX",
            "FREQ=WEEKLY;BYDAY=é",
            "FREQ=WEEKLY;BYDAY=",
            "FREQ=WEEKLY;BYMONTHDAY=1",
            "FREQ=MONTHLY;BYMONTHDAY=0",
            "FREQ=MONTHLY;BYMONTHDAY=32",
            "FREQ=MONTHLY;BYMONTHDAY=--1",
            "FREQ=MONTHLY;BYDAY=6MO",
            "FREQ=YEARLY;BYMONTH=-1",
            "FREQ=YEARLY;BYMONTH=13",
            "FREQ=YEARLY;BYWEEKNO=20",
            "FREQ=DAILY;",
            &format!("FREQ=DAILY;BYMONTHDAY={}", "1,".repeat(120)),
        ] {
            let refused = read(bad).expect_err(bad);
            assert_eq!(refused.fields()[0].pointer, "/recurrence", "{bad}");
        }
    }
}
