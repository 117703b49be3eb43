//! Clients: the programs that ask. An admin makes some (static), some register themselves (dynamic, RFC 7591), and some
//! are described by the document that their id is the address of (client ID metadata documents).
//!
//! Owns `identity_client` and `identity_key_set`. Not here: what a person allowed them (`grants`).

pub(crate) mod addresses;
pub(crate) mod admin;
pub(crate) mod assertion;
pub(crate) mod authentication;
pub(crate) mod document;
pub(crate) mod keys;
pub(crate) mod known;
pub(crate) mod model;
pub(crate) mod registration;
pub(crate) mod store;
