//! The authorization server (OAuth 2.1) and OpenID provider: a person lets a program act for them, sees what it may do,
//! and takes it back.
//!
//! Owns the keys that sign, the clients, the requests that wait, the grants and their tokens: tables
//! `identity_signing_key`, `identity_client`, `identity_authorization`, `identity_connection`, `identity_grant`,
//! `identity_code`, `identity_device`, `identity_proof`, `identity_key_set`, `identity_sign_on`. Entered by programs below `/oauth`, by the person's browser
//! below `/api/v1/oauth` and `/api/v1/me/connections`, and by `authenticator`, which asks whose an access token is. Every
//! step is a row: any node goes on with what another began. Not here: signing people in (`sessions`), and what a scope
//! opens (each app's own operations say).
//!
//! A way through: `requests` (what a client asks, checked once) → a person decides → `grants` (a code, bound to all that
//! was decided) → `token` (the code for tokens) → `access` (what an access token says, and whether it is true) → `logout`
//! (the session ends, and clients are told).

pub(crate) mod access;
pub(crate) mod clients;
pub(crate) mod counter;
pub(crate) mod device;
pub(crate) mod error;
pub(crate) mod grants;
pub(crate) mod id_token;
pub(crate) mod jose;
pub(crate) mod keys;
pub(crate) mod logout;
pub(crate) mod metadata;
pub(crate) mod params;
pub(crate) mod proofs;
pub(crate) mod requests;
pub(crate) mod token;
pub(crate) mod userinfo;

mod sweep;

use stoa_edge::House;
use utoipa_axum::router::OpenApiRouter;

pub(crate) use sweep::sweep;

/// Below `/api/v1`: what people do.
pub(crate) fn api_routes() -> OpenApiRouter<House> {
    OpenApiRouter::new()
        .merge(requests::page::routes())
        .merge(device::page::routes())
        .merge(grants::http::routes())
        .merge(grants::admin::routes())
        .merge(clients::admin::routes())
        .merge(logout::page::routes())
}

/// At the root: what programs do, and the browsers they send.
pub(crate) fn root_routes() -> OpenApiRouter<House> {
    OpenApiRouter::new()
        .merge(metadata::routes())
        .merge(requests::http::routes())
        .merge(requests::push::routes())
        .merge(requests::back::routes())
        .merge(token::routes())
        .merge(device::start::routes())
        .merge(clients::registration::routes())
        .merge(userinfo::routes())
        .merge(logout::http::routes())
}
