//! Assignments: a document that somebody uploaded, with the tasks found in it.
//!
//! Owns `labmate_lab` and `labmate_task`, and the blob of the document. Doors: HTTP and the job that reads the
//! document. Not here: what the code does when it runs (`runs`).

pub mod find;
pub mod http;
pub mod jobs;
pub mod model;
pub mod ops;
pub(crate) mod store;
