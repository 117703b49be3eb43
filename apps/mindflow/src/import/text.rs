//! Bytes of a file as text.

use stoa_core::{Error, Result};

/// As text: UTF-8, or UTF-16 with its mark, as Windows writes it.
pub(super) fn text(bytes: &[u8]) -> Result<String> {
    let wide = |bytes: &[u8], of: fn([u8; 2]) -> u16| {
        let (pairs, rest) = bytes.as_chunks::<2>();
        let text = String::from_utf16(&pairs.iter().map(|pair| of(*pair)).collect::<Vec<_>>()).ok();
        text.filter(|_| rest.is_empty())
    };
    let read = match bytes {
        [0xFF, 0xFE, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => std::str::from_utf8(rest).ok().map(ToOwned::to_owned),
        [b'P', b'K', 3, 4, ..] => {
            return Err(Error::field("file", "is an archive; unpack it and send the file inside"));
        }
        bytes => std::str::from_utf8(bytes).ok().map(ToOwned::to_owned),
    };
    match read {
        Some(text) if text.contains('\0') => Err(Error::field("file", "holds NUL characters: it is no text")),
        Some(text) if text.trim().is_empty() => Err(Error::field("file", "is empty")),
        Some(text) => Ok(text),
        None => Err(Error::field("file", "is neither UTF-8 nor UTF-16; save it as UTF-8")),
    }
}

/// HTML as plain text: marks are dropped, blocks begin new lines. What is left is shown as text and never as HTML.
pub(super) fn plain(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        let inside = &rest[at + 1..];
        let is_mark = inside.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!');
        match inside.find('>').filter(|_| is_mark) {
            Some(end) => {
                let name: String =
                    inside.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric).collect();
                if matches!(
                    &*name.to_ascii_lowercase(),
                    "p" | "br" | "div" | "li" | "tr" | "h1" | "h2" | "h3"
                ) && !text.is_empty()
                    && !text.ends_with('\n')
                {
                    text.push('\n');
                }
                rest = &inside[end + 1..];
            }
            None => {
                text.push('<');
                rest = inside;
            }
        }
    }
    text.push_str(rest);
    // The ampersand last: what it was made of must not be read again.
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
    text.replace("&nbsp;", " ").replace("&amp;", "&").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_every_kind_of_editor_are_text() {
        let words = "TYPE,Grüße 🎉";
        let utf16 = |big: bool| {
            let mark = if big { [0xFE, 0xFF] } else { [0xFF, 0xFE] };
            let units = words
                .encode_utf16()
                .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() });
            mark.into_iter().chain(units).collect::<Vec<u8>>()
        };
        let marked = [b"\xEF\xBB\xBF", words.as_bytes()].concat();
        for bytes in [words.as_bytes().to_vec(), marked, utf16(true), utf16(false)] {
            assert_eq!(text(&bytes).unwrap(), words);
        }
        for bad in [
            &b""[..],
            b" \n",
            b"\xEF\xBB\xBF",
            b"\xFF\xFEa",
            b"\xFF\xFE\x00\xD8",
            b"a\0b",
            b"Gr\xFC\xDFe",
            b"PK\x03\x04",
        ] {
            assert_eq!(text(bad).unwrap_err().fields()[0].pointer, "file", "{bad:?}");
        }
    }

    #[test]
    fn html_becomes_plain_text() {
        assert_eq!(
            plain("<p>Call <b>Ana</b> &amp; Ben</p><ul><li>one</li><li>two</li></ul>"),
            "Call Ana & Ben\none\ntwo"
        );
        assert_eq!(plain("3 < 4 and <notclosed"), "3 < 4 and <notclosed");
        assert_eq!(plain("&amp;lt;script&amp;gt;"), "&lt;script&gt;");
        assert_eq!(plain("<script>alert(1)</script>"), "alert(1)");
    }
}
