//! A report inside the teacher's own document: every part is copied as it is, the body grows at given places.

use std::io::{Cursor, Write as _};

use stoa_core::{Error, Result};
use zip::{ZipWriter, write::SimpleFileOptions};

use super::{
    Entry, Placement, Report, entry,
    entry::{INK, QUIET},
    media::Media,
    ooxml::{DECLARATION, EMU_PER_INCH, Look, RELATIONSHIPS, STRICT, Sits, TRANSITIONAL, Writer, escape},
};
use crate::{docx::package::Package, xml, xml::Element};

const TYPES: &str = "[Content_Types].xml";

pub(super) fn write(report: &Report, source: &[u8]) -> Result<Vec<u8>> {
    crate::sniff::refuse_what_is_no_zip(source)?;
    let mut package = Package::open(source)?;
    let main = package.main.clone();
    let text = package.text(&main)?.ok_or_else(|| damaged("the main part is missing"))?;
    let tree = xml::parse(&main, &text)?;
    let body = tree.child("body").ok_or_else(|| damaged("it has no body"))?;

    let (grown, media) = grow(report, &text, body, &prefix(&mut package)?)?;
    let rels_name = package.relationships();
    let rels = relationships(package.tree(&rels_name)?.as_ref(), &media, names(&text).image);
    let types = package.tree(TYPES)?.ok_or_else(|| damaged("it has no [Content_Types].xml"))?;
    let types = content_types(&types, &media, &main);
    let changed = [(TYPES.to_owned(), types), (main.clone(), grown), (rels_name, rels)];
    copy(package, &changed, &media, &main)
}

/// The body with the answers in it.
fn grow(report: &Report, text: &str, body: &Element, prefix: &str) -> Result<(String, Media)> {
    let names = names(text);
    let root = text.get(..body.start).unwrap_or_default();
    let declare = !root.contains(&format!("xmlns:w=\"{}\"", names.word));
    let mut media = Media::new(prefix.to_owned(), free_id(body, 0) + 1, text_width(body));

    let children: Vec<&Element> = body.children().collect();
    let end = end_of_content(text, body, &children)?;
    // Each answer with the byte behind which it goes; a stable sort keeps the caller's order at one place.
    let mut placed: Vec<(usize, &Entry)> = Vec::new();
    let mut rest: Vec<&Entry> = Vec::new();
    for entry in &report.entries {
        match entry.after_block.filter(|_| report.placement == Placement::BelowQuestion) {
            Some(at) => placed.push((children.get(at).map_or(end, |child| child.end).min(end), entry)),
            None => rest.push(entry),
        }
    }
    placed.sort_by_key(|(at, _)| *at);

    let mut out = String::with_capacity(text.len() * 2);
    out.push_str(DECLARATION);
    let mut from = after_declaration(text);
    for (at, entry) in placed {
        out.push_str(text.get(from..at).ok_or_else(|| damaged("its body cannot be cut"))?);
        let mut writer = Writer::new(names, declare);
        entry::write(&mut writer, &mut media, entry, Placement::BelowQuestion);
        out.push_str(&writer.xml);
        from = at;
    }
    out.push_str(text.get(from..end).ok_or_else(|| damaged("its body cannot be cut"))?);
    let mut writer = Writer::new(names, declare);
    self::rest(&mut writer, &mut media, report, &rest, true);
    out.push_str(&writer.xml);
    out.push_str(text.get(end..).unwrap_or_default());
    Ok((out, media))
}

/// What has no place of its own: on a new page at the end, with the closing lines.
pub(super) fn rest(out: &mut Writer, media: &mut Media, report: &Report, rest: &[&Entry], new_page: bool) {
    if !rest.is_empty() && new_page {
        let sits =
            Sits { after: 200, page_break: true, with_next: true, outline: Some(0), ..Sits::default() };
        let title = if report.title.trim().is_empty() { "Answers" } else { report.title.trim() };
        out.paragraph(sits, |out| out.run(title, Look::text(32, INK).bold()));
    }
    for entry in rest {
        entry::write(out, media, entry, Placement::End);
    }
    let made = format!("Report made on {}", entry::stamp(report.made_at));
    let quiet = Look::text(16, QUIET);
    out.paragraph(Sits { before: 240, ..Sits::default() }, |out| out.run(&made, quiet));
    for note in &report.notes {
        out.paragraph(Sits::default(), |out| out.run(note, quiet));
    }
}

/// Before the settings of the last section, which must stay last.
fn end_of_content(text: &str, body: &Element, children: &[&Element]) -> Result<usize> {
    if let Some(section) = children.last().filter(|last| &*last.name == "sectPr") {
        return Ok(section.start);
    }
    if let Some(last) = children.last() {
        return Ok(last.end);
    }
    let inside = text.get(body.start..body.end).unwrap_or_default();
    inside.rfind("</").map(|at| body.start + at).ok_or_else(|| damaged("its body is empty"))
}

