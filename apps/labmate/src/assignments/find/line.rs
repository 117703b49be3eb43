//! One line as the finder reads it.

use super::marks::Mark;

/// What a line is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Blank,
    Prose,
    /// A whole piece of code in one "line".
    Code {
        language: Option<String>,
    },
    /// A row of a table that is part of a question.
    Data,
}

/// A line of a document, or a whole piece of code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) place: usize,
    pub(super) kind: Kind,
    /// Without its mark; code with all its lines.
    pub(super) text: String,
    /// With a typed mark, as it stands in the source.
    pub(super) raw: String,
    pub(super) mark: Option<Mark>,
    pub(super) heading: Option<u8>,
    pub(super) bold: bool,
}

impl Line {
    pub(super) fn prose(place: usize, text: &str) -> Self {
        let kind = if text.trim().is_empty() { Kind::Blank } else { Kind::Prose };
        Self {
            place,
            kind,
            text: text.to_owned(),
            raw: text.to_owned(),
            mark: None,
            heading: None,
            bold: false,
        }
    }
    pub(super) fn code(place: usize, text: String, language: Option<String>) -> Self {
        Self {
            place,
            kind: Kind::Code { language },
            raw: text.clone(),
            text,
            mark: None,
            heading: None,
            bold: false,
        }
    }
    /// As it stands in the document, mark and all.
    pub(super) fn with_mark(&self) -> String {
        match &self.mark {
            Some(mark) => format!("{} {}", mark.shown, self.text.trim()),
            None => self.text.trim().to_owned(),
        }
    }
    pub(super) fn is_short(&self) -> bool {
        self.text.split_whitespace().count() <= 6
    }
    /// It has the looks of a heading: by its style, or short and all bold or all capitals.
    pub(super) fn is_set_apart(&self) -> bool {
        let text = self.text.trim();
        let letters = text.chars().filter(|c| c.is_alphabetic()).count();
        let capitals = letters > 3 && !text.chars().any(char::is_lowercase);
        self.heading.is_some() || (text.split_whitespace().count() <= 14 && (capitals || self.bold))
    }
    /// A title: set apart, and no sentence.
    pub(super) fn is_title(&self) -> bool {
        let marked = self.mark.is_some() && self.heading.is_none();
        self.is_set_apart() && !marked && (self.heading.is_some() || !self.text.trim().ends_with(['.', '?']))
    }
}
