//! From which page a request came, under which name it asked for us, and whether its URL holds a secret.

use std::{borrow::Cow, net::IpAddr};

use http::{HeaderMap, HeaderName, HeaderValue, Uri, header};
use percent_encoding::percent_decode_str;
use stoa_core::{Error, Result};
use url::Url;

/// The names under which the house may be asked: a foreign name that resolves to us is an attack on a browser
/// (DNS rebinding). A page of the attacker cannot forge these.
pub(crate) struct Names {
    origin: Box<str>,
    hosts: Vec<Box<str>>,
    /// The origins of other pages that may use the tools.
    pages: Vec<Box<str>>,
}

/// Who sent a request, as far as a browser says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sender {
    /// A page of ours.
    Ourselves,
    /// A page of somebody else's.
    Another,
    /// It does not say: no browser, or one too old.
    Unsaid,
}

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

impl Names {
    /// # Errors
    /// `invalid` for a page that is named by more than its origin, or over plain http off this machine.
    pub(crate) fn new(public: &Url, further: &[String], pages: &[Url]) -> Result<Self> {
        let mut hosts: Vec<Box<str>> = vec!["localhost".into(), "127.0.0.1".into(), "[::1]".into()];
        hosts.extend(public.host_str().map(Into::into));
        hosts.extend(further.iter().map(|host| host.to_ascii_lowercase().into()));
        let pages = pages.iter().map(named_origin).collect::<Result<_>>()?;
        Ok(Self { origin: public.origin().ascii_serialization().into(), hosts, pages })
    }

    /// Refuses a request for a name that is not ours.
    pub(crate) fn check_host(&self, uri: &Uri, headers: &HeaderMap) -> Result<()> {
        match asked_name(uri, headers) {
            Some(name) if self.hosts.iter().any(|host| host.eq_ignore_ascii_case(name)) => Ok(()),
            _ => {
                Err(Error::malformed("the request asks for a host that is not this one").code("unknown_host"))
            }
        }
    }

    /// The origin of another page that may use the tools, if the request comes from one.
    pub(crate) fn named_page<'a>(&self, headers: &'a HeaderMap) -> Option<&'a HeaderValue> {
        let mut all = headers.get_all(header::ORIGIN).iter();
        let only = all.next().filter(|_| all.next().is_none())?;
        self.pages.iter().any(|page| page.as_bytes() == only.as_bytes()).then_some(only)
    }

    /// Refuses a page that is neither ours nor named, whatever it shows: programs have no origin (MCP streamable HTTP,
    /// Security).
    pub(crate) fn check_origin(&self, headers: &HeaderMap) -> Result<()> {
        let foreign = |origin: &HeaderValue| origin.as_bytes() != self.origin.as_bytes();
        if self.named_page(headers).is_none() && headers.get_all(header::ORIGIN).iter().any(foreign) {
            let said = "the request comes from a page of another address";
            return Err(Error::forbidden(said).code("foreign_origin"));
        }
        Ok(())
    }

    /// What the browser says about the page behind a request. `Sec-Fetch-Site` cannot be set by a page, so it
    /// decides; `Origin` is for browsers without it.
    pub(crate) fn sender(&self, headers: &HeaderMap) -> Sender {
        if let Some(site) = headers.get(FETCH_SITE) {
            return if site == "same-origin" { Sender::Ourselves } else { Sender::Another };
        }
        match headers.get(header::ORIGIN) {
            Some(origin) if origin.as_bytes() == self.origin.as_bytes() => Sender::Ourselves,
            Some(_) => Sender::Another,
            None => Sender::Unsaid,
        }
    }
}

/// A page's origin as browsers write it.
fn named_origin(page: &Url) -> Result<Box<str>> {
    let origin = page.origin();
    let written = origin.ascii_serialization();
    let alone = page.as_str().trim_end_matches('/') == written;
    let local = matches!(page.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    if origin.is_tuple() && alone && (page.scheme() == "https" || page.scheme() == "http" && local) {
        return Ok(written.into());
    }
    Err(Error::invalid(format!(
        "`edge.mcp_origins` names {page}; an origin is https://, a host and nothing behind it"
    )))
}

/// The name a request asks for.
fn asked_name<'a>(uri: &'a Uri, headers: &'a HeaderMap) -> Option<&'a str> {
    let asked = match uri.authority() {
        Some(authority) => Some(authority.as_str()),
        None => headers.get(header::HOST).and_then(|host| host.to_str().ok()),
    };
    asked.map(without_port)
}

/// Whether a request asks for this machine by an address or as `localhost`: no foreign name leads here so.
pub(crate) fn is_local_name(uri: &Uri, headers: &HeaderMap) -> bool {
    asked_name(uri, headers).is_some_and(|name| {
        name.eq_ignore_ascii_case("localhost") || name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok()
    })
}

fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => authority,
    }
}

