//! A whole file: which format it is, and what is in it.

use serde_json::Value;
use stoa_core::{Error, Result};

use super::{
    microsoft,
    model::{Format, Found},
    own,
    table::{self, Lines, Mapping},
    text::text,
    todoist, vikunja,
    when::Here,
};

/// Most tasks of one file: they are written in one transaction, for which others wait.
pub(crate) const TASKS: usize = 5_000;

/// A file, and what was said about it.
#[derive(Debug, Default)]
pub(super) struct File {
    pub(super) name: Option<String>,
    pub(super) bytes: Vec<u8>,
    pub(super) format: Option<Format>,
    pub(super) mapping: Option<Mapping>,
}

/// What refuses a file with more than that.
pub(super) fn too_many(most: usize) -> Error {
    Error::field("file", format!("holds more than {most} tasks; split it"))
}

/// All that is in a file.
pub(super) fn read(file: &File, here: &Here) -> Result<(Format, Found)> {
    let text = text(&file.bytes)?;
    let json = text.trim_start().starts_with(['{', '[']);
    let mut found = Found::default();
    let format = match file.format {
        Some(Format::Csv | Format::Todoist) => read_lines(&text, file, here, &mut found)?,
        Some(_) => read_json(&text, file.format, here, &mut found)?,
        None if json => read_json(&text, None, here, &mut found)?,
        None => read_lines(&text, file, here, &mut found)?,
    };
    if found.drafts.len() > TASKS {
        return Err(too_many(TASKS));
    }
    Ok((format, found))
}

fn read_lines(text: &str, file: &File, here: &Here, found: &mut Found) -> Result<Format> {
    let mut lines = Lines::of(text, TASKS * 2)?;
    let todoist = todoist::is_it(&lines.names);
    match file.format {
        Some(Format::Todoist) if !todoist => {
            Err(Error::field("file", "is no table of Todoist: it has no columns `TYPE` and `CONTENT`"))
        }
        Some(Format::Csv) | None if !todoist || file.mapping.is_some() || file.format.is_some() => {
            table::read(&mut lines, file.mapping.as_ref(), here, found)?;
            Ok(Format::Csv)
        }
        _ => {
            todoist::read(&mut lines, file.name.as_deref(), here, found)?;
            Ok(Format::Todoist)
        }
    }
}

fn read_json(text: &str, format: Option<Format>, here: &Here, found: &mut Found) -> Result<Format> {
    // The library stops at a depth of 128.
    let value: Value = serde_json::from_str(text).map_err(|error| {
        Error::field(
            "file",
            format!("is no JSON that can be read: line {}, column {}", error.line(), error.column()),
        )
    })?;
    let format = format.or_else(|| recognised(&value)).ok_or_else(|| {
        Error::field(
            "file",
            "is JSON of no known kind: neither of this house, nor of Vikunja, nor of Microsoft To Do",
        )
    })?;
    let inside = |names: &[&str]| {
        let list = value.as_array().or_else(|| names.iter().find_map(|name| value.get(name)?.as_array()));
        list.ok_or_else(|| {
            Error::field("file", format!("has no list of tasks for the format `{}`", format.as_str()))
        })
    };
    let many = |items: &[Value]| {
        let inner = |item: &Value| item.get("tasks").and_then(Value::as_array).map_or(1, Vec::len);
        if items.iter().map(inner).sum::<usize>() > TASKS { Err(too_many(TASKS)) } else { Ok(()) }
    };
    match format {
        Format::Stoa => {
            let tasks = inside(&["tasks"])?;
            many(tasks)?;
            own::read(tasks, found);
        }
        Format::Vikunja => {
            let projects = inside(&["projects", "namespaces"])?;
            many(projects)?;
            vikunja::read(projects, found);
        }
        _ => {
            let items = inside(&["value", "lists"])?;
            many(items)?;
            microsoft::read(items, here, found);
        }
    }
    Ok(format)
}

/// By what only one of them has.
fn recognised(value: &Value) -> Option<Format> {
    if value.get("format").and_then(Value::as_str) == Some(crate::export::model::FORMAT) {
        return Some(Format::Stoa);
    }
    let first = value.as_array().or_else(|| {
        ["value", "lists", "projects", "namespaces"].iter().find_map(|name| value.get(name)?.as_array())
    });
    let first = first?.iter().find(|item| item.is_object())?;
    let graph = ["displayName", "wellknownListName", "importance", "createdDateTime"];
    if graph.iter().any(|name| first.get(name).is_some()) {
        return Some(Format::MicrosoftTodo);
    }
    let project = first.get("title").is_some()
        && ["tasks", "lists", "child_projects"].iter().any(|name| first.get(name).is_some());
    project.then_some(Format::Vikunja)
}
