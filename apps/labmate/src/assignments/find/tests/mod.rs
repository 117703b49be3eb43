//! Lab sheets of many layouts, and what is found in them.

use stoa_documents::{Format, read, testing::Sheet};

use super::{Found, find};

mod layouts;
mod manuals;

/// What is expected of one task: number, question, code, language.
type Task<'a> = (&'a str, &'a str, &'a str, &'a str);

fn seen(found: &[Found]) -> Vec<Task<'_>> {
    found
        .iter()
        .map(|f| {
            (f.number.as_deref().unwrap_or(""), f.question.as_str(), f.code.as_str(), f.language.as_str())
        })
        .collect()
}

#[track_caller]
fn docx(sheet: &Sheet, expected: &[Task<'_>]) {
    let found = find(&read(Format::Docx, &sheet.docx()).unwrap());
    assert_eq!(seen(&found), expected);
}

#[track_caller]
fn text(format: Format, text: &str, expected: &[Task<'_>]) {
    let found = find(&read(format, text.as_bytes()).unwrap());
    assert_eq!(seen(&found), expected);
}
