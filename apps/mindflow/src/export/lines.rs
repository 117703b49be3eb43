//! Content lines of calendars (RFC 5545 §3.1): escaped, and folded after 75 bytes.

/// Longest line, in bytes, without its end.
const LINE: usize = 75;

/// Writes one line, whose value stands as it is.
pub(super) fn line(out: &mut String, name: &str, value: &str) {
    let mut left = LINE;
    for c in name.chars().chain([':']).chain(value.chars()) {
        if c.len_utf8() > left {
            out.push_str("\r\n ");
            left = LINE - 1;
        }
        out.push(c);
        left -= c.len_utf8();
    }
    out.push_str("\r\n");
}

/// Writes one line whose value is text (RFC 5545 §3.3.11).
pub(super) fn text(out: &mut String, name: &str, value: &str) {
    line(out, name, &escaped(value));
}

/// Text in a value. Control characters have no place in it.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.replace("\r\n", "\n").chars() {
        match c {
            '\\' | ';' | ',' => {
                escaped.push('\\');
                escaped.push(c);
            }
            '\n' | '\r' => escaped.push_str("\\n"),
            '\t' => escaped.push('\t'),
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_folded_and_never_within_a_character() {
        let mut out = String::new();
        text(&mut out, "SUMMARY", &"Grüße 🎉 ".repeat(30));
        assert!(out.ends_with("\r\n") && out.split("\r\n").count() > 4);
        assert!(out.split("\r\n").all(|line| line.len() <= 75), "{out}");
        let whole = out.replace("\r\n ", "");
        assert_eq!(whole, format!("SUMMARY:{}\r\n", "Grüße 🎉 ".repeat(30)));
    }

    #[test]
    fn text_is_escaped_and_begins_no_line_of_its_own() {
        assert_eq!(escaped("a;b,c\\d\r\ne\rf\u{7}\tg"), "a\\;b\\,c\\\\d\\ne\\nf\tg");
        let mut out = String::new();
        text(&mut out, "SUMMARY", "x\r\nATTENDEE:mailto:eve@example.org");
        assert_eq!(out, "SUMMARY:x\\nATTENDEE:mailto:eve@example.org\r\n");
    }
}
