//! `/me/tokens`.

use axum::{Extension, response::IntoResponse};
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use stoa_core::{Timestamp, TokenId, TokenTag};
use stoa_edge::{Answer, Caller, Created, House, Json, List, PageQuery, Paged, Path};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    model::{Token, TokenWish},
    ops,
};
use crate::Identity;

pub(crate) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(revoke))
}

/// My tokens.
#[utoipa::path(get, path = "/me/tokens", operation_id = "list_my_tokens", tag = "account", params(PageQuery),
    responses((status = 200, description = "Newest first, without the tokens themselves", body = List<Token>)))]
async fn list(Caller(ctx): Caller, Paged(page): Paged<TokenTag>) -> Answer<Json<List<Token>>> {
    Ok(Json(ops::list(&ctx, page).await?.into()))
}

/// What a new token shall be.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TokenNew)]
struct Add {
    /// What it is for.
    #[schema(example = "lab upload script")]
    name: String,
    /// What it shall let its bearer do.
    #[schema(example = json!(["labs:read", "labs:write"]))]
    scopes: Vec<String>,
    /// Until when; without it, until it is revoked.
    #[schema(value_type = Option<String>, format = DateTime, example = "2030-01-01T00:00:00.000000Z")]
    expires_at: Option<Timestamp>,
}

/// A new token. The text is shown once.
#[derive(Serialize, ToSchema)]
struct NewToken {
    /// The token itself. It is not kept and cannot be shown again.
    #[schema(example = "stoa_pat_0123456789abcdefghijABCDEFGHIJ0123456789abc")]
    token: String,
    /// Its id.
    id: TokenId,
    /// What it is for.
    #[schema(example = "lab upload script")]
    name: String,
    /// What it lets its bearer do.
    #[schema(example = json!(["labs:read", "labs:write"]))]
    scopes: Vec<String>,
    /// Since when.
    created_at: Timestamp,
    /// Never yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<Timestamp>,
    /// Until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime, example = "2030-01-01T00:00:00.000000Z")]
    expires_at: Option<Timestamp>,
}

/// Make a token.
#[utoipa::path(post, path = "/me/tokens", operation_id = "add_my_token", tag = "account", request_body = Add, responses(
    (status = 201, description = "The token, shown this once", body = NewToken),
    (status = 403, description = "`reauthentication_required`: confirm first that it is you"),
    (status = 409, description = "`too_many_tokens`"),
))]
async fn add(
    Extension(identity): Extension<Identity>,
    Caller(ctx): Caller,
    Json(Add { name, scopes, expires_at }): Json<Add>,
) -> Answer<impl IntoResponse> {
    let (row, text) = ops::add(&ctx, &identity, TokenWish { name, scopes, expires_at }).await?;
    let Token { id, name, scopes, created_at, last_used_at, expires_at } = row;
    let token = text.expose().to_owned();
    let body = NewToken { token, id, name, scopes, created_at, last_used_at, expires_at };
    let made = Created { at: format!("/me/tokens/{id}"), body };
    Ok(([(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))], made))
}

/// Revoke one of my tokens.
#[utoipa::path(delete, path = "/me/tokens/{id}", operation_id = "revoke_my_token", tag = "account", params(("id" = TokenId, Path, description = "The token")),
    responses((status = 204, description = "Revoked, at once on all nodes")))]
async fn revoke(Caller(ctx): Caller, Path(id): Path<TokenId>) -> Answer<StatusCode> {
    ops::revoke(&ctx, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
