//! Which language a program is written in.

use std::sync::LazyLock;

use regex::Regex;

fn regex(pattern: &str) -> Regex {
    #[expect(clippy::expect_used, reason = "a constant pattern either compiles or fails the tests")]
    Regex::new(pattern).expect("a valid pattern")
}

/// The first that fits wins; nothing fits Python.
static CODE: LazyLock<Vec<(&str, Regex)>> = LazyLock::new(|| {
    [
        ("java", r"(?m)public\s+(?:static\s+|final\s+|abstract\s+)*(?:class|interface|void)\b|System\.out\.|^\s*import\s+java|\bString\s*\[\s*\]|new\s+Scanner\s*\(|\bextends\s+\w+\s*\{"),
        ("cpp", r"#\s*include\s*<(?:iostream|vector|string|map|set|queue|stack|algorithm|bits/stdc\+\+\.h|fstream|iomanip|cmath)>|using\s+namespace\s|\bcout\s*<<|\bcin\s*>>|std::"),
        ("c", r"#\s*include\s*[<\x22]|\bprintf\s*\(\s*\x22|\bscanf\s*\(|(?m)^\s*#\s*define\s|\b(?:int|void)\s+main\s*\("),
        ("react", r"from\s+['\x22]react|\bReactDOM\b|\buseState\s*\(|\buseEffect\s*\(|className=|import\s+React\b"),
        ("javascript", r"\brequire\s*\(\s*['\x22]|module\.exports|\bexpress\s*\(|console\.log\s*\(|\bprocess\.\w+|(?m)^\s*(?:const|let|var)\s+[\w{\[][^\n]*=|(?m)^\s*(?:async\s+)?function\b[^\n]*\{|=>\s*[{(]"),
        ("html", r"(?i)<!doctype|<(?:html|head|body|div|form|table|script|style|h[1-6])\b[^>]*>"),
    ]
    .into_iter()
    .map(|(language, pattern)| (language, regex(pattern)))
    .collect()
});

/// The language of a program.
pub(super) fn of_code(code: &str) -> &'static str {
    // A page with a script in it is a page.
    if code.trim_start().starts_with('<')
        && CODE.iter().any(|(name, fits)| *name == "html" && fits.is_match(code))
    {
        return "html";
    }
    CODE.iter().find(|(_, fits)| fits.is_match(code)).map_or("python", |(language, _)| language)
}

static WORDS: LazyLock<Vec<(&str, Regex)>> = LazyLock::new(|| {
    [
        ("python", r"(?i)\bpython\b"),
        ("cpp", r"(?i)\bc\+\+|\bcpp\b"),
        ("javascript", r"(?i)\bjavascript\b|\bnode\.?js\b|\bexpress(?:\.js)?\s+(?:server|app)"),
        ("react", r"(?i)\breact(?:\.?js)?\b"),
        ("java", r"\b(?:Java|JAVA)\b|\bjava\s+program"),
        ("html", r"(?i)\bhtml5?\b"),
        ("c", r"\bC\s+(?:program|code|function|language)\b|\b(?:in|using)\s+C\b(?:[^+#]|$)|\b(?i:a\s+c\s+program)"),
    ]
    .into_iter()
    .map(|(language, pattern)| (language, regex(pattern)))
    .collect()
});

/// The language a question asks for.
pub(super) fn of_words(question: &str) -> Option<&'static str> {
    WORDS.iter().find(|(_, fits)| fits.is_match(question)).map(|(language, _)| *language)
}

/// What a source calls a language, in our words; `None` for what names no language.
pub(super) fn known(name: &str) -> Option<String> {
    Some(
        match name {
            "py" | "python" | "python3" | "ipython" => "python",
            "c" => "c",
            "c++" | "cpp" | "cxx" | "cc" => "cpp",
            "java" => "java",
            "js" | "javascript" | "node" | "nodejs" | "mjs" => "javascript",
            "jsx" | "react" | "tsx" => "react",
            "html" | "htm" => "html",
            "code" | "" => return None,
            other => other,
        }
        .to_owned(),
    )
}

/// The most frequent language of the programs, the first of equals.
pub(super) fn most(languages: impl Iterator<Item = String>) -> Option<String> {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for language in languages {
        match counts.iter_mut().find(|(known, _)| *known == language) {
            Some((_, count)) => *count += 1,
            None => counts.push((language, 1)),
        }
    }
    let best = counts.iter().map(|(_, count)| *count).max()?;
    counts.into_iter().find(|(_, count)| *count == best).map(|(language, _)| language)
}
