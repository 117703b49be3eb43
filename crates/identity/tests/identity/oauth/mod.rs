//! The authorization server, attacked through its own doors.

mod bound;
mod codes;
mod documents;
mod ends;
mod kept;
mod refresh;
mod registration;
mod requests;
mod resources;
mod way;
