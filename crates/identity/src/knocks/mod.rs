//! Knocks: what was asked about an address at a public door.
//!
//! Owns the table `identity_knock`. The door writes a row, the same for every address, and answers; a job looks later
//! whether there is an account and what to do. So neither the answer nor its time can tell. Not here: what is done
//! (that is with `signup`, `recovery` and `lockout`).

pub(crate) mod jobs;
pub(crate) mod model;
pub(crate) mod ops;
pub(crate) mod store;
