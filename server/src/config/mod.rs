//! Configuration: one struct put together from each crate's own, read once at the start and handed down.
//!
//! Settings come from `stoa.toml`, then `STOA_…` variables, then flags; each remembers where it came from. What is
//! known, with its default, stands in `reference.toml`; a test holds that against the structs. This is the one
//! place that reads the environment. Not here: what a setting means; that is its crate's.

mod check;
mod layers;
mod reference;
mod sandbox;

use std::{
    collections::BTreeMap,
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::Deserialize;
use stoa_core::{Error, Result};
use stoa_edge::{EdgeConfig, OutConfig};
use stoa_jobs::WorkerConfig;
use stoa_store::{BlobConfig, DbConfig, KeyConfig, SignalConfig, StoreConfig};

pub(crate) use self::{
    layers::{Flag, Origin, Setting},
    reference::TEXT as REFERENCE,
    sandbox::SandboxConfig,
};

/// Everything that can be set.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// The data folder.
    pub(crate) data: PathBuf,
    /// The listeners and the process.
    pub(crate) server: ServerConfig,
    /// What is told while it runs.
    pub(crate) log: LogConfig,
    /// Rows.
    pub(crate) database: DbConfig,
    /// Files.
    #[serde(default)]
    pub(crate) blobs: BlobConfig,
    /// Wake-ups and shared limits.
    #[serde(default)]
    pub(crate) signals: SignalConfig,
    /// What is sealed.
    #[serde(default)]
    pub(crate) keys: KeyConfig,
    /// The network.
    pub(crate) edge: EdgeConfig,
    /// The way out.
    #[serde(default)]
    pub(crate) out: OutConfig,
    /// Accounts.
    pub(crate) identity: stoa_identity::Config,
    /// How letters leave the house.
    pub(crate) mail: stoa_identity::MailConfig,
    /// Durable work.
    pub(crate) jobs: WorkerConfig,
    /// Running strangers' programs.
    pub(crate) sandbox: SandboxConfig,
    /// Lab assignments.
    pub(crate) labmate: stoa_labmate::Config,
    /// Tasks.
    pub(crate) mindflow: stoa_mindflow::Config,
}

/// The listeners and the process.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServerConfig {
    /// Where people are served.
    pub(crate) listen: SocketAddr,
    /// Where metrics and health are served.
    pub(crate) admin_listen: AdminListen,
    /// What this process does.
    pub(crate) role: Role,
    /// How long work in progress may take at the end.
    #[serde(deserialize_with = "seconds")]
    pub(crate) stop_seconds: Duration,
}

/// What a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    /// Both.
    All,
    /// Answers people.
    Web,
    /// Runs jobs.
    Worker,
}

/// Where metrics and health are served.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) enum AdminListen {
    /// Nowhere.
    Off,
    /// Here.
    At(SocketAddr),
}

/// What is told while it runs.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LogConfig {
    /// How much, by crate.
    pub(crate) level: String,
    /// How it is written.
    pub(crate) format: LogFormat,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogFormat {
    /// Text on a terminal, else JSON.
    Auto,
    /// One JSON object a line.
    Json,
    /// For people.
    Text,
}

/// The configuration with where each setting came from.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// The values.
    pub(crate) config: Config,
    /// Every setting that has a value, by its key.
    pub(crate) settings: BTreeMap<String, Setting>,
}

impl Loaded {
    /// Reads `stoa.toml` (or the file that was named), the environment and the flags.
    pub(crate) fn read(file: Option<&Path>, flags: Vec<Flag>) -> Result<Self> {
        Self::of(layers::settings(file, std::env::vars_os(), flags)?)
    }

    /// Nothing but defaults.
    pub(crate) fn defaults() -> Result<Self> {
        Self::of(layers::defaults()?)
    }

    fn of(settings: BTreeMap<String, Setting>) -> Result<Self> {
        let table = layers::table(&settings)?;
        let config: Config = serde_path_to_error::deserialize(table).map_err(|error| {
            let key = error.path().to_string();
            let origin =
                settings.get(&key).map_or_else(String::new, |setting| format!(" ({})", setting.origin));
            let why = error.inner().to_string();
            let why = why.lines().next().unwrap_or_default();
            if reference::is_secret(&key) {
                return Error::invalid(format!("`{key}`{origin} is not acceptable"));
            }
            Error::invalid(format!("`{key}`{origin} is not acceptable: {why}"))
        })?;
        Ok(Self { config, settings })
    }

    /// Whether somebody chose this, other than by taking the default.
    pub(crate) fn chosen(&self, key: &str) -> bool {
        self.settings.get(key).is_some_and(|setting| setting.origin != Origin::Default)
    }
}

impl Config {
    /// How memory is set up.
    pub(crate) fn store(&self) -> StoreConfig {
        StoreConfig {
            folder: self.data.clone(),
            database: self.database.clone(),
            blobs: self.blobs.clone(),
            signals: self.signals.clone(),
            keys: self.keys.clone(),
        }
    }
}

impl Setting {
    /// The value as TOML, or a mask where it must not be seen.
    pub(crate) fn shown(&self, key: &str) -> String {
        if reference::is_secret(key) { "********".into() } else { self.value.to_string() }
    }
}

impl Role {
    /// Whether it answers people.
    pub(crate) fn serves(self) -> bool {
        self != Self::Worker
    }

    /// Whether it runs jobs.
    pub(crate) fn works(self) -> bool {
        self != Self::Web
    }
}

impl TryFrom<String> for AdminListen {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        if text == "off" {
            return Ok(Self::Off);
        }
        text.parse().map(Self::At).map_err(|_| format!("`{text}` is no address with a port, and not `off`"))
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::All => "all",
            Self::Web => "web",
            Self::Worker => "worker",
        })
    }
}

fn seconds<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    u64::deserialize(from).map(Duration::from_secs)
}
