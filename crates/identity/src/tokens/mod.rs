//! Personal access tokens: what a script or a tool shows to act for a person, within scopes.
//!
//! Owns the table `identity_token`. Managed by the person at a browser, or by the house for them; never by a
//! token. Who looks after people may end them. Not here: telling on each request whose a token is (`authenticator`).

pub(crate) mod admin;
pub(crate) mod http;
pub mod model;
pub mod ops;
pub(crate) mod store;
