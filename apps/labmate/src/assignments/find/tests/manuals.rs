//! Whole manuals, other languages, and documents that hold no task or mean harm.

use stoa_documents::{
    Format, read,
    testing::{List, Sheet},
};

use super::{super::find, docx, text};

#[test]
fn an_answer_goes_below_the_last_block_of_its_task() {
    let sheet = Sheet::new()
        .heading(1, "Lab")
        .item(List::Decimal, 0, "Write a program to add.")
        .item(List::Decimal, 1, "two numbers")
        .code("a = 1\nprint(a)")
        .p("")
        .item(List::Decimal, 0, "Write a program to subtract.")
        .heading(1, "End");
    let found = find(&read(Format::Docx, &sheet.docx()).unwrap());
    assert_eq!(found.iter().map(|f| f.after_block).collect::<Vec<_>>(), [Some(4), Some(6)]);
}

#[test]
fn languages_are_known_by_their_code() {
    let cases = [
        (
            "public class Main {\n    public static void main(String[] args) {\n        System.out.println(1);\n    }\n}",
            "java",
        ),
        ("#include <iostream>\nusing namespace std;\nint main() { cout << 1; }", "cpp"),
        ("#include <stdio.h>\nint main() { printf(\"x\"); }", "c"),
        ("const express = require('express');\nconst app = express();\napp.listen(3000);", "javascript"),
        (
            "import React, { useState } from 'react';\nexport default function App() { return <p className=\"a\">x</p>; }",
            "react",
        ),
        ("<!DOCTYPE html>\n<html>\n<body><h1>Hi</h1><script>console.log(1)</script></body>\n</html>", "html"),
        ("def f():\n    return 1\nprint(f())", "python"),
    ];
    for (code, language) in cases {
        let sheet = Sheet::new().p("1. Write a program to show something.").lines(code);
        let found = find(&read(Format::Docx, &sheet.docx()).unwrap());
        assert_eq!(
            found.iter().map(|f| (f.language.as_str(), f.code.as_str())).collect::<Vec<_>>(),
            [(language, code)]
        );
    }
}

#[test]
fn a_full_manual_with_an_index_theory_steps_and_viva() {
    let sheet = Sheet::new()
        .styled("Title", "PYTHON PROGRAMMING LAB MANUAL")
        .p("Name: ____________    Roll No: ______")
        .heading(1, "List of Experiments")
        .item(List::Decimal, 0, "Write a program to find the largest of three numbers.")
        .item(List::Decimal, 0, "Armstrong numbers, in a few words")
        .heading(1, "Experiment 1")
        .bold("Aim")
        .p("Write a program to find the largest of three numbers.")
        .bold("Theory")
        .p("The if statement tests a condition. For example:")
        .lines("if a > b:\n    print(a)")
        .p("Write a condition after if. A program to compare needs two numbers.")
        .bold("Algorithm")
        .item(List::DecimalAgain, 0, "Start")
        .item(List::DecimalAgain, 0, "Read three numbers a, b and c.")
        .item(List::DecimalAgain, 0, "Print the largest.")
        .item(List::DecimalAgain, 0, "Stop")
        .bold("Source Code")
        .lines("a, b, c = 1, 2, 3\nlargest = a\nif b > largest:\n    largest = b\nprint(max(a, b, c))")
        .bold("Sample Output")
        .p("3")
        .bold("Viva Questions")
        .p("Q1. What is an if statement?")
        .p("Q2. What is a function?")
        .heading(1, "Experiment 2")
        .bold("Aim")
        .p("Write a program to check for Armstrong numbers.")
        .bold("Procedure")
        .item(List::DecimalMore, 0, "Write the program in the editor.")
        .item(List::DecimalMore, 0, "Run it and check the output.")
        .bold("Conclusion")
        .p("Thus we have written a program to check numbers.");
    docx(
        &sheet,
        &[
            (
                "1",
                "Write a program to find the largest of three numbers.",
                "a, b, c = 1, 2, 3\nlargest = a\nif b > largest:\n    largest = b\nprint(max(a, b, c))",
                "python",
            ),
            ("2", "Write a program to check for Armstrong numbers.", "", "python"),
        ],
    );
}

#[test]
fn a_numbered_list_goes_on_behind_code_output_and_result() {
    let sheet = "Lab 4 – Strings\nDate: 12/03/2026\n\n1. Write a program to count vowels.\nProgram:\ns = input()\nprint(len(s))\nOutput:\n3\nResult: The program ran.\n\n2. Reverse a string without slicing.\nCode:\ns = input()\nprint(''.join(reversed(s)))\n\n3. Check whether two words are anagrams.\n";
    text(
        Format::Text,
        sheet,
        &[
            ("1", "Write a program to count vowels.", "s = input()\nprint(len(s))", "python"),
            ("2", "Reverse a string without slicing.", "s = input()\nprint(''.join(reversed(s)))", "python"),
            ("3", "Check whether two words are anagrams.", "", "python"),
        ],
    );
}

#[test]
fn points_and_marks_before_a_task_do_not_hide_it() {
    let sheet = "# Assignment 2\n\n1. [10 points] Write a function `is_prime(n)`.\n2. (5 marks) Print a pyramid of stars.\n";
    text(
        Format::Markdown,
        sheet,
        &[
            ("1", "[10 points] Write a function is_prime(n).", "", "python"),
            ("2", "(5 marks) Print a pyramid of stars.", "", "python"),
        ],
    );
}

