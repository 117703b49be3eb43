//! What a provider says of somebody, what they see of it, and why a sign-in ends.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use stoa_core::{Error, Id, Secret, SessionId, Timestamp, UserId};
use utoipa::ToSchema;

use super::config::UpstreamKind;
use crate::people::model::Email;

/// A link between an account here and one elsewhere.
#[derive(Debug)]
pub(crate) enum UpstreamTag {}
/// The id of such a link.
pub(crate) type UpstreamId = Id<UpstreamTag>;

/// How long somebody may be away at a provider.
pub(super) const PATIENCE: Duration = Duration::from_secs(10 * 60);
/// Most links of one account.
pub(super) const MOST: u64 = 10;
/// Longest local address to come back to, in bytes.
const RETURN_BYTES: usize = 512;

/// A provider that one can sign in with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Upstream {
    /// Its name in addresses.
    #[schema(example = "github")]
    pub(crate) name: String,
    /// What its button says.
    #[schema(example = "GitHub")]
    pub(crate) label: String,
    /// What it speaks.
    pub(crate) kind: UpstreamKind,
}

/// An account elsewhere that signs me in here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct UpstreamLink {
    /// Its id.
    pub(crate) id: UpstreamId,
    /// The provider's name in addresses; none where it is not configured any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "github")]
    pub(crate) name: Option<String>,
    /// What the provider is called.
    #[schema(example = "GitHub")]
    pub(crate) label: String,
    /// What the account was called there when it was last used: an address or a name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "ada@example.org")]
    pub(crate) account: Option<String>,
    /// Since when.
    pub(crate) created_at: Timestamp,
    /// When it was last used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_used_at: Option<Timestamp>,
}

/// What somebody went to a provider for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To sign in, or for an account.
    SignIn,
    /// To link the provider's account to this one, in this very session.
    Link(UserId, SessionId),
}

/// What is remembered of an attempt and must be read back. Sealed.
#[derive(Serialize, Deserialize)]
pub(super) struct Remembered {
    /// The verifier of PKCE (RFC 7636 §4.1).
    pub(super) verifier: String,
    /// What comes back in the ID token.
    pub(super) nonce: String,
    /// The token of an invitation.
    pub(super) invite: Option<String>,
    /// Whether the provider promised to name itself in its answer (RFC 9207 §2.3).
    pub(super) names_itself: bool,
}

/// Who a provider says somebody is.
#[derive(Clone, Debug)]
pub(super) struct Proof {
    /// The provider.
    pub(super) issuer: String,
    /// Its own name for them, which it never gives to anybody else.
    pub(super) subject: String,
    /// Their address, if it can be one.
    pub(super) email: Option<Email>,
    /// Whether the provider says that the address is theirs.
    pub(super) verified: bool,
    /// What they are called.
    pub(super) name: Option<String>,
    /// What they recognise the account by.
    pub(super) account: Option<String>,
}

/// Most bytes of a subject (OpenID Connect Core §2: 255 ASCII characters).
const SUBJECT_BYTES: usize = 255;

impl Proof {
    /// Nothing where the subject is none.
    pub(super) fn new(
        issuer: &str,
        subject: &str,
        email: Option<&str>,
        verified: bool,
        names: [Option<&str>; 2],
    ) -> Option<Self> {
        let sane = (1..=SUBJECT_BYTES).contains(&subject.len())
            && subject.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_control());
        sane.then(|| {
            let email = email.and_then(|email| Email::parse(email).ok());
            let names = names.map(|name| name.and_then(shown));
            let account = email.as_ref().map(|email| email.shown.clone()).or_else(|| names[1].clone());
            Self {
                issuer: issuer.into(),
                subject: subject.into(),
                verified: verified && email.is_some(),
                email,
                name: names.into_iter().flatten().next(),
                account,
            }
        })
    }
}

/// A name from outside as far as it can be shown: one line, at most 100 characters.
fn shown(name: &str) -> Option<String> {
    let name: String = name.trim().chars().filter(|c| !c.is_control()).take(100).collect();
    let name = name.trim();
    (!name.is_empty()).then(|| name.to_owned())
}

