//! The relying party: under which name and from which page passkeys work (WebAuthn §5.1.2, §13.4.9). Both come from the
//! configured address and from nothing in a request.

use std::net::IpAddr;

use stoa_core::{Error, Result};
use url::{Host, Url};
use webauthn_rs::{Webauthn, WebauthnBuilder};

/// The house as passkeys know it.
#[derive(Clone)]
pub(crate) struct Party(Webauthn);

impl Party {
    /// The party behind the address that people use. An address of numbers cannot have passkeys; on this machine
    /// itself they work under `localhost` at the same port.
    ///
    /// # Errors
    /// `conflict` (`passkeys_unavailable`) for any other address of numbers.
    pub(crate) fn of(public_url: &Url) -> Result<Self> {
        let mut origin = public_url.clone();
        let local = match origin.host() {
            Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            _ => false,
        };
        if local {
            origin.set_host(Some("localhost"))?;
        }
        let Some(name) = origin.domain().map(str::to_owned) else {
            return Err(Error::conflict(
                "passkeys need a host name; give this house one, and set it as `edge.public_url`",
            )
            .code("passkeys_unavailable"));
        };
        Ok(Self(WebauthnBuilder::new(&name, &origin)?.rp_name("Stoa").build()?))
    }

    pub(super) fn webauthn(&self) -> &Webauthn {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_party_is_the_configured_host_and_localhost_for_this_machine() {
        let origin = |url: &str| {
            let party = Party::of(&Url::parse(url).unwrap()).map_err(|error| error.stable_code())?;
            Ok::<_, &str>(party.webauthn().get_allowed_origins()[0].to_string())
        };
        assert_eq!(origin("https://stoa.example"), Ok("https://stoa.example/".into()));
        assert_eq!(origin("http://127.0.0.1:8080"), Ok("http://localhost:8080/".into()));
        assert_eq!(origin("http://[::1]:8080"), Ok("http://localhost:8080/".into()));
        assert_eq!(origin("http://localhost:8080"), Ok("http://localhost:8080/".into()));
        assert_eq!(origin("https://192.168.1.5"), Err("passkeys_unavailable"));
    }
}