#[test]
fn a_numbered_report_outline_is_no_list_of_tasks() {
    let sheet = Sheet::new()
        .heading(1, "1. Introduction")
        .p("Python is a language. We implement loops and functions in it.")
        .heading(1, "2. Theory of sorting")
        .p("Bubble sort compares neighbours.")
        .heading(1, "3. Exercises")
        .p("Sort a list of numbers with bubble sort.")
        .p("Find the second largest element of a list.")
        .heading(1, "4. References")
        .p("[1] A book about sorting and searching.");
    docx(
        &sheet,
        &[
            ("", "Sort a list of numbers with bubble sort.", "", "python"),
            ("", "Find the second largest element of a list.", "", "python"),
        ],
    );
}

#[test]
fn bullets_are_tasks_only_where_nothing_else_can_be() {
    let sheet = Sheet::new()
        .heading(1, "Exercises")
        .item(List::Bullets, 0, "Write a program to print the date.")
        .item(List::Bullets, 0, "Write a program to print the time.");
    docx(
        &sheet,
        &[
            ("", "Write a program to print the date.", "", "python"),
            ("", "Write a program to print the time.", "", "python"),
        ],
    );
    let sheet = Sheet::new()
        .p("1. Write a program with a menu:")
        .item(List::Bullets, 0, "Write a program option to add")
        .item(List::Bullets, 0, "Write a program option to delete");
    docx(
        &sheet,
        &[(
            "1",
            "Write a program with a menu:\n• Write a program option to add\n• Write a program option to delete",
            "",
            "python",
        )],
    );
}

#[test]
fn a_table_of_programs_and_outputs_holds_code() {
    let sheet = Sheet::new()
        .p("Q1: Write a program to greet.")
        .table(&[&["Program", "Output"], &["name = \"Ada\"\nprint(\"Hello\", name)", "Hello Ada"]]);
    docx(&sheet, &[("1", "Write a program to greet.", "name = \"Ada\"\nprint(\"Hello\", name)", "python")]);
}

#[test]
fn code_in_a_frame_of_one_cell_belongs_to_its_question() {
    let sheet = Sheet::new()
        .p("Q.1) Write a C program to print one.")
        .table(&[&["#include <stdio.h>\nint main() {\n    printf(\"1\");\n}"]])
        .p("Q.2) Write a C program to print two.");
    docx(
        &sheet,
        &[
            (
                "1",
                "Write a C program to print one.",
                "#include <stdio.h>\nint main() {\n    printf(\"1\");\n}",
                "c",
            ),
            ("2", "Write a C program to print two.", "", "c"),
        ],
    );
}

#[test]
fn a_project_brief_without_numbers_is_one_task() {
    let sheet = Sheet::new()
        .heading(1, "Assignment 3: Library")
        .p("Create a class Library that keeps books and lends them.")
        .p("A book has a title and an author.")
        .p("Hint: use a dictionary.");
    docx(
        &sheet,
        &[(
            "3",
            "Library\nCreate a class Library that keeps books and lends them.\nA book has a title and an author.\nHint: use a dictionary.",
            "",
            "python",
        )],
    );
}

#[test]
fn an_interactive_session_becomes_the_program_that_was_typed() {
    text(
        Format::Markdown,
        "1. Write a program to add.\n\n   ```python\n   >>> a = 1\n   >>> for i in range(2):\n   ...     a += i\n   ...\n   >>> a\n   2\n   ```\n",
        &[("1", "Write a program to add.", "a = 1\nfor i in range(2):\n    a += i\na", "python")],
    );
}

#[test]
fn a_document_without_tasks_has_none() {
    for words in [
        "Just a letter.\n\nDear all, the list of programs is on the web.\n",
        "1. Milk\n2. Bread\n3. Print paper\n",
        "x",
    ] {
        text(Format::Text, words, &[]);
    }
    docx(&Sheet::new(), &[]);
}

#[test]
fn every_task_has_a_question_and_the_order_is_the_documents() {
    let sheet =
        Sheet::new().code("x = 1").p("then").code("print(2)").heading(1, "").code("# third\nprint(3)");
    let found = find(&read(Format::Docx, &sheet.docx()).unwrap());
    assert!(!found.is_empty());
    assert!(found.iter().all(|task| !task.question.trim().is_empty()), "{found:?}");
    assert!(found.is_sorted_by_key(|task| task.after_block));
}

#[test]
fn documents_made_to_be_slow_are_not() {
    let lines = [
        "# a comment and nothing else",
        "1. Write a program to print a list.",
        "x = 1",
        "and so on and on without an end, in one very long sentence that goes on",
        "Code:",
        "",
        "Aim: Write a program to sort.",
        "- [ ] write a program",
        "(a) (b) (c) (d)",
        "\"\"\"",
        "Theory:",
        "Q1. Write",
    ];
    let start = std::time::Instant::now();
    for line in lines {
        let text = format!("start\n{}", format!("{line}\n").repeat(10_000));
        let found = find(&read(Format::Text, text.as_bytes()).unwrap());
        assert!(found.len() <= 500);
    }
    let text = lines.join("\n\n").repeat(1_000);
    assert!(find(&read(Format::Text, text.as_bytes()).unwrap()).len() <= 500);
    let long = "write a program ".repeat(200_000);
    assert_eq!(find(&read(Format::Text, long.as_bytes()).unwrap()).len(), 1);
    assert!(start.elapsed() < std::time::Duration::from_secs(20), "{:?}", start.elapsed());
}
