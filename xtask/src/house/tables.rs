//! Every table has one owner, whose name it begins with; only the owner writes SQL for it.

use std::collections::BTreeMap;

use super::{CODE, Source, sources};

/// The word after each `CREATE TABLE` in a file.
fn created(source: &Source) -> Vec<String> {
    let mut tables = Vec::new();
    for after in source.text.split("CREATE TABLE").skip(1) {
        let after = after.trim_start().strip_prefix("IF NOT EXISTS").unwrap_or(after);
        let name: String =
            after.trim_start().chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        if !name.is_empty() {
            tables.push(name);
        }
    }
    tables
}

/// The folder of the crate that a file belongs to: `crates/store`, `apps/labmate`, `server`.
fn crate_of(place: &str) -> &str {
    let parts = if place.starts_with("crates/") || place.starts_with("apps/") { 2 } else { 1 };
    let end = place.match_indices('/').nth(parts - 1).map_or(place.len(), |(at, _)| at);
    &place[..end]
}

/// Where SQL of the product stands: not in tests and measurements, which may make tables of their own.
fn product() -> Vec<Source> {
    let mut found = sources(CODE, &[".rs", ".sql"]);
    found.retain(|source| {
        let beside = ["xtask/", "bench/"].iter().any(|folder| source.place.starts_with(folder));
        !beside && !source.place.contains("/tests/") && !source.place.contains("/examples/")
    });
    for source in &mut found {
        if let Some(tests) = source.text.find("#[cfg(test)]\nmod tests {") {
            source.text.truncate(tests);
        }
    }
    found
}

#[test]
fn a_table_begins_with_its_owners_name() {
    let mut wrong = Vec::new();
    for source in product() {
        let owner = crate_of(&source.place).rsplit('/').next().unwrap_or_default().to_owned();
        let foreign = created(&source).into_iter().filter(|table| !table.starts_with(&format!("{owner}_")));
        wrong.extend(
            foreign.map(|table| format!("{}: table `{table}` should begin with `{owner}_`", source.place)),
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_table_is_named_only_under_its_owner() {
    let product = product();
    let owners: BTreeMap<String, &str> = product
        .iter()
        .flat_map(|source| created(source).into_iter().map(|table| (table, crate_of(&source.place))))
        .collect();
    let mut wrong = Vec::new();
    for source in &product {
        for (number, line) in (1..).zip(source.text.lines()) {
            // A foreign key names its owner's table, and nothing else of it.
            let line = line.split(" REFERENCES ").next().unwrap_or_default();
            let words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
            let reached = words.filter_map(|word| Some((word, *owners.get(word)?)));
            let foreign = reached.filter(|(_, owner)| *owner != crate_of(&source.place));
            wrong.extend(foreign.map(|(table, owner)| {
                format!("{}:{number} reaches into `{table}` of {owner}", source.place)
            }));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
