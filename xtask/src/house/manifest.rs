//! Reads the little of TOML that our own files use: sections, and keys with their value as text.

use std::fs;
use std::path::Path;

/// One `key = value`, with the section it stands in (empty before the first).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) section: String,
    pub(super) key: String,
    pub(super) value: String,
}

/// All entries of a file, in order.
pub(super) fn read(file: &Path) -> Vec<Entry> {
    parse(&fs::read_to_string(file).expect("a manifest"))
}

/// All entries of a text. An array over several lines is one value.
fn parse(text: &str) -> Vec<Entry> {
    let (mut section, mut entries) = (String::new(), Vec::new());
    let mut lines = text.lines().map(without_comment);
    while let Some(line) = lines.next() {
        if line.starts_with('[') {
            line.trim_matches(['[', ']']).clone_into(&mut section);
        } else if let Some((key, value)) = line.split_once('=') {
            let mut value = value.trim().to_owned();
            while open_brackets(&value) {
                let Some(more) = lines.next() else { break };
                value += more;
            }
            entries.push(Entry {
                section: section.clone(),
                key: key.trim().trim_matches('"').to_owned(),
                value,
            });
        }
    }
    entries
}

fn open_brackets(value: &str) -> bool {
    value.matches(['[', '{']).count() > value.matches([']', '}']).count()
}

/// The line up to a `#` outside quotes.
fn without_comment(line: &str) -> &str {
    let mut quoted = false;
    let end = line.find(|letter| {
        quoted ^= letter == '"';
        letter == '#' && !quoted
    });
    line[..end.unwrap_or(line.len())].trim()
}

#[test]
fn sections_keys_and_arrays_over_lines_are_read() {
    let text = "name = \"a\" # a # comment\n[x.y]\nlist = [\n  \"one\", # first\n  \"t#o\",\n]\nlast.workspace = true\n";
    let entry = |section: &str, key: &str, value: &str| Entry {
        section: section.to_owned(),
        key: key.to_owned(),
        value: value.to_owned(),
    };
    let entries = parse(text);
    assert_eq!(
        entries,
        [
            entry("", "name", "\"a\""),
            entry("x.y", "list", "[\"one\",\"t#o\",]"),
            entry("x.y", "last.workspace", "true")
        ]
    );
}
