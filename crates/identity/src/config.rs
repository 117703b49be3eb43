//! What can be set about accounts.

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;
use stoa_core::{Error, Result};

use crate::{
    mail::config::MailConfig,
    signup::model::SignupMode,
    upstream::config::{self as upstreams, UpstreamConfig},
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What can be set about accounts.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Passwords and how they are hashed.
    pub passwords: PasswordConfig,
    /// Signed-in browsers.
    pub sessions: SessionConfig,
    /// Guessing.
    pub login: LoginConfig,
    /// Programs that act for people.
    pub oauth: OAuthConfig,
    /// Guessing at second factors.
    pub factors: FactorConfig,
    /// Accounts that go.
    pub erasure: ErasureConfig,
    /// Who may sign up. Usual `invite`.
    pub signup: SignupMode,
    /// Other providers that people sign in with, by the name they have in addresses.
    pub upstreams: BTreeMap<String, UpstreamConfig>,
    /// How letters leave the house. It stands beside these settings, under `mail`.
    #[serde(skip)]
    pub mail: MailConfig,
}

/// Passwords and how they are hashed (Argon2id, RFC 9106). Changed parameters reach an account at its next login.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PasswordConfig {
    /// Memory for one hash, in KiB. Usual 19456 (19 MiB), as OWASP advises; at least 7168.
    pub memory_kib: u32,
    /// Passes over the memory. Usual 2.
    pub passes: u32,
    /// Lanes. Usual 1.
    pub lanes: u32,
    /// Fewest characters. Usual 15, as NIST SP 800-63B-4 asks where the password is the only factor; at least 8.
    pub least_characters: usize,
    /// Fewest characters for somebody of whom a second factor is asked at every sign-in. Usual 8, the least that NIST
    /// SP 800-63B-4 §3.1.1.1 allows there; not more than `least_characters`.
    pub least_characters_with_factor: usize,
}

impl Default for PasswordConfig {
    fn default() -> Self {
        Self {
            memory_kib: 19 * 1024,
            passes: 2,
            lanes: 1,
            least_characters: 15,
            least_characters_with_factor: 8,
        }
    }
}

/// Signed-in browsers.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SessionConfig {
    /// A session that was not used for so many days is over. Usual 14.
    pub idle_days: u32,
    /// A session is over after so many days, used or not. Usual 90.
    pub lifetime_days: u32,
    /// For so long after a credential was proven may credentials be changed, in seconds. Usual 300; at most 3600.
    pub fresh_seconds: u32,
}

impl Default for SessionConfig {
    fn default() -> Self {
        Self { idle_days: 14, lifetime_days: 90, fresh_seconds: 300 }
    }
}

impl SessionConfig {
    /// How long a session lives unused.
    pub(crate) fn idle(&self) -> Duration {
        DAY * self.idle_days
    }

    /// How long a session lives at most.
    pub(crate) fn lifetime(&self) -> Duration {
        DAY * self.lifetime_days
    }

    /// How long a proof of who somebody is stays fresh.
    pub(crate) fn fresh(&self) -> Duration {
        Duration::from_secs(self.fresh_seconds.into())
    }
}

/// How often the password of one account may be tried, from wherever. Each network address has a limit beside this.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LoginConfig {
    /// Wrong passwords in a row within `seconds`. One more locks the account for `seconds`. Usual 10.
    pub attempts: u32,
    /// Usual 900 (15 minutes).
    pub seconds: u64,
    /// Letters that others can cause to one address in an hour. Usual 10.
    pub letters_per_hour: u32,
}

impl Default for LoginConfig {
    fn default() -> Self {
        Self { attempts: 10, seconds: 15 * 60, letters_per_hour: 10 }
    }
}

/// Programs that act for people: how long what they get is good.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OAuthConfig {
    /// An authorization code, in seconds. Usual and longest 60.
    pub code_seconds: u64,
    /// An access token, in seconds. Usual 600, at most 3600.
    pub access_seconds: u64,
    /// A refresh token that is not used, in days. Usual 30.
    pub refresh_idle_days: u32,
    /// What a person allowed, used or not, in days; then they are asked again. Usual 180.
    pub refresh_lifetime_days: u32,
}

impl Default for OAuthConfig {
    fn default() -> Self {
        Self { code_seconds: 60, access_seconds: 600, refresh_idle_days: 30, refresh_lifetime_days: 180 }
    }
}

impl OAuthConfig {
    pub(crate) fn code(&self) -> Duration {
        Duration::from_secs(self.code_seconds)
    }

    pub(crate) fn access(&self) -> Duration {
        Duration::from_secs(self.access_seconds)
    }

    pub(crate) fn refresh_idle(&self) -> Duration {
        DAY * self.refresh_idle_days
    }

    pub(crate) fn refresh_lifetime(&self) -> Duration {
        DAY * self.refresh_lifetime_days
    }

