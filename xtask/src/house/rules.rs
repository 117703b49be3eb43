//! Small rules for all files.

use super::{CODE, sources};

/// A file this long has more than one idea in it. No exceptions now; one would be named here with its reason.
const LONGEST: usize = 500;

/// Names that say nothing about what is inside.
const EMPTY_NAMES: &[&str] = &["utils", "util", "helpers", "helper", "common", "manager", "misc"];

#[test]
fn no_source_file_has_two_ideas() {
    let code = sources(CODE, &[".rs"]).into_iter().chain(sources(&["web/src", "web/e2e"], &[".ts", ".tsx"]));
    let long: Vec<String> = code
        // Made by a tool, read by a tool.
        .filter(|source| !source.place.ends_with("schema.d.ts"))
        .map(|source| (source.text.lines().count(), source.place))
        .filter(|(lines, _)| *lines > LONGEST)
        .map(|(lines, place)| format!("{place}: {lines} lines"))
        .collect();
    assert!(long.is_empty(), "longer than {LONGEST} lines:\n{}", long.join("\n"));
}

#[test]
fn no_file_is_called_something_empty() {
    let empty: Vec<String> = sources(
        &["crates", "apps", "server", "scenarios", "bench", "xtask", "web/src"],
        &["rs", "ts", "tsx"],
    )
    .into_iter()
    .map(|source| source.place)
    .filter(|place| place.split(['/', '.']).any(|part| EMPTY_NAMES.contains(&part)))
    .collect();
    assert!(empty.is_empty(), "names that say nothing:\n{}", empty.join("\n"));
}

#[test]
fn mf_5_no_test_is_skipped_and_nothing_is_left_to_do() {
    // Written in two halves, or this file would find itself.
    let forbidden = [
        concat!("#[ig", "nore"),
        concat!("to", "do!("),
        concat!("unimple", "mented!("),
        concat!(".sk", "ip("),
        concat!(".on", "ly("),
        concat!(".fix", "me("),
        concat!("#[al", "low("),
        concat!("#![al", "low("),
        concat!("eslint-dis", "able"),
        concat!("@ts-ig", "nore"),
    ];
    let mut found = Vec::new();
    for source in
        sources(CODE, &[".rs"]).into_iter().chain(sources(&["web/src", "web/e2e"], &[".ts", ".tsx"]))
    {
        let script = !source.place.ends_with(".rs");
        for (number, line) in (1..).zip(source.text.lines()) {
            // In Rust `.skip(` is an iterator's. A lint switched off with its reason (after ` -- `) is fine.
            let hit = forbidden.iter().find(|word| {
                line.contains(**word)
                    && (script || !word.starts_with('.'))
                    && !(word.starts_with("eslint") && line.contains(" -- "))
            });
            found.extend(hit.map(|word| format!("{}:{number}: {word}", source.place)));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn documents_speak_of_the_product_alone() {
    let about_the_workshop = [
        concat!("/work/", "shared"),
        concat!("/work/", "main"),
        concat!("../sha", "red/"),
        concat!("// T", "ODO"),
        concat!("// F", "IXME"),
        concat!("// X", "XX"),
    ];
    let mut found = Vec::new();
    for source in sources(&["."], &[".md", ".rs", ".toml", ".ts", ".tsx", ".yml", ".conf"]) {
        for (number, line) in (1..).zip(source.text.lines()) {
            let hit = about_the_workshop.iter().find(|word| line.contains(**word));
            found.extend(hit.map(|word| format!("{}:{number}: {word}", source.place)));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
