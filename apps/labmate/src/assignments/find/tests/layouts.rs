//! How sheets number and lay out their tasks.

use stoa_documents::{
    Format, read,
    testing::{List, Sheet},
};

use super::{super::find, docx, text};

#[test]
fn questions_numbered_by_word_alone_are_tasks_and_letters_stay_with_them() {
    let sheet = Sheet::new()
        .heading(1, "Lab Sheet 3: Functions")
        .p("Submit before Friday. A list of marks will be published; search for your roll number.")
        .heading(2, "Exercises")
        .item(List::Decimal, 0, "Write a program to find the factorial of a number.")
        .item(List::Decimal, 1, "use a loop")
        .item(List::Decimal, 1, "use recursion")
        .item(List::Decimal, 0, "Print the first ten prime numbers.")
        .code("for n in range(2, 30):\n    print(n)")
        .item(List::Decimal, 0, "What is the output of reversing a list twice?");
    docx(
        &sheet,
        &[
            (
                "1",
                "Write a program to find the factorial of a number.\na) use a loop\nb) use recursion",
                "",
                "python",
            ),
            ("2", "Print the first ten prime numbers.", "for n in range(2, 30):\n    print(n)", "python"),
            ("3", "What is the output of reversing a list twice?", "", "python"),
        ],
    );
}

#[test]
fn an_experiment_sheet_gives_one_task_with_aim_and_code() {
    let sheet = Sheet::new()
        .bold("Experiment No. 4")
        .p("Aim: To write a Python program to check whether a string is a palindrome.")
        .bold("Objectives:")
        .item(List::Decimal, 0, "Write programs with strings.")
        .item(List::Decimal, 0, "Implement loops.")
        .bold("Theory:")
        .p("A palindrome reads the same both ways. We search the string and reverse it with a loop.")
        .bold("Procedure:")
        .item(List::DecimalAgain, 0, "Open IDLE and write the program.")
        .item(List::DecimalAgain, 0, "Run the program and note the output.")
        .bold("Program:")
        .lines("s = input()\nif s == s[::-1]:\n    print(\"yes\")\nelse:\n    print(\"no\")")
        .bold("Output:")
        .p("yes")
        .bold("Result:")
        .p("Thus the program was executed and verified.");
    docx(
        &sheet,
        &[(
            "4",
            "To write a Python program to check whether a string is a palindrome.",
            "s = input()\nif s == s[::-1]:\n    print(\"yes\")\nelse:\n    print(\"no\")",
            "python",
        )],
    );
}

#[test]
fn several_experiments_in_one_file_are_several_tasks() {
    let code = "#include <stdio.h>\nint main() {\n    printf(\"hi\");\n    return 0;\n}";
    let sheet = Sheet::new()
        .heading(1, "EXPERIMENT 1")
        .p("AIM: Write a C program to print a greeting.")
        .p("PROGRAM:")
        .lines(code)
        .p("OUTPUT:")
        .p("hi")
        .heading(1, "EXPERIMENT 2")
        .p("AIM: Write a C program to add two numbers.")
        .p("PROGRAM:")
        .p("CONCLUSION: We learned to add.");
    docx(
        &sheet,
        &[
            ("1", "Write a C program to print a greeting.", code, "c"),
            ("2", "Write a C program to add two numbers.", "", "c"),
        ],
    );
}

#[test]
fn labels_with_numbers_are_tasks_and_plain_numbers_between_them_are_parts() {
    let sheet = Sheet::new()
        .p("Q1. Create a class Student with")
        .item(List::Decimal, 0, "a constructor that takes name and marks")
        .item(List::Decimal, 0, "a method display() that prints them")
        .p("Q2) Find the largest of three numbers.")
        .p("Input: 3 9 4")
        .p("Output: 9")
        .p("Question 3: Explain what a decorator is and write one.");
    docx(
        &sheet,
        &[
            (
                "1",
                "Create a class Student with\n1. a constructor that takes name and marks\n2. a method display() that prints them",
                "",
                "python",
            ),
            ("2", "Find the largest of three numbers.\nInput: 3 9 4\nOutput: 9", "", "python"),
            ("3", "Explain what a decorator is and write one.", "", "python"),
        ],
    );
}

