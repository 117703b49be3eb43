//! `POST /oauth/introspect`: a client asks whether a token of its own is good (RFC 7662).

use axum::{Json, response::Response};
use serde::Serialize;
use stoa_edge::{House, RawBody};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::revoke::TokenForm;
use crate::oauth::{
    access,
    access::Confirmation,
    clients::authentication::Client,
    counter::Counter,
    error::{Body, Outcome, Refusal},
    grants::{model::read_refresh_token, store},
    jose,
    params::Params,
};

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(introspect))
}

/// Whether a token is good; if it is not, nothing else.
#[derive(Default, Serialize, ToSchema)]
#[schema(as = OAuthIntrospection)]
struct Introspection {
    /// Whether it is good.
    #[schema(example = true)]
    active: bool,
    /// What it may do.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "tasks:read")]
    scope: Option<String>,
    /// Whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "stoa_client_0123456789abcdefghijAB")]
    client_id: Option<String>,
    /// For whom it acts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "019cade2-11c0-7b41-9c55-3f0a6d2e8b17")]
    sub: Option<String>,
    /// Which resources it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["https://stoa.example/mcp"]))]
    aud: Option<Vec<String>>,
    /// Who issued it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "https://stoa.example")]
    iss: Option<String>,
    /// Until when, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 1_790_000_600)]
    exp: Option<i64>,
    /// Since when, in seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 1_790_000_000)]
    iat: Option<i64>,
    /// Its own name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "q3Zk1vB7xTn0aWcEq3Zk1v")]
    jti: Option<String>,
    /// `Bearer` or `DPoP`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Bearer")]
    token_type: Option<&'static str>,
    /// The key that it is bound to (RFC 9449 §6.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<Confirmation>,
}

/// Is a token of mine good?
#[utoipa::path(post, path = "/oauth/introspect", operation_id = "introspect_token", tag = "oauth",
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"), responses(
    (status = 200, description = "What it is, or only that it is not good", body = Introspection),
    (status = 400, description = "`invalid_request`, `unauthorized_client`", body = Body),
    (status = 401, description = "`invalid_client`", body = Body),
))]
async fn introspect(counter: Counter, body: RawBody) -> Response {
    let look = async |client: &Client, params: &Params| look(&counter, client, params).await.map(Json);
    counter.serves("introspect", body, look).await
}

async fn look(counter: &Counter, client: &Client, params: &Params) -> Outcome<Introspection> {
    let Counter { ctx, house, identity, .. } = counter;
    if !client.is_confidential() {
        return Err(Refusal::new("unauthorized_client", "only a client that shows who it is may ask"));
    }
    let token = params.need("token")?;
    if let Some(id) = read_refresh_token(&ctx.store.ring, token) {
        let grant = store::find(&ctx.db.reads(), id).await?;
        let kept = Some(stoa_core::digest(token).as_bytes().to_vec());
        let grant = grant.filter(|grant| {
            let idle = grant.last_used_at + identity.config().oauth.refresh_idle();
            let lasts = ctx.now() < grant.expires_at && ctx.now() < idle;
            grant.client_id == client.id() && grant.refresh == kept && lasts
        });
        return Ok(grant.map_or_else(Introspection::default, |grant| Introspection {
            active: true,
            scope: Some(grant.scopes),
            client_id: Some(grant.client_id),
            sub: Some(grant.user_id.to_string()),
            iss: Some(house.issuer().to_owned()),
            exp: Some(jose::seconds(grant.expires_at)),
            iat: Some(jose::seconds(grant.created_at)),
            ..Introspection::default()
        }));
    }
    let holds = access::read(ctx, identity, house.issuer(), token).await?;
    let holds = holds.filter(|holds| holds.said.client_id == client.id());
    Ok(holds.map_or_else(Introspection::default, |holds| Introspection {
        active: true,
        scope: Some(holds.scopes.to_string()),
        token_type: Some(if holds.said.cnf.is_some() { "DPoP" } else { "Bearer" }),
        client_id: Some(holds.said.client_id),
        sub: Some(holds.said.sub),
        aud: Some(holds.said.aud.all().to_vec()),
        iss: Some(holds.said.iss),
        exp: Some(holds.said.exp),
        iat: Some(holds.said.iat),
        jti: Some(holds.said.jti),
        cnf: holds.said.cnf,
    }))
}
