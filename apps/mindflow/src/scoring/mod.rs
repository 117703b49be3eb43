//! Scoring: which task comes first, and why.
//!
//! Owns no rows: one statement of `tasks` brings all that is open, which `open` remembers until the list changes; the rest
//! is arithmetic. Doors: HTTP, a tool for models. Not here: what counts how much for whom (`settings`).

pub(crate) mod http;
pub(crate) mod mcp;
pub(crate) mod model;
pub(crate) mod open;
pub(crate) mod ops;
pub(crate) mod rank;
mod words;
