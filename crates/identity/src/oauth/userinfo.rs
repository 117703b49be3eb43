//! `/oauth/userinfo`: who the person is, for a client that they let know it (OpenID Connect Core §5.3).

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::Serialize;
use stoa_core::{Actor, Scopes};
use stoa_edge::{House, Visitor};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    error::{Body, Outcome, Refusal},
    token::no_store,
};
use crate::people;

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
async fn get(visitor: Visitor) -> Response {
    answer(visitor).await
}

/// The same for clients that post.
#[utoipa::path(post, path = "/oauth/userinfo", operation_id = "post_userinfo", tag = "oauth", responses(
    (status = 200, description = "What they let the client know", body = UserInfo),
    (status = 401, description = "No token, or none that is good here", body = Body),
    (status = 403, description = "`insufficient_scope`", body = Body),
))]
async fn post(visitor: Visitor) -> Response {
    answer(visitor).await
}

async fn answer(Visitor(ctx): Visitor) -> Response {
    match who(&ctx).await {
        Ok(info) => no_store(axum::Json(info)),
        Err(refusal) => refusal.into_response(),
    }
}

async fn who(ctx: &stoa_store::Ctx) -> Outcome<UserInfo> {
    let Actor::User(user) = &ctx.actor else {
        let challenge = "Bearer realm=\"stoa\", scope=\"openid\"";
        return Err(Refusal::token(
            StatusCode::UNAUTHORIZED,
            challenge,
            "send an access token that is good here",
        ));
    };
    if user.via.audience().is_none() || !user.scopes.has(Scopes::OPENID) {
        let challenge = "Bearer realm=\"stoa\", error=\"insufficient_scope\", scope=\"openid\"";
        return Err(Refusal::token(StatusCode::FORBIDDEN, challenge, "the token lacks the scope `openid`"));
    }
    let person = people::ops::claims(ctx, user.id, user.scopes).await?;
    Ok(UserInfo { sub: user.id.to_string(), person })
}
