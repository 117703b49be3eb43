//! How letters leave the house.

use std::{net::IpAddr, time::Duration};

use lettre::message::Mailbox;
use serde::Deserialize;
use stoa_core::{Error, Result, Secret};
use url::{Host, Url};

/// How letters leave the house. Without `smtp` they stay in the outbox.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MailConfig {
    /// Who letters are from: `Stoa <stoa@example.org>`. Needed where `smtp` is set.
    pub from: Option<String>,
    /// The mail server: `smtps://user:password@host` (TLS from the start, usual port 465) or `smtp://…` (STARTTLS,
    /// usual port 587, and nothing is said without it). Certificates are always checked. On this machine itself
    /// `smtp://127.0.0.1` speaks plainly, usual port 25.
    pub smtp: Option<Secret>,
    /// How long the mail server may take for one answer, in seconds. Usual 30.
    pub timeout_seconds: u64,
    /// How long a letter can be looked at, in days. Usual 30.
    pub keep_days: u32,
}

impl Default for MailConfig {
    fn default() -> Self {
        Self { from: None, smtp: None, timeout_seconds: 30, keep_days: 30 }
    }
}

/// How the line to the mail server is kept from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Security {
    /// Not at all: it does not leave this machine.
    Plain,
    /// TLS is begun on the line (RFC 3207), or nothing is said on it.
    StartTls,
    /// TLS from the first byte (RFC 8314 §3).
    Tls,
}

/// A mail server, as the settings name it.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) from: Mailbox,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) security: Security,
    pub(crate) account: Option<(String, Secret)>,
    pub(crate) timeout: Duration,
}

impl MailConfig {
    /// How long a letter can be looked at.
    pub(crate) fn keep(&self) -> Duration {
        Duration::from_secs(24 * 60 * 60) * self.keep_days
    }

    /// The mail server, if there is one.
    ///
    /// # Errors
    /// `invalid` where the settings make no sense; the address itself, which holds a password, is never said.
    pub(crate) fn server(&self) -> Result<Option<Server>> {
        if !(1..=300).contains(&self.timeout_seconds) || !(1..=366).contains(&self.keep_days) {
            return Err(Error::invalid(
                "`mail.timeout_seconds` must be from 1 to 300 and `mail.keep_days` from 1 to 366",
            ));
        }
        let Some(address) = &self.smtp else { return Ok(None) };
        let from = self.from.as_deref().and_then(|from| from.parse().ok());
        let from = from.ok_or_else(|| {
            Error::invalid("`mail.from` must say who letters are from, as `Stoa <stoa@example.org>`")
        })?;
        let wrong = || Error::invalid("`mail.smtp` is no mail server, like `smtp://user:password@host:587`");
        let url = Url::parse(address.expose()).map_err(|_| wrong())?;
        // A scheme that `url` does not know keeps its host as text.
        let host = Host::parse(url.host_str().ok_or_else(wrong)?).map_err(|_| wrong())?;
        let (security, usual) = match (url.scheme(), is_here(&host)) {
            ("smtps", _) => (Security::Tls, 465),
            ("smtp", false) => (Security::StartTls, 587),
            ("smtp", true) => (Security::Plain, 25),
            _ => return Err(wrong()),
        };
        if url.query().is_some() || !matches!(url.path(), "" | "/") {
            return Err(wrong());
        }
        let account = match (url.username(), url.password()) {
            ("", None) => None,
            (user, Some(password)) if !user.is_empty() => {
                Some((unescape(user).ok_or_else(wrong)?, Secret::new(unescape(password).ok_or_else(wrong)?)))
            }
            _ => return Err(wrong()),
        };
        Ok(Some(Server {
            from,
            host: host.to_string().trim_matches(['[', ']']).to_owned(),
            port: url.port().unwrap_or(usual),
            security,
            account,
            timeout: Duration::from_secs(self.timeout_seconds),
        }))
    }
}

fn is_here(host: &Host) -> bool {
    match host {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(ip) => IpAddr::V4(*ip).is_loopback(),
        Host::Ipv6(ip) => IpAddr::V6(*ip).is_loopback(),
    }
}

/// What stands in an address with `%40` for `@`.
fn unescape(text: &str) -> Option<String> {
    percent_encoding::percent_decode_str(text).decode_utf8().ok().map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(smtp: &str) -> Result<Option<Server>> {
        let from = Some("Stoa <stoa@example.org>".into());
        MailConfig { from, smtp: Some(Secret::new(smtp)), ..MailConfig::default() }.server()
    }

    #[test]
    fn a_line_that_leaves_the_machine_is_never_plain() {
        for (smtp, host, port, security) in [
            ("smtp://mail.example", "mail.example", 587, Security::StartTls),
            ("smtp://u:p@mail.example:25", "mail.example", 25, Security::StartTls),
            ("smtps://u:p@mail.example", "mail.example", 465, Security::Tls),
            ("smtp://10.0.0.1:25", "10.0.0.1", 25, Security::StartTls),
            ("smtp://localhost.evil.example", "localhost.evil.example", 587, Security::StartTls),
            ("smtp://127.0.0.1", "127.0.0.1", 25, Security::Plain),
            ("smtp://[::1]:2525/", "::1", 2525, Security::Plain),
            ("smtp://localhost:2525", "localhost", 2525, Security::Plain),
            ("smtps://127.0.0.1", "127.0.0.1", 465, Security::Tls),
        ] {
            let found = server(smtp).unwrap().unwrap();
            assert_eq!((&*found.host, found.port, found.security), (host, port, security), "{smtp}");
        }
    }

    #[test]
    fn what_is_no_mail_server_is_refused_and_not_repeated() {
        for wrong in [
            "mail.example:587",
            "http://u:geheim@mail.example",
            "smtp://u@mail.example",
            "smtp://:geheim@mail.example",
            "smtp://u:geheim@mail.example?tls=none",
            "smtp://u:geheim@mail.example/path",
            "smtp://",
        ] {
            let refused = server(wrong).unwrap_err();
            assert!(refused.said().contains("mail.smtp") && !refused.said().contains("geheim"), "{wrong}");
        }
        let (user, password) = server("smtps://a%40b:p%2Fq@mail.example").unwrap().unwrap().account.unwrap();
        assert_eq!((&*user, password.expose()), ("a@b", "p/q"));
        let nobody = MailConfig { smtp: Some(Secret::new("smtp://mail.example")), ..MailConfig::default() };
        assert!(nobody.server().unwrap_err().said().contains("mail.from"));
        assert!(MailConfig::default().server().unwrap().is_none());
    }
}
