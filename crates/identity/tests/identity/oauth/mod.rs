//! The authorization server, attacked through its own doors.

pub(crate) mod codes;
mod documents;
pub(crate) mod outside;
mod rates;
mod refresh;
pub(crate) mod registration;
mod requests;
mod resources;
pub(crate) mod way;
