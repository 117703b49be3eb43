//! Text laid into the rows of a grid: wrapped, clipped, with a note on what was clipped.

use unicode_width::UnicodeWidthChar;

use super::{look::Look, width};
use crate::{
    colour::{Piece, Rgb},
    terminal::{self, Span},
};

const TAB: usize = 4;

/// One row.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    /// The line number, on the first row of a line of code.
    pub(super) number: Option<usize>,
    pub(super) spans: Vec<Span>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    pub(super) rows: Vec<Row>,
}

impl Rows {
    /// Coloured code; `total` is the number of its lines, of which `lines` holds the first.
    pub(super) fn code(
        lines: Vec<Vec<Piece>>,
        total: usize,
        most: usize,
        columns: usize,
        look: &Look,
    ) -> Self {
        let mut rows: Vec<Row> = Vec::new();
        let mut shown = 0;
        for (at, line) in lines.into_iter().enumerate() {
            let wrapped = wrap(line, columns);
            if rows.len() + wrapped.len() > most && !rows.is_empty() {
                break;
            }
            shown += 1;
            let number = |row: usize| (row == 0).then_some(at + 1);
            let room = most - rows.len().min(most);
            rows.extend(
                wrapped
                    .into_iter()
                    .take(room)
                    .enumerate()
                    .map(|(row, spans)| Row { number: number(row), spans }),
            );
        }
        if shown < total {
            rows.push(note(total - shown, look.quiet));
        }
        Self { rows }
    }

    /// What a program printed: its start and its end, when it is too long.
    pub(super) fn output(output: &str, most: usize, columns: usize, look: &Look) -> Self {
        let width = u16::try_from(columns).unwrap_or(80);
        let (spans, not_seen) = terminal::rows(output, width, &look.terminal);
        let mut rows: Vec<Row> = spans.into_iter().map(|spans| Row { number: None, spans }).collect();
        if rows.is_empty() {
            rows.push(said("nothing was printed", look.quiet));
        }
        if not_seen > 0 {
            rows.truncate(most - 1);
            let more = output.lines().count().saturating_sub(rows.len()).max(1);
            rows.push(note(more, look.quiet));
        } else if rows.len() > most {
            let tail = most / 4;
            let left_out = rows.len() - most + 1;
            let from = most - 1 - tail;
            rows.splice(from..from + left_out, [note(left_out, look.quiet)]);
        }
        Self { rows }
    }

    /// The width of the widest row.
    pub(super) fn columns(&self) -> usize {
        let width = |row: &Row| row.spans.iter().map(|span| width::columns(&span.text)).sum();
        self.rows.iter().map(width).max().unwrap_or(0)
    }
}

fn note(lines: usize, colour: Rgb) -> Row {
    said(&format!("… {lines} more {}", if lines == 1 { "line" } else { "lines" }), colour)
}

fn said(text: &str, colour: Rgb) -> Row {
    let span = Span { text: text.to_owned(), colour, behind: None, underlined: false };
    Row { number: None, spans: vec![span] }
}

/// Breaks a line where the grid ends; tabs become spaces.
fn wrap(line: Vec<Piece>, columns: usize) -> Vec<Vec<Span>> {
    // A row of a picture: what lies far behind the last row that fits is never seen.
    const FAR: usize = 10_000;
    let mut rows = vec![Vec::new()];
    let (mut column, mut all) = (0, 0);
    for Piece { text, colour, .. } in line {
        let mut span = Span { text: String::new(), colour, behind: None, underlined: false };
        for character in text.chars() {
            all += 1;
            if all > FAR {
                break;
            }
            let width = if character == '\t' { TAB - column % TAB } else { character.width().unwrap_or(1) };
            if column + width > columns {
                let next = Span { text: String::new(), ..span.clone() };
                push(&mut rows, std::mem::replace(&mut span, next));
                rows.push(Vec::new());
                column = 0;
            }
            match character {
                '\t' => span.text.extend(std::iter::repeat_n(' ', width)),
                _ => span.text.push(character),
            }
            column += width;
        }
        push(&mut rows, span);
    }
    rows
}

fn push(rows: &mut [Vec<Span>], span: Span) {
    if let Some(row) = rows.last_mut().filter(|_| !span.text.is_empty()) {
        row.push(span);
    }
}
