//! Tables: lines of cells below a line of names, in whatever a spreadsheet calls CSV.

use std::collections::{BTreeMap, HashMap};

use stoa_core::{Error, Result};

use super::{
    model::{Draft, Found},
    when::Here,
};
use crate::{quick_add, recurrence::next::RecurrenceFrom};

/// Most columns of a table.
const COLUMNS: usize = 100;

/// The lines of a table, one after the other.
pub(super) struct Lines<'a> {
    reader: csv::Reader<&'a [u8]>,
    /// In small letters, without blanks around.
    pub(super) names: Vec<String>,
    record: csv::StringRecord,
    most: usize,
    read: usize,
    text: &'a str,
    /// How far lines were counted, and how many there were.
    counted: (usize, u64),
}

/// One line.
pub(super) struct Line<'a> {
    /// Where it begins in the file, from 1.
    pub(super) number: u64,
    names: &'a [String],
    record: &'a csv::StringRecord,
}

impl Line<'_> {
    /// The cell below a name; nothing where there is none.
    pub(super) fn get(&self, name: &str) -> &str {
        let place = self.names.iter().position(|known| known == name);
        place.and_then(|place| self.record.get(place)).map_or("", |cell| unguarded(cell.trim()))
    }
}

/// Our own tables guard cells that a spreadsheet would take for a formula with a quote; it is no part of them.
fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest,
        _ => cell,
    }
}

impl<'a> Lines<'a> {
    /// Reads the line of names. `most` lines may follow.
    pub(super) fn of(text: &'a str, most: usize) -> Result<Self> {
        let mut reader =
            csv::ReaderBuilder::new().delimiter(delimiter(text)).flexible(true).from_reader(text.as_bytes());
        let names = reader.headers().map_err(|_| Error::field("file", "is no table"))?;
        if names.len() > COLUMNS {
            return Err(Error::field("file", format!("has more than {COLUMNS} columns")));
        }
        let names = names.iter().map(|name| name.trim().to_lowercase()).collect();
        Ok(Self { reader, names, record: csv::StringRecord::new(), most, read: 0, text, counted: (0, 1) })
    }

    /// The next line that is not empty.
    pub(super) fn next(&mut self, found: &mut Found) -> Result<Option<Line<'_>>> {
        loop {
            let more = self.reader.read_record(&mut self.record);
            match more {
                Ok(false) => return Ok(None),
                Ok(true) if self.record.iter().all(|cell| cell.trim().is_empty()) => {}
                Ok(true) => break,
                Err(_) => {
                    let number = self.number();
                    found.skip(number, "line", "cannot be read");
                }
            }
        }
        self.read += 1;
        if self.read > self.most {
            return Err(super::read::too_many(self.most));
        }
        let number = self.number();
        Ok(Some(Line { number, names: &self.names, record: &self.record }))
    }

    /// On which line of the file the record begins. The library counts otherwise where lines end as on Windows.
    fn number(&mut self) -> u64 {
        let begins = self.record.position().map_or(0, csv::Position::byte);
        let bytes = self.text.as_bytes();
        let mut at = usize::try_from(begins).unwrap_or(bytes.len()).min(bytes.len());
        while bytes.get(at).is_some_and(|byte| matches!(byte, b'\r' | b'\n')) {
            at += 1;
        }
        let (from, lines) = self.counted;
        let more =
            bytes.get(from..at).map_or(0, |passed| passed.iter().filter(|byte| **byte == b'\n').count());
        self.counted = (at.max(from), lines + more as u64);
        self.counted.1
    }
}

/// What stands most often in the line of names.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |delimiter: &u8| first.bytes().filter(|byte| byte == delimiter).count();
    [b',', b';', b'\t'].into_iter().rev().max_by_key(count).unwrap_or(b',')
}

/// Which column holds which field: `{"title": "What"}`.
pub(super) type Mapping = BTreeMap<String, String>;

/// What columns are usually called, by field.
const USUAL: [(&str, &[&str]); 14] = [
    ("title", &["title", "task", "name", "subject", "content", "summary", "task name"]),
    ("description", &["description", "notes", "note", "details", "body"]),
    ("priority", &["priority"]),
    ("due_at", &["due_at", "due", "due date", "date", "deadline"]),
    ("effort_minutes", &["effort_minutes", "effort", "estimate", "duration", "minutes"]),
    ("preferred_time", &["preferred_time", "time of day"]),
    ("tags", &["tags", "tag", "labels", "label", "categories", "category"]),
    ("project", &["project", "list", "list name", "folder"]),
    ("recurrence", &["recurrence", "repeat", "repeats", "rrule"]),
    ("recurrence_from", &["recurrence_from"]),
    ("completed", &["completed", "done", "status", "is completed"]),
    ("completed_at", &["completed_at", "completed date", "done at"]),
    ("created_at", &["created_at", "created", "created date"]),
    ("id", &["id", "task id", "uid"]),
];

