//! A signed-in browser, and when it no longer is.

use serde::Serialize;
use stoa_core::{SessionId, Timestamp};
use utoipa::ToSchema;

use crate::SessionConfig;

/// A signed-in browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// What the browser calls itself.
    #[schema(example = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")]
    pub user_agent: String,
    /// Where it signed in from.
    #[schema(example = "203.0.113.9")]
    pub ip: String,
    /// When it signed in.
    pub created_at: Timestamp,
    /// When it was last used, give or take a minute.
    pub last_seen_at: Timestamp,
    /// Whether it is the one that asks.
    pub current: bool,
    /// Whether it brought in a kind of browser that the account had not been used with before.
    pub new_device: bool,
}

/// What a browser says of itself when it signs in.
#[derive(Clone, Debug, Default)]
pub struct Device {
    user_agent: String,
}

/// Most characters of a browser's name that are kept.
const USER_AGENT_CHARACTERS: usize = 300;

impl Device {
    /// From the header `User-Agent`, as far as it can be shown.
    pub fn new(user_agent: &str) -> Self {
        let shown = user_agent.chars().filter(|c| !c.is_control()).take(USER_AGENT_CHARACTERS).collect();
        Self { user_agent: shown }
    }

    /// What it calls itself.
    pub(crate) fn user_agent(&self) -> &str {
        &self.user_agent
    }
}

/// When a session was last used and when it ends in any case.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Life {
    pub(crate) last_seen_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

impl Life {
    /// Whether it is still good.
    pub(crate) fn lasts(self, config: &SessionConfig, now: Timestamp) -> bool {
        now < self.expires_at && now < self.last_seen_at + config.idle()
    }
}
