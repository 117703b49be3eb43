//! Import: tasks out of a file that another program wrote, or this one.
//!
//! Owns no rows of its own: what it makes are tasks, which remember the file's own name for them, so that importing
//! twice adds nothing. Door: HTTP, one that also only shows what would come. Files are strangers' bytes: bounded in
//! size, rows, depth and every field. Not here: what a task may be (`tasks`), and writing files (`export`).

mod fit;
pub(crate) mod http;
mod microsoft;
pub(crate) mod model;
pub(crate) mod ops;
mod own;
mod read;
mod table;
mod text;
mod todoist;
mod vikunja;
mod when;
