//! What a file is, by its first bytes; its name only breaks ties.

use stoa_core::{Error, Result};

use crate::{
    document::Format,
    docx::package::{protected, unsupported},
    text,
};

/// Says how to read a file, from its name and its first bytes (64 KiB are plenty, all of it is best).
///
/// # Errors
/// `unsupported` for what is not read, `invalid` for an empty file; the sentence says what the file is and what
/// to do instead.
pub fn sniff(name: &str, first: &[u8]) -> Result<Format> {
    if first.iter().all(u8::is_ascii_whitespace) {
        return Err(text::empty());
    }
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    refuse_other_kinds(first)?;
    if first.starts_with(b"PK\x03\x04") {
        return zip(&ending, first);
    }
    if looks_like_text(first) {
        return match ending.as_str() {
            "md" | "markdown" | "mdown" => Ok(Format::Markdown),
            "docx" | "docm" | "doc" | "pdf" | "odt" | "zip" | "xlsx" | "pptx" => {
                Err(Error::unsupported(format!(
                    "this file is named .{ending} and holds plain text; give it its true ending (.txt or .md) or \
                 upload the real document"
                )))
            }
            "ipynb" => Err(unsupported("a notebook; export it as Markdown (.md) and upload that")),
            _ => Ok(Format::Text),
        };
    }
    Err(unsupported(
        "not a document that can be read here (binary data); upload DOCX, Markdown or plain text",
    ))
}

/// For a reader that was told "DOCX": the clear sentence instead of "not a zip".
pub(crate) fn refuse_what_is_no_zip(bytes: &[u8]) -> Result<()> {
    if bytes.is_empty() {
        return Err(text::empty());
    }
    refuse_other_kinds(bytes)?;
    if bytes.starts_with(b"PK") {
        return Ok(());
    }
    Err(Error::unsupported(
        "this is not a Word document (.docx), although it is named so; open it in Word or LibreOffice and save it \
         as .docx",
    ))
}

fn refuse_other_kinds(first: &[u8]) -> Result<()> {
    let window = first.get(..1024).unwrap_or(first);
    // PDF readers accept a little junk before the mark, and so do people's scanners.
    if window.windows(5).any(|five| five == b"%PDF-") && !first.starts_with(b"PK") && is_pdf_like(first) {
        return Err(unsupported(
            "a PDF, which is not read yet; upload the Word document (.docx) it was made from",
        )
        .code("pdf_not_supported"));
    }
    if first.starts_with(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]) {
        let mark: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
        if first.windows(mark.len()).any(|window| window == mark) {
            return Err(protected());
        }
        return Err(unsupported(
            "an old Word file (.doc) or a document protected by a password; open it, remove the password if it has \
             one, and save it as .docx",
        ));
    }
    if first.starts_with(b"{\\rtf") {
        return Err(unsupported(
            "a Rich Text file (.rtf); open it in Word or LibreOffice and save it as .docx",
        ));
    }
    let pictures: [&[u8]; 4] = [b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM"];
    if pictures.iter().any(|mark| first.starts_with(mark)) && !looks_like_text(first) {
        return Err(unsupported("a picture; upload the document as DOCX, Markdown or text"));
    }
    Ok(())
}

/// A text about PDFs may name the mark; a PDF starts with it, or with junk before it.
fn is_pdf_like(first: &[u8]) -> bool {
    first.starts_with(b"%PDF-") || !looks_like_text(first)
}

/// The first local headers of a zip name what it is.
fn zip(ending: &str, first: &[u8]) -> Result<Format> {
    let has = |needle: &[u8]| first.windows(needle.len()).any(|window| window == needle);
    if flags(first) & 1 == 1 {
        return Err(protected());
    }
    if has(b"mimetypeapplication/vnd.oasis.opendocument") || (has(b"mimetype") && has(b"content.xml")) {
        return Err(unsupported("an OpenDocument file (.odt); save it as Word (.docx)"));
    }
    if has(b"word/") {
        return Ok(Format::Docx);
    }
    if has(b"xl/") {
        return Err(unsupported("an Excel workbook; put the assignment into a Word document (.docx)"));
    }
    if has(b"ppt/") {
        return Err(unsupported(
            "a PowerPoint presentation; put the assignment into a Word document (.docx)",
        ));
    }
    if has(b"[Content_Types].xml") || has(b"_rels/.rels") {
        // An office package whose first parts are large; the reader looks inside.
        return Ok(Format::Docx);
    }
    if ending == "docx" && !has(b"PK\x05\x06") {
        // Cut short, or more to come: the reader will tell.
        return Ok(Format::Docx);
    }
    Err(unsupported("a ZIP archive without a Word document in it; upload the .docx itself"))
}

fn flags(first: &[u8]) -> u8 {
    first.get(6).copied().unwrap_or(0)
}

/// UTF-8 or UTF-16 with a mark or old Windows text: no control characters but the usual.
fn looks_like_text(first: &[u8]) -> bool {
    let marked = first.starts_with(&[0xff, 0xfe]) || first.starts_with(&[0xfe, 0xff]);
    if marked {
        return text::decode(first.get(..first.len() & !1).unwrap_or(first)).is_ok();
    }
    let junk = first.iter().filter(|&&byte| byte < 0x80 && text::is_junk(char::from(byte))).count();
    junk == 0
}