    /// Refuses what would make a stolen token last.
    fn check(&self) -> Result<()> {
        let good = (1..=60).contains(&self.code_seconds)
            && (60..=3600).contains(&self.access_seconds)
            && (1..=self.refresh_lifetime_days).contains(&self.refresh_idle_days)
            && self.refresh_lifetime_days <= 400;
        if good {
            return Ok(());
        }
        Err(Error::invalid(
            "`identity.oauth`: codes live 1 to 60 seconds, access tokens 60 to 3600, refresh tokens at most 400 days \
             and unused not longer than in all",
        ))
    }
}

/// How often the codes of one account's second factors may be tried, from wherever; then they are locked for as long.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FactorConfig {
    /// Tries within `seconds`. Usual 5; at most 10.
    pub attempts: u32,
    /// Usual 300 (5 minutes); at least 60.
    pub seconds: u32,
}

impl Default for FactorConfig {
    fn default() -> Self {
        Self { attempts: 5, seconds: 5 * 60 }
    }
}

impl FactorConfig {
    /// The window in which tries are counted, and how long a lock holds.
    pub(crate) fn window(&self) -> Duration {
        Duration::from_secs(self.seconds.into())
    }
}

/// Accounts that go.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ErasureConfig {
    /// For so many days somebody who asked to be erased can think better of it. Usual 7; at most 30, since what was asked
    /// must be done within a month (GDPR article 12(3)).
    pub grace_days: u32,
}

impl Default for ErasureConfig {
    fn default() -> Self {
        Self { grace_days: 7 }
    }
}

impl ErasureConfig {
    /// How long somebody can think better of it.
    pub(crate) fn grace(&self) -> Duration {
        DAY * self.grace_days
    }
}

impl Config {
    /// The first provider of identities that is asked without https: only a house on the same machine may do that.
    pub fn plain_upstream(&self) -> Option<&str> {
        upstreams::plain(&self.upstreams)
    }

    /// Refuses what would switch a protection off.
    pub(crate) fn check(&self) -> Result<()> {
        let refuse = |said: &'static str| Err(Error::invalid(said));
        if self.passwords.memory_kib < 7168 || self.passwords.passes == 0 || self.passwords.lanes == 0 {
            return refuse("`identity.passwords` must be at least 7168 KiB, 1 pass and 1 lane");
        }
        if !(8..=64).contains(&self.passwords.least_characters) {
            return refuse("`identity.passwords.least_characters` must be from 8 to 64");
        }
        if !(8..=self.passwords.least_characters).contains(&self.passwords.least_characters_with_factor) {
            return refuse(
                "`identity.passwords.least_characters_with_factor` must be from 8 to `least_characters`",
            );
        }
        if self.sessions.idle_days == 0 || self.sessions.lifetime_days < self.sessions.idle_days {
            return refuse(
                "`identity.sessions` must live at least one day, and in all not shorter than idle",
            );
        }
        if self.sessions.lifetime_days > 400 {
            return refuse("`identity.sessions.lifetime_days` must be at most 400; browsers forget sooner");
        }
        self.oauth.check()?;
        upstreams::check(&self.upstreams)?;
        if !(1..=3600).contains(&self.sessions.fresh_seconds) {
            return refuse("`identity.sessions.fresh_seconds` must be from 1 to 3600");
        }
        if !(1..=10).contains(&self.factors.attempts) || !(60..=86_400).contains(&self.factors.seconds) {
            return refuse(
                "`identity.factors` must allow from 1 to 10 tries in from 60 seconds to a day: six digits are soon guessed",
            );
        }
        if self.erasure.grace_days > 30 {
            return refuse("`identity.erasure.grace_days` must be at most 30: the law gives a month");
        }
        if self.login.attempts == 0 || self.login.seconds == 0 || self.login.letters_per_hour == 0 {
            return refuse(
                "`identity.login` must allow at least one try in one second, and one letter an hour",
            );
        }
        if self.login.seconds > 24 * 60 * 60 {
            return refuse(
                "`identity.login.seconds` must be at most 86400: a lock of days would lock out its owner",
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_protection_can_be_switched_off() {
        assert!(Config::default().check().is_ok());
        let weak: [fn(&mut Config); 17] = [
            |config| config.erasure.grace_days = 31,
            |config| config.oauth.code_seconds = 600,
            |config| config.oauth.access_seconds = 86_400,
            |config| config.oauth.refresh_lifetime_days = 4000,
            |config| config.passwords.memory_kib = 8,
            |config| config.passwords.least_characters = 7,
            |config| config.passwords.least_characters_with_factor = 7,
            |config| config.passwords.least_characters_with_factor = 16,
            |config| config.sessions.idle_days = 0,
            |config| config.sessions.lifetime_days = 3650,
            |config| config.login.attempts = 0,
            |config| config.login.seconds = 0,
            |config| config.sessions.fresh_seconds = 86_400,
            |config| config.factors.attempts = 100,
            |config| config.factors.seconds = 1,
            |config| config.login.seconds = 90_000,
            |config| config.login.letters_per_hour = 0,
        ];
        for (number, weaken) in weak.iter().enumerate() {
            let mut config = Config::default();
            weaken(&mut config);
            assert!(config.check().is_err(), "{number}");
        }
    }
}
