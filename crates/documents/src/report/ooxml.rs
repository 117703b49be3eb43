//! WordprocessingML, as much as a report needs, written straight into a string.
//!
//! Looks are direct formatting: no style of the teacher's document is added, changed or relied on.

use std::fmt::Write as _;

use crate::colour::{Palette, Piece, Rgb};

/// The typewriter font. Every system has it or a twin of its measure.
const MONO: &str = "Courier New";
/// Twentieths of a point, English metric units: the two rulers of Word.
pub(super) const EMU_PER_INCH: u64 = 914_400;

pub(super) const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";
pub(super) const RELATIONSHIPS: &str = "http://schemas.openxmlformats.org/package/2006/relationships";

/// The namespaces of one flavour of Word documents.
#[derive(Clone, Copy, Debug)]
pub(super) struct Names {
    pub(super) word: &'static str,
    relationships: &'static str,
    drawing: &'static str,
    place: &'static str,
    picture: &'static str,
    pub(super) image: &'static str,
}

pub(super) const TRANSITIONAL: Names = Names {
    word: "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    relationships: "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    drawing: "http://schemas.openxmlformats.org/drawingml/2006/main",
    place: "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
    picture: "http://schemas.openxmlformats.org/drawingml/2006/picture",
    image: "http://schemas.openxmlformats.org/officeDocument/2006/relationships/image",
};

pub(super) const STRICT: Names = Names {
    word: "http://purl.oclc.org/ooxml/wordprocessingml/main",
    relationships: "http://purl.oclc.org/ooxml/officeDocument/relationships",
    drawing: "http://purl.oclc.org/ooxml/drawingml/main",
    place: "http://purl.oclc.org/ooxml/drawingml/wordprocessingDrawing",
    picture: "http://purl.oclc.org/ooxml/drawingml/picture",
    image: "http://purl.oclc.org/ooxml/officeDocument/relationships/image",
};

/// How a paragraph sits: everything is said, so that nothing is inherited from the teacher's styles.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sits {
    /// Space above and below, in twentieths of a point.
    pub(super) before: u32,
    pub(super) after: u32,
    /// Stays on the page of what follows.
    pub(super) with_next: bool,
    pub(super) centred: bool,
    pub(super) frame: Option<Frame>,
    pub(super) page_break: bool,
    pub(super) indent: u32,
    pub(super) outline: Option<u8>,
}

/// A box around paragraphs; neighbours with the same box share it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) fill: Option<Rgb>,
    pub(super) line: Rgb,
    /// A thick bar on the left in this colour, in place of the thin line.
    pub(super) bar: Option<Rgb>,
}

/// How a piece of text looks; sizes in half points.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    pub(super) size: u32,
    pub(super) colour: Rgb,
    pub(super) bold: bool,
    pub(super) italic: bool,
    pub(super) mono: bool,
}

impl Look {
    pub(super) const fn text(size: u32, colour: Rgb) -> Self {
        Self { size, colour, bold: false, italic: false, mono: false }
    }
    pub(super) const fn mono(size: u32) -> Self {
        Self { size, colour: Palette::LIGHT.text, bold: false, italic: false, mono: true }
    }
    pub(super) const fn bold(self) -> Self {
        Self { bold: true, ..self }
    }
    pub(super) const fn italic(self) -> Self {
        Self { italic: true, ..self }
    }
}

/// A growing piece of a body.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) xml: String,
    names: Names,
    /// Whether each block must say what `w:` means, because the document around does not.
    declare: bool,
}

impl Writer {
    pub(super) fn new(names: Names, declare: bool) -> Self {
        Self { xml: String::new(), names, declare }
    }

    /// A paragraph; `fill` writes its runs.
    pub(super) fn paragraph(&mut self, sits: Sits, fill: impl FnOnce(&mut Self)) {
        let declared = if self.declare { format!(" xmlns:w=\"{}\"", self.names.word) } else { String::new() };
        let _ = write!(self.xml, "<w:p{declared}><w:pPr>");
        if sits.with_next {
            self.xml.push_str("<w:keepNext/>");
        }
        if sits.page_break {
            self.xml.push_str("<w:pageBreakBefore/>");
        }
        // No number of a list may slip in through the default style.
        self.xml.push_str("<w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"0\"/></w:numPr>");
        if let Some(frame) = sits.frame {
            self.frame(frame);
        }
        let Sits { before, after, indent, .. } = sits;
        let _ = write!(
            self.xml,
            "<w:spacing w:before=\"{before}\" w:after=\"{after}\" w:line=\"240\" w:lineRule=\"auto\"/>\
             <w:ind w:left=\"{indent}\" w:right=\"{}\" w:firstLine=\"0\"/><w:jc w:val=\"{}\"/>",
            if sits.frame.is_some() { indent } else { 0 },
            if sits.centred { "center" } else { "left" },
        );
        if let Some(level) = sits.outline {
            let _ = write!(self.xml, "<w:outlineLvl w:val=\"{level}\"/>");
        }
        if sits.frame.is_some() {
            // The mark of an empty line gives it its height.
            let mark = format!("<w:rFonts w:ascii=\"{MONO}\" w:hAnsi=\"{MONO}\"/><w:sz w:val=\"18\"/>");
            let _ = write!(self.xml, "<w:rPr>{mark}</w:rPr>");
        }
        self.xml.push_str("</w:pPr>");
        fill(self);
        self.xml.push_str("</w:p>");
    }

