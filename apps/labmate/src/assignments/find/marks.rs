//! Labels, numbers and section words: what a line says about itself by its first words.

use std::sync::LazyLock;

use regex::Regex;

use super::lines::Line;

/// What kind of mark a line begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Label {
    /// `Experiment 3`, `Lab 2`, `Practical No. 4`: often the title over several tasks.
    Experiment,
    /// `Question 3`, `Q3.`, `Program 1`, `Problem 2`, `Task 4`, `Exercise 5`.
    Question,
    /// `Aim`.
    Aim,
    /// `1.` `1)` `(1)`
    Decimal,
    /// `1.2`
    Dotted,
    /// `a)` `(b)`
    Letter,
    /// `iv)` `IV.`
    Roman,
    /// `•`
    Bullet,
}

impl Label {
    /// It names a task or an experiment, with more than a number.
    pub(super) fn is_name(self) -> bool {
        matches!(self, Self::Experiment | Self::Question | Self::Aim)
    }
}

/// The mark of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) label: Label,
    /// The number alone, without brackets and points.
    pub(super) number: String,
    /// As it stands before the text: `b)`, `•`.
    pub(super) shown: String,
    /// Depth in its list, if the document says so.
    pub(super) level: Option<u8>,
}

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

fn regex(pattern: &str) -> Regex {
    // The patterns are constants of this file and each is used by a test.
    #[expect(clippy::expect_used, reason = "a constant pattern either compiles or fails the tests")]
    Regex::new(pattern).expect("a valid pattern")
}

macro_rules! pattern {
    ($name:ident, $pattern:expr) => {
        static $name: LazyLock<Regex> = LazyLock::new(|| regex($pattern));
    };
}

pattern!(
    QUESTION,
    r"(?i)^(?:lab\s+)?(?:questions?|ques|que|qn|q|program|problem|task|exercise|ex)\s*(?:no\.?|number|#)?\s*[-.:#]?\s*(\d{1,3}(?:\.\d{1,2})?[a-z]?|[ivx]{1,4})\s*(?:[:.)\]–—-]+|$|\s)\s*"
);
pattern!(
    EXPERIMENT,
    r"(?i)^(?:lab(?:oratory)?\s+)?(?:experiment|expt?\.?|practical|lab|assignment|week|session)\s*(?:sheet\s*)?(?:no\.?|number|#)?\s*[-.:#]?\s*(\d{1,3}(?:\.\d{1,2})?[a-z]?|[ivx]{1,4})\s*(?:[:.)\]–—-]+|$|\s)\s*"
);
pattern!(
    DECIMAL,
    r"^(?:\(\s*(\d{1,3})\s*\)|\[(\d{1,3})\]|(\d{1,3})\s?[.)\]:](?:\s+|$)|(\d{1,3})[.)](?:[A-Z]))"
);
pattern!(DOTTED, r"^(\d{1,2}(?:\.\d{1,2}){1,3})[.)]?\s+");
pattern!(LETTER, r"^(?:\(\s*([a-zA-Z])\s*\)|([a-zA-Z])\)(?:\s+|$)|([a-hA-H])\.\s+)");
pattern!(ROMAN, r"^(?:\(\s*([ivxIVX]{1,5})\s*\)|([ivxIVX]{1,5})\)(?:\s+|$)|([ivx]{1,5}|[IVX]{1,5})\.\s+)");
pattern!(BULLET, r"^[•◦▪●○■□➢➤✓–—*·o-]\s+");

/// The mark typed at the start of a line, and what follows it.
pub(super) fn typed(text: &str) -> Option<(Mark, &str)> {
    let text = text.trim_start();
    let mark = |label, number: &str, end: usize| {
        let shown = text.get(..end).unwrap_or_default().trim().to_owned();
        Some((
            Mark { label, number: number.to_owned(), shown, level: None },
            text.get(end..).unwrap_or_default(),
        ))
    };
    for (label, pattern) in [
        (Label::Question, &QUESTION),
        (Label::Experiment, &EXPERIMENT),
        (Label::Dotted, &DOTTED),
        (Label::Decimal, &DECIMAL),
        (Label::Roman, &ROMAN),
        (Label::Letter, &LETTER),
    ] {
        let Some(found) = pattern.captures(text) else { continue };
        let (Some(whole), Some(number)) = (found.get(0), found.iter().skip(1).flatten().next()) else {
            continue;
        };
        let rest = text.get(whole.end()..).unwrap_or_default();
        if matches!(label, Label::Question | Label::Experiment)
            && !is_label(whole.as_str(), number.as_str(), rest)
        {
            continue;
        }
        // `1.Write`: the capital letter belongs to the text.
        let glued = label == Label::Decimal && whole.as_str().ends_with(|c: char| c.is_ascii_uppercase());
        return mark(label, number.as_str(), whole.end() - usize::from(glued));
    }
    let bullet = BULLET.find(text)?;
    mark(Label::Bullet, "", bullet.end())
}

