//! Word documents for tests, made part by part, so that a test says exactly what is in them.

use std::{fmt::Write as _, io::Write as _};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

const W: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
    xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\" \
    xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\" \
    xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\" \
    xmlns:wps=\"http://schemas.microsoft.com/office/word/2010/wordprocessingShape\" \
    xmlns:v=\"urn:schemas-microsoft-com:vml\"";

/// A list of the built-in numbering.
#[derive(Clone, Copy, Debug)]
pub enum List {
    /// `1.` then `a)` then `i.`
    Decimal = 1,
    /// Bullets on every level.
    Bullets = 2,
    /// `Experiment 1:`, then `1)`.
    Experiment = 3,
    /// `IV.` then `A.`
    Roman = 4,
    /// `Q1.`
    Question = 5,
    /// The same abstract list as `Decimal`, started again at 1.
    DecimalAgain = 6,
    /// The same abstract list as `Decimal`, counting on.
    DecimalMore = 7,
    /// `1`, `1.1`, `1.1.1`
    Outline = 8,
}

/// A lab sheet that becomes a DOCX.
#[derive(Clone, Debug, Default)]
pub struct Sheet {
    body: String,
}

impl Sheet {
    /// An empty sheet.
    pub fn new() -> Self {
        Self::default()
    }
    /// Any XML, as it is.
    pub fn raw(mut self, xml: &str) -> Self {
        self.body.push_str(xml);
        self
    }
    /// A paragraph of prose; `\t` and `\n` become Word's own elements.
    pub fn p(self, text: &str) -> Self {
        let run = runs(text, "");
        self.raw(&format!("<w:p>{run}</w:p>"))
    }
    /// A paragraph all in bold.
    pub fn bold(self, text: &str) -> Self {
        let run = runs(text, "<w:rPr><w:b/></w:rPr>");
        self.raw(&format!("<w:p>{run}</w:p>"))
    }
    /// A heading.
    pub fn heading(self, level: u8, text: &str) -> Self {
        let run = runs(text, "");
        self.raw(&format!("<w:p><w:pPr><w:pStyle w:val=\"Heading{level}\"/></w:pPr>{run}</w:p>"))
    }
    /// A paragraph in a style of a given id.
    pub fn styled(self, style: &str, text: &str) -> Self {
        let run = runs(text, "");
        self.raw(&format!("<w:p><w:pPr><w:pStyle w:val=\"{style}\"/></w:pPr>{run}</w:p>"))
    }
    /// An item of a list; its number exists only as numbering.
    pub fn item(self, list: List, level: u8, text: &str) -> Self {
        let (run, list) = (runs(text, ""), list as u8);
        self.raw(&format!(
            "<w:p><w:pPr><w:numPr><w:ilvl w:val=\"{level}\"/><w:numId w:val=\"{list}\"/></w:numPr></w:pPr>{run}</w:p>"
        ))
    }
    /// Lines in a monospaced font, one paragraph each.
    pub fn code(mut self, lines: &str) -> Self {
        for line in lines.lines() {
            let run =
                runs(line, "<w:rPr><w:rFonts w:ascii=\"Courier New\" w:hAnsi=\"Courier New\"/></w:rPr>");
            self = self.raw(&format!("<w:p>{run}</w:p>"));
        }
        self
    }
    /// Lines in the usual font, one paragraph each: code as most people paste it.
    pub fn lines(mut self, lines: &str) -> Self {
        for line in lines.lines() {
            self = self.p(line);
        }
        self
    }
    /// A table of text.
    pub fn table(mut self, rows: &[&[&str]]) -> Self {
        self.body.push_str("<w:tbl><w:tblPr/><w:tblGrid/>");
        for row in rows {
            self.body.push_str("<w:tr>");
            for cell in *row {
                let paragraphs: String =
                    cell.split('\n').map(|line| format!("<w:p>{}</w:p>", runs(line, ""))).collect();
                let _ = write!(self.body, "<w:tc><w:tcPr/>{paragraphs}</w:tc>");
            }
            self.body.push_str("</w:tr>");
        }
        self.body.push_str("</w:tbl>");
        self
    }
    /// `word/document.xml`.
    pub fn xml(&self) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<w:document {W}><w:body>{}<w:sectPr>\
             <w:pgSz w:w=\"11906\" w:h=\"16838\"/><w:pgMar w:left=\"1440\" w:right=\"1440\" w:top=\"1440\" \
             w:bottom=\"1440\"/></w:sectPr></w:body></w:document>",
            self.body
        )
    }
    /// The document.
    pub fn docx(&self) -> Vec<u8> {
        with_document(&self.xml())
    }
}

/// A document around any `word/document.xml`.
pub fn with_document(xml: &str) -> Vec<u8> {
    zip(&[
        ("[Content_Types].xml", content_types().as_bytes()),
        ("_rels/.rels", ROOT_RELS.as_bytes()),
        ("word/document.xml", xml.as_bytes()),
        ("word/_rels/document.xml.rels", DOCUMENT_RELS.as_bytes()),
        ("word/styles.xml", styles().as_bytes()),
        ("word/numbering.xml", numbering().as_bytes()),
    ])
}

