//! Tasks as a table (RFC 4180) that a spreadsheet may open: no cell is taken for a formula.

use stoa_core::{Error, Result, Timestamp};

use super::model::Writer;
use crate::tasks::model::{Kept, Status, TaskId};

const NAMES: [&str; 16] = [
    "id",
    "title",
    "description",
    "status",
    "priority",
    "due_at",
    "effort_minutes",
    "preferred_time",
    "tags",
    "project",
    "recurrence",
    "recurrence_from",
    "depends_on",
    "started_at",
    "created_at",
    "completed_at",
];

/// A table, written line by line.
pub(super) struct Table {
    pub(super) now: Timestamp,
}

impl Writer for Table {
    fn head(&mut self, out: &mut String) -> Result<()> {
        line(out, NAMES.map(ToOwned::to_owned))
    }

    fn task(&mut self, out: &mut String, task: Kept, needs: Vec<TaskId>) -> Result<()> {
        let status = match task.status(self.now) {
            Status::Pending => "pending",
            Status::InProgress => "in_progress",
            Status::Completed => "completed",
            Status::Snoozed => "snoozed",
        };
        let at = |at: Option<Timestamp>| at.map_or(String::new(), |at| at.to_string());
        let needs: Vec<String> = needs.iter().map(ToString::to_string).collect();
        let cells = [
            task.id.to_string(),
            guarded(task.title),
            guarded(task.description),
            status.to_owned(),
            task.priority.to_string(),
            at(task.due_at),
            task.effort_minutes.map_or(String::new(), |minutes| minutes.to_string()),
            task.preferred_time.map_or(String::new(), |part| part.as_str().to_owned()),
            guarded(task.tags.join(",")),
            guarded(task.project.unwrap_or_default()),
            task.recurrence.as_ref().map_or(String::new(), |one| one.rule.clone()),
            task.recurrence.as_ref().map_or(String::new(), |one| one.from.as_str().to_owned()),
            needs.join(","),
            at(task.started_at),
            task.created_at.to_string(),
            at(task.completed_at),
        ];
        line(out, cells)
    }

    fn tail(&mut self, _: &mut String) -> Result<()> {
        Ok(())
    }
}

/// What a spreadsheet would take for a formula gets a quote in front, which spreadsheets do not show (OWASP, CSV
/// injection).
fn guarded(cell: String) -> String {
    if cell.trim_start().starts_with(['=', '+', '-', '@']) || cell.starts_with(['\t', '\r', '\n']) {
        format!("'{cell}")
    } else {
        cell
    }
}

fn line(out: &mut String, cells: [String; NAMES.len()]) -> Result<()> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(cells)?;
    let bytes = writer.into_inner().map_err(|error| Error::internal(error.to_string()))?;
    out.push_str(std::str::from_utf8(&bytes)?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for bad in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1"] {
            assert!(guarded(bad.to_owned()).starts_with('\''), "{bad:?}");
        }
        for plain in ["Call Ana", "1+1", "a=b", "", "'quoted'"] {
            assert_eq!(guarded(plain.to_owned()), plain);
        }
    }
}
