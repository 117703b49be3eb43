//! How somebody proved who they are: the values of `amr` (RFC 8176 §2) that can occur here.

use std::{fmt, str::FromStr};

use stoa_core::{Error, Result};

/// A set of methods by which somebody proved who they are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Methods(u8);

impl Methods {
    /// A password.
    pub(crate) const PASSWORD: Self = Self(1);
    /// A one-time code, from an app or off the list of backup codes.
    pub(crate) const OTP: Self = Self(1 << 1);
    /// A key that was proven to be held: a passkey.
    pub(crate) const KEY: Self = Self(1 << 2);
    /// Somebody was there and was recognised by the device that holds the key.
    pub(crate) const USER: Self = Self(1 << 3);
    /// More than one kind of factor.
    pub(crate) const MFA: Self = Self(1 << 4);
    /// Another provider of identities, which says what it asked for or does not. RFC 8176 has no name for it.
    pub(crate) const UPSTREAM: Self = Self(1 << 5);
    /// A passkey that recognised its user: something one has, and something one is or knows.
    pub(crate) const PASSKEY: Self = Self(Self::KEY.0 | Self::USER.0 | Self::MFA.0);

    const NAMES: [(&str, Self); 6] = [
        ("pwd", Self::PASSWORD),
        ("otp", Self::OTP),
        ("hwk", Self::KEY),
        ("user", Self::USER),
        ("mfa", Self::MFA),
        ("fed", Self::UPSTREAM),
    ];

    /// Both.
    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether all of `others` are among them.
    pub(crate) const fn has(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }

    /// Their names, as a token says them in `amr`.
    pub(crate) fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES.into_iter().filter(move |(_, method)| self.has(*method)).map(|(name, _)| name)
    }
}

/// The names with blanks between, as in rows.
impl fmt::Display for Methods {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names().collect::<Vec<_>>().join(" "))
    }
}

impl fmt::Debug for Methods {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Methods({self})")
    }
}

impl FromStr for Methods {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        text.split_whitespace().try_fold(Self(0), |all, name| {
            let known = Self::NAMES.iter().find(|(known, _)| *known == name);
            let (_, method) = known.ok_or_else(|| Error::invalid("that is no way to prove who one is"))?;
            Ok(all.and(*method))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_written_as_rfc_8176_names_them_and_read_back() {
        let both = Methods::PASSWORD.and(Methods::OTP).and(Methods::MFA);
        assert_eq!(both.to_string(), "pwd otp mfa");
        assert_eq!("mfa otp pwd".parse::<Methods>().unwrap(), both);
        assert_eq!(Methods::PASSKEY.to_string(), "hwk user mfa");
        assert!("pwd magic".parse::<Methods>().is_err());
        assert!(both.has(Methods::OTP) && !both.has(Methods::KEY));
    }
}
