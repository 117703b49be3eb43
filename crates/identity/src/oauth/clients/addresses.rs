//! Addresses of clients: to which of them a browser may be sent, and when two are the same.

use url::{Host, Url};

use crate::oauth::error::{Outcome, Refusal};

/// Longest address, in bytes.
pub(crate) const URL_BYTES: usize = 2048;

/// https, or the person's own machine, or a scheme of the program's own with a dot in it (OAuth 2.1 §2.3.1, §8.4).
pub(super) fn check_redirect(text: &str) -> Outcome<()> {
    let refused = |why: &'static str| Err(Refusal::new("invalid_redirect_uri", why));
    let Ok(url) = Url::parse(text) else {
        return refused("a redirect address is no absolute address");
    };
    if text.len() > URL_BYTES
        || text.contains('#')
        || text.chars().any(|c| c.is_control() || c == ' ' || c == '*')
    {
        return refused("a redirect address is too long, or has a fragment, a blank or a `*`");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refused("a redirect address holds no user name or password");
    }
    match url.scheme() {
        "https" if url.host().is_some() => Ok(()),
        "http" if is_loopback_http(&url) => Ok(()),
        "http" => refused("plain http is only for the person's own machine"),
        scheme if scheme.contains('.') => Ok(()),
        _ => refused("a scheme of your own has a dot in it, as `com.example.app`"),
    }
}

/// Whether an address is the person's own machine, over plain http.
pub(crate) fn is_loopback_http(url: &Url) -> bool {
    url.scheme() == "http"
        && match url.host() {
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        }
}

/// Whether both are the person's own machine, and differ by their port at most (RFC 8252 §7.3).
pub(super) fn same_but_port(known: &str, asked: &str) -> bool {
    let (Ok(known), Ok(asked_url)) = (Url::parse(known), Url::parse(asked)) else { return false };
    if !is_loopback_http(&known) || !is_loopback_http(&asked_url) || asked.contains('#') {
        return false;
    }
    // What was asked must be written as it reads: nothing the reader tidied away.
    let plain = |url: &Url| {
        let mut url = url.clone();
        let _always_for_http = url.set_port(None);
        url
    };
    plain(&known) == plain(&asked_url)
        && asked_url.as_str().trim_end_matches('/') == asked.trim_end_matches('/')
        && asked_url.username().is_empty()
        && asked_url.password().is_none()
}

#[cfg(test)]
mod tests {
    use crate::oauth::clients::model::Metadata;

    fn with(uris: &[&str]) -> Metadata {
        Metadata { redirect_uris: uris.iter().map(|uri| (*uri).to_owned()).collect(), ..Metadata::default() }
    }

    /// G4 Z7, Z8.
    #[test]
    fn a_redirect_is_matched_to_the_letter_but_for_the_port_of_ones_own_machine() {
        let client = with(&["https://client.example/cb", "http://127.0.0.1:1/cb?a=1", "http://localhost/cb"]);
        for good in [
            "https://client.example/cb",
            "http://127.0.0.1:1/cb?a=1",
            "http://127.0.0.1:50123/cb?a=1",
            "http://127.0.0.1/cb?a=1",
            "http://localhost:8123/cb",
        ] {
            assert!(client.allows_redirect(good), "{good}");
        }
        for bad in [
            "https://client.example/cb/",
            "https://client.example/cb?x=1",
            "https://client.example:444/cb",
            "https://CLIENT.example/cb",
            "https://client.example/cb/../cb",
            "https://client.example.evil.example/cb",
            "http://127.0.0.1:1/cb",
            "http://127.0.0.1:1/cb?a=1#x",
            "http://127.0.0.2:1/cb?a=1",
            "http://user@localhost:8123/cb",
            "http://localhost:8123/x/../cb",
            "http://localhost:8123/cb/",
            "https://localhost/cb",
        ] {
            assert!(!client.allows_redirect(bad), "{bad}");
        }
    }
}
