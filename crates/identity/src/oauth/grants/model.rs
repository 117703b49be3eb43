//! What is granted, how a refresh token is written, and how long all of it lasts.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use stoa_core::{Audience, GrantId, Id, Result, Rng, Scopes, Secret, Timestamp, UserId};
use stoa_store::Ring;

/// What a person allowed a client.
#[derive(Debug)]
pub(crate) enum ConnectionTag {}
/// The id of a connection.
pub(crate) type ConnectionId = Id<ConnectionTag>;

/// What was asked and is granted, to the letter: kept with the request, the code and the device.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(crate) client_id: String,
    /// Where the browser goes back to; nothing for a device.
    pub(crate) redirect_uri: Option<String>,
    pub(crate) scopes: String,
    /// The paths of the resources.
    pub(crate) audience: Vec<String>,
    pub(crate) state: Option<String>,
    pub(crate) challenge: Option<String>,
    pub(crate) nonce: Option<String>,
    /// The person must prove who they are after the request was made.
    pub(crate) login: bool,
    /// The person must have proven who they are at most so many seconds ago.
    pub(crate) max_age: Option<u64>,
    /// The person must be asked even if they allowed it before.
    pub(crate) consent: bool,
    /// The key that the tokens will be bound to, where it is known already.
    pub(crate) bound_to: Option<String>,
    /// The answer is posted, in place of written into the address.
    #[serde(default)]
    pub(crate) form_post: bool,
    /// The answer is to come without anybody seeing anything (`prompt=none`).
    #[serde(default)]
    pub(crate) hidden: bool,
    /// Which address the person probably signs in with; only filled in for them.
    #[serde(default)]
    pub(crate) login_hint: Option<String>,
    /// Whom the client asks for, by an ID token that it showed.
    #[serde(default)]
    pub(crate) subject: Option<UserId>,
}

impl Asked {
    pub(crate) fn scopes(&self) -> Scopes {
        Scopes::known_of(&self.scopes)
    }

    /// Whether it is for another person than this one.
    pub(crate) fn is_about_another(&self, user: UserId) -> bool {
        self.subject.is_some_and(|subject| subject != user)
    }

    pub(crate) fn audience(&self) -> Audience {
        audience(self.audience.iter().map(String::as_str))
    }
}

/// The resources with these paths.
pub(crate) fn audience<'a>(paths: impl Iterator<Item = &'a str>) -> Audience {
    paths.filter_map(Audience::of_path).fold(Audience::NONE, Audience::and)
}

/// How a person showed who they are, for whoever asks later.
#[derive(Clone, Debug)]
pub(crate) struct Shown {
    /// When.
    pub(crate) at: Timestamp,
    /// By what (RFC 8176), with a blank between.
    pub(crate) methods: String,
}

const PREFIX: &str = "stoa_rt_";
const PLACE: &str = "identity_grant/refresh";
const ID: usize = 16;
const RANDOM: usize = 32;
const TAG: usize = 32;

/// A new refresh token: it names its grant, and carries our mark, so that an old one is told from a forged one without
/// keeping any.
pub(crate) fn refresh_token(rng: &Rng, ring: &Ring, grant: GrantId) -> Result<Secret> {
    let mut bytes = [grant.uuid().as_bytes().as_slice(), &rng.bytes::<RANDOM>()].concat();
    let mark = ring.mark(PLACE, &bytes)?;
    bytes.extend_from_slice(&mark);
    Ok(Secret::new(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes))))
}

/// The grant that a refresh token names, if the token is one that we made.
pub(crate) fn read_refresh_token(ring: &Ring, text: &str) -> Option<GrantId> {
    let bytes = URL_SAFE_NO_PAD.decode(text.strip_prefix(PREFIX)?).ok()?;
    let (said, mark) = bytes.split_at_checked(ID + RANDOM).filter(|(_, mark)| mark.len() == TAG)?;
    ring.is_marked(PLACE, said, mark)
        .then(|| Some(GrantId::from_uuid(uuid::Uuid::from_slice(&said[..ID]).ok()?)))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_asked_for_audience_is_known_by_its_paths() {
        assert_eq!(audience(["/mcp", "/elsewhere"].into_iter()), Audience::MCP);
    }
}
