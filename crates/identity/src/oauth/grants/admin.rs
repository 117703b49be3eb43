//! `/admin/users/{id}/connections`: the programs that may act for somebody, for those who look after people.

use http::StatusCode;
use stoa_core::UserId;
use stoa_edge::{Answer, Caller, House, Json, List, PageQuery, Paged, Path};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    http::Connection,
    model::{ConnectionId, ConnectionTag},
    ops,
};

pub(crate) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(revoke))
}

/// The programs that may act for somebody. An owner's are shown to owners only.
#[utoipa::path(get, path = "/admin/users/{id}/connections", operation_id = "list_user_connections", tag = "admin",
    params(("id" = UserId, Path, description = "The account"), PageQuery),
    responses((status = 200, description = "Newest first", body = List<Connection>)))]
async fn list(
    Caller(ctx): Caller,
    Path(id): Path<UserId>,
    Paged(page): Paged<ConnectionTag>,
) -> Answer<Json<List<Connection>>> {
    Ok(Json(ops::list_for(&ctx, id, page).await?.into()))
}

/// Let a program act for somebody no more.
#[utoipa::path(delete, path = "/admin/users/{id}/connections/{connection}", operation_id = "revoke_user_connection", tag = "admin",
    params(("id" = UserId, Path, description = "The account"), ("connection" = ConnectionId, Path, description = "The connection")),
    responses((status = 204, description = "Revoked: none of its tokens opens anything, on any node")))]
async fn revoke(
    Caller(ctx): Caller,
    Path((id, connection)): Path<(UserId, ConnectionId)>,
) -> Answer<StatusCode> {
    ops::revoke_for(&ctx, id, connection).await?;
    Ok(StatusCode::NO_CONTENT)
}
