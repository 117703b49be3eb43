//! The ID token (OpenID Connect Core §3.1.3.7): whose it is, for whom, and for which attempt.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm, Header,
    jwk::{Jwk, PublicKeyUse},
};
use serde::Deserialize;
use sha2::{Digest, Sha256, Sha384, Sha512};
use stoa_core::{Timestamp, digest};
use stoa_store::Ctx;

use super::{
    exchange::Tokens,
    metadata::Metadata,
    model::{Outcome, untrusted},
    provider::Provider,
};
use crate::{
    Identity,
    oauth::jose::{self, OneOrMany},
};

/// A token was made for an answer that came a moment ago: at most so many seconds old.
const OLDEST: i64 = 10 * 60;

/// What a provider says of somebody. None of it says who they are.
#[derive(Deserialize)]
pub(super) struct About {
    pub(super) email: Option<String>,
    email_verified: Option<Truth>,
    pub(super) name: Option<String>,
    pub(super) preferred_username: Option<String>,
}

impl About {
    /// Whether the provider says that the address is theirs.
    pub(super) fn is_verified(&self) -> bool {
        self.email_verified.as_ref().is_some_and(Truth::holds)
    }
}

/// Some write their truths in quotes.
#[derive(Deserialize)]
#[serde(untagged)]
enum Truth {
    Plain(bool),
    Quoted(String),
}

impl Truth {
    fn holds(&self) -> bool {
        match self {
            Self::Plain(holds) => *holds,
            Self::Quoted(text) => text == "true",
        }
    }
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: OneOrMany,
    azp: Option<String>,
    exp: i64,
    iat: i64,
    nonce: Option<String>,
    at_hash: Option<String>,
    #[serde(flatten)]
    about: About,
}

/// Who the ID token is about, if it holds.
pub(super) async fn checked(
    ctx: &Ctx,
    identity: &Identity,
    provider: &Provider,
    metadata: &Metadata,
    tokens: &Tokens,
    nonce: &str,
) -> Outcome<(String, About)> {
    let Some(token) = &tokens.id else { return untrusted("no id_token") };
    let token = token.expose();
    let Some(head) = jose::head(token).filter(|head| is_taken(head, metadata)) else {
        return untrusted("id_token head");
    };
    let Some(at) = &metadata.jwks_uri else { return untrusted("no keys") };
    let mut keys = provider.tried(provider.memory.keys(ctx, identity, at, false).await)?;
    if !keys.iter().any(|key| fits(&head, key)) {
        keys = provider.tried(provider.memory.keys(ctx, identity, at, true).await)?;
    }
    let claims: Option<Claims> =
        keys.iter().filter(|key| fits(&head, key)).find_map(|key| jose::verified(token, &head, key));
    let Some(claims) = claims else { return untrusted("id_token signature") };
    let expected = Expected {
        issuer: &provider.issuer,
        client: &provider.client_id,
        nonce,
        access: tokens.access.expose(),
        algorithm: head.alg,
        now: ctx.now(),
    };
    match expected.wrong(&claims) {
        Some(why) => untrusted(why),
        None => Ok((claims.sub, claims.about)),
    }
}

/// Whether the head is one of an ID token: signed in a way that we take and the issuer names, without a key of its own
/// (RFC 8725 §3.1, §3.11; what is signed with a shared secret or not at all was left out before).
fn is_taken(head: &Header, metadata: &Metadata) -> bool {
    let name = format!("{:?}", head.alg);
    let named = metadata.algorithms.is_empty() || metadata.algorithms.contains(&name);
    let own_key = head.jwk.is_some() || head.jku.is_some() || head.x5u.is_some() || head.x5c.is_some();
    named && !own_key && head.typ.as_deref().is_none_or(|typ| typ.eq_ignore_ascii_case("jwt"))
}

/// Whether a key may have signed it: of this name, for signing, for this algorithm.
fn fits(head: &Header, key: &Jwk) -> bool {
    let common = &key.common;
    let named = head.kid.is_none() || common.key_id == head.kid;
    let signs = common.public_key_use.as_ref().is_none_or(|used| *used == PublicKeyUse::Signature);
    let so = common.key_algorithm.is_none_or(|algorithm| algorithm.to_string() == format!("{:?}", head.alg));
    named && signs && so
}

