//! Reports: the assignment with the answers in it, and the evidence of how they came about.
//!
//! Owns `labmate_report` and the blobs of finished reports. Doors: HTTP and the job that writes one.
//! Not here: how a DOCX is written (`stoa-documents`), what ran (`runs`).

pub(crate) mod build;
pub mod http;
pub mod jobs;
pub mod model;
pub mod ops;
pub(crate) mod store;
