//! `word/document.xml`: from elements to blocks.
//!
//! What a reader of the printed page would read, once: inserted revisions but not deleted ones, the modern form
//! of an alternative but not the fallback, text boxes after the paragraph that holds them. Footnotes, comments
//! and hidden text are left out.

use stoa_core::{Error, Result};

use super::{numbering::Numbering, styles, styles::Styles};
use crate::{
    document::{Block, Cell, Code, Content, Document, Paragraph, Table},
    limits,
    xml::Element,
};

/// A block and whether its font says that it is code.
struct Read {
    block: Block,
    mono: bool,
}

pub(super) struct Body {
    styles: Styles,
    numbering: Numbering,
    characters: usize,
    blocks: usize,
}

/// The text of a paragraph while it is gathered.
#[derive(Default)]
struct Line<'a> {
    text: String,
    /// Characters that are not white space: all, monospaced, bold.
    seen: usize,
    mono: usize,
    bold: usize,
    boxes: Vec<&'a Element>,
}

impl Body {
    pub(super) fn new(styles: Styles, numbering: Numbering) -> Self {
        Self { styles, numbering, characters: 0, blocks: 0 }
    }

    pub(super) fn read(mut self, body: &Element) -> Result<Document> {
        let mut read = Vec::new();
        for (place, child) in body.children().enumerate() {
            self.block(child, place, 0, &mut read)?;
        }
        // Where everything is typewritten, the font says nothing.
        let size = |read: &Read| read.block.text().trim().len();
        let all: usize = read.iter().map(size).sum();
        let mono: usize = read.iter().filter(|read| read.mono).map(size).sum();
        Ok(Document { blocks: join(read, mono * 100 < all * 85) })
    }

    fn block(&mut self, element: &Element, place: usize, depth: usize, out: &mut Vec<Read>) -> Result<()> {
        match &*element.name {
            "p" => self.paragraph(element, place, depth, out)?,
            "tbl" => self.table(element, place, depth, out)?,
            "del" | "moveFrom" | "sectPr" | "sdtPr" | "sdtEndPr" | "tcPr" | "customXmlPr" => {}
            "AlternateContent" => {
                if let Some(chosen) = chosen(element) {
                    self.block(chosen, place, depth, out)?;
                }
            }
            // Content controls, custom XML, insertions: what is inside counts.
            _ => {
                for child in element.children() {
                    self.block(child, place, depth, out)?;
                }
            }
        }
        Ok(())
    }

    fn paragraph(
        &mut self,
        element: &Element,
        place: usize,
        depth: usize,
        out: &mut Vec<Read>,
    ) -> Result<()> {
        self.count_block()?;
        let properties = element.child("pPr");
        let style = properties.and_then(|p| p.value("pStyle")).map(str::to_owned);
        let style = style.as_deref();
        let mut line = Line::default();
        let mono = self.styles.mono(style).unwrap_or(false);
        let bold = self.styles.bold(style).unwrap_or(false);
        self.inline(element, (mono, bold), &mut line)?;

        let own = properties.and_then(|p| p.child("numPr"));
        let parse = |name| own.and_then(|n: &Element| n.value(name)?.parse::<u32>().ok());
        let list = parse("numId").or_else(|| self.styles.list(style?));
        let level = parse("ilvl")
            .and_then(|level| u8::try_from(level).ok())
            .or_else(|| if own.is_some() { None } else { self.styles.level(style?) });
        let number =
            list.filter(|&id| id != 0).and_then(|id| self.numbering.next(&self.styles, id, level, style));

        let outline =
            properties.and_then(|p| p.value("outlineLvl")?.parse::<u8>().ok()).filter(|&level| level < 9);
        let heading = style.and_then(|id| self.styles.heading(id)).or(outline.map(|level| level + 1));
        let paragraph = Paragraph {
            heading: heading.filter(|_| line.seen > 0),
            number,
            style: style.map(|id| self.styles.name(id).to_owned()),
            bold: line.seen > 0 && line.bold == line.seen,
            text: line.text.trim_end().to_owned(),
        };
        out.push(Read {
            block: Block::paragraph(place, paragraph),
            mono: line.seen > 0 && line.mono == line.seen,
        });
        for text_box in line.boxes {
            for child in text_box.children() {
                self.block(child, place, depth, out)?;
            }
        }
        Ok(())
    }

