//! A report in a document of our own: for Markdown and text sources, and for none.

use std::{
    fmt::Write as _,
    io::{Cursor, Write as _},
};

use stoa_core::Result;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::{
    Placement, Report, entry,
    entry::{INK, QUIET},
    media::Media,
    ooxml::{DECLARATION, EMU_PER_INCH, Look, RELATIONSHIPS, Sits, TRANSITIONAL, Writer, escape},
};
use crate::document::{Block, Content, Paragraph, Table};

/// A4 with margins of an inch, in EMU: what is left for text.
const TEXT_WIDTH: u64 = EMU_PER_INCH * 627 / 100;

pub(super) fn write(report: &Report, blocks: &[Block]) -> Result<Vec<u8>> {
    let mut out = Writer::new(TRANSITIONAL, false);
    let mut media = Media::new("stoa".to_owned(), 1, TEXT_WIDTH);
    if !report.title.trim().is_empty() {
        let sits = Sits { after: 240, outline: Some(0), ..Sits::default() };
        out.paragraph(sits, |out| out.run(report.title.trim(), Look::text(36, INK).bold()));
    }
    let below = report.placement == Placement::BelowQuestion && !blocks.is_empty();
    let place = |entry: &super::Entry| entry.after_block.filter(|_| below);
    let mut waiting: Vec<_> = report.entries.iter().filter(|entry| place(entry).is_some()).collect();
    for (at, block) in blocks.iter().enumerate() {
        self::block(&mut out, block);
        let last = at + 1 == blocks.len();
        let (now, later) = waiting.into_iter().partition(|entry| last || place(entry) <= Some(block.last));
        waiting = later;
        let now: Vec<&super::Entry> = now;
        now.iter().for_each(|entry| entry::write(&mut out, &mut media, entry, Placement::BelowQuestion));
    }
    let rest: Vec<_> = report.entries.iter().filter(|entry| place(entry).is_none()).collect();
    super::insert::rest(&mut out, &mut media, report, &rest, !blocks.is_empty());
    package(&out.xml, &media)
}

fn block(out: &mut Writer, block: &Block) {
    match &block.content {
        Content::Paragraph(paragraph) => prose(out, paragraph),
        Content::Code(code) => {
            entry::code(out, &code.text, code.language.as_deref().unwrap_or("python"));
            out.paragraph(Sits { after: 60, ..Sits::default() }, |_| {});
        }
        Content::Table(table) => self::table(out, table),
    }
}

fn prose(out: &mut Writer, paragraph: &Paragraph) {
    if paragraph.text.is_empty() && paragraph.number.is_none() {
        return out.paragraph(Sits::default(), |_| {});
    }
    let (look, sits) = match paragraph.heading {
        Some(level) => {
            let size = [36, 30, 26, 24].get(usize::from(level).saturating_sub(1)).copied().unwrap_or(22);
            let outline = Some(level.saturating_sub(1).min(8));
            (
                Look::text(size, INK).bold(),
                Sits { before: 240, after: 100, with_next: true, outline, ..Sits::default() },
            )
        }
        None => {
            (Look { bold: paragraph.bold, ..Look::text(22, INK) }, Sits { after: 120, ..Sits::default() })
        }
    };
    let level = paragraph.number.as_ref().map_or(0, |number| u32::from(number.level.min(8)));
    out.paragraph(Sits { indent: level * 360, ..sits }, |out| {
        if let Some(number) = &paragraph.number {
            out.run(&format!("{}  ", number.text), look);
        }
        out.run(&paragraph.text, look);
    });
}