/// Why a sign-in with a provider, or linking one, ended without it. The pages know these names and no other text: nothing
/// that came from outside is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// It took too long, was used, or began in another browser.
    Expired,
    /// The person said no there, or the provider did.
    Declined,
    /// The provider cannot be reached, or answers nonsense.
    Unavailable,
    /// The provider's answer does not hold.
    Untrusted,
    /// The provider does not say that the address is theirs.
    Unverified,
    /// The address has an account here, which is not linked.
    KnownAddress,
    /// Nobody can sign up.
    SignupClosed,
    /// One signs up by invitation.
    InviteRequired,
    /// The invitation is no longer good.
    InvalidInvite,
    /// The account here is switched off.
    AccountOff,
    /// It is linked to another account here.
    LinkedElsewhere,
    /// There are too many.
    TooMany,
    /// Nobody is signed in any more to link it to.
    SignedOut,
}

impl Problem {
    /// The name in addresses and records.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::Declined => "declined",
            Self::Unavailable => "unavailable",
            Self::Untrusted => "untrusted",
            Self::Unverified => "unverified",
            Self::KnownAddress => "known_address",
            Self::SignupClosed => "signup_closed",
            Self::InviteRequired => "invite_required",
            Self::InvalidInvite => "invalid_invite",
            Self::AccountOff => "account_off",
            Self::LinkedElsewhere => "linked_elsewhere",
            Self::TooMany => "too_many",
            Self::SignedOut => "signed_out",
        }
    }
}

/// Why something goes no further.
#[derive(Debug)]
pub(super) enum Stop {
    /// The person is told the problem; the record says the detail too.
    Told(Problem, &'static str),
    /// A fault of ours.
    Fault(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Fault(error)
    }
}

/// What comes of a step, or why it goes no further.
pub(super) type Outcome<T> = Result<T, Stop>;

/// The provider's answer does not hold, for this reason.
pub(super) fn untrusted<T>(why: &'static str) -> Outcome<T> {
    Err(Stop::Told(Problem::Untrusted, why))
}

/// A page of our own to come back to.
///
/// # Errors
/// `invalid` for everything that is, or might be taken for, another place.
pub(super) fn return_to(path: Option<String>) -> stoa_core::Result<Option<String>> {
    let is_local = |path: &String| {
        path.len() <= RETURN_BYTES
            && path.starts_with('/')
            && !path.starts_with("//")
            && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\' && byte != b'#')
    };
    match path {
        Some(path) if !is_local(&path) => {
            Err(Error::field("/return_to", "must be a path of this server, like `/tasks`"))
        }
        path => Ok(path),
    }
}

/// What a browser takes along to the provider.
pub(crate) struct Begun {
    /// Where to go.
    pub(crate) location: String,
    /// For its cookie.
    pub(crate) browser: Secret,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_comes_back_to_a_page_of_ours_only() {
        let is_taken = |path: &str| return_to(Some(path.into())).is_ok();
        for good in ["/", "/tasks?view=board&x=%20", "/labs/1"] {
            assert!(is_taken(good), "{good}");
        }
        let long = format!("/{}", "a".repeat(RETURN_BYTES));
        for bad in [
            "",
            "tasks",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a b",
            "/a\r\nb",
            "/#x",
            "/ä",
            &long,
        ] {
            assert!(!is_taken(bad), "{bad:?}");
        }
        assert!(return_to(None).unwrap().is_none());
    }

    #[test]
    fn what_a_provider_says_of_somebody_is_made_fit_to_show() {
        let proof =
            Proof::new("i", "s", Some("Ada@Example.org"), true, [Some(" A\u{7}da\n "), None]).unwrap();
        assert_eq!((proof.name.as_deref(), proof.account.as_deref()), (Some("Ada"), Some("Ada@Example.org")));
        let odd = Proof::new("i", "s", Some("<ada>"), true, [Some("  "), Some("ada")]).unwrap();
        assert_eq!((odd.verified, odd.email, odd.name.as_deref()), (false, None, Some("ada")));
        let long = "x".repeat(256);
        for bad in ["", "a\nb", "ä", &long] {
            assert!(Proof::new("i", bad, None, false, [None, None]).is_none(), "{bad:?}");
        }
    }
}
