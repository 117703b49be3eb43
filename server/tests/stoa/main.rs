//! The program from outside: real processes, real sockets, a data folder each.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends here")]

mod house;
mod log;
mod openapi;
mod people;
mod programs;
mod rules;
mod schema;
mod serve;
mod settings;
