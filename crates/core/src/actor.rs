//! Who acts. Only a verified credential makes a `User`; no header, query or body can.

use std::{fmt, str::FromStr};

use crate::{Audience, Error, GrantId, Result, Scopes, SessionId, TokenId, UserId};

/// Who acts in a request, a tool call or a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// No credential was shown.
    Nobody,
    /// The house itself: a schedule, a sweep, the command line on the machine.
    House,
    /// A person, by a credential that was checked.
    User(User),
}

/// A person who acts, and how they showed who they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Who.
    pub id: UserId,
    /// What they are in this house.
    pub role: Role,
    /// What the credential allows.
    pub scopes: Scopes,
    /// The credential itself.
    pub via: Credential,
}

/// What showed who the caller is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// A session cookie.
    Session(SessionId),
    /// A personal access token.
    Token(TokenId),
    /// An access token of OAuth, under what a person granted to a client, for these resources.
    Grant(GrantId, Audience),
    /// A job that acts for the person who asked for it.
    Job,
}

/// What a person is in this house.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Uses the apps.
    Member,
    /// Looks after people and settings.
    Admin,
    /// Installed the house; cannot be removed by an admin.
    Owner,
}

impl Actor {
    /// The person who acts, if their credential allows `needed`. The only way to a caller's id.
    ///
    /// # Errors
    /// `unauthenticated` for nobody, `insufficient_scope` where the credential does not reach that far.
    #[track_caller]
    pub fn user(&self, needed: Scopes) -> Result<&User> {
        match self {
            Self::User(user) if user.scopes.has(needed) => Ok(user),
            Self::User(_) => Err(Error::forbidden(format!("this credential lacks the scope `{needed}`"))
                .code("insufficient_scope")),
            Self::Nobody | Self::House => Err(Error::unauthenticated("sign in first")),
        }
    }

    /// The person who acts, if they came with a session: credentials and sessions are changed only so.
    ///
    /// # Errors
    /// `unauthenticated` for nobody, `forbidden` for any other credential.
    #[track_caller]
    pub fn at_the_browser(&self) -> Result<(&User, SessionId)> {
        match self {
            Self::User(user) => match user.via {
                Credential::Session(session) => Ok((user, session)),
                Credential::Token(_) | Credential::Grant(..) | Credential::Job => {
                    Err(Error::forbidden("this needs a signed-in browser, not a token")
                        .code("session_required"))
                }
            },
            Self::Nobody | Self::House => Err(Error::unauthenticated("sign in first")),
        }
    }

    /// The admin or owner who acts, signed in at a browser.
    ///
    /// # Errors
    /// As [`Actor::at_the_browser`]; `forbidden` for a member.
    #[track_caller]
    pub fn admin(&self) -> Result<&User> {
        let (user, _) = self.at_the_browser()?;
        if user.role >= Role::Admin { Ok(user) } else { Err(Error::forbidden("this is for admins")) }
    }
}

/// For logs: `nobody`, `house`, or `user:ID`.
impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nobody => f.write_str("nobody"),
            Self::House => f.write_str("house"),
            Self::User(user) => write!(f, "user:{}", user.id),
        }
    }
}

impl Credential {
    /// Which resources it opens.
    pub const fn audience(self) -> Option<Audience> {
        match self {
            Self::Grant(_, audience) => Some(audience),
            Self::Session(_) | Self::Token(_) | Self::Job => None,
        }
    }
}

impl Role {
    /// The name in rows, in JSON and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Member => "member",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }
}

impl FromStr for Role {
    type Err = Error;
    fn from_str(text: &str) -> Result<Self> {
        match text {
            "member" => Ok(Self::Member),
            "admin" => Ok(Self::Admin),
            "owner" => Ok(Self::Owner),
            _ => Err(Error::invalid("a role is `member`, `admin` or `owner`")),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Kind, TestClock, TestRng};

    fn person(role: Role, scopes: Scopes, token: bool) -> Actor {
        let (clock, rng) = (TestClock::new().0, TestRng::seeded(1));
        let via = if token {
            Credential::Token(TokenId::new(&clock, &rng))
        } else {
            Credential::Session(SessionId::new(&clock, &rng))
        };
        Actor::User(User { id: UserId::new(&clock, &rng), role, scopes, via })
    }

    #[test]
    fn nobody_is_asked_to_sign_in_and_a_weak_token_is_told_so() {
        assert_eq!(Actor::Nobody.user(Scopes::NONE).unwrap_err().kind(), Kind::Unauthenticated);
        assert_eq!(Actor::House.user(Scopes::NONE).unwrap_err().kind(), Kind::Unauthenticated);
        let reader = person(Role::Member, Scopes::LABS_READ, true);
        assert!(reader.user(Scopes::LABS_READ).is_ok());
        assert_eq!(reader.user(Scopes::LABS_WRITE).unwrap_err().stable_code(), "insufficient_scope");
    }

    #[test]
    fn a_token_is_no_browser_and_a_member_no_admin() {
        assert!(person(Role::Owner, Scopes::EVERYTHING, true).admin().is_err());
        assert!(person(Role::Member, Scopes::EVERYTHING, false).admin().is_err());
        assert!(person(Role::Admin, Scopes::EVERYTHING, false).admin().is_ok());
    }
}
