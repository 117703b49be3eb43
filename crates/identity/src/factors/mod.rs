//! Second factors: one-time codes from an app (TOTP, RFC 6238) and backup codes, and which factors an account has.
//!
//! Owns the tables `identity_totp`, `identity_backup_code` and `identity_factor_try`. Entered over HTTP by the person
//! themself, and by an admin who takes all factors of somebody away. An account with any factor is asked for one at
//! each sign-in with a password. Not here: passkeys themselves (`passkeys`) and signing in (`sessions`).

pub(crate) mod backup;
pub(crate) mod http;
mod letters;
pub mod model;
pub mod ops;
pub(crate) mod store;
pub mod totp;
pub(crate) mod tries;
