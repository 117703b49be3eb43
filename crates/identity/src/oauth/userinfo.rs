//! `/oauth/userinfo`: who the person is, for a client that they let know it (OpenID Connect Core §5.3).

use axum::{
    Extension,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use stoa_core::{Actor, Audience, Scopes, UserId};
use stoa_edge::{House, RawBody, Visitor};
use stoa_store::Ctx;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    access,
    counter::no_store,
    error::{Body, Outcome, Refusal},
    params::{Params, is_form},
};
use crate::{Identity, people};

pub(crate) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(get)).routes(routes!(post))
}

/// Who the person is.
#[derive(Serialize, ToSchema)]
#[schema(as = OpenIdUserInfo)]
struct UserInfo {
    /// The person's id; never another person's.
    #[schema(example = "019cade2-11c0-7b41-9c55-3f0a6d2e8b17")]
    sub: String,
    /// What they let the client know.
    #[serde(flatten)]
    person: people::ops::Claims,
}

/// Who is the person?
#[utoipa::path(get, path = "/oauth/userinfo", operation_id = "get_userinfo", tag = "oauth", responses(
    (status = 200, description = "What they let the client know", body = UserInfo),
    (status = 401, description = "No token, or none that is good here", body = Body),
    (status = 403, description = "`insufficient_scope`", body = Body),
))]
async fn get(Visitor(ctx): Visitor) -> Response {
    answer(&ctx, bearer(&ctx)).await
}

/// A token, where a client does not send it as a header.
#[derive(Deserialize, ToSchema)]
#[schema(as = OpenIdUserInfoForm)]
#[expect(dead_code, reason = "describes the form for the document; `Params` reads it")]
struct TokenForm {
    /// The token.
    #[schema(example = "eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9.e30.c2lnbmF0dXJl")]
    access_token: Option<String>,
}

/// The same for clients that post.
#[utoipa::path(post, path = "/oauth/userinfo", operation_id = "post_userinfo", tag = "oauth",
    request_body(content = Option<TokenForm>, content_type = "application/x-www-form-urlencoded"), responses(
    (status = 200, description = "What they let the client know", body = UserInfo),
    (status = 400, description = "`invalid_request`: more than one token, or a form that cannot be read", body = Body),
    (status = 401, description = "No token, or none that is good here", body = Body),
    (status = 403, description = "`insufficient_scope`", body = Body),
))]
async fn post(
    State(house): State<House>,
    Extension(identity): Extension<Identity>,
    Visitor(ctx): Visitor,
    headers: HeaderMap,
    body: RawBody,
) -> Response {
    let shown = match in_the_form(&ctx, &house, &identity, &headers, body).await {
        Ok(None) => bearer(&ctx),
        shown => shown,
    };
    answer(&ctx, shown).await
}

/// Whose token it is, and what it may.
struct Shown {
    user: UserId,
    scopes: Scopes,
    audience: Audience,
}

/// The token in the header, which the door has read.
fn bearer(ctx: &Ctx) -> Outcome<Option<Shown>> {
    let Actor::User(user) = &ctx.actor else { return Ok(None) };
    let audience = user.via.audience().unwrap_or(Audience::NONE);
    Ok(Some(Shown { user: user.id, scopes: user.scopes, audience }))
}

/// The token in the form (RFC 6750 §2.2). One that is bound to a key does not come so.
async fn in_the_form(
    ctx: &Ctx,
    house: &House,
    identity: &Identity,
    headers: &HeaderMap,
    body: RawBody,
) -> Outcome<Option<Shown>> {
    if !is_form(headers) {
        return Ok(None);
    }
    let params = Params::of_form(headers, body).await?;
    let Some(token) = params.get("access_token") else { return Ok(None) };
    if headers.contains_key(header::AUTHORIZATION) {
        return Err(Refusal::request("show one token, in one way"));
    }
    let holds = access::read(ctx, identity, house.issuer(), token).await?;
    let holds = holds.filter(|holds| holds.said.cnf.is_none() && holds.audience.has(Audience::USERINFO));
    Ok(holds.map(|holds| Shown { user: holds.user, scopes: holds.scopes, audience: holds.audience }))
}

async fn answer(ctx: &Ctx, shown: Outcome<Option<Shown>>) -> Response {
    let said = match shown {
        Ok(shown) => who(ctx, shown).await,
        Err(refusal) => Err(refusal),
    };
    match said {
        Ok(info) => no_store(axum::Json(info)),
        Err(refusal) => refusal.into_response(),
    }
}

async fn who(ctx: &Ctx, shown: Option<Shown>) -> Outcome<UserInfo> {
    let Some(Shown { user, scopes, audience }) = shown else {
        let challenge = "Bearer realm=\"stoa\", scope=\"openid\"";
        let text = "send an access token that is good here";
        return Err(Refusal::token(StatusCode::UNAUTHORIZED, challenge, text));
    };
    if audience.is_empty() || !scopes.has(Scopes::OPENID) {
        let challenge = "Bearer realm=\"stoa\", error=\"insufficient_scope\", scope=\"openid\"";
        return Err(Refusal::token(StatusCode::FORBIDDEN, challenge, "the token lacks the scope `openid`"));
    }
    let person = people::ops::claims(ctx, user, scopes).await?;
    Ok(UserInfo { sub: user.to_string(), person })
}
