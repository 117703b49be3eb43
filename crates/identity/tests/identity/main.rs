//! Accounts, tried from outside: through the HTTP door, over a database of each test's own.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

mod house;
mod oauth;

mod admin;
mod devices;
mod invites;
mod lockout;
mod mail;
mod post;
mod recovery;
mod sessions;
mod setup;
mod signup;
mod timing;
mod tokens;