/// "Program 1: …" is a label; "Task 3 was hard" and "Lab 2 is about lists" are prose.
fn is_label(whole: &str, number: &str, rest: &str) -> bool {
    let after = whole.rfind(number).and_then(|at| whole.get(at + number.len()..)).unwrap_or_default();
    let roman = number.starts_with(|c: char| c.is_ascii_alphabetic());
    let closed = !after.trim().is_empty() || rest.trim().is_empty();
    // "Lab in Python": `i` is no number without a sign behind it.
    closed || (!roman && rest.starts_with(|c: char| c.is_uppercase() || c == '"'))
}

/// The mark that the document computed (`1.`, `Experiment 3:`).
pub(super) fn computed(shown: &str, level: u8, bullet: bool) -> Mark {
    let plain =
        Mark { label: Label::Decimal, number: String::new(), shown: shown.to_owned(), level: Some(level) };
    if bullet {
        return Mark { label: Label::Bullet, ..plain };
    }
    if let Some((mark, _)) = typed(&format!("{shown} ")) {
        return Mark { shown: shown.to_owned(), level: Some(level), ..mark };
    }
    Mark { number: shown.trim_matches(|c: char| !c.is_alphanumeric()).to_owned(), ..plain }
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
        return found(if rest.is_empty() || !is_task(rest) { Section::Code } else { Section::Aim });
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

pattern!(
    STRONG,
    r"(?i)^(?:to\s+)?(?:please\s+)?(?:(?:write|wap|develop|implement|create|design|build|construct|demonstrate|code|define)\b.{0,80}?\b(?:programs?|code|script|function|class|method|module|application|app|calculator|game|page|website|server|queue|stack|list|tree|sort|search|algorithm|game|dictionary|tuple|set|matrix|recursion|recursive|decorator|generator|menu|table|form)\b|wap\b|w\.a\.p\b|(?:python|c|java|c\+\+)\s+program\s+to\b|program\s+(?:to|that|which|for)\b|simulate\b|implement\b)"
);
pattern!(
    VERB,
    r"(?i)^(?:to\s+)?(?:please\s+)?(?:using\s.{1,60}?,\s*)?(?:write|wap|implement|create|design|develop|define|print|display|read|accept|take|input|calculate|compute|count|check|convert|simulate|generate|find|sort|merge|reverse|build|modify|use|given|demonstrate|draw|plot|train|load|add|remove|delete|insert|search|determine|swap|make|show|perform|construct|extend|rewrite|ask|output|evaluate|replace|extract|filter|parse|solve|traverse|store|concatenate|multiply|apply|fetch|connect|open|copy|list)\b"
);
pattern!(
    PROGRAM_WORD,
    r"(?i)\b(?:programs?|function|script|python|java|javascript|c\+\+|class|recursion|recursive|algorithm|loop|array|dictionary|tuple|string|matrix|factorial|fibonacci|prime|palindrome|pattern|stack|queue|linked list|numbers?|integers?|list|file|elements?|sum)\b"
);

pattern!(
    POINTS,
    r"(?i)^[\[(]\s*(?:\d+\s*(?:marks?|points?|pts?|m)?|co\d|[a-z]\d?|easy|medium|hard|optional|bonus)\s*[\])]\s*[:.-]?\s*"
);

/// The words of a task without "[10 points]" before them.
fn said(text: &str) -> &str {
    let text = text.trim();
    POINTS.find(text).map_or(text, |points| text.get(points.end()..).unwrap_or_default())
}

/// It says by itself that a program is wanted.
pub(super) fn is_strong(text: &str) -> bool {
    STRONG.is_match(said(text))
}

/// It may be a task, where the structure says so too.
pub(super) fn is_task(text: &str) -> bool {
    let text = said(text);
    is_strong(text) || VERB.is_match(text) || (text.ends_with('?') && PROGRAM_WORD.is_match(text))
}

/// A task that speaks of programming.
pub(super) fn is_programming(text: &str) -> bool {
    is_strong(text) || (is_task(text) && PROGRAM_WORD.is_match(text))
}
