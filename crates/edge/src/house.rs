//! `House`: what every route shares. The state of the router; cheap to clone.

use std::sync::Arc;

use stoa_core::{Audience, Error, Result, Scopes};
use stoa_store::Store;
use url::Url;

use crate::{
    authenticator::SharedAuthenticator,
    config::{EdgeConfig, RequestConfig},
    door::{DoorPlan, Doors, Meters},
    mcp::Challenges,
    network::Network,
    pipeline::{Fixed, Names},
};

/// What every route shares.
#[derive(Clone)]
pub struct House(Arc<Inside>);

struct Inside {
    store: Arc<Store>,
    authenticator: SharedAuthenticator,
    public_url: Url,
    requests: RequestConfig,
    trusted_proxies: Vec<Network>,
    names: Names,
    fixed: Fixed,
    doors: Doors,
    assets: Arc<DoorPlan>,
    challenges: Challenges,
}

impl House {
    pub(crate) fn new(
        config: &EdgeConfig,
        store: Arc<Store>,
        authenticator: SharedAuthenticator,
        doors: Doors,
        base: Scopes,
    ) -> Result<Self> {
        let public_url = checked(config.public_url.as_ref())?;
        let assets = DoorPlan {
            name: "GET (web app)".into(),
            public: true,
            probe: false,
            foreign: false,
            sent: false,
            resource: Audience::NONE,
            basic: false,
            rate: None,
            body: config.requests.body_bytes,
            streams: false,
            deadline: config.requests.deadline_seconds,
            meters: Meters::default(),
        };
        Ok(Self(Arc::new(Inside {
            store,
            authenticator,
            names: Names::new(&public_url, &config.hosts, &config.mcp_origins)?,
            fixed: Fixed::new(public_url.scheme() == "https"),
            challenges: Challenges::new(base),
            public_url,
            requests: config.requests.clone(),
            trusted_proxies: config.trusted_proxies.clone(),
            doors,
            assets: Arc::new(assets),
        })))
    }

    /// Memory.
    pub fn store(&self) -> &Arc<Store> {
        &self.0.store
    }

    /// The address people use; links in mails and redirects begin with it.
    pub fn public_url(&self) -> &Url {
        &self.0.public_url
    }

    /// The server's name as an issuer of tokens (RFC 8414 §2): the public address without a slash at its end. Every
    /// document that names the issuer, an endpoint or a resource takes it from here, so that they cannot disagree.
    pub fn issuer(&self) -> &str {
        self.0.public_url.as_str().trim_end_matches('/')
    }

    /// The identifier of one of the resources (RFC 8707 §2): the issuer and its path.
    pub fn resource(&self, path: &str) -> String {
        format!("{}{path}", self.issuer())
    }

    pub(crate) fn is_https(&self) -> bool {
        self.0.public_url.scheme() == "https"
    }

    pub(crate) fn authenticator(&self) -> &SharedAuthenticator {
        &self.0.authenticator
    }

    pub(crate) fn requests(&self) -> &RequestConfig {
        &self.0.requests
    }

    pub(crate) fn trusted_proxies(&self) -> &[Network] {
        &self.0.trusted_proxies
    }

    pub(crate) fn names(&self) -> &Names {
        &self.0.names
    }

    pub(crate) fn fixed_headers(&self) -> &Fixed {
        &self.0.fixed
    }

    pub(crate) fn challenges(&self) -> &Challenges {
        &self.0.challenges
    }

    pub(crate) fn doors(&self) -> &Doors {
        &self.0.doors
    }

    pub(crate) fn assets_door(&self) -> &Arc<DoorPlan> {
        &self.0.assets
    }
}

/// Only https, but for this machine itself: a session over plain http is anyone's. And nothing behind host and port: the
/// address is the issuer's name, which has no query and no fragment (RFC 8414 §2), and all doors stand at its root.
fn checked(url: Option<&Url>) -> Result<Url> {
    let url = url.ok_or_else(|| {
        Error::invalid("`edge.public_url` is missing; set the address people use, e.g. https://stoa.example")
    })?;
    let local = match url.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    };
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() || has_name(url) {
        return Err(Error::invalid(format!(
            "`edge.public_url` is scheme, host and port alone; set it to {}",
            url.origin().ascii_serialization()
        )));
    }
    match url.scheme() {
        "https" => Ok(url.clone()),
        "http" if local => Ok(url.clone()),
        _ => Err(Error::invalid(format!(
            "`edge.public_url` is {url}, and must begin with https:// unless it is this machine's own address"
        ))),
    }
}

fn has_name(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mv_m3_a_plain_http_origin_is_refused_off_this_machine() {
        let check = |url: &str| checked(Some(&Url::parse(url).unwrap())).is_ok();
        for good in
            ["https://stoa.example", "http://127.0.0.1:8080", "http://[::1]:1", "http://localhost:8080"]
        {
            assert!(check(good), "{good}");
        }
        for bad in
            ["http://stoa.example", "http://192.168.1.5", "ftp://localhost", "http://localhost.evil.example"]
        {
            assert!(!check(bad), "{bad}");
        }
        assert!(checked(None).is_err());
    }

    /// G1 D3, D5.
    #[test]
    fn the_issuer_is_scheme_host_and_port_and_nothing_behind() {
        for bad in [
            "https://stoa.example/app",
            "https://stoa.example/?a=b",
            "https://stoa.example/#here",
            "https://anna@stoa.example",
        ] {
            let refused = checked(Some(&Url::parse(bad).unwrap())).unwrap_err();
            assert!(refused.said().ends_with("set it to https://stoa.example"), "{bad}: {refused:?}");
        }
    }
}
