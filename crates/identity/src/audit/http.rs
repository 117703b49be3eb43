//! `GET /me/audit`, `GET /admin/audit`, `GET /admin/users/{id}/audit`.

use stoa_core::UserId;
use stoa_edge::{Answer, Caller, House, Json, List, PageQuery, Paged, Path};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    model::{Record, RecordTag},
    ops,
};

pub(crate) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(mine)).routes(routes!(all)).routes(routes!(theirs))
}

/// What was done to my account.
#[utoipa::path(get, path = "/me/audit", operation_id = "list_my_audit", tag = "account", params(PageQuery),
    responses((status = 200, description = "Newest first", body = List<Record>)))]
async fn mine(Caller(ctx): Caller, Paged(page): Paged<RecordTag>) -> Answer<Json<List<Record>>> {
    Ok(Json(ops::mine(&ctx, page).await?.into()))
}

/// What was done to any account.
#[utoipa::path(get, path = "/admin/audit", operation_id = "list_audit", tag = "admin", params(PageQuery),
    responses((status = 200, description = "Newest first", body = List<Record>)))]
async fn all(Caller(ctx): Caller, Paged(page): Paged<RecordTag>) -> Answer<Json<List<Record>>> {
    Ok(Json(ops::all(&ctx, page).await?.into()))
}

/// What was done to somebody's account. An owner's record is shown to owners only.
#[utoipa::path(get, path = "/admin/users/{id}/audit", operation_id = "list_user_audit", tag = "admin",
    params(("id" = UserId, Path, description = "The account"), PageQuery),
    responses((status = 200, description = "Newest first", body = List<Record>)))]
async fn theirs(
    Caller(ctx): Caller,
    Path(id): Path<UserId>,
    Paged(page): Paged<RecordTag>,
) -> Answer<Json<List<Record>>> {
    Ok(Json(ops::list_for(&ctx, id, page).await?.into()))
}
