//! What a letter is.

use std::{str::FromStr, time::Duration};

use serde::Serialize;
use stoa_core::{Error, Id, Result, Secret, Timestamp, UserId};
use stoa_store::Once;
use url::Url;
use utoipa::ToSchema;

/// A letter.
#[derive(Debug)]
pub enum LetterTag {}
/// The id of a letter.
pub type LetterId = Id<LetterTag>;

/// Longest subject, in characters.
const SUBJECT_CHARACTERS: usize = 200;
/// Longest text, in bytes.
const TEXT_BYTES: usize = 64 << 10;
/// The line of a text that becomes the link.
pub(crate) const LINK_LINE: &str = "{link}";

/// A letter to somebody, still to be posted.
#[derive(Clone, Debug)]
pub struct Letter {
    pub(crate) to: To,
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) private: bool,
    pub(crate) link: Option<Link>,
}

/// Whom a letter is for.
#[derive(Clone, Debug)]
pub(crate) enum To {
    /// Somebody with an account, at the address they have when it is posted.
    Person(UserId),
    /// An address, with the account it belongs to, if any.
    Address { shown: String, user: Option<UserId> },
}

/// A link that a letter carries. It is made when the letter leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) to: Page,
    /// What whoever opens it brings along; kept with the digest of its token.
    pub(crate) value: String,
    /// From then on it opens nothing.
    pub(crate) until: Timestamp,
}

/// The page that a link leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    /// Shows that an address is one's own.
    Verify,
    /// Chooses a new password.
    Reset,
    /// Ends a lock.
    Unlock,
    /// Begins a sign-up that somebody was invited to.
    Invite,
}

impl Page {
    /// Its name in rows.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Verify => "verify",
            Self::Reset => "reset",
            Self::Unlock => "unlock",
            Self::Invite => "invite",
        }
    }

    /// Where its tokens are kept.
    pub(crate) const fn once(self) -> Once {
        Once {
            kind: match self {
                Self::Verify => "identity.verify",
                Self::Reset => "identity.reset",
                Self::Unlock => "identity.unlock",
                Self::Invite => "identity.invite",
            },
        }
    }

    /// The address of the page with the token. It stands behind the `#`, which no browser sends to anybody.
    pub(crate) fn address(self, house: &Url, token: &Secret) -> Secret {
        let house = house.as_str().trim_end_matches('/');
        let (path, name) = match self {
            Self::Verify => ("verify", "token"),
            Self::Reset => ("reset", "token"),
            Self::Unlock => ("unlock", "token"),
            Self::Invite => ("signup", "invite"),
        };
        Secret::new(format!("{house}/{path}#{name}={}", token.expose()))
    }
}

impl FromStr for Page {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        [Self::Verify, Self::Reset, Self::Unlock, Self::Invite]
            .into_iter()
            .find(|page| page.as_str() == text)
            .ok_or_else(|| Error::internal(format!("`{text}` is no page that a letter links to")))
    }
}

impl Letter {
    /// A letter from an app to somebody with an account. Only they may read it: the outbox shows that there is one,
    /// not what it says.
    pub fn to_person(user: UserId, subject: impl Into<String>, text: impl Into<String>) -> Self {
        Self { to: To::Person(user), subject: subject.into(), text: text.into(), private: true, link: None }
    }

    /// A letter about somebody's account.
    pub(crate) fn about_account(to: To, subject: &str, text: String) -> Self {
        Self { to, subject: subject.into(), text, private: false, link: None }
    }

    /// A letter to nobody: as much work as any, and then it is gone.
    pub(crate) fn blank() -> Self {
        Self::about_account(To::Address { shown: String::new(), user: None }, "-", " ".repeat(600))
    }

    /// The same with a link, which takes the place of the line `{link}`.
    pub(crate) fn with_link(self, to: Page, value: String, until: Timestamp) -> Self {
        Self { link: Some(Link { to, value, until }), ..self }
    }

