//! Labels, numbers and calls for programs: what a line says about itself by its first words.

use std::sync::LazyLock;

use regex::Regex;

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
