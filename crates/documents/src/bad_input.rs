//! What strangers send instead of a lab sheet: each gets a clear sentence, soon, and never a panic.

use std::time::{Duration, Instant};

use stoa_core::{Kind, Result};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::{
    Document, Entry, Format, Report, limits, read, report, sniff,
    testing::{List, Sheet, content_types, with_document, zip},
};

/// As the upload does it: look at the start, then read.
fn upload(name: &str, bytes: &[u8]) -> Result<Document> {
    let start = Instant::now();
    let format = sniff(name, bytes.get(..64 << 10).unwrap_or(bytes));
    let read = format.and_then(|format| read(format, bytes));
    assert!(start.elapsed() < Duration::from_secs(10), "{name} took {:?}", start.elapsed());
    read
}

#[track_caller]
fn refused(name: &str, bytes: &[u8], kind: Kind, sentence: &str) {
    let error = upload(name, bytes).expect_err(name);
    assert_eq!(error.kind(), kind, "{error:?}");
    assert!(error.said().contains(sentence), "{:?} does not say {sentence:?}", error.said());
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn ole(stream: &str) -> Vec<u8> {
    let mut bytes = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    bytes.resize(2_048, 0);
    bytes.extend(utf16(stream));
    bytes.resize(8_192, 0);
    bytes
}

fn document(body: &str) -> Vec<u8> {
    let ns = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
    with_document(&format!("<w:document xmlns:w=\"{ns}\"><w:body>{body}</w:body></w:document>"))
}

#[test]
fn empty_files_are_called_empty() {
    for (name, bytes) in
        [("lab.docx", &b""[..]), ("lab.txt", b""), ("lab.md", b"  \n\t\r\n "), ("lab.txt", b"\xef\xbb\xbf")]
    {
        let error = upload(name, bytes).unwrap_err();
        assert_eq!(
            (error.kind(), error.stable_code()),
            (Kind::Invalid, "document_empty"),
            "{name} {bytes:?}"
        );
    }
}

#[test]
fn other_kinds_of_files_are_called_by_their_name() {
    let other = Kind::Unsupported;
    let types = |main: &str| {
        format!(
            "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Override \
             PartName=\"/x/main.xml\" ContentType=\"application/vnd.{main}.main+xml\"/></Types>"
        )
    };
    let office =
        |main: &str, part: &str| zip(&[("[Content_Types].xml", types(main).as_bytes()), (part, b"<x/>")]);
    refused("lab.docx", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj", other, "a PDF");
    refused("lab.docx", b"\n\n\xff\x00%PDF-1.4\n\x00", other, "a PDF");
    refused("lab.pdf", b"%PDF-1.7\n1 0 obj", other, "a PDF");
    refused("lab.doc", &ole("WordDocument"), other, "an old Word file (.doc)");
    refused("lab.docx", &ole("WordDocument"), other, "an old Word file (.doc)");
    refused("lab.rtf", b"{\\rtf1\\ansi hello}", other, "Rich Text");
    refused("lab.docx", b"\x89PNG\r\n\x1a\n\x00\x00", other, "a picture");
    refused("lab.docx", b"just words", other, "holds plain text");
    refused("lab.ipynb", b"{\"cells\": []}", other, "a notebook");
    refused("lab.zip", &zip(&[("readme.txt", b"hi")]), other, "a ZIP archive without a Word document");
    refused(
        "lab.docx",
        &zip(&[("a.bin", b"hi"), ("b.bin", b"ho")]),
        other,
        "a ZIP archive without a Word document",
    );
    refused(
        "lab.xlsx",
        &office("openxmlformats-officedocument.spreadsheetml.sheet", "xl/workbook.xml"),
        other,
        "an Excel workbook",
    );
    refused(
        "lab.pptx",
        &office("openxmlformats-officedocument.presentationml.presentation", "ppt/presentation.xml"),
        other,
        "a PowerPoint",
    );
    refused("lab.docx", &office("ms-word.document.macroEnabled", "word/document.xml"), other, "with macros");
    refused(
        "lab.odt",
        &zip(&[("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", b"<x/>")]),
        other,
        "OpenDocument",
    );
    refused("lab.docx", &[7, 0, 1, 2, 3, 255, 254, 0, 9], other, "binary data");
    refused("lab.txt", b"text with\0a zero", other, "binary data");
}

#[test]
fn protected_documents_say_that_a_password_stands_in_the_way() {
    let mut encrypted_entry = Sheet::new().p("x").docx();
    // The flag of an encrypted entry, in every local and central header.
    for at in 0..encrypted_entry.len() - 10 {
        match encrypted_entry.get(at..at + 4) {
            Some(b"PK\x03\x04") => encrypted_entry[at + 6] |= 1,
            Some(b"PK\x01\x02") => encrypted_entry[at + 8] |= 1,
            _ => {}
        }
    }
    for bytes in [ole("EncryptedPackage"), encrypted_entry] {
        let error = upload("lab.docx", &bytes).unwrap_err();
        assert_eq!(
            (error.kind(), error.stable_code()),
            (Kind::Unsupported, "document_protected"),
            "{error:?}"
        );
    }
}

#[test]
fn broken_packages_say_what_to_do() {
    let good = Sheet::new().heading(1, "Lab").p("words").docx();
    for end in [5, 30, good.len() / 2, good.len() - 1] {
        refused("lab.docx", &good[..end], Kind::Invalid, "save it again");
    }
    let types = content_types();
    let types = ("[Content_Types].xml", types.as_bytes());
    refused(
        "lab.docx",
        &zip(&[types, ("word/styles.xml", b"<a/>")]),
        Kind::Invalid,
        "main part that is not in it",
    );
    refused("lab.docx", &zip(&[("word/document.xml", b"<a/>")]), Kind::Invalid, "damaged");
    refused("lab.docx", &with_document("<w:document><w:body><w:p>"), Kind::Invalid, "not well-formed");
    refused("lab.docx", &with_document("<a><b></a></b>"), Kind::Invalid, "not well-formed");
    refused("lab.docx", &with_document("<a/>"), Kind::Invalid, "no body");
    refused("lab.docx", &with_document(""), Kind::Invalid, "not well-formed");
    refused("lab.docx", &zip(&[types, ("word/document.xml", b"\xff\xfe\x00")]), Kind::Invalid, "damaged");
}

#[test]
fn dtds_and_entities_are_refused_before_anything_is_fetched_or_grows() {
    let laughs =
        "<!DOCTYPE lolz [<!ENTITY a \"lol\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]><a>&b;</a>";
    let external = "<!DOCTYPE a [<!ENTITY xxe SYSTEM \"file:///etc/passwd\">]><a><body><p><r><t>&xxe;</t></r></p></body></a>";
    let parameter = "<!DOCTYPE a [<!ENTITY % p SYSTEM \"http://127.0.0.1:1/x.dtd\"> %p;]><a/>";
    let undeclared = "<a><body><p><r><t>&xxe;</t></r></p></body></a>";
    for xml in [laughs, external, parameter, undeclared] {
        refused("lab.docx", &with_document(xml), Kind::Invalid, "XML entities");
    }
    let in_types = zip(&[("[Content_Types].xml", external.as_bytes()), ("word/document.xml", b"<a/>")]);
    refused("lab.docx", &in_types, Kind::Invalid, "XML entities");
}

#[test]
fn zip_bombs_are_stopped_while_they_inflate() {
    let blank = " ".repeat(100 << 20);
    refused("lab.docx", &document(&blank), Kind::Invalid, "hundreds of times its size");
    // Below the ratio, and still too much.
    let mut bytes = ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, part) in
        [("[Content_Types].xml", content_types().into_bytes()), ("word/document.xml", vec![b' '; 33 << 20])]
    {
        bytes.start_file(name, stored).unwrap();
        std::io::Write::write_all(&mut bytes, &part).unwrap();
    }
    let bytes = bytes.finish().unwrap().into_inner();
    refused("lab.docx", &bytes, Kind::TooLarge, "unpacks to more than 32 MB");
    let names: Vec<String> = (0..=limits::ENTRIES).map(|at| format!("word/{at}.xml")).collect();
    let parts: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    refused("lab.docx", &zip(&parts), Kind::TooLarge, "more than 4000 parts");
}

#[test]
fn entries_that_overlap_are_refused() {
    let mut bytes = Sheet::new().p("x").docx();
    // The last central record points to the place of the first.
    let at = bytes.windows(4).rposition(|window| window == b"PK\x01\x02").unwrap();
    bytes[at + 42..at + 46].copy_from_slice(&[0; 4]);
    let error = upload("lab.docx", &bytes).unwrap_err();
    assert_eq!(error.kind(), Kind::Invalid, "{error:?}");
}

#[test]
fn deep_wide_and_long_documents_meet_their_limits() {
    let deep = format!("{}{}", "<w:sdt>".repeat(5_000), "</w:sdt>".repeat(5_000));
    refused("lab.docx", &document(&deep), Kind::Invalid, "nests deeper");
    // Different enough not to look like a bomb.
    let wide: String =
        (0..limits::ELEMENTS).map(|at| format!("<w:p w:rsid=\"{}\"/>", at * 7_919 % 1_000_003)).collect();
    refused("lab.docx", &document(&wide), Kind::TooLarge, "elements");
    let paragraphs: String =
        (0..=limits::BLOCKS).map(|at| format!("<w:p w:rsid=\"{}\"/>", at * 7_919 % 1_000_003)).collect();
    refused("lab.docx", &document(&paragraphs), Kind::TooLarge, "paragraphs");
    let attributes: String = (0..5_000).map(|at| format!(" a{at}=\"\"")).collect();
    refused("lab.docx", &document(&format!("<w:p{attributes}/>")), Kind::Invalid, "not well-formed");
    refused("lab.txt", "line\n".repeat(limits::BLOCKS + 1).as_bytes(), Kind::TooLarge, "lines");
    refused("lab.txt", "word ".repeat(1_000_000).as_bytes(), Kind::TooLarge, "million characters");
    refused("lab.md", "a\n\n".repeat(limits::BLOCKS + 2).as_bytes(), Kind::TooLarge, "paragraphs");
    // Much nesting in Markdown is text like any other.
    upload("lab.md", "> ".repeat(20_000).as_bytes()).unwrap();
    upload("lab.md", "[".repeat(20_000).as_bytes()).unwrap();
    upload("lab.md", "* a\n ".repeat(20_000).as_bytes()).unwrap();
}

#[test]
fn tables_in_tables_become_text_instead_of_depth() {
    let mut nested = "<w:p><w:r><w:t>core</w:t></w:r></w:p>".to_owned();
    for _ in 0..30 {
        nested = format!("<w:tbl><w:tr><w:tc>{nested}</w:tc></w:tr></w:tbl>");
    }
    let read = upload("lab.docx", &document(&nested)).unwrap();
    assert_eq!(read.blocks[0].text(), "core");
    let json = serde_json::to_string(&read).unwrap();
    assert_eq!(serde_json::from_str::<Document>(&json).unwrap(), read);
}

#[test]
fn numbers_beyond_reason_stay_short() {
    let level = |format: &str| {
        format!(
            "<w:lvl w:ilvl=\"0\"><w:start w:val=\"4294967295\"/><w:numFmt w:val=\"{format}\"/><w:lvlText w:val=\"{}\"/></w:lvl>",
            "%1.".repeat(1_000)
        )
    };
    for format in ["lowerLetter", "upperRoman", "decimal", "ordinal"] {
        let numbering = format!(
            "<w:numbering><w:abstractNum w:abstractNumId=\"1\">{}</w:abstractNum><w:num w:numId=\"1\"><w:abstractNumId w:val=\"1\"/></w:num></w:numbering>",
            level(format)
        );
        let item = "<w:p><w:pPr><w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"1\"/></w:numPr></w:pPr></w:p>";
        let types = content_types();
        let rels = "<Relationships><Relationship Id=\"a\" Type=\"x/numbering\" Target=\"numbering.xml\"/></Relationships>";
        let main = format!("<w:document><w:body>{}</w:body></w:document>", item.repeat(3));
        let bytes = zip(&[
            ("[Content_Types].xml", types.as_bytes()),
            ("word/document.xml", main.as_bytes()),
            ("word/_rels/document.xml.rels", rels.as_bytes()),
            ("word/numbering.xml", numbering.as_bytes()),
        ]);
        let read = upload("lab.docx", &bytes).unwrap();
        let crate::Content::Paragraph(paragraph) = &read.blocks[2].content else { panic!("no paragraph") };
        assert!(paragraph.number.as_ref().unwrap().text.len() < 500);
    }
}

#[test]
fn styles_that_stand_on_each_other_end() {
    let types = content_types();
    let styles = "<w:styles><w:style w:type=\"paragraph\" w:styleId=\"A\"><w:basedOn w:val=\"B\"/></w:style><w:style w:type=\"paragraph\" w:styleId=\"B\"><w:basedOn w:val=\"A\"/></w:style></w:styles>";
    let rels =
        "<Relationships><Relationship Id=\"a\" Type=\"x/styles\" Target=\"styles.xml\"/></Relationships>";
    let main = "<w:document><w:body><w:p><w:pPr><w:pStyle w:val=\"A\"/></w:pPr><w:r><w:t>x</w:t></w:r></w:p></w:body></w:document>";
    let bytes = zip(&[
        ("[Content_Types].xml", types.as_bytes()),
        ("word/document.xml", main.as_bytes()),
        ("word/_rels/document.xml.rels", rels.as_bytes()),
        ("word/styles.xml", styles.as_bytes()),
    ]);
    assert_eq!(upload("lab.docx", &bytes).unwrap().blocks[0].text(), "x");
}

/// A sheet with a bit of everything.
fn rich() -> Sheet {
    Sheet::new()
        .heading(1, "Lab")
        .item(List::Decimal, 0, "first")
        .item(List::Decimal, 1, "deeper")
        .item(List::Experiment, 0, "third")
        .styled("Numbered", "by style")
        .code("def f(x):\n    return x")
        .table(&[&["a", "b"], &["c\nd", "e"]])
        .raw("<w:sdt><w:sdtContent><w:p><w:r><w:t>inside</w:t></w:r></w:p></w:sdtContent></w:sdt>")
        .p("tabs\tand\nbreaks")
}

/// Chance that is the same on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % sides.max(1)
    }

    fn damage(&mut self, bytes: &mut Vec<u8>) {
        for _ in 0..=self.roll(4) {
            let at = self.roll(bytes.len());
            let length = self.roll(40).min(bytes.len() - at);
            match self.roll(6) {
                0 => bytes.truncate(at),
                1 => drop(bytes.drain(at..at + length)),
                2 => {
                    let copy = bytes[at..at + length].to_vec();
                    let to = self.roll(bytes.len());
                    bytes.splice(to..to, copy);
                }
                3 => bytes.iter_mut().skip(at).take(length).for_each(|byte| *byte = 0),
                4 => bytes.iter_mut().skip(at).take(length).for_each(|byte| *byte = 0xff),
                _ => {
                    let sign = self.roll(256);
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte = u8::try_from(sign).unwrap_or(0);
                    }
                }
            }
            if bytes.is_empty() {
                bytes.push(b'P');
            }
        }
    }
}