/// A zip of these parts.
///
/// # Panics
/// Never with names that a zip can hold.
pub fn zip(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    for (name, bytes) in parts {
        zip.start_file(*name, options).expect("a plain name");
        zip.write_all(bytes).expect("memory takes all");
    }
    zip.finish().expect("memory takes all").into_inner()
}

/// `[Content_Types].xml` of the documents made here.
pub fn content_types() -> String {
    let main = "application/vnd.openxmlformats-officedocument.wordprocessingml";
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Types \
         xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" \
         ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/><Default Extension=\"xml\" \
         ContentType=\"application/xml\"/><Override PartName=\"/word/document.xml\" \
         ContentType=\"{main}.document.main+xml\"/><Override PartName=\"/word/styles.xml\" \
         ContentType=\"{main}.styles+xml\"/><Override PartName=\"/word/numbering.xml\" \
         ContentType=\"{main}.numbering+xml\"/></Types>"
    )
}

const ROOT_RELS: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Relationships \
    xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" \
    Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" \
    Target=\"word/document.xml\"/></Relationships>";

const DOCUMENT_RELS: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Relationships \
    xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" \
    Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles\" Target=\"styles.xml\"/>\
    <Relationship Id=\"rId2\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/numbering\" \
    Target=\"numbering.xml\"/></Relationships>";

fn runs(text: &str, properties: &str) -> String {
    let mut out = String::new();
    for (at, line) in text.split('\n').enumerate() {
        if at > 0 {
            out.push_str("<w:r><w:br/></w:r>");
        }
        for (at, piece) in line.split('\t').enumerate() {
            if at > 0 {
                out.push_str("<w:r><w:tab/></w:r>");
            }
            if !piece.is_empty() {
                let piece = piece.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
                let _ = write!(out, "<w:r>{properties}<w:t xml:space=\"preserve\">{piece}</w:t></w:r>");
            }
        }
    }
    out
}

fn styles() -> String {
    let headings: String = (1..=4)
        .map(|level| {
            format!(
                "<w:style w:type=\"paragraph\" w:styleId=\"Heading{level}\"><w:name w:val=\"heading {level}\"/>\
                 <w:basedOn w:val=\"Normal\"/><w:pPr><w:outlineLvl w:val=\"{}\"/></w:pPr><w:rPr><w:b/></w:rPr>\
                 </w:style>",
                level - 1
            )
        })
        .collect();
    format!(
        "<w:styles {W}><w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/>\
         </w:style>{headings}<w:style w:type=\"paragraph\" w:styleId=\"Title\"><w:name w:val=\"Title\"/></w:style>\
         <w:style w:type=\"paragraph\" w:styleId=\"TOC1\"><w:name w:val=\"toc 1\"/></w:style>\
         <w:style w:type=\"paragraph\" w:styleId=\"Listing\"><w:name w:val=\"Program Listing\"/>\
         <w:rPr><w:rFonts w:ascii=\"Consolas\" w:hAnsi=\"Consolas\"/></w:rPr></w:style>\
         <w:style w:type=\"paragraph\" w:styleId=\"Numbered\"><w:name w:val=\"Numbered\"/><w:pPr><w:numPr>\
         <w:numId w:val=\"1\"/></w:numPr></w:pPr></w:style>\
         <w:style w:type=\"paragraph\" w:styleId=\"NumberedMore\"><w:name w:val=\"Numbered More\"/>\
         <w:basedOn w:val=\"Numbered\"/></w:style></w:styles>"
    )
}

fn numbering() -> String {
    let level = |at: u8, format: &str, text: &str| {
        format!(
            "<w:lvl w:ilvl=\"{at}\"><w:start w:val=\"1\"/><w:numFmt w:val=\"{format}\"/>\
             <w:lvlText w:val=\"{text}\"/></w:lvl>"
        )
    };
    let looks = [
        (1, vec![level(0, "decimal", "%1."), level(1, "lowerLetter", "%2)"), level(2, "lowerRoman", "%3.")]),
        (2, vec![level(0, "bullet", "\u{f0b7}"), level(1, "bullet", "o"), level(2, "bullet", "\u{f0a7}")]),
        (3, vec![level(0, "decimal", "Experiment %1:"), level(1, "decimal", "%2)")]),
        (4, vec![level(0, "upperRoman", "%1."), level(1, "upperLetter", "%2.")]),
        (5, vec![level(0, "decimal", "Q%1.")]),
        (8, vec![level(0, "decimal", "%1"), level(1, "decimal", "%1.%2"), level(2, "decimal", "%1.%2.%3")]),
    ];
    let mut out = format!("<w:numbering {W}>");
    for (id, levels) in &looks {
        let _ = write!(out, "<w:abstractNum w:abstractNumId=\"{id}\">{}</w:abstractNum>", levels.concat());
    }
    for (id, _) in &looks {
        let _ = write!(out, "<w:num w:numId=\"{id}\"><w:abstractNumId w:val=\"{id}\"/></w:num>");
    }
    out.push_str(
        "<w:num w:numId=\"6\"><w:abstractNumId w:val=\"1\"/><w:lvlOverride w:ilvl=\"0\"><w:startOverride \
         w:val=\"1\"/></w:lvlOverride></w:num><w:num w:numId=\"7\"><w:abstractNumId w:val=\"1\"/></w:num>",
    );
    out.push_str("</w:numbering>");
    out
}