fn after_declaration(text: &str) -> usize {
    if text.starts_with("<?xml") { text.find("?>").map_or(0, |at| at + 2) } else { 0 }
}

fn names(text: &str) -> super::ooxml::Names {
    let head: String = text.chars().take(20_000).collect();
    if head.contains(STRICT.word) && !head.contains(TRANSITIONAL.word) { STRICT } else { TRANSITIONAL }
}

/// The largest drawing id in use.
fn free_id(element: &Element, highest: u32) -> u32 {
    let own = if matches!(&*element.name, "docPr" | "cNvPr") {
        element
            .attribute("id")
            .and_then(|id| id.parse::<u32>().ok())
            .filter(|&id| id < u32::MAX / 4)
            .unwrap_or(0)
    } else {
        0
    };
    element.children().fold(highest.max(own), |highest, child| free_id(child, highest))
}

/// The width of the text of the last section, in EMU.
fn text_width(body: &Element) -> u64 {
    let section = body.children().rev().find(|child| &*child.name == "sectPr");
    let read = |child: &str, name: &str| section?.child(child)?.attribute(name)?.parse::<u64>().ok();
    let twips =
        || read("pgSz", "w")?.checked_sub(read("pgMar", "left")?)?.checked_sub(read("pgMar", "right")?);
    let usual = EMU_PER_INCH * 6;
    twips().map(|twips| twips.saturating_mul(635)).filter(|&width| width >= EMU_PER_INCH).unwrap_or(usual)
}

/// A start of names that nothing in the package has.
fn prefix(package: &mut Package<'_>) -> Result<String> {
    let rels = package.relationships();
    let mut taken: Vec<String> = package.names();
    if let Some(rels) = package.tree(&rels)? {
        taken.extend(rels.children().filter_map(|rel| Some(rel.attribute("Id")?.to_owned())));
    }
    let taken = taken.join("\n").to_ascii_lowercase();
    let mut prefix = "stoa".to_owned();
    while taken.contains(&prefix) {
        prefix.push('x');
    }
    Ok(prefix)
}

fn relationships(old: Option<&Element>, media: &Media, image: &str) -> String {
    let mut out = format!("{DECLARATION}<Relationships xmlns=\"{RELATIONSHIPS}\">");
    for rel in old.into_iter().flat_map(Element::children) {
        copy_element(&mut out, rel, &["Id", "Type", "Target", "TargetMode"]);
    }
    for part in &media.parts {
        let (id, target) = (&part.relationship, &part.name);
        out.push_str(&format!("<Relationship Id=\"{id}\" Type=\"{image}\" Target=\"{target}\"/>"));
    }
    out.push_str("</Relationships>");
    out
}

fn content_types(old: &Element, media: &Media, main: &str) -> String {
    let mut out = format!(
        "{DECLARATION}<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\">"
    );
    for kind in old.children() {
        copy_element(&mut out, kind, &["Extension", "PartName", "ContentType"]);
    }
    for part in &media.parts {
        let name = beside(main, &part.name);
        out.push_str(&format!("<Override PartName=\"/{name}\" ContentType=\"image/png\"/>"));
    }
    out.push_str("</Types>");
    out
}

fn copy_element(out: &mut String, element: &Element, attributes: &[&str]) {
    out.push('<');
    out.push_str(&element.name);
    for name in attributes {
        if let Some(value) = element.attribute(name) {
            out.push_str(&format!(" {name}=\""));
            escape(out, value);
            out.push('"');
        }
    }
    out.push_str("/>");
}

/// A name in the folder of the main part.
fn beside(main: &str, name: &str) -> String {
    main.rsplit_once('/').map_or(name.to_owned(), |(folder, _)| format!("{folder}/{name}"))
}

fn copy(package: Package<'_>, changed: &[(String, String)], media: &Media, main: &str) -> Result<Vec<u8>> {
    let mut source = package.into_zip();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    for (name, text) in changed {
        zip.start_file(name.as_str(), options)?;
        zip.write_all(text.as_bytes())?;
    }
    for at in 0..source.len() {
        let entry = source.by_index_raw(at).map_err(|why| damaged("a part cannot be copied").because(why))?;
        let name = entry.name().map_err(|why| damaged("a part has no name").because(why))?.into_owned();
        if !changed.iter().any(|(own, _)| own.eq_ignore_ascii_case(&name)) {
            zip.raw_copy_file(entry).map_err(|why| damaged("a part cannot be copied").because(why))?;
        }
    }
    for part in &media.parts {
        zip.start_file(beside(main, &part.name), options)?;
        zip.write_all(&part.bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

fn damaged(why: &'static str) -> Error {
    Error::invalid(format!(
        "the source document cannot take the answers: {why}; save it again in Word or LibreOffice and upload it"
    ))
}
