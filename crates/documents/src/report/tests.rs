//! Reports are read again: by our own reader, and part by part.

use std::{
    collections::HashSet,
    io::{Cursor, Read},
};

use super::*;
use crate::{
    Content, Shot, picture, read,
    testing::{List, Sheet, with_document},
    xml,
};

fn entry(number: &str, after: Option<usize>) -> Entry {
    Entry {
        number: Some(number.into()),
        question: format!("question {number}"),
        after_block: after,
        code: format!("# {number}\nprint({number})"),
        language: "python".into(),
        output: Some(format!("printed {number}\n")),
        verdict: Some(Verdict { good: true, line: format!("verdict {number}") }),
        ran_at: Some(Timestamp::from_micros(1_795_228_200_000_000)),
        ..Entry::default()
    }
}

fn png() -> Png {
    picture(&Shot { title: "a.py".into(), code: Some("print(1)".into()), ..Shot::default() }).unwrap()
}

/// The words of a report, one line per block.
fn words(docx: &[u8]) -> Vec<String> {
    let blocks = read(Format::Docx, docx).unwrap().blocks;
    let line = |block: &crate::Block| match &block.content {
        Content::Paragraph(p) => {
            let number = p.number.as_ref().map_or(String::new(), |number| format!("[{}] ", number.text));
            format!("{number}{}", p.text)
        }
        Content::Code(code) => format!("code: {}", code.text.replace('\n', " / ")),
        Content::Table(_) => "table".to_owned(),
    };
    blocks.iter().map(line).filter(|line| !line.trim().is_empty()).collect()
}

fn parts(docx: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut zip = ::zip::ZipArchive::new(Cursor::new(docx)).unwrap();
    (0..zip.len())
        .map(|at| {
            let mut entry = zip.by_index(at).unwrap();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            (entry.name().unwrap().into_owned(), bytes)
        })
        .collect()
}

/// Every XML part is well formed, no name is there twice, every relationship leads somewhere, every picture in
/// the text has its relationship, its part and its type, and no drawing id is used twice.
fn is_sound(docx: &[u8]) {
    let parts = parts(docx);
    let names: HashSet<&str> = parts.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names.len(), parts.len(), "a name is there twice");
    let tree = |name: &str| {
        let bytes = &parts.iter().find(|(own, _)| own == name).unwrap_or_else(|| panic!("no {name}")).1;
        xml::parse(name, std::str::from_utf8(bytes).unwrap()).unwrap()
    };
    for (name, _) in parts.iter().filter(|(name, _)| name.ends_with(".xml") || name.ends_with(".rels")) {
        tree(name);
    }
    let rels = tree("word/_rels/document.xml.rels");
    let mut ids = HashSet::new();
    for rel in rels.children().filter(|rel| rel.attribute("TargetMode") != Some("External")) {
        let target = rel.attribute("Target").unwrap();
        assert!(names.contains(format!("word/{target}").as_str()), "{target} leads nowhere");
        assert!(ids.insert(rel.attribute("Id").unwrap()), "a relationship id is there twice");
    }
    let mut drawings = HashSet::new();
    let mut open = vec![tree("word/document.xml")];
    while let Some(element) = open.pop() {
        if &*element.name == "docPr" {
            assert!(
                drawings.insert(element.attribute("id").unwrap().to_owned()),
                "a drawing id is there twice"
            );
        }
        if &*element.name == "blip" {
            assert!(ids.contains(element.attribute("embed").unwrap()), "a picture without a relationship");
        }
        open.extend(element.nodes.into_iter().filter_map(|node| match node {
            xml::Node::Element(element) => Some(element),
            xml::Node::Text(_) => None,
        }));
    }
    let types = tree("[Content_Types].xml");
    for name in names.iter().filter(|name| name.ends_with(".png")) {
        let own = format!("/{name}");
        let typed = types.children().any(|kind| {
            kind.attribute("PartName") == Some(&own) || kind.attribute("Extension") == Some("png")
        });
        assert!(typed, "{name} has no type");
    }
}

