//! Every limit of the network side, named, with its default. Read once, in `server`, and handed down.

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;
use url::Url;

use crate::network::Network;

/// How the house meets the network.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EdgeConfig {
    /// The address people use, e.g. `https://stoa.example`. Without it, that of a loopback listener.
    pub public_url: Option<Url>,
    /// Further names under which the house may be asked, beside the public one and this machine's own.
    pub hosts: Vec<String>,
    /// Pages of other addresses that may use the tools at `/mcp` with a token, by their origins
    /// (`https://inspector.example`). Programs have none and need no entry.
    pub mcp_origins: Vec<Url>,
    /// Reverse proxies whose `X-Forwarded-For` is believed: addresses or networks (`10.0.0.0/8`).
    pub trusted_proxies: Vec<Network>,
    /// Connections.
    pub connections: ConnectionConfig,
    /// Single requests.
    pub requests: RequestConfig,
    /// Rates by class name; a class that is not named keeps its own default.
    pub rates: BTreeMap<String, RateConfig>,
}

/// What one connection, and all together, may take.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConnectionConfig {
    /// Connections at the same time; further ones wait in the system's queue.
    pub most: usize,
    /// Time from connecting to the end of the first request's head.
    #[serde(with = "seconds")]
    pub head_seconds: Duration,
    /// Time without a byte in either direction while no request is being worked on.
    #[serde(with = "seconds")]
    pub idle_seconds: Duration,
    /// Header lines in a request.
    pub headers: usize,
    /// Bytes of a request's head.
    pub head_bytes: usize,
    /// Requests at the same time in one HTTP/2 connection.
    pub streams: u32,
}

impl Default for ConnectionConfig {
    fn default() -> Self {
        Self {
            most: 4096,
            head_seconds: Duration::from_secs(10),
            idle_seconds: Duration::from_secs(75),
            headers: 64,
            head_bytes: 32 << 10,
            streams: 128,
        }
    }
}

/// What one request may take. A door may ask for more with its [`Rule`](crate::Rule).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RequestConfig {
    /// Bytes of a body.
    pub body_bytes: u64,
    /// How deep JSON may nest.
    pub json_depth: usize,
    /// Bytes of one string in JSON.
    pub json_string_bytes: usize,
    /// Time between two pieces of a body.
    #[serde(with = "seconds")]
    pub body_idle_seconds: Duration,
    /// Time until the answer begins.
    #[serde(with = "seconds")]
    pub deadline_seconds: Duration,
    /// How long the answer to an `Idempotency-Key` is kept.
    #[serde(with = "seconds")]
    pub idempotency_seconds: Duration,
}

impl Default for RequestConfig {
    fn default() -> Self {
        Self {
            body_bytes: 1 << 20,
            json_depth: 32,
            json_string_bytes: 512 << 10,
            body_idle_seconds: Duration::from_secs(15),
            deadline_seconds: Duration::from_secs(30),
            idempotency_seconds: Duration::from_secs(24 * 3600),
        }
    }
}

/// How often something of a class may be done.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateConfig {
    /// How many.
    pub limit: u32,
    /// In how many seconds.
    #[serde(with = "seconds")]
    pub seconds: Duration,
}

/// Whole seconds in configuration files.
pub(crate) mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer};

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_secs)
    }
}
