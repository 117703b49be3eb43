//! Telling program text from prose, where the document does not say.
//!
//! Students paste code into ordinary paragraphs. One line proves little; a run of lines that look like code, with
//! at least one that can hardly be anything else, is code.

use std::sync::LazyLock;

use regex::Regex;

use super::{
    line::{Kind, Line},
    marks, sections,
    sections::Section,
};

/// How much a line looks like code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Looks {
    Prose,
    /// Only beside other code: comments, braces, indented lines.
    Perhaps,
    /// Two of these prove it: assignments, calls, ends in `;`.
    Likely,
    /// Nothing else looks like this.
    Surely,
}

fn regex(pattern: &str) -> Regex {
    #[expect(clippy::expect_used, reason = "a constant pattern either compiles or fails the tests")]
    Regex::new(pattern).expect("a valid pattern")
}

static SURELY: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"^\s*(?:>>>\s)?(?:",
        r"(?:async\s+)?def\s+\w+\s*\(|class\s+\w+\s*(?:\([\w., =]*\))?\s*[:{]\s*$|(?:public\s+)?class\s+\w+|",
        r"import\s+[\w.]+(?:\s+as\s+\w+)?(?:\s*,\s*[\w.]+(?:\s+as\s+\w+)?)*\s*;?\s*$|import\s+.+\s+from\s+['\x22]|import\s+[\w.]+\.\*;|from\s+[\w.]+\s+import\s+[\w*(]|",
        r"#\s*include\s*[<\x22]|#\s*define\s+\w|using\s+namespace\s|package\s+[\w.]+;|",
        r"(?:public|private|protected|static)\s+(?:static\s+|final\s+)*[\w<>\[\]]+\s+\w+\s*[(=;]|",
        r"(?:int|void)\s+main\s*\(|(?:int|float|double|char|long|string|String|bool|boolean)\s+\*?\w+(?:\[[^\]]*\])*\s*(?:=|;|,\s*\w)|",
        r"print\s*\(|printf\s*\(|scanf\s*\(|System\.out\.|(?:std::)?cout\s*<<|(?:std::)?cin\s*>>|console\.log\(|",
        r"(?:const|let|var)\s+[\w{\[].*=|function\s+\w*\s*\(|module\.exports|",
        r"for\s+\w+(?:\s*,\s*\w+)*\s+in\s+.+:\s*(?:#.*)?$|for\s*\(.*;.*;.*\)|(?:if|elif|while)\s+.*(?:==|!=|<|>|%|\bnot\b|\bin\b|\band\b|\bor\b|\(|\bTrue\b).*:\s*(?:#.*)?$|",
        r"(?:if|while|switch)\s*\(.*\)\s*\{?\s*$|else\s*:\s*$|try\s*:\s*$|finally\s*:\s*$|except(?:\s+[\w(][\w., )]*(?:\s+as\s+\w+)?)?\s*:\s*$|with\s+.+\(.*\).*:\s*$|",
        r"while\s+\w+\s*:\s*$|if\s+__name__|@\w+(?:\.\w+)*(?:\(.*\))?\s*$|return\s+[\w(\[{'\x22-].*;\s*$|",
        r"<!DOCTYPE|</?(?:html|head|body|div|script|style|table|form|ul|h[1-6]|title|p|button|input|meta|link)\b[^>]*>",
        r")",
    ))
});
static LIKELY: LazyLock<Regex> = LazyLock::new(|| {
    regex(concat!(
        r"^\s*(?:>>>\s)?(?:",
        r"[A-Za-z_][\w.]*(?:\[[^\]]*\])*(?:\s*,\s*[A-Za-z_]\w*)*\s*(?:[-+*/%|&^]|//|\*\*)?=\s*[^=\s]|",
        r"[A-Za-z_][\w.]*\(.*\)\s*;?\s*(?:#.*|//.*)?$|return\b.{0,60}$|(?:break|continue|pass)\s*;?\s*$|raise\s+\w+|del\s+\w+|global\s+\w+|",
        r".*[;{}]\s*(?://.*)?$",
        r")",
    ))
});
static PERHAPS: LazyLock<Regex> = LazyLock::new(|| {
    regex(r#"^(?:\s{2,}\S|\t|\s*(?:#|//|/\*|\*/|\*\s|'''|"""|[)\]}]+[,;:]?\s*$|[(\[{]\s*$|\.\.\.\s))"#)
});

fn looks(text: &str) -> Looks {
    if SURELY.is_match(text) {
        Looks::Surely
    } else if LIKELY.is_match(text) && !is_sentence(text) {
        Looks::Likely
    } else if PERHAPS.is_match(text) {
        Looks::Perhaps
    } else {
        Looks::Prose
    }
}

/// Prose may end in a brace or hold an equals sign.
fn is_sentence(text: &str) -> bool {
    let words = text
        .split_whitespace()
        .filter(|word| word.len() > 1 && word.chars().all(|c| c.is_alphabetic() || c == ','))
        .count();
    words > 7 && !text.trim_end().ends_with(';') && !text.contains('"') && !text.contains('\'')
}

/// A single line that can hardly be prose.
pub(super) fn is_code(text: &str) -> bool {
    looks(text) == Looks::Surely
}

/// A fenced block that shows what is printed or typed, not a program.
pub(super) fn is_shown_text(language: Option<&str>) -> bool {
    matches!(language, Some("text" | "txt" | "plain" | "plaintext" | "output" | "console" | "none"))
}

/// Whether a whole text is one program.
pub(super) fn is_program(text: &str) -> bool {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let count = |least: Looks| lines.iter().filter(|line| looks(line) >= least).count();
    let Some(first) = lines.first() else { return false };
    let first = first.trim_start();
    let opens = looks(first) >= Looks::Perhaps;
    let prose = |line: &&&str| marks::typed(line).is_some() && looks(line) == Looks::Prose;
    let (surely, any) = (count(Looks::Surely), count(Looks::Perhaps));
    opens
        && surely >= 1
        && any * 10 >= lines.len() * 7
        && lines.iter().filter(prose).count() * 10 < lines.len()
}

/// Turns runs of lines that look like code into pieces of code.
pub(super) fn gather(lines: &[Line]) -> Vec<Line> {
    let mut out: Vec<Line> = Vec::with_capacity(lines.len());
    let mut at = 0;
    while at < lines.len() {
        let (end, is_code) = run(lines, at);
        if is_code {
            let mut end = end;
            while end > at && lines[end - 1].kind == Kind::Blank {
                end -= 1;
            }
            let text: Vec<&str> = lines[at..end].iter().map(|line| line.text.as_str()).collect();
            let place = lines[end - 1].place;
            out.push(Line::code(place, text.join("\n"), None));
            at = end;
        } else {
            // A run that proves nothing is left as a whole: no part of it proves more.
            let end = end.max(at + 1);
            out.extend_from_slice(lines.get(at..end).unwrap_or_default());
            at = end;
        }
    }
    merge(out)
}

/// Where the run of lines that look like code ends which starts here, and whether it is code.
fn run(lines: &[Line], from: usize) -> (usize, bool) {
    if lines.get(from).is_none_or(|line| line.kind != Kind::Prose) {
        return (from, false);
    }
    let after_label =
        lines.iter().take(from).rev().find(|line| line.kind != Kind::Blank).is_some_and(|line| {
            line.kind == Kind::Prose && matches!(sections::section(line), Some((Section::Code, "")))
        });
    let (mut surely, mut likely, mut end) = (0, 0, from);
    let mut quoted = false;
    for (at, line) in lines.iter().enumerate().skip(from) {
        let is_plain = line.mark.is_none() && line.heading.is_none();
        match &line.kind {
            Kind::Blank if at > from => continue,
            Kind::Prose if is_plain => {}
            _ => break,
        }
        // The lines of a docstring are prose, and part of the program.
        let quotes = line.text.matches("\"\"\"").count() + line.text.matches("'''").count();
        let inside = quoted;
        quoted ^= quotes % 2 == 1;
        let look = if inside { Looks::Perhaps } else { looks(&line.text) };
        let starts_here = at == from;
        let labelled = !inside && look < Looks::Surely && sections::section(line).is_some();
        if labelled
            || look == Looks::Prose
            || (starts_here
                && look == Looks::Perhaps
                && line.text.starts_with(char::is_whitespace)
                && !after_label)
        {
            break;
        }
        surely += usize::from(look == Looks::Surely);
        likely += usize::from(look == Looks::Likely);
        end = at + 1;
    }
    (end, surely > 0 || likely >= 2 || (after_label && end > from))
}

/// Pieces of code with nothing but blanks between them are one.
fn merge(lines: Vec<Line>) -> Vec<Line> {
    let mut out: Vec<Line> = Vec::with_capacity(lines.len());
    for line in lines {
        if line.kind == (Kind::Code { language: None }) {
            let blanks = out.iter().rev().take_while(|before| before.kind == Kind::Blank).count();
            let before = out.len().checked_sub(blanks + 1);
            if let Some(before) = before
                && let Some(piece) = out.get_mut(before).filter(|piece| piece.kind == line.kind)
            {
                piece.text.extend(std::iter::repeat_n('\n', blanks + 1));
                piece.text.push_str(&line.text);
                piece.place = line.place;
                out.truncate(before + 1);
                continue;
            }
        }
        out.push(line);
    }
    out
}

/// What a program says about itself in its first comment; its first line if it says nothing.
pub(super) fn first_comment(code: &str) -> String {
    let lines = code.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("#!"));
    let said: Vec<&str> = lines
        .clone()
        .take_while(|line| {
            ["#", "//", "/*", "*", "\"\"\"", "'''"].iter().any(|sign| line.starts_with(sign))
                && !line.starts_with("#include")
                && !line.starts_with("#define")
        })
        .map(|line| line.trim_matches(|c: char| matches!(c, '#' | '/' | '*' | '"' | '\'' | ' ')))
        .filter(|line| !line.is_empty())
        .take(5)
        .collect();
    if said.is_empty() { lines.clone().next().unwrap_or_default().to_owned() } else { said.join(" ") }
}

/// Takes the prompts off an interactive session; what it printed goes with them.
pub(super) fn unprompt(code: &str) -> String {
    if !code.trim_start().starts_with(">>> ") {
        return code.to_owned();
    }
    let typed =
        |line: &str| line.strip_prefix(">>> ").or_else(|| line.strip_prefix("... ")).map(str::to_owned);
    code.lines().filter_map(typed).collect::<Vec<_>>().join("\n")
}

/// Word turns typed quotes into typographic ones. If a program has no other quotes, it was Word.
pub(super) fn straighten(code: String) -> String {
    let has = |signs: [char; 2]| code.contains(signs);
    if has(['"', '\'']) || !(has(['“', '”']) || has(['‘', '’'])) {
        return code;
    }
    code.replace(['“', '”'], "\"").replace(['‘', '’'], "'")
}
