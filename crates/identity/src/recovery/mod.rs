//! Recovery: choosing a new password with a link that came by mail.
//!
//! Owns no table: what was asked is a knock, and the link's token a one-time value that is bound to the password of that
//! moment. Not here: changing a password that one knows (that is `people`).

pub(crate) mod http;
pub(crate) mod letters;
pub mod ops;
