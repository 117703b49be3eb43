//! Exports: everything that the house keeps of a person, in one file for them (GDPR articles 15 and 20).
//!
//! Owns the table `identity_export` and the blobs that it names. A person asks at the browser, having proven a moment ago
//! who they are; a job writes the file, streaming from the rows and blobs of every part into a blob of its own; for seven
//! days they alone can download it. Not here: what a part keeps (each brings a `Personal`), and erasing (`erasure`).

mod account;
mod archive;
pub(crate) mod http;
pub(crate) mod jobs;
pub(crate) mod model;
pub(crate) mod ops;
pub(crate) mod store;
