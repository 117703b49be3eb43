//! Sessions: signing in and out, and the browsers that are signed in.
//!
//! Owns the table `identity_session`. Not here: how the cookie travels (`edge`), and telling on each request who
//! is calling (`authenticator`).

pub(crate) mod admin;
pub(crate) mod fresh;
pub(crate) mod http;
pub(crate) mod methods;
pub mod model;
pub mod ops;
pub(crate) mod second;
pub(crate) mod steps;
pub(crate) mod store;
