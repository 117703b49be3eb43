//! Syntax colours, the same in pictures and in reports: code to lines of coloured pieces.

use std::{str::FromStr, sync::OnceLock};

use syntect::{
    easy::HighlightLines,
    highlighting::{Color, FontStyle, ScopeSelectors, StyleModifier, Theme, ThemeItem, ThemeSettings},
    parsing::{SyntaxReference, SyntaxSet},
};

/// Red, green, blue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rgb(pub(crate) u8, pub(crate) u8, pub(crate) u8);

impl Rgb {
    /// `RRGGBB`, as both SVG (behind a `#`) and Word write it.
    pub(crate) fn hex(self) -> String {
        format!("{:02X}{:02X}{:02X}", self.0, self.1, self.2)
    }
}

/// A piece of a line in one look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) text: String,
    pub(crate) colour: Rgb,
    pub(crate) bold: bool,
    pub(crate) italic: bool,
}

/// The colours of one theme.
#[derive(Clone, Debug)]
pub(crate) struct Palette {
    pub(crate) text: Rgb,
    pub(crate) comment: Rgb,
    pub(crate) string: Rgb,
    pub(crate) number: Rgb,
    pub(crate) keyword: Rgb,
    pub(crate) function: Rgb,
    pub(crate) class: Rgb,
    pub(crate) tag: Rgb,
    pub(crate) attribute: Rgb,
    pub(crate) punctuation: Rgb,
}

impl Palette {
    pub(crate) const LIGHT: Self = Self {
        text: Rgb(0x24, 0x29, 0x2f),
        comment: Rgb(0x6a, 0x73, 0x7d),
        string: Rgb(0x0a, 0x5e, 0x3b),
        number: Rgb(0x05, 0x50, 0xae),
        keyword: Rgb(0xb4, 0x23, 0x5e),
        function: Rgb(0x6f, 0x42, 0xc1),
        class: Rgb(0x95, 0x38, 0x00),
        tag: Rgb(0x11, 0x63, 0x29),
        attribute: Rgb(0x05, 0x50, 0xae),
        punctuation: Rgb(0x57, 0x60, 0x6a),
    };
    pub(crate) const DARK: Self = Self {
        text: Rgb(0xd7, 0xdd, 0xe8),
        comment: Rgb(0x7f, 0x8a, 0x9e),
        string: Rgb(0x9e, 0xd0, 0x8b),
        number: Rgb(0xe2, 0xb0, 0x7a),
        keyword: Rgb(0xc9, 0x9b, 0xf0),
        function: Rgb(0x7c, 0xb7, 0xff),
        class: Rgb(0xf0, 0xcb, 0x7e),
        tag: Rgb(0xf2, 0x8b, 0x94),
        attribute: Rgb(0xe2, 0xb0, 0x7a),
        punctuation: Rgb(0x9a, 0xa7, 0xbd),
    };

    fn theme(&self) -> Theme {
        let rules = [
            ("comment, punctuation.definition.comment", self.comment, FontStyle::ITALIC),
            ("string, constant.character, punctuation.definition.string", self.string, FontStyle::empty()),
            ("constant.numeric, constant.language", self.number, FontStyle::empty()),
            (
                "keyword, storage, keyword.operator.word, keyword.operator.logical",
                self.keyword,
                FontStyle::empty(),
            ),
            ("keyword.operator", self.punctuation, FontStyle::empty()),
            (
                "entity.name.function, support.function, variable.function, meta.function-call entity.name",
                self.function,
                FontStyle::empty(),
            ),
            (
                "entity.name.class, entity.name.type, support.class, support.type, storage.type.class.java \
                 entity.name, entity.other.inherited-class",
                self.class,
                FontStyle::empty(),
            ),
            ("entity.name.tag, punctuation.definition.tag", self.tag, FontStyle::empty()),
            ("entity.other.attribute-name", self.attribute, FontStyle::empty()),
            (
                "punctuation.section, punctuation.separator, punctuation.accessor",
                self.punctuation,
                FontStyle::empty(),
            ),
        ];
        let item = |&(scope, colour, font): &(&str, Rgb, FontStyle)| {
            let scope = ScopeSelectors::from_str(scope).ok()?;
            let style =
                StyleModifier { foreground: Some(color(colour)), background: None, font_style: Some(font) };
            Some(ThemeItem { scope, style })
        };
        Theme {
            settings: ThemeSettings { foreground: Some(color(self.text)), ..ThemeSettings::default() },
            scopes: rules.iter().filter_map(item).collect(),
            ..Theme::default()
        }
    }
}

