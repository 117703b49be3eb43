//! Section words: what the lines below a label such as `Theory:` or `Output` are about.

use super::{line::Line, marks};

/// What a section is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Aim,
    /// Its program stands below.
    Code,
    /// What it prints stands below.
    Output,
    /// Part of the question: input, example, hint.
    Detail,
    /// Tasks stand below.
    Tasks,
    /// Nothing to run stands below.
    Ignored,
    /// A line to fill in: name, date, signature.
    Form,
}

const AIM: &[&str] =
    &["aim", "problem statement", "problem", "question", "program statement", "task", "statement"];
const CODE: &[&str] = &[
    "code",
    "source code",
    "program",
    "program code",
    "solution",
    "script",
    "implementation",
    "python code",
    "c code",
    "java code",
    "python program",
    "answer",
    "ans",
    "your code",
];
const OUTPUT: &[&str] = &[
    "output",
    "outputs",
    "sample output",
    "expected output",
    "sample input and output",
    "screenshot",
    "screenshots",
    "output screenshot",
    "program output",
];
const FORM: &[&str] = &[
    "name",
    "student name",
    "name of student",
    "name of the student",
    "roll no",
    "roll number",
    "reg no",
    "registration no",
    "prn",
    "date",
    "date of performance",
    "date of submission",
    "due date",
    "signature",
    "sign",
    "class",
    "section",
    "semester",
    "batch",
    "subject",
    "subject code",
    "course",
    "course code",
    "department",
    "faculty",
    "instructor",
    "teacher",
    "submitted by",
    "submitted to",
    "total marks",
    "max marks",
    "time",
    "grade",
    "marks obtained",
    "usn",
    "page",
    "branch",
    "year",
];
const DETAIL: &[&str] = &[
    "input",
    "inputs",
    "sample input",
    "input format",
    "output format",
    "example",
    "examples",
    "constraint",
    "constraints",
    "hint",
    "hints",
    "note",
    "description",
    "sample",
    "test case",
    "test cases",
    "given",
    "explanation",
    "requirements",
];
const TASKS: &[&str] = &[
    "post lab",
    "post lab exercise",
    "post lab exercises",
    "post lab questions",
    "post experiment",
    "post lab programs",
    "programs",
    "programming questions",
    "programming exercises",
    "lab exercises",
    "lab exercise",
    "lab tasks",
    "lab programs",
    "tasks",
    "exercise",
    "exercises",
    "practice questions",
    "practice programs",
    "review questions",
    "questions",
    "problems",
    "practice problems",
    "programming problems",
    "list of programs",
    "assignments",
    "homework",
    "in lab exercises",
    "write programs for the following",
    "write python programs for the following",
    "list of experiments",
    "problem set",
];
const IGNORED: &[&str] = &[
    "objective",
    "objectives",
    "learning objectives",
    "outcome",
    "outcomes",
    "course outcome",
    "course outcomes",
    "learning outcomes",
    "learning outcome",
    "lab outcome",
    "apparatus",
    "equipment",
    "equipments",
    "software required",
    "hardware required",
    "tools required",
    "tools",
    "requirement",
    "materials",
    "theory",
    "introduction",
    "background",
    "brief theory",
    "overview",
    "concept",
    "concepts",
    "procedure",
    "algorithm",
    "flowchart",
    "steps",
    "observation",
    "observations",
    "result",
    "results",
    "result and discussion",
    "precaution",
    "precautions",
    "prerequisite",
    "prerequisites",
    "pre requisite",
    "pre requisites",
    "reference",
    "references",
    "bibliography",
    "conclusion",
    "conclusions",
    "discussion",
    "certificate",
    "acknowledgement",
    "acknowledgment",
    "viva",
    "viva questions",
    "viva voce",
    "viva voce questions",
    "documentation",
    "further study",
    "further reading",
    "rubric",
    "rubrics",
    "marks",
    "grading",
    "evaluation",
    "instructions",
    "general instructions",
    "submission",
    "submission guidelines",
    "submission instructions",
    "index",
    "contents",
    "table of contents",
    "syllabus",
];

/// The section a line opens, and what follows the word on the line.
///
/// A section word counts only as a label: alone on its line, or set off by a colon or dash.
pub(super) fn section(line: &Line) -> Option<(Section, &str)> {
    let text = line.text.trim();
    let (head, rest, set_off) = match text.find([':', '–', '—']).or_else(|| text.find(" - ")) {
        Some(at) => {
            let rest = text.get(at..).unwrap_or_default();
            (text.get(..at).unwrap_or_default(), rest.trim_start_matches([':', '–', '—', '-', ' ']), true)
        }
        None => (text.trim_end_matches('.'), "", false),
    };
    let words: Vec<String> = head
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .take(7)
        .collect();
    if words.is_empty() || words.len() > 6 {
        return None;
    }
    let phrase = words.join(" ");
    // "Theory of loops" as a heading, "AIM OF THE EXPERIMENT", "Sample Output 1".
    let short = ["of the experiment", "of the program", "of experiment", "of the practical", "1", "2", "3"];
    let phrase = short.iter().find_map(|end| phrase.strip_suffix(end)).map_or(phrase.as_str(), str::trim);
    let is_head = line.heading.is_some() || line.bold;
    let starts = |list: &[&str]| {
        list.iter().any(|word| is_head && phrase.strip_prefix(word).is_some_and(|more| more.starts_with(' ')))
    };
    let plain = |list: &[&str]| list.contains(&phrase);
    let found = |section| Some((section, rest));
    // Words that are also labels of tasks need the colon.
    if set_off && plain(AIM) && !(rest.is_empty() && phrase != "aim") {
        return found(Section::Aim);
    }
    if plain(CODE) && (rest.is_empty() || set_off) {
        // "Program: Write a program to …" is a task, "Program:" is its code.
        return found(if rest.is_empty() || !marks::is_task(rest) { Section::Code } else { Section::Aim });
    }
    if plain(OUTPUT) {
        return found(Section::Output);
    }
    if plain(FORM) && set_off {
        return found(Section::Form);
    }
    if plain(DETAIL) && (set_off || rest.is_empty()) {
        return found(Section::Detail);
    }
    if plain(IGNORED) || starts(IGNORED) {
        return found(Section::Ignored);
    }
    if plain(TASKS)
        || (rest.is_empty() && line.is_short() && TASKS.iter().any(|word| phrase.ends_with(word) && is_head))
    {
        return found(Section::Tasks);
    }
    if phrase == "aim" {
        return found(Section::Aim);
    }
    None
}
