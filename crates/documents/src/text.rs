//! Plain text, and bytes that claim to be text.

use stoa_core::{Error, Result};

use crate::{
    document::{Block, Document, Paragraph},
    limits,
};

/// One line, one paragraph; empty lines too. What is code in it has no mark, so nothing is marked as code.
pub(crate) fn read(text: &str) -> Result<Document> {
    let lines: Vec<&str> = text.lines().collect();
    if lines.len() > limits::BLOCKS {
        let most = limits::BLOCKS;
        return Err(Error::too_large(format!("the file has more than {most} lines; split it")));
    }
    let block = |(place, line): (usize, &&str)| Block::paragraph(place, Paragraph::plain(line.trim_end()));
    Ok(Document { blocks: lines.iter().enumerate().map(block).collect() })
}

/// Text of a file: UTF-8, UTF-16 with its mark, or else Western European Windows.
pub(crate) fn decode(bytes: &[u8]) -> Result<String> {
    let text = match marked(bytes) {
        Some(text) => text,
        None => match std::str::from_utf8(bytes) {
            Ok(text) => Some(text.to_owned()),
            Err(_) => Some(bytes.iter().map(|&byte| windows_1252(byte)).collect()),
        },
    };
    let text = text.filter(|text| !text.chars().any(is_junk)).ok_or_else(|| {
        Error::unsupported(
            "this is not a text file: it holds bytes that no text has; upload DOCX, Markdown or text",
        )
    })?;
    if text.trim().is_empty() {
        return Err(empty());
    }
    if text.chars().count() > limits::TEXT {
        let most = limits::TEXT / 1_000_000;
        return Err(Error::too_large(format!("the file has more than {most} million characters; split it")));
    }
    Ok(text.replace("\r\n", "\n").replace('\r', "\n").replace('\u{a0}', " ").replace('\u{ad}', ""))
}

/// An XML part: UTF-8, or UTF-16 with its mark. `None` if it is neither.
pub(crate) fn xml(bytes: Vec<u8>) -> Option<String> {
    match marked(&bytes) {
        Some(text) => text,
        None => String::from_utf8(bytes).ok(),
    }
}

pub(crate) fn empty() -> Error {
    Error::invalid("the file is empty; choose the assignment itself").code("document_empty")
}

/// What no text holds: control characters other than tab, line ends, form feed.
pub(crate) fn is_junk(character: char) -> bool {
    character.is_control() && !matches!(character, '\t' | '\n' | '\r' | '\u{c}' | '\u{85}' | '\u{1a}')
}

/// Text after a byte order mark: `None` without a mark, `Some(None)` if the rest breaks the promise.
fn marked(bytes: &[u8]) -> Option<Option<String>> {
    let units = |rest: &[u8], from: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = rest.chunks_exact(2).map(|pair| from([pair[0], pair[1]])).collect();
        if rest.len().is_multiple_of(2) { String::from_utf16(&units).ok() } else { None }
    };
    match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => Some(std::str::from_utf8(rest).ok().map(str::to_owned)),
        [0xff, 0xfe, rest @ ..] => Some(units(rest, u16::from_le_bytes)),
        [0xfe, 0xff, rest @ ..] => Some(units(rest, u16::from_be_bytes)),
        _ => None,
    }
}

fn windows_1252(byte: u8) -> char {
    const HIGH: [char; 32] = [
        '€', '\u{fffd}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{fffd}', 'Ž', '\u{fffd}',
        '\u{fffd}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{fffd}', 'ž', 'Ÿ',
    ];
    match byte {
        0x80..=0x9f => HIGH[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_comes_in_many_encodings() {
        let utf16: Vec<u8> =
            [0xff, 0xfe].into_iter().chain("ä\r\nb".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let big: Vec<u8> =
            [0xfe, 0xff].into_iter().chain("ä\rb".encode_utf16().flat_map(u16::to_be_bytes)).collect();
        for bytes in [&utf16[..], &big, b"\xef\xbb\xbf\xc3\xa4\nb", b"\xe4\nb"] {
            assert_eq!(decode(bytes).unwrap(), "ä\nb", "{bytes:?}");
        }
        assert_eq!(decode(b"\x93quoted\x94 \x96 caf\xe9").unwrap(), "“quoted” – café");
    }
}
