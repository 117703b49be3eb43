//! What the reader makes of Word's ways.

use crate::{
    document::{Content, Format},
    read,
    testing::{List, Sheet},
};

/// Each block as one line: number, text, and what it is.
fn seen(bytes: &[u8]) -> Vec<String> {
    let document = read(Format::Docx, bytes).unwrap();
    let line = |block: &crate::Block| match &block.content {
        Content::Paragraph(p) => {
            let number = p.number.as_ref().map_or(String::new(), |number| format!("[{}] ", number.text));
            let heading = p.heading.map_or(String::new(), |level| format!("h{level} "));
            format!("{heading}{number}{}", p.text)
        }
        Content::Code(code) => format!("code {:?}", code.text),
        Content::Table(table) => {
            let rows = table
                .rows
                .iter()
                .map(|row| row.iter().map(crate::Cell::text).collect::<Vec<_>>().join(" | "));
            format!("table {}", rows.collect::<Vec<_>>().join(" / "))
        }
    };
    document.blocks.iter().map(line).collect()
}

#[test]
fn numbers_that_exist_only_as_word_numbering_are_computed() {
    let sheet = Sheet::new()
        .item(List::Decimal, 0, "one")
        .item(List::Decimal, 1, "one a")
        .item(List::Decimal, 1, "one b")
        .item(List::Decimal, 2, "one b one")
        .item(List::Decimal, 0, "two")
        .item(List::Decimal, 1, "two a")
        .item(List::Bullets, 0, "dot")
        .item(List::DecimalMore, 0, "three, in a list that counts on")
        .item(List::DecimalAgain, 0, "one again")
        .item(List::DecimalAgain, 0, "two again")
        .item(List::Experiment, 0, "loops")
        .item(List::Roman, 0, "first")
        .item(List::Roman, 1, "big a")
        .item(List::Question, 0, "question");
    assert_eq!(
        seen(&sheet.docx()),
        [
            "[1.] one",
            "[a)] one a",
            "[b)] one b",
            "[i.] one b one",
            "[2.] two",
            "[a)] two a",
            "[•] dot",
            "[3.] three, in a list that counts on",
            "[1.] one again",
            "[2.] two again",
            "[Experiment 1:] loops",
            "[I.] first",
            "[A.] big a",
            "[Q1.] question",
        ]
    );
}

#[test]
fn a_style_brings_its_numbering_along() {
    let sheet =
        Sheet::new().styled("Numbered", "one").styled("NumberedMore", "two").item(List::Outline, 2, "deep");
    assert_eq!(seen(&sheet.docx()), ["[1.] one", "[2.] two", "[1.1.1] deep"]);
}

#[test]
fn monospaced_paragraphs_become_one_piece_of_code_with_their_places() {
    let sheet = Sheet::new().p("before").code("def f():\n    return 1").p("").code("f()").p("after");
    let document = read(Format::Docx, &sheet.docx()).unwrap();
    assert_eq!(seen(&sheet.docx()), ["before", "code \"def f():\\n    return 1\\n\\nf()\"", "after"]);
    assert_eq!((document.blocks[1].first, document.blocks[1].last), (1, 4));
}

#[test]
fn words_are_read_once_whatever_wraps_them() {
    let run = |text: &str| format!("<w:r><w:t>{text}</w:t></w:r>");
    let sheet = Sheet::new()
        // Revisions: what was inserted counts, what was deleted does not.
        .raw(&format!(
            "<w:p>{}<w:ins>{}</w:ins><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:moveFrom>{}</w:moveFrom></w:p>",
            run("a "),
            run("new "),
            run("moved away")
        ))
        // Links, smart tags, fields, content controls.
        .raw(&format!(
            "<w:p><w:hyperlink>{}</w:hyperlink><w:smartTag>{}</w:smartTag><w:fldSimple>{}</w:fldSimple><w:sdt><w:sdtPr/>\
             <w:sdtContent>{}</w:sdtContent></w:sdt><w:r><w:fldChar/><w:instrText>PAGE</w:instrText></w:r></w:p>",
            run("link "),
            run("tag "),
            run("field "),
            run("control")
        ))
        // Symbols, hyphens, breaks, a hidden run, a footnote.
        .raw(
            "<w:p><w:r><w:t>x</w:t><w:noBreakHyphen/><w:t>y so\u{ad}ft\u{a0}z</w:t><w:softHyphen/><w:sym w:font=\"Symbol\" \
             w:char=\"F0B3\"/><w:tab/><w:br/><w:br w:type=\"page\"/><w:cr/><w:t>end</w:t><w:footnoteReference w:id=\"2\"/>\
             </w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r></w:p>",
        )
        // A text box: in the modern form, with a fallback that says the same.
        .raw(&format!(
            "<w:p>{}<w:r><mc:AlternateContent><mc:Choice Requires=\"wps\"><w:drawing><wps:txbx><w:txbxContent><w:p>{}</w:p>\
             </w:txbxContent></wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox><w:txbxContent><w:p>{}</w:p>\
             </w:txbxContent></v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>",
            run("beside the box"),
            run("in the box"),
            run("in the box")
        ))
        .raw(&format!("<w:sdt><w:sdtContent><w:p>{}</w:p><w:p>{}</w:p></w:sdtContent></w:sdt>", run("one"), run("two")))
        .table(&[&["a", "b\nc"], &["d"]]);
    assert_eq!(
        seen(&sheet.docx()),
        [
            "a new ",
            "link tag field control",
            "x-y soft z≥\t\n\nend",
            "beside the box",
            "in the box",
            "one",
            "two",
            "table a | b\nc / d"
        ]
        .map(|line| line.trim_end().to_owned())
    );
    let document = read(Format::Docx, &sheet.docx()).unwrap();
    let places: Vec<usize> = document.blocks.iter().map(|block| block.last).collect();
    assert_eq!(places, [0, 1, 2, 3, 3, 4, 4, 5]);
}

#[test]
fn code_is_known_by_font_by_style_and_not_where_everything_is_typewritten() {
    let sheet = Sheet::new().p("Some words that are not code at all.").styled("Listing", "x = 1");
    assert_eq!(seen(&sheet.docx()), ["Some words that are not code at all.", "code \"x = 1\""]);
    let sheet = Sheet::new().code("1. Write a program.\nprint(1)\n2. Write another.");
    assert_eq!(seen(&sheet.docx()), ["1. Write a program.", "print(1)", "2. Write another."]);
    let mixed = "<w:p><w:r><w:t>Call </w:t></w:r><w:r><w:rPr><w:rFonts w:ascii=\"Consolas\"/></w:rPr><w:t>f(x)</w:t></w:r></w:p>";
    assert_eq!(seen(&Sheet::new().raw(mixed).docx()), ["Call f(x)"]);
}

#[test]
fn headings_and_bold_lines_are_marked() {
    let sheet = Sheet::new().styled("Title", "A lab").heading(3, "Deep").bold("Aim").p("plain");
    let document = read(Format::Docx, &sheet.docx()).unwrap();
    let marks = document.blocks.iter().map(|block| match &block.content {
        Content::Paragraph(p) => (p.heading, p.bold),
        _ => panic!("only paragraphs"),
    });
    assert_eq!(marks.collect::<Vec<_>>(), [(Some(1), false), (Some(3), true), (None, true), (None, false)]);
}