/// Longer lines are data, not code; colouring them would take long and show nothing.
const COLOURED_LINE: usize = 1_000;
/// Bytes of a program that are coloured; the rest is plain.
const COLOURED: usize = 100_000;

/// Colours code line by line. An unknown language gives plain lines. The text comes out as it went in.
pub(crate) fn lines(code: &str, language: &str, palette: &Palette) -> Vec<Vec<Piece>> {
    let theme = palette.theme();
    let mut colours = syntax(language).map(|syntax| HighlightLines::new(syntax, &theme));
    let plain =
        |line: &str| vec![Piece { text: line.to_owned(), colour: palette.text, bold: false, italic: false }];
    let mut seen = 0;
    code.lines()
        .map(|line| {
            seen += line.len() + 1;
            let short = line.len() <= COLOURED_LINE && seen <= COLOURED;
            let Some(colours) = colours.as_mut().filter(|_| short) else { return plain(line) };
            let ended = format!("{line}\n");
            let Ok(ranges) = colours.highlight_line(&ended, syntaxes()) else { return plain(line) };
            ranges
                .into_iter()
                .map(|(style, text)| Piece {
                    text: text.trim_end_matches('\n').to_owned(),
                    colour: Rgb(style.foreground.r, style.foreground.g, style.foreground.b),
                    bold: style.font_style.contains(FontStyle::BOLD),
                    italic: style.font_style.contains(FontStyle::ITALIC),
                })
                .filter(|piece| !piece.text.is_empty())
                .collect()
        })
        .collect()
}

/// How a language is called in print, and the ending of its files.
pub(crate) fn naming(language: &str) -> (String, &'static str) {
    let known = |name: &str, ending| (name.to_owned(), ending);
    match language.to_ascii_lowercase().as_str() {
        "python" | "py" | "python3" => known("Python", "py"),
        "c" => known("C", "c"),
        "cpp" | "c++" => known("C++", "cpp"),
        "java" => known("Java", "java"),
        "javascript" | "js" | "node" => known("JavaScript", "js"),
        "react" | "jsx" => known("React", "jsx"),
        "html" => known("HTML", "html"),
        "bash" | "sh" | "shell" => known("Shell", "sh"),
        "sql" => known("SQL", "sql"),
        "" => known("Text", "txt"),
        _ => (language.to_owned(), "txt"),
    }
}

fn syntax(language: &str) -> Option<&'static SyntaxReference> {
    syntaxes().find_syntax_by_token(match naming(language).1 {
        "jsx" => "js",
        ending => ending,
    })
}

fn syntaxes() -> &'static SyntaxSet {
    static SYNTAXES: OnceLock<SyntaxSet> = OnceLock::new();
    SYNTAXES.get_or_init(SyntaxSet::load_defaults_newlines)
}

fn color(Rgb(r, g, b): Rgb) -> Color {
    Color { r, g, b, a: 255 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colouring_loses_no_character() {
        let code = "def f(x):\n\t# why “so”\n    return {x: 'é😀'}\n\n\nprint(f(1))  ";
        for language in ["python", "c", "java", "javascript", "react", "html", "klingon", ""] {
            let lines = lines(code, language, &Palette::DARK);
            let text: Vec<String> =
                lines.iter().map(|line| line.iter().map(|piece| piece.text.as_str()).collect()).collect();
            assert_eq!(text.join("\n"), code, "{language}");
        }
    }

    #[test]
    fn python_has_its_colours() {
        let line = &lines("def area(r): return 3 * r # ok", "python", &Palette::LIGHT)[0];
        let colour =
            |text: &str| line.iter().find(|piece| piece.text.trim() == text).map(|piece| piece.colour);
        assert_eq!(colour("def"), Some(Palette::LIGHT.keyword));
        assert_eq!(colour("area"), Some(Palette::LIGHT.function));
        assert_eq!(colour("3"), Some(Palette::LIGHT.number));
        assert_eq!(colour("return"), Some(Palette::LIGHT.keyword));
    }
}
