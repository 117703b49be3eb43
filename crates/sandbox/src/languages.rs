//! The table of languages: how each is found and run. A new language is one row.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// A language that programs may be written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// Python 3.
    Python,
}

/// Which limit of the kernel bounds the memory of one process without killing its runtime at start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Space {
    /// `RLIMIT_AS`: for runtimes that reserve what they use.
    Address,
    /// `RLIMIT_DATA`: for runtimes that reserve much and use little, such as Java or Node.
    Data,
}

/// One row of the table.
#[derive(Debug)]
pub struct Entry {
    /// Which language.
    pub language: Language,
    /// The name in requests and in reports.
    pub id: &'static str,
    /// The name people read.
    pub name: &'static str,
    /// The usual end of a file name, without the dot.
    pub extension: &'static str,
    /// The source file's name in the work folder. Never the caller's choice.
    pub source: &'static str,
    /// Where the interpreter may be; the first that exists is taken. Never `PATH`: it is the server's.
    pub interpreters: &'static [&'static str],
    /// Its arguments, before the source file's name.
    pub options: &'static [&'static str],
    /// The argument that makes it say its version.
    pub version: &'static str,
    /// What this language needs in the environment beside the fixed set.
    pub environment: &'static [(&'static str, &'static str)],
    /// Files and folders of `/etc` it needs.
    pub etc: &'static [&'static str],
    /// Which limit bounds one process.
    pub space: Space,
}

static TABLE: [Entry; 1] = [Entry {
    language: Language::Python,
    id: "python",
    name: "Python",
    extension: "py",
    source: "main.py",
    interpreters: &["/usr/bin/python3", "/usr/local/bin/python3"],
    // Not isolated mode: students import their own files. No byte code files, no buffering: output is live.
    options: &["-B", "-u"],
    version: "--version",
    environment: &[("PYTHONHASHSEED", "0")],
    etc: &[],
    space: Space::Address,
}];

/// The environment of every program; nothing of the server's own.
pub(crate) const ENVIRONMENT: [(&str, &str); 5] = [
    ("PATH", "/usr/local/bin:/usr/bin:/bin"),
    ("HOME", "/work"),
    ("LANG", "C.UTF-8"),
    ("TZ", "UTC"),
    ("TMPDIR", "/tmp"),
];

/// All languages.
pub fn languages() -> &'static [Entry] {
    &TABLE
}

impl Language {
    /// Its row.
    pub fn entry(self) -> &'static Entry {
        match self {
            Self::Python => &TABLE[0],
        }
    }

    /// By its name in requests: only names of the table, nothing is ever looked up by a caller's text.
    pub fn by_id(id: &str) -> Option<Self> {
        TABLE.iter().find(|entry| entry.id == id).map(|entry| entry.language)
    }

    pub(crate) fn source_name(self) -> &'static str {
        self.entry().source
    }
}

impl Entry {
    /// Where the interpreter is on this machine.
    pub fn find(&self) -> Option<PathBuf> {
        self.interpreters.iter().map(PathBuf::from).find(|path| Path::exists(path))
    }

    pub(crate) fn command(&self, interpreter: &Path, args: &[String]) -> Vec<String> {
        let mut command = vec![interpreter.display().to_string()];
        command.extend(self.options.iter().map(|&option| option.to_owned()));
        command.push(self.source.to_owned());
        command.extend_from_slice(args);
        command
    }
}
