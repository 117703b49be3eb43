//! Settings: where a person's clock stands, and what counts how much for them.
//!
//! Owns `mindflow_settings`. Its row is also what is held while a person's tasks are tied to each other. Door: HTTP.
//! Not here: what the weights do (`scoring`).

pub(crate) mod http;
pub(crate) mod model;
pub(crate) mod ops;
pub(crate) mod store;
