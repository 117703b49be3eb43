//! What a document says, whatever format it came in: paragraphs, code and tables, in order.
//!
//! Also what crosses the wall of the sandbox cell as JSON, so every type goes both ways.

use serde::{Deserialize, Serialize};

/// The formats that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// Word, since 2007 (Office Open XML).
    Docx,
    /// Markdown (CommonMark with tables).
    Markdown,
    /// Plain text; a file that is one program is also this.
    Text,
}

/// A whole document.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// In reading order.
    pub blocks: Vec<Block>,
}

/// One piece of a document, with its place in the source.
///
/// A place counts the elements directly under `w:body` of a Word document (all of them, from 0), and blocks in
/// the other formats. Several blocks may share a place (text boxes); one block may span several (joined code).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block {
    /// The first place it covers.
    pub first: usize,
    /// The last place it covers: what belongs below this block goes after it.
    pub last: usize,
    /// What it is.
    #[serde(flatten)]
    pub content: Content,
}

/// The kinds of blocks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Content {
    /// Prose, a heading or a list item.
    Paragraph(Paragraph),
    /// A program or a piece of one, as the source marks it (monospaced, fenced or indented).
    Code(Code),
    /// Rows of cells.
    Table(Table),
}

/// Prose, a heading or a list item.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paragraph {
    /// The text, with `\t` and `\n` where the source has tabs and line breaks. Empty for an empty paragraph.
    pub text: String,
    /// 1 is the highest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading: Option<u8>,
    /// The list number that the source computes (it does not stand in `text`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<Number>,
    /// The name of its style, if the source has styles.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub style: Option<String>,
    /// All of it is bold.
    #[serde(default)]
    pub bold: bool,
}

/// A computed list number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Number {
    /// As a reader sees it: `1.`, `b)`, `Experiment 3:`, `•`.
    pub text: String,
    /// Depth in its list, from 0.
    pub level: u8,
    /// A bullet, not a number.
    pub bullet: bool,
    /// Which list: items of one list have the same one.
    pub list: u32,
}

/// A program or a piece of one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Code {
    /// Its lines, without a line end after the last.
    pub text: String,
    /// The language, if the source names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

/// Rows of cells. Rows may differ in length.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// From top to bottom.
    pub rows: Vec<Vec<Cell>>,
}

/// One cell: a small document of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// Its blocks; their places are the table's.
    pub blocks: Vec<Block>,
}

impl Block {
    /// A block at one place.
    pub fn at(place: usize, content: Content) -> Self {
        Self { first: place, last: place, content }
    }
    /// A paragraph at one place.
    pub fn paragraph(place: usize, paragraph: Paragraph) -> Self {
        Self::at(place, Content::Paragraph(paragraph))
    }
    /// Its words alone.
    pub fn text(&self) -> String {
        match &self.content {
            Content::Paragraph(p) => p.text.clone(),
            Content::Code(c) => c.text.clone(),
            Content::Table(t) => {
                let row = |row: &Vec<Cell>| row.iter().map(Cell::text).collect::<Vec<_>>().join("\t");
                t.rows.iter().map(row).collect::<Vec<_>>().join("\n")
            }
        }
    }
}

impl Paragraph {
    /// Plain prose.
    pub fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

impl Cell {
    /// Its words, one line per block.
    pub fn text(&self) -> String {
        self.blocks.iter().map(Block::text).collect::<Vec<_>>().join("\n")
    }
}
