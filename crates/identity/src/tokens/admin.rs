//! `/admin/users/{id}/tokens`: somebody's tokens, for those who look after people. They see what a token is for and end
//! it; they make none.

use http::StatusCode;
use stoa_core::{TokenId, TokenTag, UserId};
use stoa_edge::{Answer, Caller, House, Json, List, PageQuery, Paged, Path};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{model::Token, ops};

pub(crate) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(revoke))
}

/// Somebody's tokens. An owner's are shown to owners only.
#[utoipa::path(get, path = "/admin/users/{id}/tokens", operation_id = "list_user_tokens", tag = "admin",
    params(("id" = UserId, Path, description = "The account"), PageQuery),
    responses((status = 200, description = "Newest first, without the tokens themselves", body = List<Token>)))]
async fn list(
    Caller(ctx): Caller,
    Path(id): Path<UserId>,
    Paged(page): Paged<TokenTag>,
) -> Answer<Json<List<Token>>> {
    Ok(Json(ops::list_for(&ctx, id, page).await?.into()))
}

/// Revoke one of somebody's tokens.
#[utoipa::path(delete, path = "/admin/users/{id}/tokens/{token}", operation_id = "revoke_user_token", tag = "admin",
    params(("id" = UserId, Path, description = "The account"), ("token" = TokenId, Path, description = "The token")),
    responses((status = 204, description = "Revoked, at once on all nodes")))]
async fn revoke(Caller(ctx): Caller, Path((id, token)): Path<(UserId, TokenId)>) -> Answer<StatusCode> {
    ops::revoke_for(&ctx, id, token).await?;
    Ok(StatusCode::NO_CONTENT)
}
