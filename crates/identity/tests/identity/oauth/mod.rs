//! The authorization server, attacked through its own doors.

mod codes;
mod documents;
mod refresh;
mod registration;
mod requests;
mod resources;
pub(crate) mod way;
