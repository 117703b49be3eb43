//! People, and the rules about who may change whom.

use serde::{Deserialize, Serialize};
use stoa_core::{Error, Result, Role, Secret, Timestamp, UserId};
use utoipa::ToSchema;

/// A person, as they see themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct User {
    /// Who.
    pub id: UserId,
    /// The address they sign in with, as it was typed.
    #[schema(example = "ada@example.org")]
    pub email: String,
    /// What they are called.
    #[schema(example = "Ada Lovelace")]
    pub display_name: String,
    /// What they are in this house.
    pub role: RoleName,
    /// Since when.
    pub created_at: Timestamp,
    /// When the account is erased, where they asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime, example = "2030-01-01T00:00:00.000000Z")]
    pub erase_at: Option<Timestamp>,
}

/// A person, as those who look after the house see them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AdminUser {
    /// Who.
    pub id: UserId,
    /// The address they sign in with, as it was typed.
    #[schema(example = "ada@example.org")]
    pub email: String,
    /// What they are called.
    #[schema(example = "Ada Lovelace")]
    pub display_name: String,
    /// What they are in this house.
    pub role: RoleName,
    /// Since when.
    pub created_at: Timestamp,
    /// Whether the account is switched off.
    pub disabled: bool,
    /// When they last used it, give or take a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_seen_at: Option<Timestamp>,
}

/// What a person is in this house, as it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = Role)]
pub enum RoleName {
    /// Installed the house; cannot be touched by an admin.
    Owner,
    /// Looks after people and settings.
    Admin,
    /// Uses the apps.
    Member,
}

impl From<Role> for RoleName {
    fn from(role: Role) -> Self {
        match role {
            Role::Owner => Self::Owner,
            Role::Admin => Self::Admin,
            Role::Member => Self::Member,
        }
    }
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Owner => Self::Owner,
            RoleName::Admin => Self::Admin,
            RoleName::Member => Self::Member,
        }
    }
}

/// Somebody who shall get an account.
#[derive(Debug)]
pub struct NewUser {
    /// The address they will sign in with.
    pub email: String,
    /// What they are called.
    pub display_name: String,
    /// Their first password.
    pub password: Secret,
    /// What they will be.
    pub role: Role,
}

/// What may be changed about somebody else.
#[derive(Clone, Copy, Debug, Default)]
pub struct Change {
    /// What they shall be.
    pub role: Option<Role>,
    /// Whether their account is switched off.
    pub disabled: Option<bool>,
}

/// An address to sign in with. Compared without regard to case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Email {
    /// As it was typed.
    pub(crate) shown: String,
    /// As it is compared.
    pub(crate) key: String,
}

/// Longest address, in bytes (RFC 5321 §4.5.3.1.3, without the brackets).
const EMAIL_BYTES: usize = 254;
/// Longest name, in characters.
const NAME_CHARACTERS: usize = 100;

impl Email {
    /// Reads an address. Whether mail arrives there only mail can tell; this keeps out what is none.
    pub(crate) fn parse(text: &str) -> Result<Self> {
        let shown = text.trim();
        let sane = shown.len() <= EMAIL_BYTES
            && !shown.contains(|c: char| c.is_whitespace() || c.is_control() || "<>(),;:\\\"[]".contains(c))
            && shown.split_once('@').is_some_and(|(local, domain)| {
                (1..=64).contains(&local.len())
                    && !domain.contains('@')
                    && domain.split('.').all(|label| {
                        !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-')
                    })
            });
        if sane {
            Ok(Self { shown: shown.to_owned(), key: Self::key(shown) })
        } else {
            Err(Error::field("/email", "is no e-mail address, like ada@example.org"))
        }
    }

    /// What an address is compared by, also when it is none. Beyond the longest address the rest is left out, and the
    /// character that PostgreSQL cannot keep becomes another: neither is anybody's.
    pub(crate) fn key(text: &str) -> String {
        let kept = text.trim().chars().take(EMAIL_BYTES + 1);
        kept.map(|c| if c == '\0' { char::REPLACEMENT_CHARACTER } else { c })
            .collect::<String>()
            .to_lowercase()
    }
}