/// How every token of ours begins.
pub(crate) const OUR_TOKEN: &str = "stoa_pat_";

/// Parameters that carry a credential by their name. A URL ends up in logs, histories and `Referer`.
const SECRET_NAMES: [&str; 8] =
    ["access_token", "token", "id_token", "refresh_token", "api_key", "apikey", "password", "session"];

/// Refuses a URL that holds a token.
pub(crate) fn refuse_token_in_url(uri: &Uri) -> Result<()> {
    let refused = || {
        Err(Error::malformed("a token does not belong in a URL; send it as `Authorization: Bearer`")
            .code("token_in_url"))
    };
    if decoded(uri.path()).contains(OUR_TOKEN) {
        return refused();
    }
    let Some(query) = uri.query() else { return Ok(()) };
    if decoded(query).contains(OUR_TOKEN) {
        return refused();
    }
    for pair in query.split(['&', ';']) {
        let name = decoded(pair.split_once('=').map_or(pair, |(name, _)| name));
        if SECRET_NAMES.iter().any(|secret| secret.eq_ignore_ascii_case(&name)) {
            return refused();
        }
    }
    Ok(())
}

fn decoded(text: &str) -> Cow<'_, str> {
    if text.contains('%') { percent_decode_str(text).decode_utf8_lossy() } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        Names::new(&Url::parse("https://stoa.example").unwrap(), &["Alias.example".into()], &[]).unwrap()
    }

    fn with(name: HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn only_our_own_names_are_answered() {
        let asked = |host| names().check_host(&Uri::from_static("/"), &with(header::HOST, host)).is_ok();
        for ours in
            ["stoa.example", "STOA.example:443", "alias.example", "127.0.0.1:8080", "[::1]:80", "localhost"]
        {
            assert!(asked(ours), "{ours}");
        }
        for foreign in ["evil.example", "stoa.example.evil.example", "", "stoa.example:x", "10.0.0.1"] {
            assert!(!asked(foreign), "{foreign}");
        }
        assert!(names().check_host(&Uri::from_static("/"), &HeaderMap::new()).is_err());
    }

    #[test]
    fn the_browser_says_who_sent_a_request() {
        for (headers, sender) in [
            (with(FETCH_SITE, "same-origin"), Sender::Ourselves),
            (with(FETCH_SITE, "same-site"), Sender::Another),
            (with(FETCH_SITE, "cross-site"), Sender::Another),
            (with(FETCH_SITE, "none"), Sender::Another),
            (with(header::ORIGIN, "https://stoa.example"), Sender::Ourselves),
            (with(header::ORIGIN, "https://stoa.example:444"), Sender::Another),
            (with(header::ORIGIN, "null"), Sender::Another),
            (HeaderMap::new(), Sender::Unsaid),
        ] {
            assert_eq!(names().sender(&headers), sender, "{headers:?}");
        }
    }

    #[test]
    fn mv_h6_a_token_in_a_url_is_refused_however_it_is_written() {
        for bad in [
            "/x?access_token=a",
            "/x?a=b&Token=c",
            "/x?a=b;token=c",
            "/x?q=stoa_pat_1",
            "/x?q=stoa%5Fpat%5F1",
            "/x?acc%65ss_token=a",
            "/labs/stoa_pat_1",
            "/x?token",
        ] {
            let refused = refuse_token_in_url(&Uri::from_static(bad)).unwrap_err();
            assert_eq!(refused.stable_code(), "token_in_url", "{bad}");
        }
        for good in ["/x", "/x?q=token", "/x?tokens=3", "/x?after=abc&limit=5"] {
            assert!(refuse_token_in_url(&Uri::from_static(good)).is_ok(), "{good}");
        }
    }
}