fn sheet() -> Sheet {
    Sheet::new()
        .heading(1, "Lab")
        .item(List::Decimal, 0, "first")
        .item(List::Decimal, 0, "second")
        .table(&[&["a", "b"]])
        .p("the end")
}

#[test]
fn answers_stand_below_their_questions_in_the_order_of_the_document() {
    let made = report(&Report {
        source: Some((Format::Docx, sheet().docx())),
        title: "Answers".into(),
        entries: vec![entry("2", Some(2)), entry("1", Some(1)), entry("9", None)],
        notes: vec!["a note".into()],
        ..Report::default()
    })
    .unwrap();
    is_sound(&made);
    assert_eq!(
        words(&made),
        [
            "Lab",
            "[1.] first",
            "Answer to 1",
            "Python",
            "code: # 1 / print(1)",
            "Output",
            "code: printed 1",
            "✓ verdict 1  ·  2026-11-21 02:30 UTC",
            "[2.] second",
            "Answer to 2",
            "Python",
            "code: # 2 / print(2)",
            "Output",
            "code: printed 2",
            "✓ verdict 2  ·  2026-11-21 02:30 UTC",
            "table",
            "the end",
            "Answers",
            "9  question 9",
            "Python",
            "code: # 9 / print(9)",
            "Output",
            "code: printed 9",
            "✓ verdict 9  ·  2026-11-21 02:30 UTC",
            "Report made on 1970-01-01 00:00 UTC",
            "a note",
        ]
    );
}

#[test]
fn at_the_end_the_order_is_the_callers() {
    for source in
        [Some((Format::Docx, sheet().docx())), Some((Format::Text, b"first\nsecond".to_vec())), None]
    {
        let made = report(&Report {
            source,
            title: "Answers".into(),
            placement: Placement::End,
            entries: vec![entry("2", Some(2)), entry("1", Some(1))],
            ..Report::default()
        })
        .unwrap();
        is_sound(&made);
        let words = words(&made);
        let at = |text: &str| words.iter().position(|line| line == text).unwrap();
        assert!(at("2  question 2") < at("1  question 1"), "{words:?}");
    }
}

#[test]
fn the_teachers_document_stays_as_it_is_but_for_the_body() {
    let source = sheet().docx();
    let made = report(&Report {
        source: Some((Format::Docx, source.clone())),
        entries: vec![Entry { picture: Some(png()), ..entry("1", Some(1)) }],
        ..Report::default()
    })
    .unwrap();
    let (before, after) = (parts(&source), parts(&made));
    for (name, bytes) in &before {
        let now = &after.iter().find(|(other, _)| other == name).unwrap().1;
        if !["word/document.xml", "word/_rels/document.xml.rels", "[Content_Types].xml"]
            .contains(&name.as_str())
        {
            assert_eq!(now, bytes, "{name}");
        }
    }
    // The body holds all of the old one, in its order.
    let text = |parts: &[(String, Vec<u8>)]| {
        let bytes = &parts.iter().find(|(name, _)| name == "word/document.xml").unwrap().1;
        String::from_utf8(bytes.clone()).unwrap()
    };
    let (before, after) = (text(&before), text(&after));
    let cut = before.find("second").unwrap();
    let start = before[..cut].rfind("<w:p>").unwrap();
    let (head, tail) = (before[before.find("<w:body>").unwrap()..start].to_owned(), &before[start..]);
    assert!(after.contains(&head) && after.find(tail.rsplit_once("<w:sectPr>").unwrap().0).is_some());
    assert!(after.ends_with(tail.rsplit_once("<w:sectPr>").unwrap().1));
}

