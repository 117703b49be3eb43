//! The days on which a rule falls (RFC 5545 §3.3.10): period by period, each expanded, limited and put in order.

use jiff::{
    Span,
    civil::{Date, Weekday},
};

use super::rule::{ByDay, Frequency, Rule};

/// Periods in a row without a day after which there is none: more days than lie between two 29ths of February.
const EMPTY: u32 = 3_000;

/// The days of a rule from `start` on, in order. `start` itself counts if the rule falls on it.
pub(super) struct Days<'a> {
    rule: &'a Rule,
    start: Date,
    period: i64,
    /// Of the period looked at, the last first.
    ready: Vec<Date>,
}

impl<'a> Days<'a> {
    /// From `start` on, looking at nothing before the period that holds `from`.
    pub(super) fn from(rule: &'a Rule, start: Date, from: Date) -> Self {
        let apart = match rule.frequency {
            Frequency::Daily => whole_days(start, from),
            Frequency::Weekly => whole_days(start, from) / 7,
            Frequency::Monthly => months(from) - months(start),
            Frequency::Yearly => i64::from(from.year()) - i64::from(start.year()),
        };
        let period = (apart / i64::from(rule.interval) - 1).max(0);
        Self { rule, start, period, ready: Vec::new() }
    }

    /// The days of the next period, or `None` at the end of all calendars.
    fn look(&mut self) -> Option<()> {
        let step = self.period.checked_mul(i64::from(self.rule.interval))?;
        self.period += 1;
        let mut days = match self.rule.frequency {
            Frequency::Daily => self.day(add(self.start, Span::new().try_days(step).ok()?)?),
            Frequency::Weekly => self.week(step)?,
            Frequency::Monthly => {
                let first = add(self.start.first_of_month(), Span::new().try_months(step).ok()?)?;
                if among(&self.rule.by_month, first.month()) { self.month(first) } else { Vec::new() }
            }
            Frequency::Yearly => {
                self.year(add(self.start.first_of_year(), Span::new().try_years(step).ok()?)?)
            }
        };
        days.sort_unstable();
        days.dedup();
        let mut days = chosen(&self.rule.by_set_pos, days);
        days.retain(|day| *day >= self.start);
        days.reverse();
        self.ready = days;
        Some(())
    }

    fn day(&self, day: Date) -> Vec<Date> {
        let rule = self.rule;
        let fits = among(&rule.by_month, day.month())
            && (rule.by_month_day.is_empty()
                || rule.by_month_day.iter().any(|nth| of_month(day, *nth) == Some(day)))
            && (rule.by_day.is_empty() || rule.by_day.iter().any(|by| by.day == day.weekday()));
        if fits { vec![day] } else { Vec::new() }
    }

    fn week(&self, weeks: i64) -> Option<Vec<Date>> {
        let back = i64::from(self.rule.week_start.until(self.start.weekday()));
        let first = self.start.checked_sub(Span::new().try_days(back).ok()?).ok()?;
        let first = add(first, Span::new().try_weeks(weeks).ok()?)?;
        let on =
            |day: Weekday| add(first, Span::new().try_days(i64::from(self.rule.week_start.until(day))).ok()?);
        let own = [ByDay { nth: 0, day: self.start.weekday() }];
        let days = if self.rule.by_day.is_empty() { &own[..] } else { &self.rule.by_day };
        let days = days.iter().filter_map(|by| on(by.day));
        Some(days.filter(|day| among(&self.rule.by_month, day.month())).collect())
    }

    /// The days of the month that begins with `first`.
    fn month(&self, first: Date) -> Vec<Date> {
        let rule = self.rule;
        let numbered = || rule.by_month_day.iter().filter_map(move |nth| of_month(first, *nth));
        match (rule.by_month_day.is_empty(), rule.by_day.is_empty()) {
            (true, true) => of_month(first, self.start.day()).into_iter().collect(),
            (false, true) => numbered().collect(),
            (true, false) => weekdays(&rule.by_day, first, first.last_of_month()),
            (false, false) => {
                let named = weekdays(&rule.by_day, first, first.last_of_month());
                numbered().filter(|day| named.contains(day)).collect()
            }
        }
    }

    fn year(&self, first: Date) -> Vec<Date> {
        let rule = self.rule;
        let month = |month: i8| Date::new(first.year(), month, 1).ok();
        if !rule.by_month.is_empty() {
            return rule
                .by_month
                .iter()
                .filter_map(|name| month(*name))
                .flat_map(|first| self.month(first))
                .collect();
        }
        if !rule.by_month_day.is_empty() {
            return (1..=12).filter_map(month).flat_map(|first| self.month(first)).collect();
        }
        if !rule.by_day.is_empty() {
            return weekdays(&rule.by_day, first, first.last_of_year());
        }
        Date::new(first.year(), self.start.month(), self.start.day()).into_iter().collect()
    }
}

