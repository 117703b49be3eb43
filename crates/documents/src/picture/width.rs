//! How many columns of the grid a text takes.

use unicode_width::UnicodeWidthChar;

/// Control characters, and the ones that reorder or hide text: shown as a box, never obeyed.
pub(super) fn is_hidden(character: char) -> bool {
    character.is_control()
        || character as u32 & 0xfffe == 0xfffe
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// A box takes one column, and so does what has no width of its own.
pub(super) fn columns_of(character: char) -> usize {
    if is_hidden(character) { 1 } else { character.width().unwrap_or(1) }
}

/// The columns that a text takes.
pub(super) fn columns(text: &str) -> usize {
    text.chars().map(columns_of).sum()
}
