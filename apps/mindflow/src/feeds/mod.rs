//! Feeds: a calendar of one's tasks for programs to subscribe to.
//!
//! Owns no rows: what opens a feed is a personal access token of identity's that reaches nothing else. It travels as the
//! password of `Authorization: Basic` or as a bearer, never in the URL, and is revoked like any other. Door: HTTP. Not
//! here: how a calendar is written (`export`).

pub(crate) mod http;
pub(crate) mod ops;