/// A name that can be shown: something, on one line, not too long.
pub(crate) fn display_name(text: &str) -> Result<String> {
    let name = text.trim();
    let count = name.chars().count();
    if (1..=NAME_CHARACTERS).contains(&count) && !name.chars().any(char::is_control) {
        Ok(name.to_owned())
    } else {
        Err(Error::field("/display_name", format!("must have 1 to {NAME_CHARACTERS} characters on one line")))
    }
}

/// Who looks after people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caretaker {
    /// The command line on the machine.
    House,
    /// An admin or owner.
    Person(UserId, Role),
}

impl Caretaker {
    /// May they make somebody this?
    pub(crate) fn may_grant(self, role: Role) -> Result<()> {
        match self {
            Self::Person(_, own) if own < role => Err(Error::forbidden("only an owner can make an owner")),
            Self::Person(..) | Self::House => Ok(()),
        }
    }

    /// May they make this change to somebody who is `role` now? `last` says that no other owner is active.
    pub(crate) fn may_change(self, target: UserId, role: Role, change: Change, last: bool) -> Result<()> {
        if let Self::Person(own_id, own) = self {
            if own < role {
                return Err(Error::forbidden("only an owner can change an owner"));
            }
            if change.disabled == Some(true) && own_id == target {
                return Err(Error::conflict("you cannot disable yourself").code("own_account"));
            }
        }
        if let Some(new) = change.role {
            self.may_grant(new)?;
        }
        let goes = change.disabled == Some(true) || change.role.is_some_and(|new| new < Role::Owner);
        if role == Role::Owner && goes && last {
            return Err(
                Error::conflict("this is the last owner; make somebody else one first").code("last_owner")
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use stoa_core::{TestClock, TestRng};

    use super::*;

    #[test]
    fn addresses_are_compared_without_case_and_shown_as_typed() {
        let email = Email::parse(" Ada.L+x@Example.ORG ").unwrap();
        assert_eq!((&*email.shown, &*email.key), ("Ada.L+x@Example.ORG", "ada.l+x@example.org"));
        for good in ["a@b", "jürgen@straße.example", "o'neil@x-y.example"] {
            assert!(Email::parse(good).is_ok(), "{good}");
        }
        let long = format!("{}@example.org", "a".repeat(65));
        for bad in ["", "a", "@b", "a@", "a@b@c", "a b@c", "a@b..c", "a@.b", "<a@b>", "a@b\r\nBcc: x", &long]
        {
            assert!(Email::parse(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn names_are_one_line() {
        assert_eq!(display_name("  Ada ").unwrap(), "Ada");
        for bad in ["", "  ", "a\nb", &"x".repeat(101)] {
            assert!(display_name(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn who_may_change_whom() {
        let (clock, rng) = (TestClock::new().0, TestRng::seeded(1));
        let (own, other) = (UserId::new(&clock, &rng), UserId::new(&clock, &rng));
        let (admin, owner) = (Caretaker::Person(own, Role::Admin), Caretaker::Person(own, Role::Owner));
        let off = Change { disabled: Some(true), role: None };
        let to = |role| Change { role: Some(role), disabled: None };
        let ask = |by: Caretaker, target, role, change, last| match by.may_change(target, role, change, last)
        {
            Ok(()) => "yes",
            Err(error) => error.stable_code(),
        };
        assert_eq!(ask(admin, other, Role::Owner, off, false), "forbidden");
        assert_eq!(ask(admin, other, Role::Member, to(Role::Owner), false), "forbidden");
        assert_eq!(ask(admin, other, Role::Member, to(Role::Admin), false), "yes");
        assert_eq!(ask(admin, other, Role::Admin, off, false), "yes");
        assert_eq!(ask(admin, own, Role::Admin, off, false), "own_account");
        assert_eq!(ask(admin, own, Role::Admin, to(Role::Member), false), "yes");
        assert_eq!(ask(owner, own, Role::Owner, to(Role::Admin), true), "last_owner");
        assert_eq!(ask(owner, own, Role::Owner, to(Role::Admin), false), "yes");
        assert_eq!(ask(owner, own, Role::Owner, to(Role::Owner), true), "yes");
        assert_eq!(ask(Caretaker::House, own, Role::Owner, off, true), "last_owner");
    }
}
