//! What settings must hold together: no address that others reach without https in front of it.

use std::net::SocketAddr;

use stoa_core::{Error, Result};
use url::Url;

use super::{Config, ServerConfig};

impl Config {
    /// Refuses settings that are fine one by one and unsafe together.
    ///
    /// # Errors
    /// `invalid`, with what to do.
    pub(crate) fn check(&self) -> Result<()> {
        let ServerConfig { listen, role, .. } = &self.server;
        if role.serves() && !listen.ip().is_loopback() {
            let https = self.edge.public_url.as_ref().is_some_and(|url| url.scheme() == "https");
            if !https {
                return Err(Error::invalid(format!(
                    "`server.listen` is {listen}, which others can reach, so `edge.public_url` must be the https:// \
                     address that people use; put a proxy with a certificate in front (name it in \
                     `edge.trusted_proxies`), or listen on 127.0.0.1"
                )));
            }
        }
        if !role.serves() && self.mail.smtp.is_some() && self.edge.public_url.is_none() {
            return Err(Error::invalid(
                "a worker with `mail.smtp` sends letters with links, so it must know `edge.public_url`, the address that \
                 people use",
            ));
        }
        let https = self.edge.public_url.as_ref().is_some_and(|url| url.scheme() == "https");
        if let Some(name) = self.identity.plain_upstream().filter(|_| https) {
            return Err(Error::invalid(format!(
                "`identity.upstreams.{name}.issuer` is plain http, which is for trying things out on one machine; people use \
                 this server at an https:// address, so the issuer must have one too"
            )));
        }
        self.sandbox.limits.all().checked()?;
        Ok(())
    }

    /// The address people use, once it is known where the listener really stands; a worker has none.
    pub(crate) fn public_url(&self, listening: Option<SocketAddr>) -> Result<Url> {
        match (&self.edge.public_url, listening) {
            (Some(url), _) => Ok(url.clone()),
            (None, Some(address)) => Ok(Url::parse(&format!("http://{address}"))?),
            (None, None) => Ok(Url::parse("http://127.0.0.1")?),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::config::{Flag, Loaded};

    fn check(settings: &[(&'static str, &str)]) -> Result<(), String> {
        let flags = settings
            .iter()
            .map(|(key, value)| Flag { name: "--flag", key, value: (*value).to_owned() })
            .collect();
        let loaded = Loaded::of(crate::config::layers::settings(None, [], flags).unwrap()).unwrap();
        loaded.config.check().map_err(|error| error.said().to_owned())
    }

    #[test]
    fn a_worker_that_sends_mail_knows_where_the_house_stands() {
        let worker = [("server.role", "worker"), ("mail.smtp", "smtp://127.0.0.1")];
        assert!(check(&worker).unwrap_err().contains("edge.public_url"));
        let with = [worker[0], worker[1], ("edge.public_url", "https://stoa.example")];
        assert_eq!(check(&with), Ok(()));
    }

    #[test]
    fn a_provider_without_https_is_for_a_house_on_the_same_machine() {
        let plain = [
            ("identity.upstreams.dev.kind", "oidc"),
            ("identity.upstreams.dev.issuer", "http://127.0.0.1:9000"),
            ("identity.upstreams.dev.client_id", "stoa"),
        ];
        assert_eq!(check(&plain), Ok(()));
        let open = [plain[0], plain[1], plain[2], ("edge.public_url", "https://stoa.example")];
        assert!(check(&open).unwrap_err().contains("identity.upstreams.dev.issuer"));
    }

    #[test]
    fn mv_m4_an_address_that_others_reach_asks_for_https() {
        assert_eq!(check(&[]), Ok(()));
        for open in ["0.0.0.0:80", "192.168.1.2:8080", "[::]:8080"] {
            let refused = check(&[("server.listen", open)]).unwrap_err();
            assert!(refused.contains(open) && refused.contains("edge.public_url"), "{refused}");
            let plain = [("server.listen", open), ("edge.public_url", "http://stoa.example")];
            assert!(check(&plain).is_err());
            let good = [("server.listen", open), ("edge.public_url", "https://stoa.example")];
            assert_eq!(check(&good), Ok(()));
            assert_eq!(check(&[("server.listen", open), ("server.role", "worker")]), Ok(()));
        }
    }
}
