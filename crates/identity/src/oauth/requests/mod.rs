//! Authorization requests: what a client asks a person for, checked once, kept until the person has decided.
//!
//! Owns `identity_authorization`. Entered by the browser that a client sends (`GET /oauth/authorize`), by clients that
//! push their request first (`POST /oauth/par`, RFC 9126), and by the page on which the person decides. Whose request it
//! is says the session of whoever decides and nothing in the request. Not here: what a decision leads to (`grants`).

pub(crate) mod back;
pub(crate) mod check;
pub(crate) mod http;
pub(crate) mod ops;
pub(crate) mod page;
pub(crate) mod push;
pub(crate) mod store;
