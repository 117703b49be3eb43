//! Export: all tasks of a person as JSON that can be imported again, as a table, or as a calendar.
//!
//! Owns no rows. Door: HTTP. A file is written while it is sent, page by page. Not here: reading files (`import`).

pub(crate) mod calendar;
pub(crate) mod http;
mod lines;
pub(crate) mod model;
pub(crate) mod ops;
mod table;
mod zone;