#[test]
fn a_table_of_questions_is_read_row_by_row() {
    let sheet = Sheet::new().p("Course: CS101").table(&[
        &["S.No", "Program", "CO", "Marks"],
        &["1", "Write a program to swap two numbers.", "CO1", "5"],
        &["2", "Write a Java program to reverse a string.", "CO2", "5"],
    ]);
    docx(
        &sheet,
        &[
            ("1", "Write a program to swap two numbers.", "", "python"),
            ("2", "Write a Java program to reverse a string.", "", "java"),
        ],
    );
}

#[test]
fn a_table_of_labels_is_one_task() {
    let sheet = Sheet::new().table(&[
        &["Experiment No", "7"],
        &["Aim", "Write a program to count the vowels of a word."],
        &["Theory", "A vowel is one of a, e, i, o, u. Use a loop over the list."],
        &["Code", "word = input()\nprint(sum(c in \"aeiou\" for c in word))"],
        &["Output", "3"],
    ]);
    let found = find(&read(Format::Docx, &sheet.docx()).unwrap());
    assert_eq!(
        found.iter().map(|f| (f.question.as_str(), f.code.as_str())).collect::<Vec<_>>(),
        [(
            "Write a program to count the vowels of a word.",
            "word = input()\nprint(sum(c in \"aeiou\" for c in word))"
        )]
    );
}

#[test]
fn an_index_table_of_experiments_with_dates_is_no_list_of_tasks() {
    let sheet = Sheet::new()
        .table(&[
            &["S.No", "Name of the Experiment", "Date", "Page No", "Sign"],
            &["1", "Write a program to add", "", "", ""],
        ])
        .heading(1, "Experiment 1: Addition")
        .p("Aim: Write a program to add two numbers.");
    docx(&sheet, &[("1", "Write a program to add two numbers.", "", "python")]);
}

#[test]
fn post_lab_sections_hold_tasks_and_viva_does_not() {
    let sheet = Sheet::new()
        .heading(1, "Experiment 5: Dictionaries")
        .p("Aim: To study dictionaries in Python.")
        .heading(2, "Theory")
        .p("A dictionary maps keys to values. Example:")
        .code("d = {1: 2}\nprint(d[1])")
        .heading(2, "Post Lab Exercises")
        .item(List::Decimal, 0, "Count the words of a sentence with a dictionary.")
        .item(List::Decimal, 0, "Merge two dictionaries.")
        .heading(2, "Viva Questions")
        .item(List::DecimalAgain, 0, "What is a dictionary?")
        .item(List::DecimalAgain, 0, "What is a hash function?")
        .heading(2, "References")
        .item(List::DecimalAgain, 0, "Learn Python, a book about programs");
    docx(
        &sheet,
        &[
            ("1", "Count the words of a sentence with a dictionary.", "", "python"),
            ("2", "Merge two dictionaries.", "", "python"),
        ],
    );
}

#[test]
fn keywords_inside_prose_start_nothing() {
    let sheet = Sheet::new()
        .heading(1, "About this course")
        .p("In this lab we develop a feeling for loops, functions and lists. You will search, sort and reverse a list.")
        .p("A function may call itself; this is recursion. The Fibonacci numbers are an example of a pattern.")
        .item(List::Decimal, 0, "Bring your own laptop.")
        .item(List::Decimal, 0, "Arrive on time.")
        .item(List::Decimal, 0, "The queue for the printer is long.");
    docx(&sheet, &[]);
}

#[test]
fn markdown_headings_with_fenced_code_are_tasks() {
    let sheet = "# Lab 2\n\nSome words about arrays and lists.\n\n## Task 1: Sum\n\nCompute the sum of a list.\n\n```python\nprint(sum([1, 2]))\n```\n\nExpected:\n\n```text\n3\n```\n\n## Task 2: Server\n\nWrite a server.\n\n```js\nconst x = 1;\n```\n";
    text(
        Format::Markdown,
        sheet,
        &[
            ("1", "Sum\nCompute the sum of a list.", "print(sum([1, 2]))", "python"),
            ("2", "Server\nWrite a server.", "const x = 1;", "javascript"),
        ],
    );
}

#[test]
fn markdown_numbered_items_with_code_inside_are_tasks() {
    let sheet = "1. Write a program that prints hello.\n\n   ```\n   print('hello')\n   ```\n\n2. Read two numbers:\n   - add them\n   - multiply them\n\n3. Reverse a string.\n";
    text(
        Format::Markdown,
        sheet,
        &[
            ("1", "Write a program that prints hello.", "print('hello')", "python"),
            ("2", "Read two numbers:\n• add them\n• multiply them", "", "python"),
            ("3", "Reverse a string.", "", "python"),
        ],
    );
}

