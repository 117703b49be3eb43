//! Documents: reading a stranger's file, drawing pictures of code and terminals, writing a report.
//!
//! Owns nothing: no table, no folder, no clock. Bytes come in, values and bytes go out, the same for the same
//! input. The heavy libraries (zip, XML, syntax colours, fonts, rasteriser) live here and nowhere else.
//! Everything that reads a stranger's bytes is bounded by `limits` and is meant to run inside a sandbox cell:
//! `tool` is the program in the cell, `ask_…` and `answered_…` the caller's side of it.
//! Not here: what a task is (that is the lab app's rule), who may read what, where files are kept.

#[cfg(test)]
mod bad_input;
mod colour;
pub mod document;
mod docx;
pub mod limits;
mod markdown;
mod picture;
mod report;
mod sniff;
mod terminal;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod text;
mod tool;
mod xml;

pub use document::{Block, Cell, Code, Content, Document, Format, Number, Paragraph, Table};
pub use picture::{Png, Shot, Theme, picture};
pub use report::{Entry, Placement, Report, Verdict, report};
pub use sniff::sniff;
pub use tool::{answered_picture, answered_read, answered_report, ask_picture, ask_read, ask_report, tool};

use stoa_core::Result;

/// Reads a whole file. The format is what `sniff` said.
///
/// # Errors
/// `unsupported` when the file is something else than it seems, `invalid` when it is damaged, protected or
/// hostile, `too_large` when it is beyond a limit. The sentence tells a person what to do.
pub fn read(format: Format, bytes: &[u8]) -> Result<Document> {
    match format {
        Format::Docx => docx::read(bytes),
        Format::Markdown => markdown::read(&text::decode(bytes)?),
        Format::Text => text::read(&text::decode(bytes)?),
    }
}
