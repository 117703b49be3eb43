//! `docs/conformance.md` promises something for every line of the checklist, and names the tests that show it.

use std::{collections::BTreeMap, fs};

use super::{CODE, sources};
use crate::paths;

/// The lines of each group: the letter of their ids and how many there are.
const LINES: [(char, usize); 18] = [
    ('D', 18),
    ('R', 21),
    ('C', 31),
    ('Z', 25),
    ('I', 4),
    ('T', 20),
    ('F', 9),
    ('A', 9),
    ('J', 10),
    ('V', 6),
    ('P', 11),
    ('U', 7),
    ('E', 7),
    ('X', 6),
    ('O', 7),
    ('M', 32),
    ('N', 4),
    ('S', 4),
];

/// How the last cell of a row begins that names no test as its proof.
const WITHOUT: [&str; 3] = ["Open: ", "Not offered: ", "Does not apply: "];

#[test]
fn the_document_has_every_line_once_and_names_tests_that_exist() {
    let document = fs::read_to_string(paths::at("docs/conformance.md")).expect("the document");
    let tests = tests();
    let (mut lines, mut wrong) = (BTreeMap::<&str, usize>::new(), Vec::new());
    for row in document.lines().filter_map(|line| line.strip_prefix("| ")) {
        let cells: Vec<&str> = row.trim_end_matches('|').split(" | ").map(str::trim).collect();
        let [id, _, shown] = cells[..] else { continue };
        if id == "line" {
            continue;
        }
        *lines.entry(id).or_default() += 1;
        let named: Vec<&str> =
            shown.split('`').skip(1).step_by(2).filter(|name| name.contains("::")).collect();
        if named.is_empty() && !WITHOUT.iter().any(|word| shown.starts_with(word)) {
            wrong.push(format!("{id} names no test and no reason"));
        }
        wrong.extend(
            named.iter().filter(|name| !exists(&tests, name)).map(|name| format!("{id}: there is no {name}")),
        );
    }
    for (letter, most) in LINES {
        for number in 1..=most {
            match lines.remove(&*format!("{letter}{number}")) {
                Some(1) => {}
                found => {
                    wrong.push(format!("{letter}{number} stands there {} times", found.unwrap_or_default()));
                }
            }
        }
    }
    wrong.extend(lines.keys().map(|id| format!("{id} is no line of the checklist")));
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Every test, by its name: the places of the files that have one of it.
fn tests() -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::<String, Vec<String>>::new();
    for source in sources(CODE, &[".rs"]) {
        let lines: Vec<&str> = source.text.lines().map(str::trim).collect();
        for (at, line) in lines.iter().enumerate() {
            let Some((_, name)) = line.split_once("fn ") else { continue };
            let name: String = name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            // Written in full, or a fact that a macro shows on each engine.
            let before = lines[..at].iter().rev().take_while(|line| line.starts_with("#[")).copied();
            let marked = before.clone().any(|line| line == "#[test]" || line.starts_with("#[tokio::test"));
            let shown = line.starts_with("async fn") && line.contains("(world: &");
            if marked || shown {
                found.entry(name).or_default().push(source.place.clone());
            }
        }
    }
    found
}

/// Whether a test of this name stands in a file that the modules before it lead to.
fn exists(tests: &BTreeMap<String, Vec<String>>, path: &str) -> bool {
    let mut parts: Vec<&str> = path.split("::").collect();
    let Some(name) = parts.pop() else { return false };
    tests.get(name).is_some_and(|places| {
        places.iter().any(|place| {
            let mut folders = place.trim_end_matches(".rs").split('/');
            parts.iter().all(|part| folders.any(|folder| folder == *part))
        })
    })
}
