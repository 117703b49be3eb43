//! People, how they come in and back in (also by other providers), credentials, sessions, personal access tokens, roles,
//! mail, and the audit trail.
//!
//! Owns the tables `identity_*`, and alone knows what a cookie or a token means: everybody else gets an `Actor`.
//! The server and the command line may enter. Not here: how a credential travels (that is `edge`), and what a
//! person may do with the things of an app (each app's own lookup decides).

pub mod audit;
mod authenticator;
mod config;
mod devices;
mod erasure;
mod export;
pub mod factors;
mod furnace;
mod invites;
mod knocks;
mod lockout;
pub mod mail;
mod oauth;
mod passkeys;
mod password;
pub mod people;
pub mod recovery;
pub mod sessions;
mod signup;
mod sweep;
pub mod tokens;
mod upstream;

use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use stoa_core::{Audience, Error, Result};
use stoa_edge::{
    AUTH, CHALLENGE, CountBy, MFA, Out, Part, Personal, RESET, RateClass, Rule, SIGNUP, SharedAuthenticator,
};
use stoa_jobs::{Handler, Schedule, handler};
use stoa_store::Migration;
use url::Url;
use utoipa_axum::router::OpenApiRouter;

pub use config::{
    Config, ErasureConfig, FactorConfig, LoginConfig, OAuthConfig, PasswordConfig, SessionConfig,
};
pub use mail::config::MailConfig;
pub use password::Passwords;
pub use signup::model::SignupMode;
pub use upstream::config::{UpstreamConfig, UpstreamKind};

use authenticator::Credentials;
use erasure::jobs::Erase;
use mail::line::Line;
use oauth::{clients::known::Known, keys::ops::Keys};
use sweep::Sweep;
use upstream::provider::Providers;

/// What this crate keeps.
pub const MIGRATIONS: &[Migration] = &[
    Migration::new("identity", 1, "people", include_str!("../migrations/0001_people.sql")),
    Migration::new("identity", 2, "mail", include_str!("../migrations/0002_mail.sql")),
    Migration::new("identity", 3, "accounts", include_str!("../migrations/0003_accounts.sql")),
    Migration::new("identity", 4, "fresh", include_str!("../migrations/0004_fresh.sql")),
    Migration::new("identity", 5, "factors", include_str!("../migrations/0005_factors.sql")),
    Migration::new("identity", 6, "oauth", include_str!("../migrations/0006_oauth.sql")),
    Migration::new("identity", 7, "personal_data", include_str!("../migrations/0007_personal_data.sql")),
    Migration::new("identity", 8, "upstream", include_str!("../migrations/0008_upstream.sql")),
    Migration::new("identity", 9, "logout", include_str!("../migrations/0009_logout.sql")),
    Migration::new("identity", 10, "short_passwords", include_str!("../migrations/0010_short_passwords.sql")),
    Migration::new("identity", 11, "session_ends", include_str!("../migrations/0011_session_ends.sql")),
];

/// Configuration, checked, with what is built from it once. Cheap to clone.
#[derive(Clone)]
pub struct Identity(Arc<Inside>);

struct Inside {
    config: Config,
    passwords: Passwords,
    keys: Keys,
    clients: Known,
    out: Out,
    upstreams: Providers,
    line: Option<Line>,
    schedules: [Schedule; 2],
    public_url: OnceLock<Url>,
    personal: OnceLock<Vec<Arc<dyn Personal>>>,
}

impl Identity {
    /// Checks the configuration. `out` is the way to the documents and keys of clients, and to other providers.
    ///
    /// # Errors
    /// `invalid` where it is weaker than it may be, makes no sense, or names a file that cannot be read.
    pub fn new(config: Config, out: Out) -> Result<Self> {
        config.check()?;
        let passwords = Passwords::new(&config.passwords)?;
        let upstreams = Providers::new(&config.upstreams)?;
        let line = config.mail.server()?.as_ref().map(Line::new).transpose()?;
        let schedules = [Schedule::every(SWEEP_EVERY, &Sweep {})?, Erase::schedule()?];
        let (public_url, personal) = (OnceLock::new(), OnceLock::new());
        Ok(Self(Arc::new(Inside {
            config,
            passwords,
            keys: Keys::default(),
            clients: Known::default(),
            out,
            upstreams,
            line,
            schedules,
            public_url,
            personal,
        })))
    }

    pub(crate) fn keys(&self) -> &Keys {
        &self.0.keys
    }

    /// The clients that this process remembers.
    pub(crate) fn clients(&self) -> &Known {
        &self.0.clients
    }

    pub(crate) fn out(&self) -> &Out {
        &self.0.out
    }

    /// The other providers that people sign in with.
    pub(crate) fn upstreams(&self) -> &Providers {
        &self.0.upstreams
    }

    /// Says at which address people find the house, once that is known: links in letters begin with it.
    pub fn stands_at(&self, url: &Url) {
        self.0.public_url.get_or_init(|| url.clone());
    }

    /// Says what the parts of the house keep of people. Without it nobody's data is handed over or erased: some of it
    /// would be left.
    pub fn hears_of(&self, personal: impl IntoIterator<Item = Arc<dyn Personal>>) {
        self.0.personal.get_or_init(|| personal.into_iter().collect());
    }

