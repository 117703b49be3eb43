//! Devices without a browser (RFC 8628): the device shows a short code, a person types it where they are signed in.
//!
//! Owns `identity_device`. Entered by devices (`POST /oauth/device`, and the token endpoint) and by the page on which the
//! person types the code and decides.

pub(crate) mod model;
pub(crate) mod page;
pub(crate) mod start;
pub(crate) mod store;
pub(crate) mod token;

/// `grant_type`.
pub(crate) const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// Whether a refusal only says that the person has not decided yet: no record of that.
pub(crate) fn is_only_early(code: &str) -> bool {
    matches!(code, "authorization_pending" | "slow_down")
}