impl Iterator for Days<'_> {
    type Item = Date;
    fn next(&mut self) -> Option<Date> {
        for _ in 0..EMPTY {
            if let Some(day) = self.ready.pop() {
                return Some(day);
            }
            self.look()?;
        }
        None
    }
}

fn add(day: Date, span: Span) -> Option<Date> {
    day.checked_add(span).ok()
}

fn whole_days(from: Date, to: Date) -> i64 {
    from.until(to).map_or(0, |span| i64::from(span.get_days()))
}

fn months(day: Date) -> i64 {
    i64::from(day.year()) * 12 + i64::from(day.month())
}

fn among(list: &[i8], value: i8) -> bool {
    list.is_empty() || list.contains(&value)
}

/// The nth day of a month, or the nth from its end; a month may lack it.
fn of_month(in_month: Date, nth: i8) -> Option<Date> {
    let day = if nth > 0 { nth } else { in_month.days_in_month() + 1 + nth };
    Date::new(in_month.year(), in_month.month(), day).ok()
}

/// The days of the week that are meant between two days, both included.
fn weekdays(wanted: &[ByDay], first: Date, last: Date) -> Vec<Date> {
    let length = whole_days(first, last);
    let step = |from: Date, days: i64| add(from, Span::new().try_days(days).ok()?);
    let mut all = Vec::new();
    for by in wanted {
        let offset = i64::from(first.weekday().until(by.day));
        let count = (length - offset) / 7 + 1;
        match i64::from(by.nth) {
            0 => all.extend((0..count).filter_map(|week| step(first, offset + 7 * week))),
            nth => {
                let week = if nth > 0 { nth - 1 } else { count + nth };
                let there = (0..count).contains(&week).then(|| step(first, offset + 7 * week));
                all.extend(there.flatten());
            }
        }
    }
    all
}

