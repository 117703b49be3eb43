//! What people granted: the connection (a person and a client, remembered and revoked as one), the codes handed out, and
//! the grants (each authorization with the tokens that come of it).
//!
//! Owns `identity_connection`, `identity_code`, `identity_grant`. Entered by whoever decides (`requests`, `device`), by
//! the token endpoint, and by the person who looks at their connections and revokes them, or who looks
//! after that person. Not here: what a token says
//! (`access`).

pub(crate) mod admin;
pub(crate) mod code;
pub(crate) mod connection;
pub(crate) mod http;
pub(crate) mod model;
pub(crate) mod ops;
pub(crate) mod store;
