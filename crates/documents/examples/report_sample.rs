//! Writes sample reports into a folder, for looking at them: `cargo run -p stoa-documents --features testing
//! --example report_sample -- FOLDER [DOCX]`.

use std::path::PathBuf;

use stoa_core::{Error, Result, Timestamp};
use stoa_documents::{
    Entry, Format, Placement, Report, Shot, Theme, Verdict, picture, report,
    testing::{List, Sheet},
};

const CODE: &str = "# Factorial with recursion\ndef factorial(n):\n    if n < 2:\n        return 1\n    return n * factorial(n - 1)\n\n\nfor i in range(1, 8):\n    print(f\"{i}! = {factorial(i)}\")\n";

fn entries() -> Result<Vec<Entry>> {
    let output: String =
        [1, 2, 6, 24, 120, 720, 5040].iter().zip(1..).map(|(f, i)| format!("{i}! = {f}\n")).collect();
    let shot = |theme, output: &str| {
        picture(&Shot {
            title: "factorial.py".into(),
            code: Some(CODE.into()),
            language: "python".into(),
            output: Some(output.into()),
            status: Some("exit code 0 · 21 ms".into()),
            theme,
        })
    };
    let at = Timestamp::from_micros(1_795_228_200_000_000);
    let first = Entry {
        number: Some("1".into()),
        question: "Write a program to find the factorial of a number.".into(),
        after_block: Some(3),
        code: CODE.into(),
        language: "python".into(),
        output: Some(output.clone()),
        verdict: Some(Verdict { good: true, line: "Ended with exit code 0 after 21 ms".into() }),
        ran_at: Some(at),
        picture: Some(shot(Theme::EditorLight, &output)?),
        ..Entry::default()
    };
    let second = Entry {
        number: Some("2".into()),
        question: "Print the first ten prime numbers.".into(),
        after_block: Some(4),
        code: "print(1 / 0)".into(),
        language: "python".into(),
        output: Some(String::new()),
        errors: "Traceback (most recent call last):\n  File \"main.py\", line 1, in <module>\nZeroDivisionError: division by zero\n".into(),
        verdict: Some(Verdict { good: false, line: "Ended with exit code 1 after 18 ms".into() }),
        ran_at: Some(at),
        picture: Some(shot(Theme::TerminalDark, "\u{1b}[31mZeroDivisionError: division by zero\u{1b}[0m\n")?),
    };
    Ok(vec![first, second])
}

fn main() -> Result<()> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or_else(|| Error::malformed("name a folder"))?);
    let sheet = Sheet::new()
        .heading(1, "Lab Sheet 3: Functions")
        .p("Answer all questions. Submit one document.")
        .item(List::Decimal, 0, "Write a program to find the factorial of a number.")
        .item(List::Decimal, 1, "use recursion")
        .item(List::Decimal, 0, "Print the first ten prime numbers.")
        .table(&[&["Input", "Output"], &["5", "120"]])
        .p("End of the sheet.");
    let markdown = "# Lab 3\n\nAnswer *all* questions.\n\n1. Write a program to find the factorial of a number.\n2. Print the first ten prime numbers.\n\n| in | out |\n|---|---|\n| 5 | 120 |\n\n```python\nprint(5)\n```\n";
    let own = std::env::args().nth(2).map(std::fs::read).transpose()?;
    let sources = [
        ("own", own.map(|bytes| (Format::Docx, bytes))),
        ("docx", Some((Format::Docx, sheet.docx()))),
        ("markdown", Some((Format::Markdown, markdown.as_bytes().to_vec()))),
        ("none", None),
    ];
    for (name, source) in sources {
        for placement in [Placement::BelowQuestion, Placement::End] {
            let made = report(&Report {
                source: source.clone(),
                title: "Lab Sheet 3 — answers".into(),
                placement,
                entries: entries()?,
                notes: vec![
                    "Source SHA-256: 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae".into(),
                ],
                made_at: Timestamp::from_micros(1_795_228_260_000_000),
            })?;
            std::fs::write(folder.join(format!("{name}-{placement:?}.docx")), made)?;
        }
    }
    Ok(())
}
