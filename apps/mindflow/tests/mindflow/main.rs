//! MindFlow, tried from outside: through its HTTP doors, over rows of each test's own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod house;

mod dependencies;
mod export;
mod feeds;
mod import;
mod lists;
mod manners;
mod models;
mod names;
mod plans;
mod quick;
mod recurrence;
mod scoring;
mod sweep;
mod tasks;
