//! The token endpoint and its kin: what a client hands in, and the tokens it gets for it.
//!
//! Owns nothing of its own. Each grant has its file; `issue` makes the answer for all of them. Whatever is refused is put
//! on record, without the thing that was shown.

mod client;
mod code;
mod exchange;
mod introspect;
pub(crate) mod issue;
mod refresh;
mod revoke;

use axum::{Json, response::Response};
use serde::{Deserialize, Serialize};
use stoa_edge::{House, RawBody};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    clients::authentication::Client,
    counter::Counter,
    device,
    error::{Body, Outcome, Refusal},
    params::Params,
    proofs,
};

pub(crate) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(token)).merge(revoke::routes()).merge(introspect::routes())
}

/// What clients send as a form. Which of it is needed depends on `grant_type`.
#[derive(Deserialize, ToSchema)]
#[schema(as = OAuthForm)]
#[expect(dead_code, reason = "describes the form for the document; `Params` reads it")]
pub(crate) struct Form {
    /// What is handed in.
    #[schema(example = "authorization_code")]
    grant_type: Option<String>,
    /// The client, unless it is named elsewhere.
    #[schema(example = "https://assistant.example/client.json")]
    client_id: Option<String>,
    /// The code from the browser.
    #[schema(example = "stoa_code_0123456789abcdefghijABCDEFGHIJ0123456789abc")]
    code: Option<String>,
    /// What the challenge was made of (RFC 7636 §4.5).
    #[schema(example = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")]
    code_verifier: Option<String>,
    /// The refresh token.
    #[schema(example = "stoa_rt_0123456789abcdefghijABCDEFGHIJ0123456789abc")]
    refresh_token: Option<String>,
    /// Fewer scopes than were granted.
    #[schema(example = "tasks:read")]
    scope: Option<String>,
    /// Fewer resources than were granted (RFC 8707).
    #[schema(example = "https://stoa.example/mcp")]
    resource: Option<String>,
}

/// Tokens (RFC 6749 §5.1).
#[derive(Serialize, ToSchema)]
#[schema(as = OAuthTokens)]
pub(crate) struct Tokens {
    /// What opens the resources.
    #[schema(example = "eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9.e30.c2lnbmF0dXJl")]
    pub(crate) access_token: String,
    /// `Bearer`, or `DPoP` where it is bound to a key.
    #[schema(example = "Bearer")]
    pub(crate) token_type: &'static str,
    /// For so many seconds.
    #[schema(example = 600)]
    pub(crate) expires_in: i64,
    /// What it may do.
    #[schema(example = "tasks:read tasks:write")]
    pub(crate) scope: String,
    /// For new tokens; replaces the one before.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "stoa_rt_0123456789abcdefghijABCDEFGHIJ0123456789abc")]
    pub(crate) refresh_token: Option<String>,
    /// Who the person is (OpenID Connect Core §3.1.3.3).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2lnbmF0dXJl")]
    pub(crate) id_token: Option<String>,
    /// What kind of token an exchange gave (RFC 8693 §2.2.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "urn:ietf:params:oauth:token-type:access_token")]
    pub(crate) issued_token_type: Option<&'static str>,
}

/// Get tokens.
#[utoipa::path(post, path = "/oauth/token", operation_id = "get_tokens", tag = "oauth",
    request_body(content = Form, content_type = "application/x-www-form-urlencoded"), responses(
    (status = 200, description = "The tokens", body = Tokens),
    (status = 400, description = "`invalid_request`, `invalid_grant`, `invalid_scope`, `invalid_target`, `unauthorized_client`, `unsupported_grant_type`, `invalid_dpop_proof`, and while a device waits `authorization_pending`, `slow_down`, `access_denied`, `expired_token`", body = Body),
    (status = 401, description = "`invalid_client`", body = Body),
))]
async fn token(counter: Counter, body: RawBody) -> Response {
    let issue = async |client: &Client, params: &Params| issue(&counter, client, params).await.map(Json);
    counter.serves("token", body, issue).await
}

async fn issue(counter: &Counter, client: &Client, params: &Params) -> Outcome<Tokens> {
    let Counter { ctx, house, identity, headers } = counter;
    let grant = params.need("grant_type")?;
    if !super::clients::model::GRANTS.contains(&grant) {
        return Err(Refusal::new("unsupported_grant_type", "this server does not have such a grant"));
    }
    client.must_be_allowed(grant)?;
    let key = proofs::of_client(ctx, headers, &counter.at("/oauth/token")).await?;
    if key.is_none() && client.said.dpop_bound_access_tokens == Some(true) {
        return Err(Refusal::new(
            "invalid_dpop_proof",
            "this client's tokens are bound to a key; send a proof",
        ));
    }
    let desk = issue::Desk { ctx, issuer: house.issuer(), identity, client, key };
    match grant {
        "authorization_code" => code::redeem(&desk, params).await,
        "refresh_token" => refresh::rotate(&desk, params).await,
        "client_credentials" => client::grant(&desk, params).await,
        device::GRANT => device::token::poll(&desk, params).await,
        _ => exchange::exchange(&desk, params).await,
    }
}
