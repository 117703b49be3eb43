//! The authorization server, attacked through its own doors.

mod bound;
pub(crate) mod codes;
mod documents;
mod ends;
mod kept;
mod rates;
mod refresh;
pub(crate) mod registration;
mod requests;
mod resources;
pub(crate) mod way;
