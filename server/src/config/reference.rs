//! What can be set: `reference.toml`, read as data. It is also the page that people read.

use std::{cmp::Reverse, collections::BTreeMap, fmt};

use stoa_core::Result;
use toml::{Table, Value};

/// Every setting with its default; a line that begins with `#` and no blank is a setting without one.
pub(crate) const TEXT: &str = include_str!("reference.toml");

/// Settings that are never shown.
const SECRETS: [&str; 5] = [
    "database.url",
    "blobs.s3.secret_access_key",
    "signals.redis_url",
    "mail.smtp",
    "identity.upstreams.school.client_secret",
];
/// Tables whose keys are names that somebody chose, with the one that stands for all.
const OPEN: [(&str, &str); 2] = [("edge.rates.", "general"), ("identity.upstreams.", "school")];

/// What kind of value a setting has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    List,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text",
            Self::Number => "a whole number",
            Self::List => "a list, with commas",
        })
    }
}

/// Every setting that has a default.
pub(super) fn defaults() -> Result<BTreeMap<String, Value>> {
    Ok(leaves(TEXT.parse::<Table>()?))
}

/// Every setting there is, with an example value.
pub(super) fn all() -> Result<BTreeMap<String, Value>> {
    let with_optional: Vec<&str> = TEXT
        .lines()
        .map(|line| match line.strip_prefix('#') {
            Some(setting) if !setting.starts_with(' ') => setting,
            _ => line,
        })
        .collect();
    Ok(leaves(with_optional.join("\n").parse::<Table>()?))
}

/// The kind of a setting; the nearest key where there is none of this name.
pub(super) fn kind(key: &str) -> Result<std::result::Result<Kind, String>> {
    let all = all()?;
    Ok(match all.get(&representative(key)) {
        Some(Value::Integer(_)) => Ok(Kind::Number),
        Some(Value::Array(_)) => Ok(Kind::List),
        Some(_) => Ok(Kind::Text),
        None => Err(nearest(key, all.into_keys())),
    })
}

/// Whether a setting is never shown.
pub(super) fn is_secret(key: &str) -> bool {
    SECRETS.contains(&&*representative(key))
}

/// A document as single settings: `{a: {b: 1}}` is `a.b = 1`.
pub(super) fn leaves(table: Table) -> BTreeMap<String, Value> {
    let mut all = BTreeMap::new();
    let mut open = vec![(String::new(), table)];
    while let Some((prefix, table)) = open.pop() {
        for (name, value) in table {
            let key = format!("{prefix}{name}");
            match value {
                Value::Table(inner) => open.push((format!("{key}."), inner)),
                value => {
                    all.insert(key, value);
                }
            }
        }
    }
    all
}

/// The key of the reference that stands for this one.
fn representative(key: &str) -> String {
    let stands_for = |(table, name): (&str, &str)| {
        let (_, field) = key.strip_prefix(table)?.split_once('.')?;
        Some(format!("{table}{name}.{field}"))
    };
    OPEN.into_iter().find_map(stands_for).unwrap_or_else(|| key.to_owned())
}

