//! `GET /me/audit`, `GET /admin/audit`.

use stoa_edge::{Answer, Caller, House, Json, List, PageQuery, Paged};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    model::{Record, RecordTag},
    ops,
};

pub(crate) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(mine)).routes(routes!(all))
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