    /// Gathers text; `outer` says whether the style around is monospaced and bold.
    fn inline<'a>(&mut self, element: &'a Element, outer: (bool, bool), line: &mut Line<'a>) -> Result<()> {
        for child in element.children() {
            match &*child.name {
                "pPr" | "rPr" | "del" | "moveFrom" | "sdtPr" | "sdtEndPr" | "smartTagPr" | "rt"
                | "ctrlPr" => {}
                "r" => {
                    let properties = child.child("rPr");
                    if properties.and_then(|r| r.switch("vanish")) == Some(true) {
                        continue;
                    }
                    let style = properties.and_then(|r| r.value("rStyle"));
                    let by_style = style.and_then(|id| self.styles.mono(Some(id)));
                    let mono = properties.and_then(styles::mono).or(by_style).unwrap_or(outer.0);
                    let by_style = style.and_then(|id| self.styles.bold(Some(id)));
                    let bold = properties.and_then(|r| r.switch("b")).or(by_style).unwrap_or(outer.1);
                    self.run(child, (mono, bold), line)?;
                }
                "t" => self.text(child, outer, line)?,
                "AlternateContent" => {
                    if let Some(chosen) = chosen(child) {
                        self.inline(chosen, outer, line)?;
                    }
                }
                "drawing" | "pict" | "object" => find_boxes(child, &mut line.boxes),
                _ => self.inline(child, outer, line)?,
            }
        }
        Ok(())
    }

    fn run<'a>(&mut self, run: &'a Element, look: (bool, bool), line: &mut Line<'a>) -> Result<()> {
        for child in run.children() {
            match &*child.name {
                "t" => self.text(child, look, line)?,
                "tab" | "ptab" => line.text.push('\t'),
                "cr" => line.text.push('\n'),
                "br" if matches!(child.attribute("type"), None | Some("textWrapping")) => {
                    line.text.push('\n');
                }
                "noBreakHyphen" => line.text.push('-'),
                "sym" => line.text.push_str(symbol(child)),
                "drawing" | "pict" | "object" => find_boxes(child, &mut line.boxes),
                "AlternateContent" => {
                    if let Some(chosen) = chosen(child) {
                        self.run(chosen, look, line)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn text(&mut self, element: &Element, look: (bool, bool), line: &mut Line<'_>) -> Result<()> {
        for text in element.text() {
            self.characters += text.len();
            if self.characters > limits::TEXT {
                let most = limits::TEXT / 1_000_000;
                return Err(Error::too_large(format!(
                    "the document has more than {most} million characters; split it"
                )));
            }
            let before = line.text.len();
            // A soft hyphen is only a hint; a no-break space would not be a space to a compiler.
            line.text
                .extend(text.chars().filter(|&c| c != '\u{ad}').map(|c| if c == '\u{a0}' { ' ' } else { c }));
            let added =
                line.text.get(before..).unwrap_or_default().chars().filter(|c| !c.is_whitespace()).count();
            line.seen += added;
            line.mono += if look.0 { added } else { 0 };
            line.bold += if look.1 { added } else { 0 };
        }
        Ok(())
    }

    fn table(&mut self, element: &Element, place: usize, depth: usize, out: &mut Vec<Read>) -> Result<()> {
        self.count_block()?;
        let mut rows = Vec::new();
        for row in inside(element, "tr") {
            let mut cells = Vec::new();
            for cell in inside(row, "tc") {
                let mut read = Vec::new();
                for child in cell.children() {
                    self.block(child, place, depth + 1, &mut read)?;
                }
                cells.push(Cell { blocks: join(read, true) });
            }
            rows.push(cells);
        }
        let table = Block::at(place, Content::Table(Table { rows }));
        let block = if depth < limits::TABLE_DEPTH {
            table
        } else {
            Block::paragraph(place, Paragraph::plain(table.text()))
        };
        out.push(Read { block, mono: false });
        Ok(())
    }

    fn count_block(&mut self) -> Result<()> {
        self.blocks += 1;
        if self.blocks > limits::BLOCKS {
            let most = limits::BLOCKS;
            return Err(Error::too_large(format!("the document has more than {most} paragraphs; split it")));
        }
        Ok(())
    }
}

/// Rows and cells may stand inside content controls and the like.
fn inside<'a>(element: &'a Element, name: &'static str) -> Vec<&'a Element> {
    let mut found = Vec::new();
    for child in element.children() {
        match &*child.name {
            own if own == name => found.push(child),
            "sdt" | "sdtContent" | "customXml" | "ins" | "moveTo" => found.extend(inside(child, name)),
            _ => {}
        }
    }
    found
}

/// The first choice of an alternative, its fallback if there is none.
fn chosen(alternatives: &Element) -> Option<&Element> {
    alternatives.child("Choice").or_else(|| alternatives.child("Fallback"))
}

/// The text boxes of a drawing.
fn find_boxes<'a>(element: &'a Element, boxes: &mut Vec<&'a Element>) {
    for child in element.children() {
        match &*child.name {
            "txbxContent" => boxes.push(child),
            "AlternateContent" => {
                if let Some(chosen) = chosen(child) {
                    find_boxes(chosen, boxes);
                }
            }
            _ => find_boxes(child, boxes),
        }
    }
}

/// Characters that exist only in a symbol font; the ones that lab sheets use.
fn symbol(element: &Element) -> &'static str {
    let code =
        element.attribute("char").and_then(|hex| u32::from_str_radix(hex, 16).ok()).unwrap_or(0) & 0xff;
    let wingdings =
        element.attribute("font").is_some_and(|font| font.to_ascii_lowercase().contains("wingdings"));
    match (wingdings, code) {
        (true, 0xe0 | 0xe8 | 0xf0) | (false, 0xae) => "→",
        (true, 0xfc | 0xfe) => "✓",
        (_, 0xb7 | 0xa7 | 0x6c | 0x6e | 0x9f) => "•",
        (false, 0xb4) => "×",
        (false, 0xb8) => "÷",
        (false, 0xb1) => "±",
        (false, 0xa3) => "≤",
        (false, 0xb3) => "≥",
        (false, 0xb9) => "≠",
        (false, 0xb0) => "°",
        (false, 0x70) => "π",
        (false, 0x6d) => "µ",
        _ => "□",
    }
}

/// Neighbouring code paragraphs become one piece of code, with the empty paragraphs between them.
fn join(read: Vec<Read>, font_counts: bool) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::with_capacity(read.len());
    for Read { mut block, mono } in read {
        if font_counts
            && mono
            && let Content::Paragraph(paragraph) = &block.content
        {
            let text = paragraph.text.clone();
            block.content = Content::Code(Code { text, language: None });
            take_before(&mut blocks, &mut block);
        }
        blocks.push(block);
    }
    blocks
}

/// Moves the code before `block` into it, if only empty paragraphs are between them.
fn take_before(blocks: &mut Vec<Block>, block: &mut Block) {
    let is_empty =
        |b: &Block| matches!(&b.content, Content::Paragraph(p) if p.text.is_empty() && p.number.is_none());
    let empty = blocks.iter().rev().take_while(|before| is_empty(before)).count();
    let Some(at) = blocks.len().checked_sub(empty + 1) else { return };
    let Some(before) = blocks.get_mut(at) else { return };
    let (Content::Code(old), Content::Code(code)) = (&mut before.content, &mut block.content) else { return };
    // The long text grows, the short one is copied: else a long program would be copied once per line.
    let mut text = std::mem::take(&mut old.text);
    text.extend(std::iter::repeat_n('\n', empty + 1));
    text.push_str(&code.text);
    code.text = text;
    block.first = before.first;
    blocks.truncate(at);
}
