//! Mail: letters to people, and the outbox where they wait.
//!
//! Owns the table `identity_mail` and the line to the mail server. Whoever causes a letter posts it in the write that
//! causes it; a job sends it. Without a mail server letters stay in the outbox, where those who look after the house
//! find them. Not here: what the letters of each slice say (that is with the slice), and what a link does.

pub(crate) mod config;
pub(crate) mod http;
pub(crate) mod jobs;
pub(crate) mod line;
pub mod model;
pub mod ops;
pub(crate) mod store;
