//! What the house promises about its own sources, as tests. No tool knows these rules; a person would forget one.

mod arrows;
mod conformance;
mod manifest;
mod rules;
mod surface;
mod tables;

use std::fs;
use std::path::PathBuf;

use crate::paths;

/// Folders that hold our own Rust.
const CODE: &[&str] = &["crates", "apps", "server", "scenarios", "bench", "xtask"];

/// A source file: its place in the work tree with `/`, and its text.
struct Source {
    place: String,
    text: String,
}

/// All files with these endings below these folders, in order.
fn sources(folders: &[&str], endings: &[&str]) -> Vec<Source> {
    let mut found = Vec::new();
    let mut open: Vec<PathBuf> = folders.iter().map(|folder| paths::at(folder)).collect();
    while let Some(path) = open.pop() {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && !["node_modules", "dist", "target", ".git"].contains(&name.as_str()) {
            open.extend(fs::read_dir(&path).expect("a folder").map(|entry| entry.expect("an entry").path()));
        } else if path.is_file() && endings.iter().any(|ending| name.ends_with(ending)) {
            let place = path.strip_prefix(paths::root()).expect("below the root").display().to_string();
            found.push(Source { place, text: fs::read_to_string(&path).expect("text") });
        }
    }
    found.sort_by(|one, other| one.place.cmp(&other.place));
    found
}