    fn frame(&mut self, frame: Frame) {
        let line = frame.line.hex();
        self.xml.push_str("<w:pBdr>");
        for side in ["top", "left", "bottom", "right"] {
            match (side, frame.bar) {
                ("left", Some(bar)) => {
                    let _ = write!(
                        self.xml,
                        "<w:left w:val=\"single\" w:sz=\"24\" w:space=\"6\" w:color=\"{}\"/>",
                        bar.hex()
                    );
                }
                _ => {
                    let space = if side == "left" || side == "right" { 6 } else { 4 };
                    let _ = write!(
                        self.xml,
                        "<w:{side} w:val=\"single\" w:sz=\"4\" w:space=\"{space}\" w:color=\"{line}\"/>"
                    );
                }
            }
        }
        self.xml.push_str("</w:pBdr>");
        if let Some(fill) = frame.fill {
            let _ = write!(self.xml, "<w:shd w:val=\"clear\" w:color=\"auto\" w:fill=\"{}\"/>", fill.hex());
        }
    }

    /// A run of text; line ends and tabs become Word's own.
    pub(super) fn run(&mut self, text: &str, look: Look) {
        if text.is_empty() {
            return;
        }
        self.xml.push_str("<w:r><w:rPr>");
        if look.mono {
            let _ = write!(self.xml, "<w:rFonts w:ascii=\"{MONO}\" w:hAnsi=\"{MONO}\" w:cs=\"{MONO}\"/>");
        }
        let on = |on| if on { "" } else { " w:val=\"0\"" };
        let (bold, italic, colour, size) = (on(look.bold), on(look.italic), look.colour.hex(), look.size);
        let _ = write!(self.xml, "<w:b{bold}/><w:i{italic}/>");
        if look.mono {
            self.xml.push_str("<w:noProof/>");
        }
        let _ = write!(
            self.xml,
            "<w:color w:val=\"{colour}\"/><w:sz w:val=\"{size}\"/><w:szCs w:val=\"{size}\"/></w:rPr>"
        );
        for (at, line) in text.split('\n').enumerate() {
            if at > 0 {
                self.xml.push_str("<w:br/>");
            }
            for (at, piece) in line.split('\t').enumerate() {
                if at > 0 {
                    self.xml.push_str("<w:tab/>");
                }
                if !piece.is_empty() {
                    self.xml.push_str("<w:t xml:space=\"preserve\">");
                    escape(&mut self.xml, piece);
                    self.xml.push_str("</w:t>");
                }
            }
        }
        self.xml.push_str("</w:r>");
    }

    /// Coloured pieces of code.
    pub(super) fn pieces(&mut self, pieces: &[Piece], size: u32) {
        for piece in pieces {
            let look =
                Look { colour: piece.colour, bold: piece.bold, italic: piece.italic, ..Look::mono(size) };
            self.run(&piece.text, look);
        }
    }

    /// A picture in the line of text. `id` must be the only one of its kind in the document.
    pub(super) fn picture(&mut self, relationship: &str, id: u32, size: (u64, u64), alt: &str) {
        let (width, height) = size;
        let names = self.names;
        let mut text = String::new();
        escape(&mut text, alt);
        let _ = write!(
            self.xml,
            "<w:r><w:drawing><wp:inline xmlns:wp=\"{}\" distT=\"0\" distB=\"0\" distL=\"0\" distR=\"0\">\
             <wp:extent cx=\"{width}\" cy=\"{height}\"/><wp:docPr id=\"{id}\" name=\"Picture {id}\" descr=\"{text}\"/>\
             <wp:cNvGraphicFramePr><a:graphicFrameLocks xmlns:a=\"{}\" noChangeAspect=\"1\"/></wp:cNvGraphicFramePr>\
             <a:graphic xmlns:a=\"{}\"><a:graphicData uri=\"{}\"><pic:pic xmlns:pic=\"{}\"><pic:nvPicPr>\
             <pic:cNvPr id=\"{id}\" name=\"Picture {id}\" descr=\"{text}\"/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill>\
             <a:blip xmlns:r=\"{}\" r:embed=\"{relationship}\"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill>\
             <pic:spPr><a:xfrm><a:off x=\"0\" y=\"0\"/><a:ext cx=\"{width}\" cy=\"{height}\"/></a:xfrm>\
             <a:prstGeom prst=\"rect\"><a:avLst/></a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic>\
             </wp:inline></w:drawing></w:r>",
            names.place, names.drawing, names.drawing, names.picture, names.picture, names.relationships,
        );
    }
}

/// Text for XML: the five signs escaped, what XML cannot hold left out or replaced.
pub(super) fn escape(out: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' => out.push(character),
            character if character.is_control() => {}
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(character),
        }
    }
}
