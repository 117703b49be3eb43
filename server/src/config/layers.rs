//! The layers of settings: defaults, file, environment, flags; the later ones win, key by key.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fmt, fs, io,
    path::{Path, PathBuf},
};

use stoa_core::{Error, Result};
use toml::{Table, Value};

use super::reference::{self, Kind};

/// The file that is read where `stoa` is started, if there is one.
const FILE: &str = "stoa.toml";
/// What variables begin with.
const PREFIX: &str = "STOA_";
/// Variables that speak to tests, not to the server.
const OF_TESTS: &str = "STOA_TEST_";

/// Where a setting came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// Nobody chose it.
    Default,
    /// This file.
    File(PathBuf),
    /// This variable.
    Variable(String),
    /// This flag of the command line.
    Flag(&'static str),
}

/// One setting's value and where it came from.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    pub(crate) value: Value,
    pub(crate) origin: Origin,
}

/// A setting from the command line.
#[derive(Clone, Debug)]
pub(crate) struct Flag {
    /// Its name, as `--listen`.
    pub(crate) name: &'static str,
    /// The setting, as `server.listen`.
    pub(crate) key: &'static str,
    /// The value.
    pub(crate) value: String,
}

/// Every setting that has a value, after all layers.
pub(super) fn settings(
    file: Option<&Path>,
    variables: impl IntoIterator<Item = (OsString, OsString)>,
    flags: Vec<Flag>,
) -> Result<BTreeMap<String, Setting>> {
    let mut settings = defaults()?;
    settings.extend(from_file(file)?);
    settings.extend(from_variables(variables)?);
    for flag in flags {
        let origin = Origin::Flag(flag.name);
        settings.insert(flag.key.to_owned(), Setting { value: Value::String(flag.value), origin });
    }
    Ok(settings)
}

/// The first layer: what nobody chose.
pub(super) fn defaults() -> Result<BTreeMap<String, Setting>> {
    let default = |value| Setting { value, origin: Origin::Default };
    Ok(reference::defaults()?.into_iter().map(|(key, value)| (key, default(value))).collect())
}

/// The settings as one document again.
pub(super) fn table(settings: &BTreeMap<String, Setting>) -> Result<Table> {
    let mut root = Table::new();
    for (key, setting) in settings {
        let (path, name) = key.rsplit_once('.').unwrap_or(("", key));
        let mut table = &mut root;
        for part in path.split('.').filter(|part| !part.is_empty()) {
            let next = table.entry(part).or_insert_with(|| Value::Table(Table::new()));
            table = next
                .as_table_mut()
                .ok_or_else(|| Error::invalid(format!("`{part}` in `{key}` is no table")))?;
        }
        table.insert(name.to_owned(), setting.value.clone());
    }
    Ok(root)
}

fn from_file(named: Option<&Path>) -> Result<Vec<(String, Setting)>> {
    let path = named.unwrap_or(Path::new(FILE));
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound && named.is_none() => return Ok(Vec::new()),
        Err(error) => {
            return Err(Error::invalid(format!("{} cannot be read: {error}", path.display())));
        }
    };
    let table: Table = text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map_or(1, |span| text[..span.start].lines().count().max(1));
        // Not the error's own text: it quotes the line, and a secret may stand there.
        Error::invalid(format!("{}, line {line}, is no TOML: {}", path.display(), error.message()))
    })?;
    let origin = Origin::File(path.to_owned());
    reference::leaves(table)
        .into_iter()
        .map(|(key, value)| {
            known(&key, &origin)?;
            Ok((key, Setting { value, origin: origin.clone() }))
        })
        .collect()
}

