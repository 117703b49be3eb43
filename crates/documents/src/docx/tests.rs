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