/// The key that was probably meant: of the same last name if there is one, else of the fewest changes.
fn nearest(key: &str, all: impl Iterator<Item = String>) -> String {
    let last = |key: &str| key.rsplit('.').next().unwrap_or_default().to_owned();
    let name = last(key);
    all.min_by_key(|known| (Reverse(last(known) == name), distance(key, known))).unwrap_or_default()
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let changed = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::config::{Config, Loaded, Origin, Setting, layers};

    fn settings(values: BTreeMap<String, Value>) -> BTreeMap<String, Setting> {
        values.into_iter().map(|(key, value)| (key, Setting { value, origin: Origin::Default })).collect()
    }

    fn config(values: BTreeMap<String, Value>) -> Config {
        Loaded::of(settings(values)).unwrap().config
    }

    #[test]
    fn lm_27_every_default_in_the_reference_is_the_one_in_the_code() {
        let documented = config(defaults().unwrap());
        let same = |what: &str, documented: String, built: String| assert_eq!(documented, built, "{what}");
        let Config {
            edge, database, blobs, signals, identity, mail, jobs, sandbox, labmate, mindflow, ..
        } = documented;
        same("edge", format!("{edge:?}"), format!("{:?}", stoa_edge::EdgeConfig::default()));
        same("database", format!("{database:?}"), format!("{:?}", stoa_store::DbConfig::default()));
        same("blobs", format!("{blobs:?}"), format!("{:?}", stoa_store::BlobConfig::default()));
        same("signals", format!("{signals:?}"), format!("{:?}", stoa_store::SignalConfig::default()));
        same("identity", format!("{identity:?}"), format!("{:?}", stoa_identity::Config::default()));
        same("mail", format!("{mail:?}"), format!("{:?}", stoa_identity::MailConfig::default()));
        same("jobs", format!("{jobs:?}"), format!("{:?}", stoa_jobs::WorkerConfig::default()));
        same("mindflow", format!("{mindflow:?}"), format!("{:?}", stoa_mindflow::Config::default()));
        same("labmate", format!("{labmate:?}"), format!("{:?}", stoa_labmate::Config::default()));
        let cells = stoa_sandbox::Config::new("");
        assert_eq!((sandbox.at_once, sandbox.spare, sandbox.uid), (cells.at_once, cells.spare, cells.uid));
        assert_eq!(sandbox.floor, cells.floor);
        assert_eq!(sandbox.limits.all(), stoa_sandbox::Limits::default());
    }

    /// Asks each table for a field that does not exist; the answer lists those that do.
    #[test]
    fn lm_27_every_setting_in_the_code_stands_in_the_reference() {
        let all = all().unwrap();
        let tables: BTreeSet<&str> = all
            .keys()
            .flat_map(|key| key.match_indices('.').map(|(at, _)| &key[..at]))
            .filter(|table| OPEN.iter().all(|(open, _)| format!("{table}.") != *open))
            .chain([""])
            .collect();
        for table in tables {
            let mut asked = all.clone();
            let prefix = if table.is_empty() { String::new() } else { format!("{table}.") };
            asked.insert(format!("{prefix}no_such_thing"), Value::Integer(0));
            let error = Value::Table(layers::table(&settings(asked)).unwrap())
                .try_into::<Config>()
                .unwrap_err()
                .to_string();
            let fields: Vec<&str> =
                error.lines().next().unwrap_or_default().split('`').skip(3).step_by(2).collect();
            assert!(error.contains("`no_such_thing`"), "`{table}` takes anything: {error}");
            for field in fields {
                let key = format!("{prefix}{field}");
                let inside = format!("{key}.");
                assert!(
                    all.keys().any(|known| *known == key || known.starts_with(&inside)),
                    "`{key}` is missing in reference.toml"
                );
            }
        }
    }

    #[test]
    fn mv_l6_every_setting_that_is_a_secret_is_masked() {
        let text = format!("{:?}", config(all().unwrap()));
        assert_eq!(text.matches("[secret]").count(), SECRETS.len(), "{text}");
        for key in SECRETS {
            let value = all().unwrap()[key].as_str().unwrap().to_owned();
            assert!(!text.contains(&format!("\"{value}\"")), "{key} prints itself");
            let setting = Setting { value: Value::String(value), origin: Origin::Default };
            assert_eq!(setting.shown(key), "********");
        }
    }

    #[test]
    fn the_nearest_setting_is_named() {
        let near = |key| kind(key).unwrap().unwrap_err();
        assert_eq!(near("server.listn"), "server.listen");
        assert_eq!(near("server.public_url"), "edge.public_url");
        assert_eq!(near("identity.sessions.idle"), "identity.sessions.idle_days");
        assert_eq!(kind("edge.rates.labs.limit").unwrap(), Ok(Kind::Number));
        assert!(kind("edge.rates.labs.lim").unwrap().is_err());
        assert_eq!(kind("identity.upstreams.github.scopes").unwrap(), Ok(Kind::List));
        assert!(
            is_secret("identity.upstreams.github.client_secret")
                && !is_secret("identity.upstreams.github.client_id")
        );
    }
}
