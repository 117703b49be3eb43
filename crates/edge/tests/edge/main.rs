//! The manners of the network side, tried from outside: in process where that is enough, over real sockets where
//! time and connections matter.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod house;

mod health;
mod idempotency;
mod jobs;
mod limits;
mod lines;
mod logs;
mod manners;
mod mcp;
mod out;
mod pages;
mod streams;
mod toolbox;
