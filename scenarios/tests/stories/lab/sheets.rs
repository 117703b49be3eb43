//! Assignments as teachers hand them out.

use stoa_documents::testing::{List, Sheet};

/// What the sheet asks.
pub(crate) const QUESTIONS: [&str; 3] = [
    "Write a program to print the squares of the numbers from 0 to 4.",
    "Write a program to greet a person by name.",
    "Write a program that never ends.",
];

/// The code below each question.
pub(crate) const CODES: [&str; 3] = [
    "import time\nfor i in range(5):\n    print(i, i * i, flush=True)\n    time.sleep(0.2)",
    "def greet(name):\n    return 'Hello ' + name\nprint(greet(input('What is your name? ')))",
    "while True:\n    pass",
];

/// What the first program prints.
pub(crate) const SQUARES: &str = "0 0\n1 1\n2 4\n3 9\n4 16\n";

/// Three tasks; their numbers exist only as Word's numbering.
pub(crate) fn loops() -> Vec<u8> {
    let mut sheet = Sheet::new().heading(1, "Lab 3: loops");
    for (question, code) in QUESTIONS.iter().zip(CODES) {
        sheet = sheet.item(List::Decimal, 0, question).code(code);
    }
    sheet.docx()
}
