//! A program as it was handed in, and what is refused before anything starts.

use stoa_core::{Error, Result};

use crate::Language;

/// The most that may be handed in with one run, all files, source and stdin together.
pub const MOST_INPUT_BYTES: usize = 128 * 1024 * 1024;
const MOST_FILES: usize = 1000;
const MOST_ARGS: usize = 1000;
const DEEPEST: usize = 8;

/// A program and what it works on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// One of the table.
    pub language: Language,
    /// Its text. The file's name is fixed by the language.
    pub source: String,
    /// Arguments, handed over as a list; no shell ever reads them.
    pub args: Vec<String>,
    /// What it reads on stdin. Empty means end of file at once.
    pub stdin: Vec<u8>,
    /// Files that lie in its work folder, by relative path.
    pub files: Vec<(String, Vec<u8>)>,
}

impl Program {
    /// A program without arguments, input or files.
    pub fn new(language: Language, source: impl Into<String>) -> Self {
        Self { language, source: source.into(), args: Vec::new(), stdin: Vec::new(), files: Vec::new() }
    }

    pub(crate) fn check(&self) -> Result<()> {
        let bytes = self.files.iter().map(|(_, bytes)| bytes.len()).sum::<usize>();
        if bytes + self.source.len() + self.stdin.len() > MOST_INPUT_BYTES {
            return Err(Error::too_large(format!(
                "source, stdin and files may have {MOST_INPUT_BYTES} bytes together"
            )));
        }
        if self.files.len() > MOST_FILES {
            return Err(Error::field("/files", format!("at most {MOST_FILES} files")));
        }
        if self.args.len() > MOST_ARGS || self.args.iter().any(|arg| arg.contains('\0') || arg.len() > 65_536)
        {
            return Err(Error::field(
                "/args",
                format!("at most {MOST_ARGS} arguments, none with a NUL or over 64 KiB"),
            ));
        }
        for (at, (name, _)) in self.files.iter().enumerate() {
            if name == self.language.source_name() || !is_plain(name) {
                return Err(Error::field(
                    format!("/files/{at}/name"),
                    "must be a relative path of plain names, and not the program's own file",
                ));
            }
        }
        Ok(())
    }
}

/// A relative path of plain names: nothing that climbs, hides a control character or is too long.
pub(crate) fn is_plain(path: &str) -> bool {
    let plain = |name: &str| {
        !name.is_empty()
            && name.len() <= 200
            && name != "."
            && name != ".."
            && !name.chars().any(|c| c.is_control() || c == '\\')
    };
    path.split('/').all(plain) && path.split('/').count() <= DEEPEST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_relative_paths_are_taken() {
        for good in ["data.txt", "data/in.csv", "ü.txt", "a b", "...", "x.tar.gz"] {
            assert!(is_plain(good), "{good}");
        }
        let bad = [
            "",
            "/etc/passwd",
            "../x",
            "a/../../x",
            "a//b",
            "a/",
            ".",
            "a/.",
            "x\0",
            "x\n",
            "\\x",
            "/w/../w2",
        ];
        for bad in bad {
            assert!(!is_plain(bad), "{bad:?}");
        }
        assert!(!is_plain(&"x".repeat(201)));
        assert!(!is_plain(&"x/".repeat(9)));
    }
}
