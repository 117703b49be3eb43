//! People: who has an account here, what they are in this house, and how the first of them comes in.
//!
//! Owns the table `identity_user` and the set-up claim. Entered over HTTP (the person themself, an admin) and
//! from the command line (the house itself). Not here: signing in (that is `sessions`).

pub(crate) mod admin;
pub(crate) mod http;
pub mod model;
pub mod ops;
pub mod setup;
pub(crate) mod store;
