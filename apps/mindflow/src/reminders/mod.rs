//! Reminders: a letter to whoever wants to hear of a task in time.
//!
//! Owns `mindflow_reminder`: the letters that follow from what tasks say, and `mindflow_letters`: how many somebody got in a
//! day. Every write that changes a task settles them anew (`ops::settle`), and a job posts those whose time has come: each
//! by itself, until the last letter that a person wants in a day gathers all that are left of that day. Doors: that job,
//! and HTTP for what became of them. Not here: what a task says about
//! its reminders (a field of it, `tasks`), and how letters leave (identity's mail).

pub(crate) mod http;
pub(crate) mod jobs;
pub(crate) mod letter;
pub(crate) mod model;
pub(crate) mod ops;
pub(crate) mod state;
pub(crate) mod store;
