//! Who may use whom. Arrows point one way; ARCHITECTURE.md says why.

use std::collections::BTreeSet;

use super::{manifest, sources};
use crate::paths;

/// Folder of the crate, and the crates of ours it may use. An app is any crate below `apps/`.
const MAY_USE: &[(&str, &[&str])] = &[
    ("crates/core", &[]),
    ("crates/store", &["core"]),
    ("crates/sandbox", &["core"]),
    ("crates/documents", &["core"]),
    ("crates/jobs", &["core", "store"]),
    ("crates/edge", &["core", "store", "jobs"]),
    ("crates/identity", &["core", "store", "jobs", "edge"]),
    ("crates/llm", &["core", "store", "jobs", "edge"]),
    ("apps", &["core", "store", "sandbox", "documents", "jobs", "edge", "identity", "llm"]),
];

/// These see everything: they put the house together, or look at it as a whole.
const SEE_ALL: &[&str] = &["server", "scenarios", "bench"];

fn allowed(folder: &str) -> Option<&'static [&'static str]> {
    let row = |name: &str| MAY_USE.iter().find(|(crate_, _)| *crate_ == name).map(|(_, uses)| *uses);
    if folder.starts_with("apps/") { row("apps") } else { row(folder) }
}

#[test]
fn every_crate_uses_only_what_it_may() {
    let mut wrong = Vec::new();
    for source in sources(super::CODE, &["Cargo.toml"]) {
        let folder = source.place.trim_end_matches("/Cargo.toml");
        if SEE_ALL.contains(&folder) {
            continue;
        }
        let allowed: BTreeSet<&str> = match (folder, allowed(folder)) {
            ("xtask", _) => BTreeSet::new(),
            (_, Some(uses)) => uses.iter().copied().collect(),
            (_, None) => {
                wrong.push(format!("{folder} has no row in the table of arrows"));
                continue;
            }
        };
        for entry in manifest::read(&paths::at(&source.place)) {
            // `stoa-core.workspace = true`, `stoa-core = {…}`, or a section `[dependencies.stoa-core]`.
            let names = entry.key.split('.').chain(entry.section.split('.'));
            // Tests may use more: a test database, a part of another crate.
            if let Some(used) = names.filter_map(|name| name.strip_prefix("stoa-")).next()
                && !entry.section.starts_with("dev-dependencies")
                && !allowed.contains(used)
            {
                wrong.push(format!("{folder} uses stoa-{used} in [{}]", entry.section));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_table_of_arrows_has_no_circle() {
    for (crate_, uses) in MAY_USE {
        let own = crate_.trim_start_matches("crates/");
        for used in *uses {
            let back = allowed(&format!("crates/{used}")).unwrap_or_default();
            assert!(!back.contains(&own), "{crate_} and {used} may use each other");
        }
    }
}
