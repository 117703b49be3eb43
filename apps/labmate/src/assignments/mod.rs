//! Assignments: a document with the tasks found in it.

pub mod find;
