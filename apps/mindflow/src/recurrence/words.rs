//! A rule as people say it.

use jiff::civil::Weekday;

use super::{
    next::RecurrenceFrom,
    rule::{ByDay, Frequency, Rule, Until},
};

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const WORKDAYS: [Weekday; 5] =
    [Weekday::Monday, Weekday::Tuesday, Weekday::Wednesday, Weekday::Thursday, Weekday::Friday];

/// In words. What would take too many is given as it is written.
pub(super) fn said(rule: &Rule, from: RecurrenceFrom) -> String {
    let mut text = simple(rule).unwrap_or_else(|| rule.to_string());
    if from == RecurrenceFrom::Completion {
        text.push_str(" after it is done");
    }
    match (rule.count, rule.until) {
        (Some(1), _) => text.push_str(", this time only"),
        (Some(count), _) => text.push_str(&format!(", {count} times")),
        (None, Some(Until::Day(day))) => text.push_str(&day.strftime(", until %-d %B %Y").to_string()),
        (None, Some(Until::Moment(at))) => {
            let at = jiff::Timestamp::from_microsecond(at.micros()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
            text.push_str(&at.strftime(", until %-d %B %Y").to_string());
        }
        (None, None) => {}
    }
    text
}

fn simple(rule: &Rule) -> Option<String> {
    let days: Vec<Weekday> = rule.by_day.iter().map(|by| by.day).collect();
    if rule.frequency == Frequency::Weekly
        && rule.interval == 1
        && days == WORKDAYS
        && rule.by_month.is_empty()
    {
        return Some("every workday".to_owned());
    }
    let unit = match rule.frequency {
        Frequency::Daily => "day",
        Frequency::Weekly => "week",
        Frequency::Monthly => "month",
        Frequency::Yearly => "year",
    };
    let every = match rule.interval {
        1 => format!("every {unit}"),
        many => format!("every {many} {unit}s"),
    };
    let months: Option<Vec<&str>> =
        rule.by_month.iter().map(|month| MONTHS.get(usize::try_from(month - 1).ok()?).copied()).collect();
    let months = months?;
    let plain = rule.by_day.iter().all(|by| by.nth == 0);
    if !rule.by_set_pos.is_empty() {
        return None;
    }
    match (rule.frequency, rule.by_day.is_empty(), rule.by_month_day.is_empty(), months.is_empty()) {
        (_, true, true, true) => Some(every),
        (Frequency::Weekly, false, true, true) if rule.interval == 1 && days.len() == 1 => {
            Some(format!("every {}", name(days[0])))
        }
        (Frequency::Weekly, false, true, true) => {
            Some(format!("{every} on {}", listed(days.into_iter().map(name))))
        }
        (Frequency::Monthly, false, true, true) if !plain => {
            Some(format!("{every} on the {}", listed(rule.by_day.iter().map(|by| counted(*by)))))
        }
        (Frequency::Monthly, true, false, true) => {
            Some(format!("{every} on the {}", listed(rule.by_month_day.iter().map(|nth| of_month(*nth)))))
        }
        (Frequency::Yearly, true, false, false) => {
            let nths = listed(rule.by_month_day.iter().map(|nth| of_month(*nth)));
            Some(format!("{every} on the {nths} of {}", listed(months.into_iter().map(ToOwned::to_owned))))
        }
        (Frequency::Yearly | Frequency::Monthly, true, true, false) => {
            Some(format!("{every} in {}", listed(months.into_iter().map(ToOwned::to_owned))))
        }
        _ => None,
    }
}

fn name(day: Weekday) -> String {
    const NAMES: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
    NAMES[usize::from(day.to_monday_zero_offset().unsigned_abs())].to_owned()
}

fn counted(by: ByDay) -> String {
    match by.nth {
        0 => name(by.day),
        -1 => format!("last {}", name(by.day)),
        nth if nth < 0 => format!("{} to last {}", ordinal(nth.unsigned_abs()), name(by.day)),
        nth => format!("{} {}", ordinal(nth.unsigned_abs()), name(by.day)),
    }
}

fn of_month(nth: i8) -> String {
    match nth {
        -1 => "last day".to_owned(),
        nth if nth < 0 => format!("{} to last day", ordinal(nth.unsigned_abs())),
        nth => ordinal(nth.unsigned_abs()),
    }
}

fn ordinal(number: u8) -> String {
    let end = match (number % 10, number % 100) {
        (1, rest) if rest != 11 => "st",
        (2, rest) if rest != 12 => "nd",
        (3, rest) if rest != 13 => "rd",
        _ => "th",
    };
    format!("{number}{end}")
}

/// `a`, `a and b`, `a, b and c`.
fn listed(items: impl Iterator<Item = String>) -> String {
    let mut items: Vec<String> = items.collect();
    let last = items.pop().unwrap_or_default();
    if items.is_empty() { last } else { format!("{} and {last}", items.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_said_as_people_say_them() {
        for (rule, words) in [
            ("FREQ=DAILY", "every day"),
            ("FREQ=DAILY;INTERVAL=3", "every 3 days"),
            ("FREQ=WEEKLY", "every week"),
            ("FREQ=WEEKLY;BYDAY=MO", "every Monday"),
            ("FREQ=WEEKLY;BYDAY=MO,TH", "every week on Monday and Thursday"),
            ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", "every 2 weeks on Monday"),
            ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "every workday"),
            ("FREQ=MONTHLY;BYMONTHDAY=15", "every month on the 15th"),
            ("FREQ=MONTHLY;BYMONTHDAY=1,-1", "every month on the 1st and last day"),
            ("FREQ=MONTHLY;BYDAY=-1FR", "every month on the last Friday"),
            ("FREQ=MONTHLY;BYDAY=2MO,3MO", "every month on the 2nd Monday and 3rd Monday"),
            ("FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=5", "every year on the 5th of March"),
            ("FREQ=YEARLY;BYMONTH=6,7", "every year in June and July"),
            ("FREQ=DAILY;COUNT=5", "every day, 5 times"),
            ("FREQ=DAILY;COUNT=1", "every day, this time only"),
            ("FREQ=DAILY;UNTIL=20260331", "every day, until 31 March 2026"),
            ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=-1", "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=-1"),
        ] {
            assert_eq!(said(&rule.parse().unwrap(), RecurrenceFrom::Due), words);
        }
        let done = said(&"FREQ=DAILY;INTERVAL=3".parse().unwrap(), RecurrenceFrom::Completion);
        assert_eq!(done, "every 3 days after it is done");
    }
}
