//! Reminders: a letter to whoever wants to hear of a task in time.
//!
//! Owns `mindflow_reminder`: the letters that follow from what tasks say. Every write that changes a task settles them
//! anew (`ops::settle`), and a job posts those whose time has come. Door: that job. Not here: what a task says about
//! its reminders (a field of it, `tasks`), and how letters leave (identity's mail).

pub(crate) mod jobs;
pub(crate) mod letter;
pub(crate) mod model;
pub(crate) mod ops;
pub(crate) mod store;
