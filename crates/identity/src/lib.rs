//! People, credentials, sessions, personal access tokens, roles, and the audit trail.
//!
//! Owns the tables `identity_*`, and alone knows what a cookie or a token means: everybody else gets an `Actor`.
//! The server and the command line may enter. Not here: how a credential travels (that is `edge`), and what a
//! person may do with the things of an app (each app's own lookup decides).

pub mod audit;
mod authenticator;
mod config;
mod password;
pub mod people;
pub mod sessions;
pub mod tokens;

use std::sync::Arc;

use stoa_core::Result;
use stoa_edge::{AUTH, Part, Rule, SharedAuthenticator};
use stoa_store::Migration;
use utoipa_axum::router::OpenApiRouter;

pub use config::{Config, LoginConfig, PasswordConfig, SessionConfig};
pub use password::Passwords;

use authenticator::Credentials;

/// What this crate keeps.
pub const MIGRATIONS: &[Migration] = &[Migration {
    owner: "identity",
    number: 1,
    name: "people",
    sql: include_str!("../migrations/0001_people.sql"),
}];

/// Configuration, checked, with what is built from it once. Cheap to clone.
#[derive(Clone)]
pub struct Identity(Arc<Inside>);

struct Inside {
    config: Config,
    passwords: Passwords,
}

impl Identity {
    /// Checks the configuration.
    ///
    /// # Errors
    /// `invalid` where it is weaker than it may be, or makes no sense.
    pub fn new(config: Config) -> Result<Self> {
        config.check()?;
        let passwords = Passwords::new(&config.passwords)?;
        Ok(Self(Arc::new(Inside { config, passwords })))
    }

    pub(crate) fn config(&self) -> &Config {
        &self.0.config
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }
}

/// What tells the house who is calling. One per process: it remembers.
pub fn authenticator(identity: &Identity) -> SharedAuthenticator {
    Arc::new(Credentials::new(identity.config().sessions.clone()))
}

/// What this crate brings to the house.
pub fn part(identity: &Identity) -> Part {
    Part {
        migrations: MIGRATIONS,
        routes: OpenApiRouter::new()
            .merge(people::http::routes())
            .merge(people::admin::routes())
            .merge(sessions::http::routes())
            .merge(tokens::http::routes())
            .merge(audit::http::routes())
            .layer(axum::Extension(identity.clone())),
        public: &["GET /setup", "POST /setup", "POST /auth/login"],
        rules: vec![
            Rule::new("POST /setup").rate(AUTH),
            Rule::new("POST /auth/login").rate(AUTH),
            Rule::new("POST /me/password").rate(AUTH),
        ],
        ..Part::new("identity")
    }
}
