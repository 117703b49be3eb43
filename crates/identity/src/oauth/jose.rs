//! Signed JSON (RFC 7515, RFC 7519), read with suspicion: which algorithms are taken is ours to say, a key comes from
//! where we keep it and never from the token, and time is asked of our own clock (RFC 8725 §3).

use jsonwebtoken::{
    Algorithm, DecodingKey, Header, Validation, dangerous::insecure_decode, decode, decode_header, jwk::Jwk,
};
use serde::{Deserialize, de::DeserializeOwned};
use stoa_core::Timestamp;

/// What programs may sign with. No shared secret, and nothing unsigned.
pub(crate) const TAKEN: [Algorithm; 5] =
    [Algorithm::ES256, Algorithm::EdDSA, Algorithm::RS256, Algorithm::PS256, Algorithm::ES384];
/// Their names, for metadata.
pub(crate) const TAKEN_NAMES: [&str; 5] = ["ES256", "EdDSA", "RS256", "PS256", "ES384"];
/// Most bytes of a token that is looked at.
const BYTES: usize = 8 << 10;
/// Clocks of two machines may differ by this many seconds.
const SKEW: i64 = 30;

/// The head of a token that may be looked at: short, in a taken algorithm, with no key of its own and nothing critical.
/// `None` for any other text.
pub(crate) fn head(token: &str) -> Option<Header> {
    if token.len() > BYTES || token.bytes().filter(|byte| *byte == b'.').count() != 2 {
        return None;
    }
    let head = decode_header(token).ok()?;
    (TAKEN.contains(&head.alg) && head.crit.is_none()).then_some(head)
}

/// The claims of a token whose signature is this key's, in the algorithm its head names.
pub(crate) fn verified<T: DeserializeOwned>(token: &str, head: &Header, key: &Jwk) -> Option<T> {
    // The key decides the family: an RSA key checks no HMAC and no elliptic curve.
    let key = DecodingKey::from_jwk(key).ok()?;
    let mut validation = Validation::new(head.alg);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    decode(token, &key, &validation).ok().map(|token| token.claims)
}

/// What a token claims before anybody checked it: good for finding the key to check it with, and for nothing else.
pub(crate) fn unverified<T: DeserializeOwned>(token: &str) -> Option<T> {
    insecure_decode(token).ok().map(|token| token.claims)
}

/// `aud`: one or several (RFC 7519 §4.1.3).
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(untagged)]
pub(crate) enum OneOrMany {
    /// One.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl OneOrMany {
    /// All of them.
    pub(crate) fn all(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Many(all) => all,
        }
    }

    /// Whether it is this one and no other.
    pub(crate) fn is_only(&self, one: &str) -> bool {
        matches!(self.all(), [only] if only == one)
    }
}

/// Seconds since 1970.
pub(crate) fn seconds(at: Timestamp) -> i64 {
    at.micros().div_euclid(1_000_000)
}

/// Whether a time a token names lies within `back` and `ahead` seconds of now, give or take two clocks.
pub(crate) fn is_near(at: i64, now: Timestamp, back: i64, ahead: i64) -> bool {
    let now = seconds(now);
    at >= now.saturating_sub(back + SKEW) && at <= now.saturating_add(ahead + SKEW)
}

/// Whether a public key is one that may check signatures: asymmetric, of a kind that is taken, without private parts.
pub(crate) fn is_public(key: &serde_json::Value) -> bool {
    const PRIVATE: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
    key.as_object().is_some_and(|key| {
        !PRIVATE.iter().any(|private| key.contains_key(*private))
            && matches!(key.get("kty").and_then(|kind| kind.as_str()), Some("EC" | "RSA" | "OKP"))
    })
}