    /// What the parts of the house keep of people.
    pub(crate) fn personal(&self) -> Result<&[Arc<dyn Personal>]> {
        let all = self.0.personal.get().map(Vec::as_slice);
        all.ok_or_else(|| Error::internal("nobody said what the parts keep of people"))
    }

    pub(crate) fn config(&self) -> &Config {
        &self.0.config
    }

    pub(crate) fn passwords(&self) -> &Passwords {
        &self.0.passwords
    }

    /// The line to the mail server, if there is one.
    pub(crate) fn line(&self) -> Option<&Line> {
        self.0.line.as_ref()
    }

    /// Where people find the house.
    pub(crate) fn public_url(&self) -> Result<&Url> {
        self.0.public_url.get().ok_or_else(|| {
            Error::unavailable("this process does not know the address of the house; set `edge.public_url`")
        })
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
            .merge(sessions::admin::routes())
            .merge(sessions::steps::routes())
            .merge(factors::http::routes())
            .merge(passkeys::http::routes())
            .merge(tokens::http::routes())
            .merge(tokens::admin::routes())
            .merge(signup::http::routes())
            .merge(recovery::http::routes())
            .merge(lockout::http::routes())
            .merge(invites::http::routes())
            .merge(mail::http::routes())
            .merge(audit::http::routes())
            .merge(export::http::routes())
            .merge(erasure::http::routes())
            .merge(upstream::http::routes())
            .merge(oauth::api_routes())
            .layer(axum::Extension(identity.clone())),
        root: oauth::root_routes().merge(upstream::root_routes()).layer(axum::Extension(identity.clone())),
        public: PUBLIC,
        rules: rules(),
        jobs: handlers(identity),
        schedules: identity.0.schedules.to_vec(),
        ..Part::new("identity")
    }
}

fn handlers(identity: &Identity) -> Vec<Handler> {
    vec![
        handler::<knocks::jobs::Answer>(identity.clone()),
        handler::<mail::jobs::Send>(identity.clone()),
        handler::<Sweep>(identity.clone()),
        handler::<export::jobs::Write>(identity.clone()),
        handler::<Erase>(identity.clone()),
        handler::<oauth::logout::jobs::Tell>(identity.clone()),
    ]
}

/// The doors that need no caller: clients show who they are by themselves, or need not.
const PUBLIC: &[&str] = &[
    "GET /setup",
    "POST /setup",
    "POST /auth/login",
    "POST /auth/mfa",
    "POST /auth/passkey/options",
    "POST /auth/passkey",
    "GET /auth/signup",
    "POST /auth/signup",
    "POST /auth/email/verify",
    "POST /auth/email/resend",
    "POST /auth/password/forgot",
    "POST /auth/password/reset",
    "POST /auth/unlock",
    "GET /auth/upstreams",
    "POST /auth/upstreams/{name}",
    "GET /auth/upstreams/{name}/callback",
    "GET /.well-known/oauth-authorization-server",
    "GET /.well-known/openid-configuration",
    "GET /oauth/jwks",
    "GET /oauth/authorize",
    "POST /oauth/authorize",
    "GET /oauth/answers/{handle}",
    "GET /oauth/logout",
    "POST /oauth/logout",
    "GET /oauth/logouts/{handle}",
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
/// Browsers that programs send to ask a person, by address: a client that is an address costs a call outside.
const AUTHORIZE: RateClass =
    RateClass { name: "authorize", limit: 120, per: MINUTE, by: CountBy::Address, lasting: false };
/// Programs that register themselves, by address.
const REGISTER: RateClass =
    RateClass { name: "register", limit: 30, per: MINUTE, by: CountBy::Address, lasting: true };
/// Going to other providers and coming back, by address: nothing can be guessed there, but each way costs calls.
const AWAY: RateClass =
    RateClass { name: "upstream", limit: 30, per: MINUTE, by: CountBy::Address, lasting: true };
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
        Rule::new("POST /me/erase").rate(AUTH),
        Rule::new("POST /me/totp/confirm").rate(MFA),
        Rule::new("POST /auth/signup").rate(SIGNUP),
        Rule::new("POST /auth/email/resend").rate(SIGNUP),
        Rule::new("POST /auth/email/verify").rate(AUTH),
        Rule::new("POST /auth/password/forgot").rate(RESET),
        Rule::new("POST /auth/password/reset").rate(RESET),
        Rule::new("POST /auth/unlock").rate(AUTH),
        Rule::new("POST /auth/upstreams/{name}").rate(AWAY),
        Rule::new("GET /auth/upstreams/{name}/callback").rate(AWAY),
        program("GET /.well-known/oauth-authorization-server"),
        program("GET /.well-known/openid-configuration"),
        program("GET /oauth/jwks"),
        Rule::new("GET /oauth/authorize").rate(AUTHORIZE),
        Rule::new("POST /oauth/authorize").rate(AUTHORIZE).body(FORM).sent(),
        Rule::new("GET /oauth/answers/{handle}").rate(AUTHORIZE),
        Rule::new("GET /oauth/logout").rate(AUTHORIZE).sent(),
        Rule::new("POST /oauth/logout").rate(AUTHORIZE).body(FORM).sent(),
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
        program("POST /oauth/userinfo").resource(Audience::USERINFO).body(FORM),
    ]
}