/// Which field stands in which column.
fn columns(names: &[String], mapping: Option<&Mapping>) -> Result<HashMap<&'static str, String>> {
    let has = |name: &str| names.iter().any(|known| known == name);
    let mut columns = HashMap::new();
    for (field, usual) in USUAL {
        let told = mapping.and_then(|mapping| mapping.get(field)).map(|name| name.trim().to_lowercase());
        match told {
            Some(name) if name.is_empty() => {}
            Some(name) if has(&name) => drop(columns.insert(field, name)),
            Some(_) => {
                return Err(Error::field(
                    format!("mapping/{field}"),
                    "names a column that the file does not have",
                ));
            }
            None => {
                if let Some(name) = usual.iter().find(|name| has(name)) {
                    columns.insert(field, (*name).to_owned());
                }
            }
        }
    }
    if let Some(strange) =
        mapping.iter().flat_map(|all| all.keys()).find(|field| !USUAL.iter().any(|(known, _)| known == field))
    {
        let shown: String = strange.chars().take(50).collect();
        return Err(Error::field(
            "mapping",
            format!("names the field `{}`, which a task does not have", shown.escape_default()),
        ));
    }
    if columns.contains_key("title") {
        return Ok(columns);
    }
    Err(Error::field("mapping/title", "is needed: no column of the file is called `title`, `task` or `name`"))
}

/// Reads a table by its columns.
pub(super) fn read(
    lines: &mut Lines<'_>,
    mapping: Option<&Mapping>,
    here: &Here,
    found: &mut Found,
) -> Result<()> {
    let columns = columns(&lines.names, mapping)?;
    let mut seen: HashMap<String, u32> = HashMap::new();
    while let Some(line) = lines.next(found)? {
        let cell = |field: &str| columns.get(field).map_or("", |name| line.get(name));
        let draft = task(line.number, cell, here, found, &mut seen);
        found.drafts.push(draft);
    }
    Ok(())
}

fn task<'a>(
    line: u64,
    cell: impl Fn(&str) -> &'a str,
    here: &Here,
    found: &mut Found,
    seen: &mut HashMap<String, u32>,
) -> Draft {
    let mut draft = Draft::new(line, String::new(), cell("title"));
    draft.describe(cell("description"));
    let mut odd = |field: &str, why: &str| {
        let shown: String = cell(field).chars().take(50).collect();
        found.note(line, field, format!("`{}` {why}; it is left out", shown.escape_debug()));
    };
    match priority(cell("priority")) {
        Some(level) => draft.task.priority = level,
        None => odd("priority", "is no priority from 1 to 5"),
    }
    if !cell("due_at").is_empty() && !here.due(cell("due_at"), &mut draft.task) {
        odd("due_at", "is no date that is understood");
    }
    match effort(cell("effort_minutes")) {
        Ok(minutes) => draft.task.effort_minutes = minutes,
        Err(()) => odd("effort_minutes", "is no time such as `15` or `1h30m`"),
    }
    match cell("preferred_time").to_lowercase().as_str() {
        "" => {}
        part => match part.parse() {
            Ok(part) => draft.task.preferred_time = Some(part),
            Err(_) => odd("preferred_time", "is neither morning nor afternoon nor evening"),
        },
    }
    let separators: &[char] = if cell("tags").contains([',', ';', '|']) { &[',', ';', '|'] } else { &[' '] };
    let words = cell("tags").split(separators).map(|word| word.trim().trim_start_matches(['#', '@']));
    draft.task.tags = words.filter(|word| !word.is_empty()).map(ToOwned::to_owned).collect();
    draft.task.project = Some(cell("project").to_owned()).filter(|name| !name.is_empty());
    if !cell("recurrence").is_empty() {
        match quick_add::ops::rule(cell("recurrence")) {
            Some(rule) => draft.task.recurrence = Some(rule),
            None => odd("recurrence", "is no rule that is understood"),
        }
    }
    if cell("recurrence_from") == "completion" {
        draft.task.recurrence_from = RecurrenceFrom::Completion;
    }
    for (field, at) in [("completed_at", &mut draft.completed_at), ("created_at", &mut draft.created_at)] {
        *at = here.machine(cell(field));
        if at.is_none() && !cell(field).is_empty() {
            odd(field, "is no date");
        }
    }
    let done = matches!(
        &*cell("completed").to_lowercase(),
        "true" | "yes" | "x" | "1" | "done" | "completed" | "complete" | "✓"
    );
    if done && draft.completed_at.is_none() {
        draft.completed_at = Some(here.now);
    }
    draft.key = key(&cell, seen);
    draft
}

/// Its own id, or what it says; of those that are alike, the how many-th.
fn key<'a>(cell: &impl Fn(&str) -> &'a str, seen: &mut HashMap<String, u32>) -> String {
    let said = match cell("id") {
        "" => ["title", "description", "project", "due_at"].map(cell).join("\u{1}"),
        id => format!("id\u{1}{id}"),
    };
    let key = stoa_core::digest(said).hex()[..32].to_owned();
    let count = seen.entry(key.clone()).or_default();
    *count += 1;
    format!("{key}-{count}")
}

fn priority(text: &str) -> Option<u8> {
    match &*text.to_lowercase() {
        "" | "3" | "medium" | "normal" | "none" => Some(3),
        "1" | "very low" | "lowest" => Some(1),
        "2" | "low" => Some(2),
        "4" | "high" => Some(4),
        "5" | "urgent" | "highest" | "critical" => Some(5),
        _ => None,
    }
}

fn effort(text: &str) -> Result<Option<u16>, ()> {
    if text.is_empty() { Ok(None) } else { quick_add::ops::effort(text).map(Some).ok_or(()) }
}
