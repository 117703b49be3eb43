//! Sign-up: people who make an account themselves.
//!
//! Owns the table `identity_signup`. A sign-up is no account: it becomes one when whoever reads the mail of its address
//! opens the link in it. Until then nothing of the house knows them, and after a day nothing is left. The doors answer
//! alike for addresses that have an account. Not here: who may be invited (that is `invites`).

pub(crate) mod http;
pub(crate) mod letters;
pub(crate) mod model;
pub(crate) mod ops;
pub(crate) mod store;
