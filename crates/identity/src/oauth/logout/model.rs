//! What a client asks when it wants somebody signed out, and what it is told.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use stoa_core::{Id, Timestamp};

use crate::oauth::{jose, requests::back::percent};

/// A client that somebody signed in to with a session of theirs.
#[derive(Debug)]
pub(crate) enum SignOnTag {}
/// The id of one: `sid` in tokens. It says nothing of the session.
pub(crate) type SignOnId = Id<SignOnTag>;

/// A request to sign out, checked, while it waits for the browser that brought it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Asked {
    /// Who asks, if that is known.
    pub(crate) client_id: Option<String>,
    /// Where the client says the person is signed in to it.
    pub(crate) sid: Option<SignOnId>,
    /// Where to go afterwards: an address that the client registered, with its `state` behind it.
    pub(crate) location: Option<String>,
}

/// Longest `state`, in bytes.
pub(crate) const STATE_BYTES: usize = 2048;

/// An address with `state` behind it.
pub(crate) fn with_state(address: &str, state: Option<&str>) -> String {
    let Some(state) = state else { return address.to_owned() };
    let mark = if address.contains('?') { '&' } else { '?' };
    format!("{address}{mark}state={}", percent(state))
}

/// A logout token is good for this long: no more than it takes to arrive (OpenID Connect Back-Channel Logout §2.4).
const GOOD: Duration = Duration::from_secs(120);
/// `typ` of its head.
pub(crate) const TYP: &str = "logout+jwt";

/// The claims of a logout token (OpenID Connect Back-Channel Logout §2.4). No nonce: so none is taken for an ID token.
#[derive(Serialize)]
pub(crate) struct LogoutToken<'a> {
    iss: &'a str,
    sub: String,
    aud: &'a str,
    iat: i64,
    exp: i64,
    jti: String,
    sid: SignOnId,
    events: Events,
}

#[derive(Default, Serialize)]
struct Events {
    #[serde(rename = "http://schemas.openid.net/event/backchannel-logout")]
    logout: Nothing,
}

#[derive(Default, Serialize)]
struct Nothing {}

impl<'a> LogoutToken<'a> {
    /// That somebody is no longer signed in at a client.
    pub(crate) fn new(
        issuer: &'a str,
        client: &'a str,
        sub: String,
        sid: SignOnId,
        now: Timestamp,
        jti: String,
    ) -> Self {
        let (iat, exp) = (jose::seconds(now), jose::seconds(now + GOOD));
        Self { iss: issuer, sub, aud: client, iat, exp, jti, sid, events: Events::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn state_comes_back_behind_what_was_registered() {
        assert_eq!(with_state("https://c.example/bye", None), "https://c.example/bye");
        assert_eq!(
            with_state("https://c.example/bye?x=1", Some("a&b")),
            "https://c.example/bye?x=1&state=a%26b"
        );
        assert_eq!(with_state("com.x.app:/bye", Some("1")), "com.x.app:/bye?state=1");
    }
}