fn table(out: &mut Writer, table: &Table) {
    let columns = table.rows.iter().map(Vec::len).max().unwrap_or(0);
    if columns == 0 {
        return;
    }
    out.xml.push_str("<w:tbl><w:tblPr><w:tblW w:w=\"5000\" w:type=\"pct\"/><w:tblBorders>");
    for side in ["top", "left", "bottom", "right", "insideH", "insideV"] {
        let _ = write!(out.xml, "<w:{side} w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"B8C0CA\"/>");
    }
    out.xml.push_str("</w:tblBorders></w:tblPr><w:tblGrid>");
    out.xml.push_str(&format!("<w:gridCol w:w=\"{}\"/>", 9_026 / columns).repeat(columns));
    out.xml.push_str("</w:tblGrid>");
    for (at, row) in table.rows.iter().enumerate() {
        out.xml.push_str("<w:tr>");
        for column in 0..columns {
            out.xml.push_str("<w:tc><w:tcPr/>");
            let text = row.get(column).map(crate::Cell::text).unwrap_or_default();
            let look = Look { bold: at == 0, ..Look::text(20, INK) };
            out.paragraph(Sits { before: 40, after: 40, ..Sits::default() }, |out| out.run(&text, look));
            out.xml.push_str("</w:tc>");
        }
        out.xml.push_str("</w:tr>");
    }
    out.xml.push_str("</w:tbl>");
    out.paragraph(Sits { after: 60, ..Sits::default() }, |out| out.run(" ", Look::text(8, QUIET)));
}

/// The smallest package that Word and LibreOffice open without a word.
fn package(body: &str, media: &Media) -> Result<Vec<u8>> {
    let document = format!(
        "{DECLARATION}<w:document xmlns:w=\"{}\"><w:body>{body}<w:sectPr><w:pgSz w:w=\"11906\" w:h=\"16838\"/>\
         <w:pgMar w:top=\"1300\" w:right=\"1440\" w:bottom=\"1300\" w:left=\"1440\" w:header=\"708\" w:footer=\"708\" \
         w:gutter=\"0\"/></w:sectPr></w:body></w:document>",
        TRANSITIONAL.word
    );
    let mut rels = String::new();
    for part in &media.parts {
        let _ = write!(
            rels,
            "<Relationship Id=\"{}\" Type=\"{}\" Target=\"",
            part.relationship, TRANSITIONAL.image
        );
        escape(&mut rels, &part.name);
        rels.push_str("\"/>");
    }
    let relationships = |inner: &str| {
        format!("{DECLARATION}<Relationships xmlns=\"{RELATIONSHIPS}\">{inner}</Relationships>")
    };
    let of = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let styles = format!("<Relationship Id=\"styles\" Type=\"{of}/styles\" Target=\"styles.xml\"/>{rels}");
    let root =
        format!("<Relationship Id=\"document\" Type=\"{of}/officeDocument\" Target=\"word/document.xml\"/>");
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    let mut part = |name: &str, bytes: &[u8]| -> Result<()> {
        zip.start_file(name, options)?;
        Ok(zip.write_all(bytes)?)
    };
    part("[Content_Types].xml", TYPES.as_bytes())?;
    part("_rels/.rels", relationships(&root).as_bytes())?;
    part("word/document.xml", document.as_bytes())?;
    part("word/_rels/document.xml.rels", relationships(&styles).as_bytes())?;
    part("word/styles.xml", STYLES.as_bytes())?;
    for picture in &media.parts {
        part(&format!("word/{}", picture.name), &picture.bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

const TYPES: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
    <Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">\
    <Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
    <Default Extension=\"xml\" ContentType=\"application/xml\"/><Default Extension=\"png\" ContentType=\"image/png\"/>\
    <Override PartName=\"/word/document.xml\" \
    ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml\"/>\
    <Override PartName=\"/word/styles.xml\" \
    ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml\"/></Types>";

const STYLES: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n\
    <w:styles xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:docDefaults><w:rPrDefault>\
    <w:rPr><w:rFonts w:ascii=\"Calibri\" w:hAnsi=\"Calibri\" w:eastAsia=\"Calibri\" w:cs=\"Calibri\"/><w:sz w:val=\"22\"/>\
    <w:szCs w:val=\"22\"/></w:rPr></w:rPrDefault></w:docDefaults><w:style w:type=\"paragraph\" w:default=\"1\" \
    w:styleId=\"Normal\"><w:name w:val=\"Normal\"/></w:style></w:styles>";