    /// Refuses what could not be sent as it is: a subject of more than one line would be further headers
    /// (RFC 5322 §2.2).
    pub(crate) fn check(&self) -> Result<()> {
        let subject = self.subject.chars();
        if self.subject.is_empty() || subject.clone().count() > SUBJECT_CHARACTERS {
            return Err(Error::invalid(format!("a subject has 1 to {SUBJECT_CHARACTERS} characters")));
        }
        if subject.clone().any(char::is_control) {
            return Err(Error::invalid("a subject is one line"));
        }
        if self.text.len() > TEXT_BYTES || self.text.contains('\0') {
            return Err(Error::invalid(format!("a letter has at most {TEXT_BYTES} bytes of text")));
        }
        Ok(())
    }
}

/// Where a letter stands. `queued → sent | kept | failed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = LetterState)]
pub enum State {
    /// Waits to be sent.
    Queued,
    /// The mail server has it; its text is no longer kept.
    Sent,
    /// There is no mail server: somebody has to hand it over.
    Kept,
    /// The mail server did not take it.
    Failed,
}

/// What became of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fate {
    /// Where it stands.
    pub state: State,
    /// When the mail server took it.
    pub sent_at: Option<Timestamp>,
}

impl State {
    /// The name in rows.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sent => "sent",
            Self::Kept => "kept",
            Self::Failed => "failed",
        }
    }
}

impl FromStr for State {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        [Self::Queued, Self::Sent, Self::Kept, Self::Failed]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| Error::internal(format!("`{text}` is not the state of a letter")))
    }
}

/// A letter in the outbox.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Letter)]
pub struct Kept {
    /// Its id.
    pub id: LetterId,
    /// To which address.
    #[schema(example = "ada@example.org")]
    pub to: String,
    /// About what; left out of a letter that is nobody else's business.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Choose a new password")]
    pub subject: Option<String>,
    /// What it says, until it is sent, with `{link}` where the link belongs; left out of a letter that is nobody
    /// else's business.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Hello Ada,\n\nsomebody asked for a new password for your account.\n\n{link}\n")]
    pub text: Option<String>,
    /// Where it stands.
    pub state: State,
    /// Why it could not be sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "the mail server refused it: 550 no such user")]
    pub problem: Option<String>,
    /// Whether its link can be taken out, by an owner, to be handed over.
    pub link: bool,
    /// Since when it waits.
    pub created_at: Timestamp,
    /// When it was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Timestamp>,
}

/// A link that was taken out of a letter.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LetterLink)]
pub struct Taken {
    /// The link, shown now and never again. It opens its page once.
    #[schema(example = "https://stoa.example/reset#token=0123456789abcdefghijABCDEFGHIJ0123456789abc")]
    pub url: String,
    /// From then on it opens nothing.
    pub expires_at: Timestamp,
}

/// What is said of a link that opens nothing, whatever the reason.
pub(crate) fn no_link() -> Error {
    Error::forbidden("this link is no longer good; ask for a new one").code("invalid_link")
}

/// A point in time as letters tell it.
pub(crate) fn moment(at: Timestamp) -> String {
    let text = at.to_string();
    format!("{} {} UTC", &text[..10], &text[11..16])
}

/// A length of time as letters tell it.
pub(crate) fn lasting(time: Duration) -> String {
    let minutes = time.as_secs().div_ceil(60);
    let said = |number: u64, one: &str| format!("{number} {one}{}", if number == 1 { "" } else { "s" });
    match minutes {
        0..=120 => said(minutes, "minute"),
        121..=2880 => said(minutes.div_ceil(60), "hour"),
        _ => said(minutes.div_ceil(24 * 60), "day"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_cannot_bring_further_headers() {
        let letter = |subject: &str| {
            let to = To::Address { shown: "ada@example.org".into(), user: None };
            Letter::about_account(to, subject, "text".into()).check()
        };
        assert!(letter("Ünïcode 🦀 and \"quotes\"").is_ok());
        for bad in ["", "a\r\nBcc: eve@example.org", "a\nb", "a\rb", "a\0b", &"x".repeat(201)] {
            assert!(letter(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn times_are_told_as_people_say_them() {
        assert_eq!(moment("2026-01-05T09:03:59Z".parse().unwrap()), "2026-01-05 09:03 UTC");
        let said = [30 * 60, 60, 24 * 3600, 7 * 24 * 3600].map(|s| lasting(Duration::from_secs(s)));
        assert_eq!(said, ["30 minutes", "1 minute", "24 hours", "7 days"]);
    }
}
