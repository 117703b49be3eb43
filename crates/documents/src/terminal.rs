//! What a program printed, as a terminal would have shown it.

use std::num::NonZeroU16;

use unicode_width::UnicodeWidthChar;

use crate::colour::Rgb;

/// Bytes of output that are looked at for a picture, and the rows that they may fill.
const LOOKED_AT: usize = 256 << 10;
const ROWS: u16 = 1_000;

/// The sixteen colours of a terminal, and its plain text.
#[derive(Clone, Debug)]
pub(crate) struct Colours {
    pub(crate) text: Rgb,
    pub(crate) behind: Rgb,
    pub(crate) sixteen: [Rgb; 16],
}

/// Some cells of a row in one look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) text: String,
    pub(crate) colour: Rgb,
    pub(crate) behind: Option<Rgb>,
    pub(crate) underlined: bool,
}

/// The rows of a terminal of so many columns after this output, and how many bytes were not looked at.
pub(crate) fn rows(output: &str, columns: u16, colours: &Colours) -> (Vec<Vec<Span>>, usize) {
    let mut cut = output.len().min(LOOKED_AT);
    while !output.is_char_boundary(cut) {
        cut -= 1;
    }
    let (seen, rest) = output.split_at(cut);
    let columns = NonZeroU16::new(columns).unwrap_or(vt100::Parser::DEFAULT_COLS);
    let rows = NonZeroU16::new(ROWS).unwrap_or(vt100::Parser::DEFAULT_ROWS);
    let mut parser = vt100::Parser::new(rows, columns, 0);
    // A program's line end is a new line at the first column, as the terminal driver makes it.
    let mut bytes = Vec::with_capacity(seen.len() + 64);
    let mut filled = 0;
    let mut left_out = rest.len();
    for line in seen.split_inclusive('\n') {
        // Rows that scroll away would be lost without a word, so the screen is never filled.
        filled +=
            1 + line.chars().filter_map(UnicodeWidthChar::width).sum::<usize>() / usize::from(columns.get());
        if filled >= usize::from(ROWS) {
            left_out += line.len();
            continue;
        }
        bytes.extend_from_slice(line.trim_end_matches(['\n', '\r']).as_bytes());
        if line.ends_with('\n') {
            bytes.extend_from_slice(b"\r\n");
        }
    }
    parser.process(&bytes);
    let screen = parser.screen();
    let mut read: Vec<Vec<Span>> =
        (0..ROWS).map(|row| self::row(screen, row, columns.get(), colours)).collect();
    while read.last().is_some_and(Vec::is_empty) {
        read.pop();
    }
    (read, left_out)
}

fn row(screen: &vt100::Screen, row: u16, columns: u16, colours: &Colours) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for column in 0..columns {
        let Some(cell) = screen.cell(row, column).filter(|cell| !cell.is_wide_continuation()) else {
            continue;
        };
        let text = if cell.has_contents() { cell.contents() } else { " " };
        let mut colour = colours.pick(cell.fgcolor(), cell.bold()).unwrap_or(colours.text);
        let mut behind = colours.pick(cell.bgcolor(), false);
        if cell.inverse() {
            (colour, behind) = (behind.unwrap_or(colours.behind), Some(colour));
        }
        let underlined = cell.underline();
        match spans.last_mut() {
            Some(last) if (last.colour, last.behind, last.underlined) == (colour, behind, underlined) => {
                last.text.push_str(text);
            }
            _ => spans.push(Span { text: text.to_owned(), colour, behind, underlined }),
        }
    }
    // Blanks at the end are the empty screen.
    while let Some(last) = spans.last_mut() {
        if last.behind.is_some() || last.underlined {
            break;
        }
        last.text.truncate(last.text.trim_end_matches(' ').len());
        if !last.text.is_empty() {
            break;
        }
        spans.pop();
    }
    spans
}

impl Colours {
    fn pick(&self, colour: vt100::Color, bold: bool) -> Option<Rgb> {
        match colour {
            vt100::Color::Default => None,
            vt100::Color::Rgb(r, g, b) => Some(Rgb(r, g, b)),
            // Bold has always meant bright.
            vt100::Color::Idx(index @ 0..8) if bold => self.sixteen.get(usize::from(index) + 8).copied(),
            vt100::Color::Idx(index @ 0..16) => self.sixteen.get(usize::from(index)).copied(),
            vt100::Color::Idx(index @ 16..232) => {
                let step = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
                let index = index - 16;
                Some(Rgb(step(index / 36), step(index / 6 % 6), step(index % 6)))
            }
            vt100::Color::Idx(index) => {
                let grey = 8 + 10 * (index - 232);
                Some(Rgb(grey, grey, grey))
            }
        }
    }
}

/// The words alone, for a document: no escapes, lines overwritten by a carriage return as they end up.
pub(crate) fn plain(output: &str) -> String {
    let mut text = String::with_capacity(output.len());
    let mut line_start = 0;
    let mut characters = output.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\u{1b}' => skip_escape(&mut characters),
            '\n' => {
                text.push('\n');
                line_start = text.len();
            }
            '\r' => {
                if !matches!(characters.peek(), None | Some('\n' | '\r')) {
                    text.truncate(line_start);
                }
            }
            '\u{8}' => {
                if text.len() > line_start {
                    text.pop();
                }
            }
            '\t' => text.push('\t'),
            character if character.is_control() => {}
            _ => text.push(character),
        }
    }
    text.truncate(text.trim_end().len());
    text
}

/// Leaves out one escape sequence, its first character being read already.
fn skip_escape(characters: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match characters.next() {
        // CSI: up to a letter or the like.
        Some('[') => {
            characters.find(|c| ('\u{40}'..='\u{7e}').contains(c));
        }
        // OSC, DCS and others: a string up to BEL or ESC \; a line end stops what never ends.
        Some(']' | 'P' | '_' | '^' | 'X') => {
            while let Some(character) = characters.next_if(|&c| c != '\n') {
                if character == '\u{7}' {
                    break;
                }
                if character == '\u{1b}' {
                    characters.next_if_eq(&'\\');
                    break;
                }
            }
        }
        Some(' '..='/') => {
            characters.next();
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_vanish_from_plain_text_and_overwritten_lines_show_their_end() {
        let cases = [
            ("\u{1b}[1;31mred\u{1b}[0m ok\n", "red ok"),
            ("10%\r50%\r100%\ndone", "100%\ndone"),
            ("a\r\nb\r\n", "a\nb"),
            ("\u{1b}]0;title\u{7}shown", "shown"),
            ("\u{1b}]8;;http://x\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link"),
            ("abc\u{8}d", "abd"),
            ("nul\0bell\u{7}", "nulbell"),
            ("\u{1b}", ""),
            ("\u{1b}[", ""),
            ("\u{1b}]never ends\nnext", "\nnext"),
        ];
        for (output, expected) in cases {
            assert_eq!(plain(output), expected, "{output:?}");
        }
    }
}
