//! People, credentials, sessions, personal access tokens, roles, and the audit trail.
//!
//! Owns the tables `identity_*`, and alone knows what a cookie or a token means: everybody else gets an `Actor`.
//! The server and the command line may enter. Not here: how a credential travels (that is `edge`), and what a
//! person may do with the things of an app (each app's own lookup decides).

pub mod audit;
mod authenticator;
mod config;
pub mod factors;
mod oauth;
mod passkeys;
mod password;
pub mod people;
pub mod sessions;
pub mod tokens;

use std::{sync::Arc, time::Duration};

use stoa_core::{Audience, Result};
use stoa_edge::{AUTH, CHALLENGE, CountBy, MFA, Out, Part, RateClass, Rule, SharedAuthenticator};
use stoa_jobs::{Handler, Schedule, handler};
use stoa_store::Migration;
use utoipa_axum::router::OpenApiRouter;

pub use config::{Config, FactorConfig, LoginConfig, OAuthConfig, PasswordConfig, SessionConfig};
pub use password::Passwords;

use authenticator::Credentials;
use oauth::{Sweep, keys::ops::Keys};

/// What this crate keeps.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        owner: "identity",
        number: 1,
        name: "people",
        sql: include_str!("../migrations/0001_people.sql"),
    },
    Migration {
        owner: "identity",
        number: 10,
        name: "fresh",
        sql: include_str!("../migrations/0010_fresh.sql"),
    },
    Migration {
        owner: "identity",
        number: 11,
        name: "factors",
        sql: include_str!("../migrations/0011_factors.sql"),
    },
    Migration {
        owner: "identity",
        number: 20,
        name: "oauth",
        sql: include_str!("../migrations/0020_oauth.sql"),
    },
];

/// Configuration, checked, with what is built from it once. Cheap to clone.
#[derive(Clone)]
pub struct Identity(Arc<Inside>);

struct Inside {
    config: Config,
    passwords: Passwords,
    keys: Keys,
    out: Out,
    sweep: Schedule,
}

impl Identity {
    /// Checks the configuration. `out` is the way to the documents and keys of clients.
    ///
    /// # Errors
    /// `invalid` where it is weaker than it may be, or makes no sense.
    pub fn new(config: Config, out: Out) -> Result<Self> {
        config.check()?;
        let passwords = Passwords::new(&config.passwords)?;
        let sweep = Schedule::every(SWEEP_EVERY, &Sweep {})?;
        Ok(Self(Arc::new(Inside { config, passwords, keys: Keys::default(), out, sweep })))
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.0.keys
    }

    pub(crate) fn out(&self) -> &Out {
        &self.0.out
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
    Arc::new(Credentials::new(identity.clone()))
}

/// What this crate brings to the house.
pub fn part(identity: &Identity) -> Part {
    Part {
        migrations: MIGRATIONS,
        routes: OpenApiRouter::new()
            .merge(people::http::routes())
            .merge(people::admin::routes())
            .merge(sessions::http::routes())
            .merge(sessions::steps::routes())
            .merge(factors::http::routes())
            .merge(passkeys::http::routes())
            .merge(tokens::http::routes())
            .merge(audit::http::routes())
            .merge(oauth::api_routes())
            .layer(axum::Extension(identity.clone())),
        root: oauth::root_routes().layer(axum::Extension(identity.clone())),
        public: PUBLIC,
        rules: rules(),
        jobs: handlers(identity),
        schedules: vec![identity.0.sweep.clone()],
        ..Part::new("identity")
    }
}

fn handlers(identity: &Identity) -> Vec<Handler> {
    vec![handler::<Sweep>(identity.clone())]
}

/// The doors that need no caller: clients show who they are by themselves, or need not.
const PUBLIC: &[&str] = &[
    "GET /setup",
    "POST /setup",
    "POST /auth/login",
    "POST /auth/mfa",
    "POST /auth/passkey/options",
    "POST /auth/passkey",
    "GET /.well-known/oauth-authorization-server",
    "GET /.well-known/openid-configuration",
    "GET /oauth/jwks",
    "GET /oauth/authorize",
    "POST /oauth/par",
    "POST /oauth/token",
    "POST /oauth/register",
    "GET /oauth/register/{client_id}",
    "PUT /oauth/register/{client_id}",
    "DELETE /oauth/register/{client_id}",
    "POST /oauth/revoke",
    "POST /oauth/introspect",
    "POST /oauth/device",
    "GET /oauth/userinfo",
    "POST /oauth/userinfo",
];

const MINUTE: Duration = Duration::from_secs(60);
/// Tokens, by address: an assistant's service asks for many people.
const TOKEN: RateClass =
    RateClass { name: "token", limit: 600, per: MINUTE, by: CountBy::Address, lasting: false };
/// Programs that register themselves, by address.
const REGISTER: RateClass =
    RateClass { name: "register", limit: 30, per: MINUTE, by: CountBy::Address, lasting: true };
/// How often what has expired is forgotten.
const SWEEP_EVERY: Duration = Duration::from_secs(60 * 60);

fn rules() -> Vec<Rule> {
    const FORM: u64 = oauth::params::BYTES;
    let program = |door| Rule::new(door).foreign();
    vec![
        Rule::new("POST /setup").rate(AUTH),
        Rule::new("POST /auth/login").rate(AUTH),
        Rule::new("POST /auth/mfa").rate(MFA),
        Rule::new("POST /auth/passkey/options").rate(CHALLENGE),
        Rule::new("POST /auth/passkey").rate(AUTH),
        Rule::new("POST /auth/reauthenticate").rate(AUTH),
        Rule::new("POST /me/password").rate(AUTH),
        Rule::new("POST /me/totp/confirm").rate(MFA),
        program("GET /.well-known/oauth-authorization-server"),
        program("GET /.well-known/openid-configuration"),
        program("GET /oauth/jwks"),
        program("POST /oauth/par").rate(TOKEN).body(FORM),
        program("POST /oauth/token").rate(TOKEN).body(FORM),
        program("POST /oauth/revoke").rate(TOKEN).body(FORM),
        program("POST /oauth/introspect").rate(TOKEN).body(FORM),
        program("POST /oauth/device").rate(REGISTER).body(FORM),
        program("POST /oauth/register").rate(REGISTER).body(FORM),
        program("GET /oauth/register/{client_id}").rate(REGISTER),
        program("PUT /oauth/register/{client_id}").rate(REGISTER).body(FORM),
        program("DELETE /oauth/register/{client_id}").rate(REGISTER),
        program("GET /oauth/userinfo").resource(Audience::USERINFO),
        program("POST /oauth/userinfo").resource(Audience::USERINFO),
    ]
}
