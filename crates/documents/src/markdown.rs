//! Markdown: headings, numbered and bulleted items, fenced code and tables become the same blocks as Word's.

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use stoa_core::{Error, Result};

use crate::{
    document::{Block, Cell, Code, Content, Document, Number, Paragraph, Table},
    limits,
};

pub(crate) fn read(text: &str) -> Result<Document> {
    let mut reader = Reader::default();
    for event in Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        reader.take(event);
        if reader.blocks.len() > limits::BLOCKS {
            let most = limits::BLOCKS;
            return Err(Error::too_large(format!("the file has more than {most} paragraphs; split it")));
        }
    }
    reader.finish_paragraph();
    Ok(Document { blocks: reader.blocks })
}

/// An open list: which one, and the number of its next item (`None` for bullets).
struct List {
    id: u32,
    next: Option<u64>,
}

#[derive(Default)]
struct Reader {
    blocks: Vec<Block>,
    lists: Vec<List>,
    list_count: u32,
    text: String,
    heading: Option<u8>,
    number: Option<Number>,
    code: Option<Code>,
    rows: Option<Vec<Vec<Cell>>>,
    /// How deep in bold, and whether anything in this paragraph stood outside of it.
    bold: usize,
    plain: bool,
}

impl Reader {
    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => {
                if let Some(code) = &mut self.code {
                    code.text.push_str(&text);
                } else {
                    self.plain |= self.bold == 0 && !text.trim().is_empty();
                    self.text.push_str(&text);
                }
            }
            Event::Code(text)
            | Event::InlineHtml(text)
            | Event::InlineMath(text)
            | Event::DisplayMath(text) => {
                self.plain = true;
                self.text.push_str(&text);
            }
            Event::SoftBreak | Event::HardBreak => self.text.push('\n'),
            Event::Html(text) => self.html(&text),
            Event::Rule | Event::FootnoteReference(_) | Event::TaskListMarker(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { level, .. } => {
                self.finish_paragraph();
                self.heading = Some(level_number(level));
            }
            Tag::List(first) => {
                self.finish_paragraph();
                self.list_count += 1;
                self.lists.push(List { id: self.list_count, next: first });
            }
            Tag::Item => {
                self.finish_paragraph();
                self.number = self.next_number();
            }
            Tag::CodeBlock(kind) => {
                self.finish_paragraph();
                let language = match kind {
                    CodeBlockKind::Fenced(info) => info.split([' ', ',', '{']).next().map(str::to_owned),
                    CodeBlockKind::Indented => None,
                };
                let language = language.filter(|name| !name.is_empty()).map(|name| name.to_lowercase());
                self.code = Some(Code { text: String::new(), language });
            }
            Tag::Table(_) => {
                self.finish_paragraph();
                self.rows = Some(Vec::new());
            }
            Tag::TableHead | Tag::TableRow => {
                if let Some(rows) = &mut self.rows {
                    rows.push(Vec::new());
                }
            }
            Tag::Strong => self.bold += 1,
            Tag::Paragraph | Tag::BlockQuote(_) | Tag::HtmlBlock => self.finish_paragraph(),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::Item | TagEnd::HtmlBlock => {
                self.finish_paragraph();
            }
            TagEnd::List(_) => {
                self.finish_paragraph();
                self.lists.pop();
            }
            TagEnd::CodeBlock => {
                if let Some(mut code) = self.code.take() {
                    code.text.truncate(code.text.trim_end().len());
                    self.push(Content::Code(code));
                }
            }
            TagEnd::TableCell => {
                let place = self.blocks.len();
                let text = std::mem::take(&mut self.text);
                if let Some(row) = self.rows.as_mut().and_then(|rows| rows.last_mut()) {
                    row.push(Cell { blocks: vec![Block::paragraph(place, Paragraph::plain(text))] });
                }
            }
            TagEnd::Table => {
                if let Some(rows) = self.rows.take() {
                    self.push(Content::Table(Table { rows }));
                }
            }
            TagEnd::Strong => self.bold = self.bold.saturating_sub(1),
            _ => {}
        }
    }

    /// The number of the item that starts now.
    fn next_number(&mut self) -> Option<Number> {
        let level = u8::try_from(self.lists.len().saturating_sub(1)).unwrap_or(u8::MAX);
        let list = self.lists.last_mut()?;
        let bullet = list.next.is_none();
        let text = list.next.map_or("•".to_owned(), |number| format!("{number}."));
        list.next = list.next.map(|number| number.saturating_add(1));
        Some(Number { text, level, bullet, list: list.id })
    }

    /// A block of HTML is its source: a web page in a lab sheet is code.
    fn html(&mut self, text: &str) {
        if !text.trim_start().starts_with("<!--") {
            self.plain = true;
            self.text.push_str(text);
        }
    }

    fn finish_paragraph(&mut self) {
        if self.rows.is_some() || self.code.is_some() {
            return;
        }
        let text = std::mem::take(&mut self.text);
        let plain = std::mem::take(&mut self.plain);
        let heading = self.heading.take();
        // An item that starts with code or a list still shows its number.
        if text.trim().is_empty() {
            return;
        }
        let paragraph = Paragraph {
            text: text.trim_end().to_owned(),
            heading,
            number: self.number.take(),
            style: None,
            bold: !plain,
        };
        self.push(Content::Paragraph(paragraph));
    }

    fn push(&mut self, content: Content) {
        let place = self.blocks.len();
        if let (Content::Code(_) | Content::Table(_), Some(number)) = (&content, self.number.take()) {
            let own = Paragraph { number: Some(number), ..Paragraph::default() };
            self.blocks.push(Block::paragraph(place, own));
            self.blocks.push(Block::at(place + 1, content));
            return;
        }
        self.blocks.push(Block::at(place, content));
    }
}

fn level_number(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_the_same_blocks_as_a_word_document() {
        let text = "# Lab\n\nSome *words*\nwrapped.\n\n3. three\n   - dot\n4. four `x`\n\n   ```python\n   print(1)\n\n   ```\n\n|a|b|\n|-|-|\n|c|d|\n\n**Aim**\n\n    indented()\n";
        let seen: Vec<String> = read(text)
            .unwrap()
            .blocks
            .iter()
            .map(|block| match &block.content {
                Content::Paragraph(p) => {
                    let number =
                        p.number.as_ref().map_or(String::new(), |n| format!("[{} {}] ", n.text, n.level));
                    let heading = p.heading.map_or(String::new(), |level| format!("h{level} "));
                    format!("{heading}{number}{}{}", p.text, if p.bold { " (bold)" } else { "" })
                }
                Content::Code(code) => format!("code {:?} {:?}", code.language, code.text),
                Content::Table(table) => format!("table {}", table.rows.len()),
            })
            .collect();
        assert_eq!(
            seen,
            [
                "h1 Lab",
                "Some words\nwrapped.",
                "[3. 0] three",
                "[• 1] dot",
                "[4. 0] four x",
                "code Some(\"python\") \"print(1)\"",
                "table 2",
                "Aim (bold)",
                "code None \"indented()\"",
            ]
        );
    }
}
