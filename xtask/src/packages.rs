//! Which crates of others we may build with: `deny.toml`, checked with cargo's own words.
//!
//! `deny.toml` is written for `cargo deny`, which knows more (security advisories) but takes minutes to build. What
//! needs no network is checked here in a second, from the same file, on every machine.

use std::fs;

use crate::manifest::{self, Entry};
use crate::trouble::{Result, While};
use crate::{cargo, paths, process, say};

/// A crate of the dependency tree.
struct Package {
    name: String,
    version: Vec<u64>,
    licence: String,
}

/// Licences, bans and sources.
pub(crate) fn check() -> Result {
    let rules = manifest::read(&paths::at("deny.toml"))?;
    let packages = tree()?;
    let mut wrong = wrong_licences(&rules, &packages);
    wrong.extend(banned(&rules, &packages));
    wrong.extend(foreign_sources(&fs::read_to_string(paths::at("Cargo.lock")).cannot("read Cargo.lock")?));
    if wrong.is_empty() {
        say::line(&format!("{} crates: licences, bans and sources are as deny.toml asks", packages.len()));
        return Ok(());
    }
    Err(format!("against deny.toml:\n  {}", wrong.join("\n  ")).into())
}

/// Everything that is compiled on this machine, build scripts and tests included.
fn tree() -> Result<Vec<Package>> {
    let mut command = cargo::command();
    command.args([
        "tree",
        "--workspace",
        "--edges",
        "normal,build,dev",
        "--prefix",
        "none",
        "--format",
        "{p}|{l}",
    ]);
    let text = process::read(&mut command)?;
    let mut lines: Vec<&str> =
        text.lines().map(|line| line.trim_end_matches(" (*)")).filter(|line| !line.is_empty()).collect();
    lines.sort_unstable();
    lines.dedup();
    lines
        .into_iter()
        .map(|line| package(line).ok_or_else(|| format!("cargo tree said `{line}`").into()))
        .collect()
}

/// `name v1.2.3 (proc-macro)|MIT`
fn package(line: &str) -> Option<Package> {
    let (what, licence) = line.rsplit_once('|')?;
    let mut words = what.split(' ');
    let name = words.next()?.to_owned();
    let version = words.next()?.strip_prefix('v')?;
    Some(Package { name, version: numbers(version), licence: licence.to_owned() })
}

/// `1.2.3-rc.1` as 1, 2, 3.
fn numbers(version: &str) -> Vec<u64> {
    let plain = version.split(['-', '+']).next().unwrap_or(version);
    plain.split('.').map_while(|part| part.parse().ok()).collect()
}

fn wrong_licences(rules: &[Entry], packages: &[Package]) -> Vec<String> {
    let allowed: Vec<&str> = rules
        .iter()
        .filter(|entry| entry.section == "licenses" && entry.key == "allow")
        .flat_map(|entry| manifest::strings(&entry.value))
        .collect();
    let wrong = packages.iter().filter(|package| !allows(&allowed, &package.licence));
    wrong.map(|package| format!("{}: licence `{}` is not allowed", package.name, package.licence)).collect()
}

/// Whether a licence expression can be met with the allowed licences.
fn allows(allowed: &[&str], licence: &str) -> bool {
    // Old crates write `MIT/Apache-2.0`.
    let spaced = licence.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    let met = any(allowed, &mut words);
    met && words.next().is_none()
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn any(allowed: &[&str], words: &mut Words<'_>) -> bool {
    let mut met = both(allowed, words);
    while words.next_if_eq(&"OR").is_some() {
        met |= both(allowed, words);
    }
    met
}

fn both(allowed: &[&str], words: &mut Words<'_>) -> bool {
    let mut met = one(allowed, words);
    while words.next_if_eq(&"AND").is_some() {
        met &= one(allowed, words);
    }
    met
}

fn one(allowed: &[&str], words: &mut Words<'_>) -> bool {
    match words.next() {
        Some("(") => {
            let met = any(allowed, words);
            words.next() == Some(")") && met
        }
        Some(name) if words.next_if_eq(&"WITH").is_some() => {
            let whole = format!("{name} WITH {}", words.next().unwrap_or_default());
            allowed.contains(&whole.as_str())
        }
        Some(name) => allowed.contains(&name),
        None => false,
    }
}

/// Bans are written `name` or `name@<1.2`.
fn banned(rules: &[Entry], packages: &[Package]) -> Vec<String> {
    let bans = rules.iter().filter(|entry| entry.section == "bans" && entry.key == "deny");
    let bans: Vec<(&str, Option<Vec<u64>>)> = bans
        .flat_map(|entry| entry.value.split("crate =").skip(1))
        .filter_map(|ban| manifest::strings(ban).first().copied())
        .map(|spec| match spec.split_once("@<") {
            Some((name, below)) => (name, Some(numbers(below))),
            None => (spec, None),
        })
        .collect();
    let hit = |package: &&Package| {
        bans.iter().any(|(name, below)| {
            *name == package.name && below.as_ref().is_none_or(|below| package.version < *below)
        })
    };
    packages
        .iter()
        .filter(hit)
        .map(|package| format!("{} {:?} is banned", package.name, package.version))
        .collect()
}

/// Crates in the lock file that come from anywhere but the one registry.
fn foreign_sources(lock: &str) -> Vec<String> {
    const REGISTRY: &str = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
    let foreign = lock.lines().filter(|line| line.starts_with("source = ") && *line != REGISTRY);
    foreign.map(|line| format!("Cargo.lock: {line} is not crates.io")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOWED: &[&str] = &["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "Unicode-3.0"];

    #[test]
    fn a_licence_expression_is_met_or_not() {
        let met = |licence: &str| allows(ALLOWED, licence);
        assert!(met("MIT"));
        assert!(met("GPL-3.0-only OR MIT"));
        assert!(met("MIT/GPL-2.0"));
        assert!(met("(MIT OR BSL-1.0) AND Unicode-3.0"));
        assert!(met("Apache-2.0 WITH LLVM-exception"));
        assert!(!met("GPL-3.0-only"));
        assert!(!met("MIT AND GPL-3.0-only"));
        assert!(!met("(MIT OR Apache-2.0) AND OpenSSL"));
        assert!(!met("MIT WITH other-exception"));
        assert!(!met(""));
    }

    #[test]
    fn a_ban_may_name_a_version() {
        let rule = Entry {
            section: "bans".to_owned(),
            key: "deny".to_owned(),
            value: "[{ crate = \"ring\", reason = \"two stacks\" },{ crate = \"sqlx@<0.9\" },]".to_owned(),
        };
        let packages: Vec<Package> =
            ["ring v0.17.1|ISC", "sqlx v0.8.6|MIT", "sqlx v0.9.0|MIT", "serde v1.0.0 (proc-macro)|MIT"]
                .into_iter()
                .filter_map(package)
                .collect();
        assert_eq!(packages.len(), 4);
        assert_eq!(banned(&[rule], &packages), ["ring [0, 17, 1] is banned", "sqlx [0, 8, 6] is banned"]);
    }

    #[test]
    fn a_crate_from_elsewhere_is_seen() {
        let lock = "[[package]]\nsource = \"git+https://example.org/x\"\n";
        assert_eq!(
            foreign_sources(lock),
            ["Cargo.lock: source = \"git+https://example.org/x\" is not crates.io"]
        );
    }
}
