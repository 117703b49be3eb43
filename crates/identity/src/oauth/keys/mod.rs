//! The keys that sign tokens: one of each algorithm signs, others are still or already published, so that no client
//! meets a token whose key it cannot find (RFC 7517).
//!
//! Owns `identity_signing_key`. Not here: what is signed (`access`, `token`).

pub(crate) mod model;
pub(crate) mod ops;
pub(crate) mod store;
