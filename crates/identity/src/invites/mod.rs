//! Invitations: links with which somebody may sign up, once.
//!
//! Owns the table `identity_invite`. Each has two tokens at most: the one that is shown to whoever invites, and the one
//! that goes by mail. Only the second shows that its reader has the address. Not here: signing up itself.

pub(crate) mod http;
pub(crate) mod letters;
pub(crate) mod model;
pub(crate) mod ops;
pub(crate) mod store;
