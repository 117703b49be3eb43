//! A signing key and its life: published, signing, published, gone.

use std::time::Duration;

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rsa::{KeyPair as RsaKeyPair, KeySize},
    signature::{Ed25519KeyPair, KeyPair},
};
use jsonwebtoken::{
    Algorithm as Jwa, EncodingKey,
    jwk::{Jwk, PublicKeyUse, ThumbprintHash},
};
use stoa_core::{Error, Result, Timestamp};
use zeroize::Zeroizing;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// A key signs this long.
const SIGNS: Duration = Duration::from_secs(90 * 24 * 60 * 60);
/// A key is published this long before it signs: longer than anybody keeps a key set.
const AHEAD: Duration = DAY;
/// A key stays published this long after its last signature: longer than any token of it is good.
const AFTER: Duration = Duration::from_secs(2 * 24 * 60 * 60);
/// The next key is made this long before it is needed.
const EARLY: Duration = Duration::from_secs(2 * 24 * 60 * 60);
/// How long a key set may be kept by others: far shorter than `AHEAD`.
pub(crate) const KEPT_SECONDS: u32 = 900;

/// What we sign with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// Ed25519 (RFC 8037): access tokens, and ID tokens of clients that ask for it.
    EdDsa,
    /// RSA with SHA-256, 2048 bits: what every OpenID client must understand.
    Rs256,
}

impl Algorithm {
    pub(crate) const ALL: [Self; 2] = [Self::EdDsa, Self::Rs256];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Rs256 => "RS256",
        }
    }

    pub(crate) const fn jwa(self) -> Jwa {
        match self {
            Self::EdDsa => Jwa::EdDSA,
            Self::Rs256 => Jwa::RS256,
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == text)
    }
}

/// When a key signs and when it is published.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Life {
    pub(crate) signs_from: Timestamp,
    pub(crate) signs_until: Timestamp,
    pub(crate) published_until: Timestamp,
}

impl Life {
    /// Of a key made now: the first one signs at once, a later one when everybody has had time to read it.
    pub(crate) fn begin(now: Timestamp, first: bool) -> Self {
        let signs_from = if first { now } else { now + AHEAD };
        let signs_until = signs_from + SIGNS;
        Self { signs_from, signs_until, published_until: signs_until + AFTER }
    }

    pub(crate) fn signs(&self, now: Timestamp) -> bool {
        self.signs_from <= now && now < self.signs_until
    }

    pub(crate) fn is_published(&self, now: Timestamp) -> bool {
        now < self.published_until
    }

    /// Whether its successor must be made.
    pub(crate) fn nears_its_end(&self, now: Timestamp) -> bool {
        self.signs_until < now + EARLY
    }
}

/// A new key: its public half, and the private one as DER (PKCS#8 for Ed25519, PKCS#1 for RSA).
pub(crate) fn make(algorithm: Algorithm) -> Result<(Jwk, Zeroizing<Vec<u8>>)> {
    let (der, private) = match algorithm {
        Algorithm::EdDsa => {
            let pair = Ed25519KeyPair::generate()?;
            debug_assert_eq!(pair.public_key().as_ref().len(), 32);
            let der = Zeroizing::new(pair.to_pkcs8v1()?.as_ref().to_vec());
            let key = EncodingKey::from_ed_der(&der);
            (der, key)
        }
        Algorithm::Rs256 => {
            let pair = RsaKeyPair::generate(KeySize::Rsa2048)?;
            let wrapped = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair)?;
            let der = Zeroizing::new(unwrapped(wrapped.as_ref())?.to_vec());
            let key = EncodingKey::from_rsa_der(&der);
            (der, key)
        }
    };
    let mut public = Jwk::from_encoding_key(&private, algorithm.jwa())?;
    public.common.public_key_use = Some(PublicKeyUse::Signature);
    let id = public.thumbprint(ThumbprintHash::SHA256)?;
    public.common.key_id = Some(id);
    Ok((public, der))
}

/// The RSA key (PKCS#1) inside its wrapping (PKCS#8, RFC 5958 §2). For 2048 bits the wrapping has one form: version, the
/// algorithm's name, and an octet string to the end.
fn unwrapped(der: &[u8]) -> Result<&[u8]> {
    let (head, key) =
        der.split_at_checked(26).ok_or_else(|| Error::internal("a new RSA key is too short"))?;
    match head {
        [.., 0x04, 0x82, high, low] if usize::from(u16::from_be_bytes([*high, *low])) == key.len() => Ok(key),
        _ => Err(Error::internal("a new RSA key is wrapped in another way")),
    }
}

/// The private half, to sign with.
pub(crate) fn private(algorithm: Algorithm, der: &[u8]) -> EncodingKey {
    match algorithm {
        Algorithm::EdDsa => EncodingKey::from_ed_der(der),
        Algorithm::Rs256 => EncodingKey::from_rsa_der(der),
    }
}

/// The name of a public key.
pub(crate) fn id_of(key: &Jwk) -> Result<&str> {
    key.common.key_id.as_deref().ok_or_else(|| Error::internal("a signing key has no name"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mv_h8_keys_are_asymmetric_and_named_by_their_thumbprint() {
        for algorithm in Algorithm::ALL {
            let (public, der) = make(algorithm).unwrap();
            let text = serde_json::to_value(&public).unwrap();
            assert!(super::super::super::jose::is_public(&text), "{text}");
            assert_eq!(text["alg"], algorithm.as_str());
            assert_eq!(text["use"], "sig");
            assert_eq!(id_of(&public).unwrap().len(), 43);
            assert_eq!(
                Jwk::from_encoding_key(&private(algorithm, &der), algorithm.jwa()).unwrap().algorithm,
                public.algorithm
            );
        }
    }
}
