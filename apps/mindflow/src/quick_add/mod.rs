//! Quick add: a task out of one line of plain English, as `call Ana tomorrow 3pm !4 ~15m #phone`.
//!
//! Owns no rows. Doors: HTTP, one that only shows what was understood and one that also creates. Not here: what a task
//! may be (`tasks`).

mod dates;
pub(crate) mod http;
mod marks;
pub(crate) mod mcp;
pub(crate) mod model;
pub(crate) mod ops;
mod parse;
mod recurs;
mod text;
mod times;