#[test]
fn ids_and_names_do_not_collide_with_those_of_the_source() {
    // A report of a report: everything we would name is taken already.
    let once = |source| {
        report(&Report {
            source: Some((Format::Docx, source)),
            entries: vec![
                Entry { picture: Some(png()), ..entry("1", Some(1)) },
                Entry { picture: Some(png()), ..entry("2", Some(2)) },
            ],
            ..Report::default()
        })
        .unwrap()
    };
    let twice = once(once(sheet().docx()));
    is_sound(&twice);
    assert_eq!(parts(&twice).iter().filter(|(name, _)| name.ends_with(".png")).count(), 4);
}

#[test]
fn a_document_with_other_prefixes_takes_answers_too() {
    let xml = sheet().xml().replace("w:", "doc:").replace("xmlns:w=", "xmlns:doc=");
    let made = report(&Report {
        source: Some((Format::Docx, with_document(&xml))),
        entries: vec![entry("1", Some(1))],
        ..Report::default()
    })
    .unwrap();
    is_sound(&made);
    assert_eq!(words(&made)[2], "Answer to 1");
}

#[test]
fn a_place_beyond_the_document_goes_to_its_end() {
    let made = report(&Report {
        source: Some((Format::Docx, sheet().docx())),
        entries: vec![entry("1", Some(4_000)), entry("2", Some(5))],
        ..Report::default()
    })
    .unwrap();
    is_sound(&made);
    assert_eq!(words(&made).iter().filter(|line| line.starts_with("Answer")).count(), 2);
}

#[test]
fn hostile_text_cannot_leave_its_paragraph() {
    let evil = "]]></w:t></w:r></w:p><w:p/>&\u{0}\u{1b}[31m\u{fffe}\u{ffff}\u{202e}";
    let made = report(&Report {
        source: Some((Format::Docx, sheet().docx())),
        title: evil.into(),
        placement: Placement::End,
        entries: vec![Entry {
            question: evil.into(),
            code: format!("\"{evil}\""),
            output: Some(evil.into()),
            errors: evil.into(),
            verdict: Some(Verdict { good: false, line: evil.into() }),
            picture: Some(png()),
            ..entry(evil, None)
        }],
        notes: vec![evil.into()],
        ..Report::default()
    })
    .unwrap();
    is_sound(&made);
    assert!(words(&made).iter().any(|line| line.contains("]]></w:t></w:r></w:p><w:p/>&")));
}

#[test]
fn long_output_is_cut_and_the_report_says_by_how_much() {
    let output: String = (0..5_000).map(|line| format!("line {line}\n")).collect();
    let made = report(&Report {
        entries: vec![Entry { output: Some(output), ..entry("1", None) }],
        ..Report::default()
    })
    .unwrap();
    assert!(
        words(&made).iter().any(|line| line.contains("… 4800 more lines not printed here")),
        "{:?}",
        words(&made)
    );
}

#[test]
fn the_same_report_has_the_same_bytes() {
    let asked = Report {
        source: Some((Format::Docx, sheet().docx())),
        entries: vec![Entry { picture: Some(png()), ..entry("1", Some(1)) }],
        ..Report::default()
    };
    assert_eq!(report(&asked).unwrap(), report(&asked).unwrap());
}

#[test]
fn a_picture_fits_the_text_and_keeps_its_shape() {
    let tall = Png { width: 1_000, height: 8_000, ..png() };
    let made = report(&Report {
        entries: vec![Entry { picture: Some(tall), ..entry("1", None) }],
        ..Report::default()
    })
    .unwrap();
    let parts = parts(&made);
    let document =
        String::from_utf8(parts.iter().find(|(name, _)| name == "word/document.xml").unwrap().1.clone())
            .unwrap();
    assert!(document.contains("<wp:extent cx=\"457200\" cy=\"3657600\"/>"), "half an inch by four inches");
    assert!(
        document
            .contains("descr=\"Picture of the Python program of 1 and its output, which begins: printed 1\"")
    );
}
