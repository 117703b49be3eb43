//! A personal access token, and how it is written.

use serde::Serialize;
use stoa_core::{Digest, Rng, Secret, Timestamp, TokenId, digest};
use utoipa::ToSchema;

/// How every token begins, so that scanners of code and URLs know one when they see it.
const PREFIX: &str = "stoa_pat_";
/// 256 random bits in URL-safe base64.
const RANDOM_CHARACTERS: usize = 43;

/// A personal access token, without the token itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// What it is for.
    #[schema(example = "lab upload script")]
    pub name: String,
    /// What it lets its bearer do.
    #[schema(example = json!(["labs:read", "labs:write"]))]
    pub scopes: Vec<String>,
    /// Since when.
    pub created_at: Timestamp,
    /// When it was last used, give or take a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<Timestamp>,
    /// Until when; without it, until it is revoked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime, example = "2030-01-01T00:00:00.000000Z")]
    pub expires_at: Option<Timestamp>,
}

/// What a new token shall be.
#[derive(Clone, Debug)]
pub struct TokenWish {
    /// What it is for.
    pub name: String,
    /// What it shall let its bearer do.
    pub scopes: Vec<String>,
    /// Until when.
    pub expires_at: Option<Timestamp>,
}

/// A new token's text.
pub(crate) fn make(rng: &Rng) -> Secret {
    Secret::new(format!("{PREFIX}{}", rng.token::<32>()))
}

/// What a token is kept under; `None` for text that is none of ours.
pub(crate) fn read(text: &str) -> Option<Digest> {
    let random = text.strip_prefix(PREFIX)?;
    is_random(random).then(|| digest(text))
}

/// What a session's cookie is kept under; `None` for text that is none of ours. A token never passes for one.
pub(crate) fn read_cookie(text: &str) -> Option<Digest> {
    is_random(text).then(|| digest(text))
}

fn is_random(text: &str) -> bool {
    text.len() == RANDOM_CHARACTERS
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use stoa_core::TestRng;

    use super::*;

    #[test]
    fn a_token_is_no_cookie_and_a_cookie_no_token() {
        let rng = TestRng::seeded(1);
        let (token, cookie) = (make(&rng), rng.token::<32>());
        assert!(read(token.expose()).is_some() && read_cookie(token.expose()).is_none());
        assert!(read_cookie(&cookie).is_some() && read(&cookie).is_none());
        for strange in ["", "stoa_pat_", "stoa_pat_x", &format!("{}x", token.expose()), &"%".repeat(43)] {
            assert!(read(strange).is_none() && read_cookie(strange).is_none(), "{strange}");
        }
    }
}
