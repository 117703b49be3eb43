//! Values that must not be printed, and the digests under which they are kept.

use std::{fmt, hash};

use serde::{Deserialize, Deserializer};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Text that does not print, not even its length, and is wiped when dropped.
///
/// It can be read from configuration or a request; it cannot be serialised.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes the text in.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Zeroizing::new(text.into()))
    }

    /// The text itself, for the one call that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[secret]")
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(Self::new)
    }
}

/// The SHA-256 of something. Compares in constant time.
#[derive(Clone, Copy)]
pub struct Digest([u8; 32]);

/// The SHA-256 (FIPS 180-4) of some bytes. Tokens of 256 random bits need no slower hash than this.
pub fn digest(bytes: impl AsRef<[u8]>) -> Digest {
    Digest(Sha256::digest(bytes.as_ref()).into())
}

impl Digest {
    /// The digest behind bytes that came from a row or a finished hasher; `None` unless there are 32.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The 32 bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Lower-case hexadecimal, 64 characters.
    pub fn hex(&self) -> String {
        self.to_string()
    }
}

impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Digest {}

impl hash::Hash for Digest {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Once for every row of a list: by table, not through the formatter.
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; 64];
        for (pair, byte) in text.chunks_exact_mut(2).zip(self.0) {
            pair[0] = DIGITS[usize::from(byte >> 4)];
            pair[1] = DIGITS[usize::from(byte & 15)];
        }
        f.write_str(std::str::from_utf8(&text).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mv_l6_a_secret_does_not_print_not_even_its_length() {
        let short = format!("{:?}", Secret::new("a"));
        let long = format!("{:?}", Some(Secret::new("a much longer secret")));
        assert_eq!(short, "[secret]");
        assert_eq!(long, "Some([secret])");
    }

    #[test]
    fn digests_are_sha256() {
        assert_eq!(digest("").hex(), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}
