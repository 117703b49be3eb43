//! What a record says.

use serde::Serialize;
use stoa_core::{Id, Timestamp};
use utoipa::ToSchema;

/// A record of something done.
#[derive(Debug)]
pub enum RecordTag {}
/// The id of a record.
pub type RecordId = Id<RecordTag>;

/// What can be on record. The name is stable: people filter by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The first owner took the house.
    SetUp,
    /// Signed in.
    Login,
    /// Tried to sign in and was refused.
    LoginFailed,
    /// Signed out.
    Logout,
    /// Ended another session.
    SessionRevoked,
    /// Ended all other sessions.
    OtherSessionsRevoked,
    /// Ended all sessions of somebody.
    SessionsRevoked,
    /// Made a personal access token.
    TokenAdded,
    /// Revoked a personal access token.
    TokenRevoked,
    /// Chose a new password.
    PasswordChanged,
    /// Set a new password without knowing the one before: by a link, or on the machine.
    PasswordReset,
    /// Chose another name.
    UserRenamed,
    /// Made an account.
    UserAdded,
    /// Gave an account another role.
    RoleChanged,
    /// Switched an account off.
    UserDisabled,
    /// Switched an account on again.
    UserEnabled,
    /// A program registered itself.
    ClientRegistered,
    /// An admin made a client.
    ClientAdded,
    /// A client was removed.
    ClientRemoved,
    /// Let a program act for them.
    ConnectionAllowed,
    /// Did not let a program act for them.
    ConnectionDenied,
    /// Let a program act for them no more.
    ConnectionRevoked,
    /// A program gave back what it was granted.
    GrantRevoked,
    /// A code came twice: what it gave was taken back.
    CodeReplayed,
    /// A refresh token came twice: all tokens of it were taken back.
    RefreshReplayed,
    /// An agent got a token to act for a person.
    TokenExchanged,
    /// A program asked in a way that was refused.
    OauthRefused,
    /// Proved again who they are, in a session that was.
    Reauthenticated,
    /// Brought a wrong code for a second factor.
    FactorFailed,
    /// The codes of an account were tried too often, and are not taken for a while.
    FactorsLocked,
    /// Set up one-time codes from an app.
    TotpAdded,
    /// Took the one-time codes away.
    TotpRemoved,
    /// Made new backup codes; the old ones are void.
    BackupCodesMade,
    /// Used a backup code.
    BackupCodeUsed,
    /// Added a passkey.
    PasskeyAdded,
    /// Removed a passkey.
    PasskeyRemoved,
    /// A passkey counted backwards: there may be a copy of it. It was refused.
    PasskeySuspect,
    /// An account elsewhere signs in from now on.
    UpstreamLinked,
    /// It does no more.
    UpstreamUnlinked,
    /// Came back from another provider, and did not get in.
    UpstreamRefused,
    /// Took all second factors from an account.
    FactorsReset,
    /// Signed up, and showed that the address is theirs.
    UserSignedUp,
    /// Invited somebody.
    UserInvited,
    /// Took an invitation back.
    InviteWithdrawn,
    /// Too many wrong passwords.
    AccountLocked,
    /// Ended the lock with the link from the letter.
    AccountUnlocked,
    /// Made a link for choosing a new password.
    ResetLinkMade,
    /// Took the link out of a letter that could not be sent.
    MailLinkTaken,
    /// Asked for everything that is kept of them.
    ExportAsked,
    /// Asked to be erased.
    ErasureAsked,
    /// Stayed after all.
    ErasureCancelled,
    /// An account was erased.
    Erased,
}

impl Action {
    /// The name in rows and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SetUp => "setup",
            Self::Login => "login",
            Self::LoginFailed => "login.failed",
            Self::Logout => "logout",
            Self::SessionRevoked => "session.revoked",
            Self::OtherSessionsRevoked => "session.others_revoked",
            Self::SessionsRevoked => "session.all_revoked",
            Self::TokenAdded => "token.added",
            Self::TokenRevoked => "token.revoked",
            Self::PasswordChanged => "password.changed",
            Self::PasswordReset => "password.reset",
            Self::UserRenamed => "user.renamed",
            Self::UserAdded => "user.added",
            Self::RoleChanged => "user.role_changed",
            Self::UserDisabled => "user.disabled",
            Self::UserEnabled => "user.enabled",
            Self::ClientRegistered => "client.registered",
            Self::ClientAdded => "client.added",
            Self::ClientRemoved => "client.removed",
            Self::ConnectionAllowed => "connection.allowed",
            Self::ConnectionDenied => "connection.denied",
            Self::ConnectionRevoked => "connection.revoked",
            Self::GrantRevoked => "grant.revoked",
            Self::CodeReplayed => "code.replayed",
            Self::RefreshReplayed => "refresh_token.replayed",
            Self::TokenExchanged => "token.exchanged",
            Self::OauthRefused => "oauth.refused",
            Self::Reauthenticated => "login.confirmed",
            Self::FactorFailed => "mfa.failed",
            Self::FactorsLocked => "mfa.locked",
            Self::TotpAdded => "totp.added",
            Self::TotpRemoved => "totp.removed",
            Self::BackupCodesMade => "backup_codes.made",
            Self::BackupCodeUsed => "backup_code.used",
            Self::PasskeyAdded => "passkey.added",
            Self::PasskeyRemoved => "passkey.removed",
            Self::PasskeySuspect => "passkey.suspect",
            Self::UpstreamLinked => "upstream.linked",
            Self::UpstreamUnlinked => "upstream.unlinked",
            Self::UpstreamRefused => "upstream.refused",
            Self::FactorsReset => "mfa.reset",
            Self::UserSignedUp => "user.signed_up",
            Self::UserInvited => "user.invited",
            Self::InviteWithdrawn => "invite.withdrawn",
            Self::AccountLocked => "account.locked",
            Self::AccountUnlocked => "account.unlocked",
            Self::ResetLinkMade => "password.link_made",
            Self::MailLinkTaken => "mail.link_taken",
            Self::ExportAsked => "account.export_asked",
            Self::ErasureAsked => "account.erasure_asked",
            Self::ErasureCancelled => "account.erasure_cancelled",
            Self::Erased => "account.erased",
        }
    }
}

/// What was done.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = AuditRow)]
pub struct Record {
    /// Its id.
    pub id: RecordId,
    /// When.
    pub at: Timestamp,
    /// What.
    #[schema(example = "token.added")]
    pub action: String,
    /// Who: an address, `house` (the machine itself) or `nobody`.
    #[schema(example = "ada@example.org")]
    pub actor: String,
    /// To what or whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "lab upload script")]
    pub subject: Option<String>,
    /// From where.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "203.0.113.9")]
    pub ip: Option<String>,
    /// The request's id, under which the log knows more.
    #[schema(example = "q3Zk1vB7xTn0aWcE")]
    pub request_id: String,
}
