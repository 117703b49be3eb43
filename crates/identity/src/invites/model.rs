//! What an invitation is.

use std::time::Duration;

use serde::Serialize;
use stoa_core::{Id, Role, Timestamp};
use utoipa::ToSchema;

use crate::people::model::RoleName;

/// An invitation.
#[derive(Debug)]
pub(crate) enum InviteTag {}
/// The id of an invitation.
pub(crate) type InviteId = Id<InviteTag>;

/// How long an invitation is good.
pub(crate) const LASTS: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// An invitation that nobody has used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Invite {
    /// Its id.
    pub(crate) id: InviteId,
    /// To which address it went; none for a link that is handed over.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "grace@example.org")]
    pub(crate) email: Option<String>,
    /// What whoever uses it becomes.
    pub(crate) role: RoleName,
    /// Since when.
    pub(crate) created_at: Timestamp,
    /// From then on it opens nothing.
    pub(crate) expires_at: Timestamp,
}

/// An invitation as whoever brings its token sees it.
#[derive(Clone, Debug)]
pub(crate) struct Invited {
    pub(crate) role: Role,
    /// The address whose reader has the token; none where it was handed over.
    mailed_to: Option<String>,
}

impl Invited {
    pub(super) fn new(role: Role, mailed_to: Option<String>) -> Self {
        Self { role, mailed_to }
    }

    /// Whether it shows that its bearer reads the mail of this address.
    pub(crate) fn shows(&self, email_key: &str) -> bool {
        self.mailed_to.as_deref() == Some(email_key)
    }
}