fn from_variables(
    variables: impl IntoIterator<Item = (OsString, OsString)>,
) -> Result<Vec<(String, Setting)>> {
    let mut settings = Vec::new();
    for (name, value) in variables {
        let name = name.to_string_lossy().into_owned();
        let Some(path) = name.strip_prefix(PREFIX).filter(|_| !name.starts_with(OF_TESTS)) else { continue };
        let key = path.to_ascii_lowercase().replace("__", ".");
        let origin = Origin::Variable(name.clone());
        let kind = known(&key, &origin)?;
        let text = value.into_string().map_err(|_| Error::invalid(format!("{name} is no UTF-8")))?;
        let value = typed(&text, kind).ok_or_else(|| Error::invalid(format!("{name} must be {kind}")))?;
        settings.push((key, Setting { value, origin }));
    }
    Ok(settings)
}

/// A variable's text as the setting's kind of value. Lists are written with commas.
fn typed(text: &str, kind: Kind) -> Option<Value> {
    match kind {
        Kind::Text => Some(Value::String(text.to_owned())),
        Kind::Number => text.trim().parse().ok().map(Value::Integer),
        Kind::List => {
            let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
            Some(Value::Array(words.map(|word| Value::String(word.to_owned())).collect()))
        }
    }
}

/// What kind of value a key has.
fn known(key: &str, origin: &Origin) -> Result<Kind> {
    reference::kind(key)?.map_err(|nearest| {
        let (said, meant) = match origin {
            Origin::Variable(name) => (name.clone(), variable(&nearest)),
            _ => (key.to_owned(), nearest),
        };
        Error::invalid(format!(
            "there is no setting `{said}` ({origin}); did you mean `{meant}`? `stoa config show` lists all"
        ))
    })
}

fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "__").to_ascii_uppercase())
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "{}", Path::display(path)),
            Self::Variable(name) => f.write_str(name),
            Self::Flag(name) => f.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
        pairs.iter().map(|(name, value)| (name.into(), value.into())).collect()
    }

    #[test]
    fn variables_are_typed_by_the_setting_and_win_over_defaults() {
        let given = variables(&[
            ("STOA_SERVER__STOP_SECONDS", "3"),
            ("STOA_EDGE__HOSTS", "a.example, b.example"),
            ("STOA_EDGE__RATES__AUTH__LIMIT", "9"),
            ("STOA_TEST_ANYTHING", "x"),
            ("HOME", "/root"),
        ]);
        let settings = settings(None, given, Vec::new()).unwrap();
        assert_eq!(settings["server.stop_seconds"].value.as_integer(), Some(3));
        assert_eq!(settings["edge.hosts"].value.as_array().map(Vec::len), Some(2));
        assert_eq!(settings["edge.rates.auth.limit"].value.as_integer(), Some(9));
        assert_eq!(settings["server.listen"].origin, Origin::Default);
        assert_eq!(settings["edge.hosts"].origin, Origin::Variable("STOA_EDGE__HOSTS".into()));
    }

    #[test]
    fn flags_win_over_variables() {
        let flag = Flag { name: "--listen", key: "server.listen", value: "127.0.0.1:1".into() };
        let given = variables(&[("STOA_SERVER__LISTEN", "127.0.0.1:2")]);
        let settings = settings(None, given, vec![flag]).unwrap();
        assert_eq!(settings["server.listen"].value.as_str(), Some("127.0.0.1:1"));
        assert_eq!(settings["server.listen"].origin, Origin::Flag("--listen"));
    }

    #[test]
    fn an_unknown_variable_and_a_wrong_type_are_named() {
        let unknown = settings(None, variables(&[("STOA_SERVER__LISTN", "x")]), Vec::new()).unwrap_err();
        assert!(unknown.said().contains("`STOA_SERVER__LISTN`"), "{unknown:?}");
        assert!(unknown.said().contains("did you mean `STOA_SERVER__LISTEN`?"), "{unknown:?}");
        let wrong = settings(None, variables(&[("STOA_JOBS__AT_ONCE", "many")]), Vec::new()).unwrap_err();
        assert_eq!(wrong.said(), "STOA_JOBS__AT_ONCE must be a whole number");
    }
}
