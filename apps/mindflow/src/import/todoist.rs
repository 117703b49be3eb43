//! A project of Todoist as CSV: `TYPE, CONTENT, DESCRIPTION, PRIORITY, INDENT, …, DATE, …, TIMEZONE`, one line for each
//! task, section and comment. A task below another must be done before it.

use std::collections::HashMap;

use super::{
    model::{Draft, Found},
    table::Lines,
    when::Here,
};
use crate::zone::Zone;

/// Whether these are its columns.
pub(super) fn is_it(names: &[String]) -> bool {
    ["type", "content", "priority", "indent"].iter().all(|name| names.iter().any(|known| known == name))
}

/// Reads all lines. The file is called after the project.
pub(super) fn read(
    lines: &mut Lines<'_>,
    file_name: Option<&str>,
    here: &Here,
    found: &mut Found,
) -> stoa_core::Result<()> {
    let project = file_name.and_then(project);
    let mut section: Option<String> = None;
    // The tasks above the next one, by indent.
    let mut above: Vec<usize> = Vec::new();
    let mut seen: HashMap<String, u32> = HashMap::new();
    while let Some(line) = lines.next(found)? {
        match &*line.get("type").to_ascii_lowercase() {
            "task" => {
                let depth: usize = line.get("indent").parse().unwrap_or(1).clamp(1, 9);
                above.truncate(depth - 1);
                let parent = above.last().copied();
                let mut draft = task(&line, here, found);
                draft.task.project.clone_from(&project);
                draft.task.tags.extend(section.clone());
                draft.key = key(&mut seen, &project, &line, parent.map(|parent| &*found.drafts[parent].key));
                if let Some(parent) = parent {
                    let key = draft.key.clone();
                    found.drafts[parent].needs.push(key);
                }
                above.push(found.drafts.len());
                found.drafts.push(draft);
            }
            "note" => match found.drafts.last_mut() {
                Some(task) => task.describe(line.get("content")),
                None => found.note(line.number, "description", "is a comment without a task; it is left out"),
            },
            "section" => {
                section = Some(line.get("content").to_owned()).filter(|name| !name.is_empty());
                above.clear();
            }
            // Empty lines between projects, and how a project is shown.
            "" | "meta" => {}
            _ => found.note(
                line.number,
                "type",
                "is neither `task` nor `section` nor `note`; the line is left out",
            ),
        }
    }
    Ok(())
}

/// `Work [2203306141].csv` is the project `Work`.
fn project(file_name: &str) -> Option<String> {
    let name = file_name.rsplit(['/', '\\']).next()?;
    let name = name.strip_suffix(".csv").or_else(|| name.strip_suffix(".CSV")).unwrap_or(name);
    let name = match name.rsplit_once(" [") {
        Some((name, number)) if number.trim_end_matches(']').bytes().all(|byte| byte.is_ascii_digit()) => {
            name
        }
        _ => name,
    };
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}

fn task(line: &super::table::Line<'_>, here: &Here, found: &mut Found) -> Draft {
    let (title, tags) = labels(line.get("content"));
    let mut draft = Draft::new(line.number, String::new(), title);
    draft.task.tags = tags;
    draft.describe(line.get("description"));
    // Its first priority is our fifth.
    draft.task.priority = match line.get("priority") {
        "1" => 5,
        "2" => 4,
        "3" => 3,
        _ => 2,
    };
    let zone = Zone::named(line.get("timezone")).unwrap_or_else(|_| here.zone.clone());
    let date = line.get("date");
    if !date.is_empty() && !(Here { zone, now: here.now }).due(date, &mut draft.task) {
        draft.describe(&format!("Date: {date}"));
        let shown: String = date.chars().take(50).collect();
        found.note(
            line.number,
            "due_at",
            format!("`{shown}` is no date that is understood; it stands in the description"),
        );
    }
    let effort = line.get("duration").parse::<u16>().ok().filter(|_| line.get("duration_unit") != "day");
    draft.task.effort_minutes = effort.filter(|minutes| (1..=1440).contains(minutes));
    draft
}

/// `Call Ana @phone` has a label.
fn labels(content: &str) -> (String, Vec<String>) {
    let is_label = |word: &&str| word.len() > 1 && word.starts_with('@');
    let tags = content.split_whitespace().filter(is_label).map(|word| word[1..].to_owned()).collect();
    let title = content.split_whitespace().filter(|word| !is_label(word)).collect::<Vec<_>>().join(" ");
    if title.is_empty() { (content.to_owned(), Vec::new()) } else { (title, tags) }
}

/// The file names no ids: a task is what it says and where it stands, and the how many-th of those that are alike.
fn key(
    seen: &mut HashMap<String, u32>,
    project: &Option<String>,
    line: &super::table::Line<'_>,
    parent: Option<&str>,
) -> String {
    let said = [
        project.as_deref().unwrap_or_default(),
        parent.unwrap_or_default(),
        line.get("content"),
        line.get("date"),
    ];
    let key = stoa_core::digest(said.join("\u{1}")).hex()[..32].to_owned();
    let count = seen.entry(key.clone()).or_default();
    *count += 1;
    format!("{key}-{count}")
}
