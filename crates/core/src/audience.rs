//! Audiences: which of this server's resources a token is for (RFC 8707, RFC 9068 §2.2).

use std::fmt;

/// A set of resources. A token of OAuth names those it was issued for and opens no other; what a person holds in
/// their own hands (a session, a personal access token) opens all.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Audience(u8);

impl Audience {
    /// For nothing.
    pub const NONE: Self = Self(0);
    /// The API, `/api/v1`.
    pub const API: Self = Self(1);
    /// The MCP endpoint, `/mcp`.
    pub const MCP: Self = Self(2);
    /// What OpenID Connect says about the person, `/oauth/userinfo`.
    pub const USERINFO: Self = Self(4);
    /// Every resource there is, with its path below the public address.
    pub const ALL: &'static [(&'static str, Self)] =
        &[("/api/v1", Self::API), ("/mcp", Self::MCP), ("/oauth/userinfo", Self::USERINFO)];

    /// Whether all of `other` is in here.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both together.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in both.
    pub const fn within(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether it is for nothing.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The resource with this path.
    pub fn of_path(path: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == path).map(|(_, resource)| *resource)
    }

    /// The paths, in order.
    pub fn paths(self) -> impl Iterator<Item = &'static str> {
        Self::ALL.iter().filter(move |(_, one)| self.has(*one)).map(|(path, _)| *path)
    }
}

impl fmt::Debug for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.paths()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audience_is_the_resources_it_names() {
        let both = Audience::API.and(Audience::MCP);
        assert!(both.has(Audience::MCP) && !Audience::MCP.has(both) && !both.is_empty());
        assert_eq!(both.paths().collect::<Vec<_>>(), ["/api/v1", "/mcp"]);
        assert_eq!(both.within(Audience::MCP.and(Audience::USERINFO)), Audience::MCP);
        assert_eq!(Audience::of_path("/mcp"), Some(Audience::MCP));
        assert_eq!(Audience::of_path("/mcp/"), None);
    }
}
