//! Audit: what was done to accounts and by those who look after them, by whom, from where.
//!
//! Owns the table `identity_audit`, to which rows are only added, inside the transaction of what they tell.
//! Not here: the log (every request), and what people do with their own things in an app.

pub(crate) mod http;
pub mod model;
pub mod ops;
pub(crate) mod store;
