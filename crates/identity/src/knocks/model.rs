//! What can be asked about an address.

use std::{net::IpAddr, str::FromStr};

use stoa_core::{Error, Id, Result, Timestamp};

/// A knock.
#[derive(Debug)]
pub(crate) enum KnockTag {}
/// The id of a knock.
pub(crate) type KnockId = Id<KnockTag>;

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// An account; the subject is the sign-up.
    SignUp,
    /// The letter of the last sign-up once more.
    Resend,
    /// A new password.
    Forgot,
    /// To sign in, too often; the subject is the lock.
    Locked,
}

impl Kind {
    /// The name in rows.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::SignUp => "signup",
            Self::Resend => "resend",
            Self::Forgot => "forgot",
            Self::Locked => "locked",
        }
    }
}

impl FromStr for Kind {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        [Self::SignUp, Self::Resend, Self::Forgot, Self::Locked]
            .into_iter()
            .find(|kind| kind.as_str() == text)
            .ok_or_else(|| Error::internal(format!("`{text}` is no kind of knock")))
    }
}

/// Something that was asked about an address.
#[derive(Clone, Debug)]
pub(crate) struct Knock {
    pub(crate) kind: Kind,
    /// The address as it is compared; perhaps nobody's.
    pub(crate) email_key: String,
    /// What it is about; depends on the kind.
    pub(crate) subject: KnockId,
    /// From where.
    pub(crate) ip: Option<IpAddr>,
    /// When.
    pub(crate) at: Timestamp,
}

impl Knock {
    /// What it is about, as what its kind says it is.
    pub(crate) fn about<T>(&self) -> Id<T> {
        Id::from_uuid(self.subject.uuid())
    }

    /// From where, as a letter tells it.
    pub(crate) fn place(&self) -> String {
        self.ip.map_or_else(|| "an unknown address".to_owned(), |ip| format!("the address {ip}"))
    }
}