/// Reads damaged bytes and writes a report into them: an answer or a problem of the caller's, in time.
fn survives(seed: u64, bytes: &[u8]) -> bool {
    let start = Instant::now();
    let read = read(Format::Docx, bytes);
    let entry = Entry { after_block: Some(2), code: "print(1)".into(), ..Entry::default() };
    let source = Some((Format::Docx, bytes.to_vec()));
    let written = report(&Report { source, entries: vec![entry], ..Report::default() });
    for error in [read.as_ref().err(), written.as_ref().err()].into_iter().flatten() {
        assert_ne!(error.kind(), Kind::Internal, "seed {seed}: {error:?}");
    }
    assert!(start.elapsed() < Duration::from_secs(5), "seed {seed} took {:?}", start.elapsed());
    read.is_ok()
}

#[test]
fn damaged_packages_never_panic_hang_or_blame_us() {
    let good = rich().docx();
    let read = (0..400).filter(|&seed| {
        let mut bytes = good.clone();
        Dice(seed).damage(&mut bytes);
        survives(seed, &bytes)
    });
    assert!(read.count() < 400);
}

#[test]
fn damaged_xml_in_sound_packages_never_panics_hangs_or_blames_us() {
    let good = rich().xml().into_bytes();
    let read = (0..400).filter(|&seed| {
        let mut bytes = good.clone();
        Dice(seed).damage(&mut bytes);
        let types = content_types();
        let package = zip(&[("[Content_Types].xml", types.as_bytes()), ("word/document.xml", &bytes)]);
        survives(seed, &package)
    });
    let count = read.count();
    assert!(count > 10 && count < 400, "{count} of 400 were readable");
}

#[test]
fn damaged_markdown_never_panics() {
    let good = b"# Lab\n\n1. one\n   ```python\n   print(1)\n   ```\n2. two\n\n| a | b |\n|---|---|\n| c | d |\n\n> quote\n\n<div>html</div>\n".to_vec();
    for seed in 0..400 {
        let mut bytes = good.clone();
        Dice(seed).damage(&mut bytes);
        if let Err(error) = read(Format::Markdown, &bytes) {
            assert_ne!(error.kind(), Kind::Internal, "seed {seed}: {error:?}");
        }
    }
}
