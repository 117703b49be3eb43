//! Microsoft To Do: lists with their tasks, or tasks alone, as Microsoft Graph gives them (`todoTaskList`, `todoTask`).

use jiff::civil::{Date, DateTime};
use serde::Deserialize;
use serde_json::Value;
use stoa_core::Timestamp;

use super::{
    model::{Draft, Found},
    text::plain,
    when::Here,
};
use crate::zone::Zone;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct List {
    #[serde(alias = "name", alias = "title")]
    display_name: String,
    tasks: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Task {
    id: String,
    title: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    importance: String,
    body: Option<Body>,
    due_date_time: Option<Moment>,
    completed_date_time: Option<Moment>,
    created_date_time: Option<String>,
    #[serde(default)]
    categories: Option<Vec<String>>,
    #[serde(default)]
    checklist_items: Option<Vec<Step>>,
    recurrence: Option<Recurrence>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    #[serde(default)]
    content: String,
    #[serde(default)]
    content_type: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Moment {
    date_time: String,
    #[serde(default)]
    time_zone: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Step {
    #[serde(default)]
    display_name: String,
    #[serde(default)]
    is_checked: bool,
}

#[derive(Deserialize)]
struct Recurrence {
    pattern: Pattern,
    range: Option<Range>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Pattern {
    r#type: String,
    interval: u16,
    #[serde(default)]
    days_of_week: Option<Vec<String>>,
    #[serde(default)]
    day_of_month: u8,
    #[serde(default)]
    month: u8,
    #[serde(default)]
    index: Option<String>,
    #[serde(default)]
    first_day_of_week: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Range {
    r#type: String,
    #[serde(default)]
    end_date: Option<String>,
    #[serde(default)]
    number_of_occurrences: u16,
}

/// Reads lists, or tasks without one.
pub(super) fn read(items: &[Value], here: &Here, found: &mut Found) {
    let mut number = 0;
    for item in items {
        match List::deserialize(item) {
            Ok(list) => list
                .tasks
                .iter()
                .for_each(|value| one(value, Some(&list.display_name), &mut number, here, found)),
            Err(_) => one(item, None, &mut number, here, found),
        }
    }
}

fn one(value: &Value, list: Option<&str>, number: &mut u64, here: &Here, found: &mut Found) {
    *number += 1;
    match Task::deserialize(value) {
        Ok(task) => {
            let draft = draft(*number, task, list, here, found);
            found.drafts.push(draft);
        }
        Err(_) => found.skip(*number, "task", "is no task of Microsoft To Do"),
    }
}

fn draft(line: u64, task: Task, list: Option<&str>, here: &Here, found: &mut Found) -> Draft {
    let mut draft = Draft::new(line, task.id, task.title);
    draft.task.project = list.filter(|name| !matches!(*name, "Tasks" | "")).map(ToOwned::to_owned);
    if let Some(body) = task.body {
        draft.describe(&if body.content_type == "html" { plain(&body.content) } else { body.content });
    }
    let steps = task.checklist_items.into_iter().flatten();
    let steps: Vec<_> = steps
        .map(|step| format!("- [{}] {}", if step.is_checked { 'x' } else { ' ' }, step.display_name))
        .collect();
    draft.describe(&steps.join("\n"));
    draft.task.priority = match &*task.importance {
        "high" => 4,
        "low" => 2,
        _ => 3,
    };
    draft.task.tags = task.categories.unwrap_or_default();
    draft.created_at = task.created_date_time.and_then(|text| text.parse().ok());
    if let Some(due) = task.due_date_time {
        draft.task.due_at = day(&due, here).and_then(|day| here.end_of(day));
        if draft.task.due_at.is_none() {
            found.note(line, "due_at", "is no date; it is left out");
        }
    }
    if task.status == "completed" {
        let done = task.completed_date_time.and_then(|at| moment(&at)).or(draft.created_at);
        draft.completed_at = Some(done.unwrap_or(here.now));
    }
    if task.status == "inProgress" {
        draft.started_at = draft.created_at.or(Some(here.now));
    }
    if let Some(recurrence) = task.recurrence {
        draft.task.recurrence = rule(&recurrence).filter(|_| draft.task.due_at.is_some());
        if draft.task.recurrence.is_none() {
            found.note(line, "recurrence", "repeats in a way that a task here cannot; it comes once");
        }
    }
    draft
}

/// As it is written, in its zone; a zone by a name of Windows is not known here.
fn moment(at: &Moment) -> Option<Timestamp> {
    let local: DateTime = at.date_time.parse().ok()?;
    Zone::named(&at.time_zone).ok()?.instant(local)
}

/// It keeps days. One that is told as a time in UTC is the midnight of whoever told it.
fn day(due: &Moment, here: &Here) -> Option<Date> {
    let local: DateTime = due.date_time.parse().ok()?;
    if due.time_zone == "UTC" && local.time() != jiff::civil::Time::midnight() {
        return Some(here.zone.local(Zone::default().instant(local)?).date());
    }
    Some(local.date())
}

/// The rule that a pattern says (`patternedRecurrence`).
fn rule(recurrence: &Recurrence) -> Option<String> {
    let pattern = &recurrence.pattern;
    let short = |day: &String| Some(day.get(..2)?.to_ascii_uppercase());
    let days: Option<Vec<String>> = pattern.days_of_week.iter().flatten().map(short).collect();
    let days = days?.join(",");
    let nth = match pattern.index.as_deref() {
        Some("second") => "2",
        Some("third") => "3",
        Some("fourth") => "4",
        Some("last") => "-1",
        _ => "1",
    };
    let (of_month, month) = (pattern.day_of_month, pattern.month);
    let by = match &*pattern.r#type {
        "daily" => "FREQ=DAILY".to_owned(),
        "weekly" if days.is_empty() => "FREQ=WEEKLY".to_owned(),
        "weekly" => {
            let start = pattern.first_day_of_week.as_ref().and_then(short).unwrap_or_else(|| "SU".to_owned());
            format!("FREQ=WEEKLY;BYDAY={days};WKST={start}")
        }
        "absoluteMonthly" => format!("FREQ=MONTHLY;BYMONTHDAY={of_month}"),
        "relativeMonthly" => format!("FREQ=MONTHLY;BYDAY={days};BYSETPOS={nth}"),
        "absoluteYearly" => format!("FREQ=YEARLY;BYMONTH={month};BYMONTHDAY={of_month}"),
        "relativeYearly" => format!("FREQ=YEARLY;BYMONTH={month};BYDAY={days};BYSETPOS={nth}"),
        _ => return None,
    };
    let end = match recurrence.range.as_ref() {
        Some(range) if range.r#type == "numbered" => format!(";COUNT={}", range.number_of_occurrences),
        Some(range) if range.r#type == "endDate" => {
            let day: Date = range.end_date.as_deref()?.parse().ok()?;
            day.strftime(";UNTIL=%Y%m%d").to_string()
        }
        _ => String::new(),
    };
    let text = format!("{by};INTERVAL={}{end}", pattern.interval);
    text.parse::<crate::recurrence::rule::Rule>().ok().map(|rule| rule.to_string())
}
