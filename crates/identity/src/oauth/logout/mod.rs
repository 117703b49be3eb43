//! Signing out of all that a session opened: a client asks for it (OpenID Connect RP-Initiated Logout), and clients are
//! told of it (OpenID Connect Back-Channel Logout).
//!
//! Owns `identity_sign_on`: which clients got an ID token in which session; its id is the `sid` of those tokens. Entered
//! by the browser that a client sends (`/oauth/logout`), by the page on which the person answers, by the token endpoint,
//! which notes a sign-on, and by `sessions` whenever one ends. Nobody is signed out because a client says so: only the
//! session of whoever answers ends, and they are asked unless the client shows an ID token of that very session
//! (ASVS 10.6.2). Not here: ending the session itself (`sessions`).

pub(crate) mod http;
pub(crate) mod jobs;
pub(crate) mod model;
pub(crate) mod ops;
pub(crate) mod page;
pub(crate) mod store;
