//! The revisions of the protocol that are spoken here.
//!
//! *Modern* ones (2026-07-28 on) tell version and capabilities with every request and have no handshake; *legacy*
//! ones begin with `initialize`. Both are served without a session: none of them needs one (MCP basic/versioning).

/// A revision of the protocol, named by its date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Revision {
    /// 2025-03-26: the first with this transport, and the only one with batches.
    March2025,
    /// 2025-06-18: no batches; the version stands in a header; tools have structured output.
    June2025,
    /// 2025-11-25: the last with a handshake.
    November2025,
    /// 2026-07-28: stateless.
    July2026,
}

impl Revision {
    /// All, newest first: the order in which they are offered.
    pub(crate) const ALL: [Self; 4] = [Self::July2026, Self::November2025, Self::June2025, Self::March2025];

    /// What a request without the version header speaks (2025-11-25 transports, Protocol Version Header).
    pub(crate) const UNSAID: Self = Self::March2025;

    /// What `initialize` settles on when it asks for something that is not spoken here.
    pub(crate) const NEWEST_LEGACY: Self = Self::November2025;

    /// The date that names it.
    pub const fn date(self) -> &'static str {
        match self {
            Self::March2025 => "2025-03-26",
            Self::June2025 => "2025-06-18",
            Self::November2025 => "2025-11-25",
            Self::July2026 => "2026-07-28",
        }
    }

    pub(crate) fn of_date(date: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|revision| revision.date() == date)
    }

    /// Whether every request stands for itself.
    pub const fn is_modern(self) -> bool {
        matches!(self, Self::July2026)
    }

    pub(crate) fn dates() -> Vec<&'static str> {
        Self::ALL.map(Self::date).to_vec()
    }
}
