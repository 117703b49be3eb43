//! Lockout: wrong passwords in a row, and the lock they lead to.
//!
//! Owns the table `identity_attempt`. What is counted is the address, whether it has an account or not, so that a lock
//! tells nothing. A lock ends by itself, by the link in the letter that the account's owner gets, or with a new
//! password. Not here: the limit of each network address (that is `edge`).

pub(crate) mod http;
pub(crate) mod letters;
pub(crate) mod ops;
pub(crate) mod store;
