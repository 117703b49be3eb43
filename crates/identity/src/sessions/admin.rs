//! `/admin/users/{id}/sessions`: somebody's sessions, for those who look after people.

use axum::Extension;
use http::StatusCode;
use stoa_core::{SessionId, SessionTag, UserId};
use stoa_edge::{Answer, Caller, House, Json, List, PageQuery, Paged, Path};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{model::Session, ops};
use crate::{Identity, people};

pub(crate) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(list, end_all)).routes(routes!(end))
}

/// The browsers in which somebody is signed in. An owner's are shown to owners only.
#[utoipa::path(get, path = "/admin/users/{id}/sessions", operation_id = "list_user_sessions", tag = "admin",
    params(("id" = UserId, Path, description = "The account"), PageQuery),
    responses((status = 200, description = "Newest first", body = List<Session>)))]
async fn list(
    Extension(identity): Extension<Identity>,
    Caller(ctx): Caller,
    Path(id): Path<UserId>,
    Paged(page): Paged<SessionTag>,
) -> Answer<Json<List<Session>>> {
    people::ops::looked_after(&ctx, id).await?;
    Ok(Json(ops::list_of(&ctx, &identity, id, page).await?.into()))
}

/// End one of somebody's sessions.
#[utoipa::path(delete, path = "/admin/users/{id}/sessions/{session}", operation_id = "end_user_session", tag = "admin",
    params(("id" = UserId, Path, description = "The account"), ("session" = SessionId, Path, description = "The session")),
    responses((status = 204, description = "Ended, at once on all nodes")))]
async fn end(Caller(ctx): Caller, Path((id, session)): Path<(UserId, SessionId)>) -> Answer<StatusCode> {
    ops::revoke_for(&ctx, id, session).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End all of somebody's sessions, and what they granted to programs.
#[utoipa::path(delete, path = "/admin/users/{id}/sessions", operation_id = "end_user_sessions", tag = "admin",
    params(("id" = UserId, Path, description = "The account")),
    responses((status = 204, description = "Ended, at once on all nodes; programs must be let in again")))]
async fn end_all(Caller(ctx): Caller, Path(id): Path<UserId>) -> Answer<StatusCode> {
    ops::revoke_all_for(&ctx, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
