//! The abuse list, row by row, against the real sandbox. Each row also leaves nothing behind, and the next job runs
//! normally. As root, the whole list runs once more as an ordinary user, without control groups.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod end;
mod files;
mod kernel;
mod limits;
mod memory;
mod network;
mod ordinary;
mod output;
mod processes;
mod tool;
mod view;
mod world;
