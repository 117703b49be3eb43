//! The authorization server, attacked through its own doors.

mod codes;
mod documents;
mod refresh;
pub(crate) mod registration;
mod requests;
mod resources;
pub(crate) mod way;
