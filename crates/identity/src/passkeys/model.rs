//! A passkey, as its owner sees it, and what browsers say of one.

use serde::Serialize;
use serde_json::Value;
use stoa_core::{Error, Id, Result, Secret, Timestamp};
use utoipa::ToSchema;
use webauthn_rs::prelude::{PublicKeyCredential, RegisterPublicKeyCredential};

use super::party::Party;

/// A passkey.
#[derive(Debug)]
pub(crate) enum PasskeyTag {}
/// The id of a passkey.
pub(crate) type PasskeyId = Id<PasskeyTag>;

/// A passkey.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Passkey {
    /// Its id.
    pub(crate) id: PasskeyId,
    /// What its owner calls it.
    #[schema(example = "Ada's laptop")]
    pub(crate) name: String,
    /// Since when.
    pub(crate) created_at: Timestamp,
    /// When it was last used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_used_at: Option<Timestamp>,
}

/// Most passkeys of one person.
pub(crate) const MOST: u64 = 20;
/// Longest name, in characters.
const NAME_CHARACTERS: usize = 100;

/// A name that can be shown: something, on one line, not too long.
pub(crate) fn name(text: &str) -> Result<String> {
    let name = text.trim();
    if (1..=NAME_CHARACTERS).contains(&name.chars().count()) && !name.chars().any(char::is_control) {
        return Ok(name.to_owned());
    }
    Err(Error::field("/name", format!("must have 1 to {NAME_CHARACTERS} characters on one line")))
}

/// What a browser says of a new passkey (`PublicKeyCredential.toJSON()` of a registration).
pub(crate) fn new_credential(said: Value) -> Result<RegisterPublicKeyCredential> {
    serde_json::from_value(said).map_err(|cause| {
        Error::field("/credential", "is not what a browser says of a new passkey").because(cause)
    })
}

/// A passkey's answer to a challenge.
pub(crate) struct Response {
    pub(super) party: Party,
    pub(super) ticket: Secret,
    pub(super) said: PublicKeyCredential,
}

impl Response {
    /// From what a browser says (`PublicKeyCredential.toJSON()` of an authentication), to the challenge of `ticket`.
    ///
    /// # Errors
    /// `invalid` where it is something else.
    pub(crate) fn read(party: Party, ticket: Secret, said: Value) -> Result<Self> {
        let said = serde_json::from_value(said).map_err(|cause| {
            Error::field("/assertion", "is not what a browser says of a passkey").because(cause)
        })?;
        Ok(Self { party, ticket, said })
    }
}
