//! Passkeys (WebAuthn level 3): keys that a device or a password manager holds, and that recognise their user. One signs
//! in alone, is the second step after a password, and shows that it is still the same person.
//!
//! Owns the table `identity_passkey` and the challenges. Entered over HTTP by the person themself; `sessions` asks it
//! whose answer it has. Not here: what a right answer opens.

pub(crate) mod ceremony;
pub(crate) mod http;
pub(crate) mod model;
pub(crate) mod ops;
pub(crate) mod party;
pub(crate) mod schema;
pub(crate) mod store;
