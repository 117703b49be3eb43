//! Runs: a task's code, in a cell, once.
//!
//! Owns `labmate_run` and `labmate_file`, and the blobs of files that programs left. Doors: HTTP and the job
//! that runs several tasks one after the other. Not here: how a cell is made (`stoa-sandbox`).

pub mod http;
pub mod jobs;
pub mod model;
pub mod ops;
pub(crate) mod store;
