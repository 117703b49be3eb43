//! What commands say: data and answers to stdout, everything else to stderr. The one place that prints.

use std::io::{self, Write};

use serde::Serialize;
use stoa_core::{Error, Kind, Result};

/// One line of the answer.
///
/// # Errors
/// When stdout cannot be written. A reader that had enough is no error.
pub(crate) fn line(text: impl AsRef<str>) -> Result<()> {
    bytes(format!("{}\n", text.as_ref()).as_bytes())
}

/// Bytes of the answer, as they are.
///
/// # Errors
/// As [`line`].
pub(crate) fn bytes(bytes: &[u8]) -> Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// The answer as JSON, readable.
///
/// # Errors
/// As [`line`].
pub(crate) fn json(value: &impl Serialize) -> Result<()> {
    line(serde_json::to_string_pretty(value)?)
}

/// A line beside the answer. Nobody may be listening.
pub(crate) fn note(text: impl AsRef<str>) {
    let _nobody_listens = writeln!(io::stderr().lock(), "{}", text.as_ref());
}

/// Says what went wrong. Whoever runs commands owns the machine: the cause is for them too.
pub(crate) fn failed(error: &Error) {
    let mut text = format!("stoa: {}", error.said());
    for field in error.fields() {
        text.push_str(&format!("\n  {}: {}", field.pointer.trim_start_matches('/'), field.detail));
    }
    if let Some(cause) = error.cause() {
        text.push_str(&format!("\n  because: {cause}"));
    }
    if error.kind() == Kind::Internal {
        text.push_str(&format!("\n  at {}", error.at()));
    }
    note(text);
}

/// A table with as much room as its cells need.
pub(crate) fn table<const N: usize>(head: [&str; N], rows: &[[String; N]]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.chain([head[column].chars().count()]).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..N).map(width).collect();
    let line = |cells: [&str; N]| {
        let padded: Vec<String> =
            cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        padded.join("  ").trim_end().to_owned()
    };
    let body = rows.iter().map(|row| line(row.each_ref().map(String::as_str)));
    [line(head)].into_iter().chain(body).collect::<Vec<_>>().join("\n")
}