/// What the claims must say.
struct Expected<'a> {
    issuer: &'a str,
    client: &'a str,
    nonce: &'a str,
    access: &'a str,
    algorithm: Algorithm,
    now: Timestamp,
}

impl Expected<'_> {
    /// What is wrong with the claims of a token that the issuer did sign.
    fn wrong(&self, claims: &Claims) -> Option<&'static str> {
        let for_us = claims.aud.all().iter().any(|one| one == self.client);
        let party = claims.azp.as_deref();
        let nonce = claims.nonce.as_deref().unwrap_or_default();
        if claims.iss != self.issuer {
            Some("id_token iss")
        } else if !for_us || party.is_some_and(|party| party != self.client) {
            Some("id_token aud")
        } else if claims.aud.all().len() > 1 && party.is_none() {
            Some("id_token azp")
        } else if claims.exp <= jose::seconds(self.now) {
            Some("id_token exp")
        } else if !jose::is_near(claims.iat, self.now, OLDEST, 0) {
            Some("id_token iat")
        } else if digest(nonce) != digest(self.nonce) {
            Some("id_token nonce")
        } else if claims.at_hash.as_ref().is_some_and(|said| *said != self.hash()) {
            Some("id_token at_hash")
        } else {
            None
        }
    }

    /// The left half of the access token's hash (§3.1.3.6).
    fn hash(&self) -> String {
        let bytes = self.access.as_bytes();
        let hash = match self.algorithm {
            Algorithm::ES384 => Sha384::digest(bytes).to_vec(),
            Algorithm::EdDSA => Sha512::digest(bytes).to_vec(),
            _ => Sha256::digest(bytes).to_vec(),
        };
        URL_SAFE_NO_PAD.encode(&hash[..hash.len() / 2])
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use stoa_core::TestClock;

    use super::*;

    fn wrong(change: &Value) -> Option<&'static str> {
        let now = TestClock::new().0.now();
        let at = jose::seconds(now);
        let mut claims =
            json!({ "iss": "i", "sub": "s", "aud": "us", "exp": at + 60, "iat": at, "nonce": "n" });
        claims.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let expected = Expected {
            issuer: "i",
            client: "us",
            nonce: "n",
            // The example of OpenID Connect Core §A.3.
            access: "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y",
            algorithm: Algorithm::RS256,
            now,
        };
        expected.wrong(&serde_json::from_value(claims).unwrap())
    }

    /// ASVS 10.5.1, 10.5.4.
    #[test]
    fn an_id_token_is_of_this_issuer_for_us_and_for_this_attempt() {
        let at = jose::seconds(TestClock::new().0.now());
        assert_eq!(wrong(&json!({})), None);
        assert_eq!(wrong(&json!({ "aud": ["us"], "azp": "us", "iat": at - 600 })), None);
        assert_eq!(wrong(&json!({ "aud": ["us", "them"], "azp": "us" })), None);
        assert_eq!(wrong(&json!({ "at_hash": "77QmUPtjPfzWtF2AnpK9RQ" })), None);
        for (why, bad) in [
            ("id_token iss", json!({ "iss": "i/" })),
            ("id_token aud", json!({ "aud": "them" })),
            ("id_token aud", json!({ "aud": [] })),
            ("id_token aud", json!({ "azp": "them" })),
            ("id_token azp", json!({ "aud": ["us", "them"] })),
            ("id_token exp", json!({ "exp": at })),
            ("id_token iat", json!({ "iat": at - 700 })),
            ("id_token iat", json!({ "iat": at + 700 })),
            ("id_token nonce", json!({ "nonce": "m" })),
            ("id_token nonce", json!({ "nonce": null })),
            ("id_token at_hash", json!({ "at_hash": "77QmUPtjPfzWtF2AnpK9RR" })),
        ] {
            assert_eq!(wrong(&bad), Some(why), "{bad}");
        }
    }

    #[test]
    fn only_a_plain_yes_verifies_an_address() {
        let is = |value: Value| {
            serde_json::from_value::<About>(json!({ "email_verified": value }))
                .is_ok_and(|about| about.is_verified())
        };
        assert!(is(json!(true)) && is(json!("true")));
        for no in [json!(false), json!("false"), json!("yes"), json!(1), json!(null)] {
            assert!(!is(no.clone()), "{no}");
        }
    }
}
