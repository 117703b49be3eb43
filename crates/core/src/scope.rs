//! Scopes: what a token lets its bearer do.

use std::{fmt, str::FromStr};

use crate::Error;

macro_rules! scopes {
    ($($bit:literal $name:ident $text:literal),+ $(,)?) => {
        impl Scopes {
            $(#[doc = concat!("The scope `", $text, "`.")]
            pub const $name: Self = Self(1 << $bit);)+

            /// Every scope there is, with its name.
            pub const ALL: &'static [(&'static str, Self)] = &[$(($text, Self::$name)),+];
        }
    };
}

/// A set of scopes. Written as in OAuth (RFC 6749 §3.3): names with a blank between.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Scopes(u32);

scopes! {
    0 LABS_READ "labs:read",
    1 LABS_WRITE "labs:write",
    2 PROFILE "profile",
    3 EMAIL "email",
    4 TASKS_READ "tasks:read",
    5 TASKS_WRITE "tasks:write",
    6 OPENID "openid",
    7 OFFLINE_ACCESS "offline_access",
    8 TASKS_FEED "tasks:feed",
}

impl Scopes {
    /// No scope at all: enough for nothing but to be known.
    pub const NONE: Self = Self(0);

    /// Everything; what a signed-in browser has.
    pub const EVERYTHING: Self = Self(u32::MAX);

    /// What only means something in OAuth and OpenID Connect; a personal access token has none of it.
    pub const OAUTH_ONLY: Self = Self::OPENID.and(Self::OFFLINE_ACCESS);

    /// What only a personal access token is made for; no client of OAuth can ask for it, and it is not offered.
    pub const PERSONAL_ONLY: Self = Self::TASKS_FEED;

    /// All that a client of OAuth may be given.
    pub const OAUTH: Self = Self::EVERYTHING.without(Self::PERSONAL_ONLY);

    /// What is in both.
    pub const fn within(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Without those of the other.
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether there is nothing in here.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The names that are known among some, as OpenID Connect asks (Core §3.1.2.1: others are ignored).
    pub fn known_of(text: &str) -> Self {
        Self::ALL
            .iter()
            .filter(|(name, _)| text.split(' ').any(|one| one == *name))
            .fold(Self::NONE, |sum, (_, scope)| sum.and(*scope))
    }

    /// Whether all of `needed` is in here.
    pub const fn has(self, needed: Self) -> bool {
        self.0 & needed.0 == needed.0
    }

    /// Both together.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The names, in order.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::ALL.iter().filter(move |(_, scope)| self.has(*scope)).map(|(name, _)| *name)
    }
}

impl FromStr for Scopes {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self, Error> {
        text.split_ascii_whitespace().try_fold(Self::NONE, |sum, name| {
            match Self::ALL.iter().find(|(known, _)| *known == name) {
                Some((_, scope)) => Ok(sum.and(*scope)),
                None => Err(Error::invalid(format!("there is no scope `{}`", name.escape_default()))),
            }
        })
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, name) in self.names().enumerate() {
            write!(f, "{}{name}", if i == 0 { "" } else { " " })?;
        }
        Ok(())
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scopes({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_read_back_as_they_were_written() {
        let both: Scopes = "labs:write  labs:read".parse().unwrap();
        assert_eq!(both.to_string(), "labs:read labs:write");
        assert!(both.has(Scopes::LABS_READ));
        assert!(!Scopes::LABS_READ.has(both));
        assert!("labs:read root".parse::<Scopes>().is_err());
    }

    #[test]
    fn what_is_for_one_way_in_is_not_for_the_other() {
        assert!(Scopes::OAUTH.within(Scopes::PERSONAL_ONLY).is_empty());
        assert!(Scopes::PERSONAL_ONLY.within(Scopes::OAUTH_ONLY).is_empty());
        let both = Scopes::OAUTH.and(Scopes::PERSONAL_ONLY);
        assert!(Scopes::ALL.iter().all(|(_, scope)| both.has(*scope)));
    }
}
