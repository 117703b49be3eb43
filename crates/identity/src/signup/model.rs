//! Sign-ups, and who may make one.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use stoa_core::{Id, Secret};
use utoipa::ToSchema;

/// A sign-up.
#[derive(Debug)]
pub(crate) enum SignupTag {}
/// The id of a sign-up.
pub(crate) type SignupId = Id<SignupTag>;

/// How long a sign-up waits for its address to be shown.
pub(crate) const WAITS: Duration = Duration::from_secs(24 * 60 * 60);

/// Who may sign up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum SignupMode {
    /// Everybody with an address.
    Open,
    /// Whoever was invited.
    #[default]
    Invite,
    /// Nobody: admins make accounts.
    Closed,
}

/// Somebody who wants an account.
#[derive(Debug)]
pub(crate) struct Wish {
    pub(crate) email: String,
    pub(crate) password: Secret,
    pub(crate) display_name: String,
    pub(crate) invite: Option<Secret>,
}

/// What comes next in signing up. It depends on what was sent, never on whether the address has an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SignupNext)]
pub(crate) enum Next {
    /// Open the link in the letter.
    Verify,
    /// Sign in: the invitation came by mail to this address already.
    SignIn,
}