/// Of the days of a period, those in these places.
fn chosen(places: &[i16], days: Vec<Date>) -> Vec<Date> {
    if places.is_empty() {
        return days;
    }
    let place = |nth: i16| {
        let nth = if nth > 0 {
            usize::try_from(nth).ok()? - 1
        } else {
            days.len().checked_sub(usize::from(nth.unsigned_abs()))?
        };
        days.get(nth).copied()
    };
    let mut chosen: Vec<Date> = places.iter().filter_map(|nth| place(*nth)).collect();
    chosen.sort_unstable();
    chosen.dedup();
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(rule: &str, start: &str, many: usize) -> String {
        let (rule, start): (Rule, Date) = (rule.parse().unwrap(), start.parse().unwrap());
        Days::from(&rule, start, start).take(many).map(|day| day.to_string()).collect::<Vec<_>>().join(" ")
    }

    /// The examples of RFC 5545 §3.8.5.3 that a task can have.
    #[test]
    fn the_examples_of_the_specification_hold() {
        for (rule, start, days) in [
            (
                "FREQ=DAILY;INTERVAL=10",
                "1997-09-02",
                "1997-09-02 1997-09-12 1997-09-22 1997-10-02 1997-10-12",
            ),
            ("FREQ=DAILY;BYMONTH=1", "1998-01-30", "1998-01-30 1998-01-31 1999-01-01"),
            ("FREQ=WEEKLY;INTERVAL=2;WKST=SU", "1997-09-02", "1997-09-02 1997-09-16 1997-09-30 1997-10-14"),
            ("FREQ=WEEKLY;WKST=SU;BYDAY=TU,TH", "1997-09-02", "1997-09-02 1997-09-04 1997-09-09 1997-09-11"),
            (
                "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=MO,WE,FR",
                "1997-09-01",
                "1997-09-01 1997-09-03 1997-09-05 1997-09-15 1997-09-17",
            ),
            (
                "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=MO",
                "1997-08-05",
                "1997-08-05 1997-08-10 1997-08-19 1997-08-24",
            ),
            (
                "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU",
                "1997-08-05",
                "1997-08-05 1997-08-17 1997-08-19 1997-08-31",
            ),
            ("FREQ=MONTHLY;BYDAY=1FR", "1997-09-05", "1997-09-05 1997-10-03 1997-11-07 1997-12-05"),
            (
                "FREQ=MONTHLY;INTERVAL=2;BYDAY=1SU,-1SU",
                "1997-09-07",
                "1997-09-07 1997-09-28 1997-11-02 1997-11-30 1998-01-04",
            ),
            ("FREQ=MONTHLY;BYDAY=-2MO", "1997-09-22", "1997-09-22 1997-10-20 1997-11-17 1997-12-22"),
            ("FREQ=MONTHLY;BYMONTHDAY=-3", "1997-09-28", "1997-09-28 1997-10-29 1997-11-28 1997-12-29"),
            ("FREQ=MONTHLY;BYMONTHDAY=2,15", "1997-09-02", "1997-09-02 1997-09-15 1997-10-02"),
            ("FREQ=MONTHLY;BYMONTHDAY=1,-1", "1997-09-30", "1997-09-30 1997-10-01 1997-10-31 1997-11-01"),
            (
                "FREQ=MONTHLY;INTERVAL=18;BYMONTHDAY=10,11,12,13,14,15",
                "1997-09-10",
                "1997-09-10 1997-09-11 1997-09-12 1997-09-13 1997-09-14 1997-09-15 1999-03-10",
            ),
            (
                "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU",
                "1997-09-02",
                "1997-09-02 1997-09-09 1997-09-16 1997-09-23 1997-09-30 1997-11-04",
            ),
            ("FREQ=YEARLY;BYMONTH=6,7", "1997-06-10", "1997-06-10 1997-07-10 1998-06-10"),
            (
                "FREQ=YEARLY;INTERVAL=2;BYMONTH=1,2,3",
                "1997-03-10",
                "1997-03-10 1999-01-10 1999-02-10 1999-03-10 2001-01-10",
            ),
            ("FREQ=YEARLY;BYDAY=20MO", "1997-05-19", "1997-05-19 1998-05-18 1999-05-17"),
            ("FREQ=YEARLY;BYMONTH=3;BYDAY=TH", "1997-03-13", "1997-03-13 1997-03-20 1997-03-27 1998-03-05"),
            (
                "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
                "1997-09-02",
                "1998-02-13 1998-03-13 1998-11-13 1999-08-13",
            ),
            (
                "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13",
                "1997-09-13",
                "1997-09-13 1997-10-11 1997-11-08",
            ),
            (
                "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
                "1996-11-05",
                "1996-11-05 2000-11-07 2004-11-02",
            ),
            ("FREQ=MONTHLY;BYDAY=TU,WE,TH;BYSETPOS=3", "1997-09-04", "1997-09-04 1997-10-07 1997-11-06"),
            (
                "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
                "1997-09-29",
                "1997-09-29 1997-10-30 1997-11-27 1997-12-30",
            ),
            (
                "FREQ=MONTHLY;BYMONTHDAY=15,30",
                "2007-01-15",
                "2007-01-15 2007-01-30 2007-02-15 2007-03-15 2007-03-30",
            ),
            // Days that a month or year lacks are passed over, never moved.
            ("FREQ=MONTHLY", "2026-01-31", "2026-01-31 2026-03-31 2026-05-31 2026-07-31"),
            ("FREQ=YEARLY", "2024-02-29", "2024-02-29 2028-02-29 2032-02-29"),
        ] {
            assert_eq!(first(rule, start, days.split(' ').count()), days, "{rule}");
        }
    }

    #[test]
    fn a_rule_that_never_falls_ends() {
        for never in [
            "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
            "FREQ=DAILY;INTERVAL=7;BYDAY=MO",
            "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31",
            "FREQ=MONTHLY;INTERVAL=12;BYMONTH=2",
        ] {
            assert_eq!(first(never, "2026-01-06", 1), "", "{never}");
        }
        assert_eq!(first("FREQ=YEARLY;INTERVAL=999", "9000-01-01", 3), "9000-01-01 9999-01-01");
        assert_eq!(first("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29", "1896-03-01", 1), "1904-02-29");
    }

    #[test]
    fn beginning_later_finds_the_same_days() {
        let start: Date = "2020-01-31".parse().unwrap();
        let from: Date = "2026-05-17".parse().unwrap();
        for rule in [
            "FREQ=DAILY;INTERVAL=3",
            "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH",
            "FREQ=WEEKLY;INTERVAL=5;WKST=SU;BYDAY=SU",
            "FREQ=MONTHLY;INTERVAL=5;BYMONTHDAY=-1",
            "FREQ=MONTHLY",
            "FREQ=YEARLY;INTERVAL=3;BYMONTH=2;BYDAY=1MO",
            "FREQ=YEARLY;INTERVAL=2",
        ] {
            let rule: Rule = rule.parse().unwrap();
            let slow: Vec<Date> =
                Days::from(&rule, start, start).filter(|day| *day >= from).take(5).collect();
            let fast: Vec<Date> = Days::from(&rule, start, from).filter(|day| *day >= from).take(5).collect();
            assert_eq!(slow, fast, "{rule}");
        }
    }
}