#[test]
fn plain_text_with_typed_numbers_and_wrapped_lines() {
    let sheet = "PYTHON LAB\n\nProgram 1:\nWrite a program to read marks of five subjects and print the\naverage of them.\n\nProgram 2: Implement a stack with push and pop.\n\nclass Stack:\n    def __init__(self):\n        self.items = []\n\n    def push(self, x):\n        self.items.append(x)\n\nRoll No: 42\n";
    text(
        Format::Text,
        sheet,
        &[
            (
                "1",
                "Write a program to read marks of five subjects and print the average of them.",
                "",
                "python",
            ),
            (
                "2",
                "Implement a stack with push and pop.",
                "class Stack:\n    def __init__(self):\n        self.items = []\n\n    def push(self, x):\n        self.items.append(x)",
                "python",
            ),
        ],
    );
}

#[test]
fn a_file_that_is_one_program_is_one_task_with_its_own_words() {
    let program = "#!/usr/bin/env python3\n# Counts words in a text.\nimport sys\n\n\ndef count(text):\n    \"\"\"Words of a text.\n\n    1. split\n    2. count\n    \"\"\"\n    return len(text.split())\n\n\nprint(count(\"a b c\"))\n";
    text(Format::Text, program, &[("", "Counts words in a text.", program.trim_end(), "python")]);
}

#[test]
fn code_under_a_plain_heading_is_a_task_with_that_heading() {
    let sheet = Sheet::new()
        .heading(1, "Practical file")
        .heading(2, "Leap year")
        .code("y = int(input())\nprint(y % 4 == 0)")
        .heading(2, "Even or odd")
        .p("Using the modulo operator.")
        .code("print(5 % 2)");
    docx(
        &sheet,
        &[
            ("", "Leap year", "y = int(input())\nprint(y % 4 == 0)", "python"),
            ("", "Using the modulo operator.", "print(5 % 2)", "python"),
        ],
    );
}

#[test]
fn unnumbered_tasks_follow_one_another() {
    let sheet = Sheet::new()
        .p("Write a Python program to print a multiplication table.")
        .lines("n = int(input())\nfor i in range(1, 11):\n    print(n, \"x\", i, \"=\", n * i)")
        .p("Write a Python program to find the GCD of two numbers.")
        .lines("import math\nprint(math.gcd(12, 18))");
    docx(
        &sheet,
        &[
            (
                "",
                "Write a Python program to print a multiplication table.",
                "n = int(input())\nfor i in range(1, 11):\n    print(n, \"x\", i, \"=\", n * i)",
                "python",
            ),
            (
                "",
                "Write a Python program to find the GCD of two numbers.",
                "import math\nprint(math.gcd(12, 18))",
                "python",
            ),
        ],
    );
}

#[test]
fn typographic_quotes_made_by_word_do_not_break_the_program() {
    let sheet = Sheet::new().p("1. Write a program to greet.").lines("print(“hello”)");
    docx(&sheet, &[("1", "Write a program to greet.", "print(\"hello\")", "python")]);
    let sheet = Sheet::new().p("1. Write a program to greet.").lines("print(\"say “hello”\")");
    docx(&sheet, &[("1", "Write a program to greet.", "print(\"say “hello”\")", "python")]);
}

#[test]
fn roman_and_bracketed_numbers_are_numbers_too() {
    let sheet = Sheet::new()
        .item(List::Roman, 0, "Write a program to print a diamond pattern.")
        .item(List::Roman, 1, "with stars")
        .item(List::Roman, 0, "Write a program to transpose a matrix.");
    docx(
        &sheet,
        &[
            ("I", "Write a program to print a diamond pattern.\nA. with stars", "", "python"),
            ("II", "Write a program to transpose a matrix.", "", "python"),
        ],
    );
    text(
        Format::Text,
        "(1) Write a program to add.\n(a) with integers\n(b) with floats\n(2) Write a program to subtract.\n",
        &[
            ("1", "Write a program to add.\n(a) with integers\n(b) with floats", "", "python"),
            ("2", "Write a program to subtract.", "", "python"),
        ],
    );
}
