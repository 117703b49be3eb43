//! Upstream sign-in: people show who they are with an account elsewhere (GitHub, Google, any OpenID provider that the
//! operator configures).
//!
//! Owns the tables `identity_upstream` (who somebody is elsewhere, by issuer and subject, never by address) and
//! `identity_upstream_attempt` (browsers that are away). Entered by everybody below `/api/v1/auth/upstreams`, by people
//! below `/api/v1/me/upstreams`, and at `/auth/upstreams/{name}/callback` by browsers that come back.
//!
//! A way through: `ops` (a row, a cookie, an address to go to) → the provider → `callback` → `arrival` (is it this browser,
//! this provider, this attempt?) → `exchange` and `id_token`, or `github` (who do they say it is?) → `account` (whose is
//! that?). Not here: sessions and the second step (`sessions`), and keeping the provider's tokens: nobody does. What is not
//! kept cannot leak.

mod account;
mod arrival;
mod callback;
pub(crate) mod config;
mod exchange;
mod github;
pub(crate) mod http;
mod id_token;
mod letters;
pub(crate) mod metadata;
pub(crate) mod model;
pub(crate) mod ops;
pub(crate) mod provider;
pub(crate) mod store;

pub(crate) use callback::routes as root_routes;
