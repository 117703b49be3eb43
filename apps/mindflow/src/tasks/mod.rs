//! Tasks: what a person means to do, in which state it is, and what must be done before it.
//!
//! Owns `mindflow_task` and `mindflow_dependency`. Doors: HTTP, tools for models, and the sweep of what was deleted
//! long ago. Not here: which task comes first and why (`scoring`),
//! what a line of plain words means (`quick_add`).

pub(crate) mod http;
pub(crate) mod jobs;
pub(crate) mod lists;
pub(crate) mod mcp;
pub(crate) mod model;
pub(crate) mod names;
pub(crate) mod ops;
pub(crate) mod store;
pub(crate) mod view;
pub(crate) mod wish;
