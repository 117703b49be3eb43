//! `/admin/invites`.

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use stoa_edge::{Answer, Caller, Created, House, Json, List, PageQuery, Paged, Path};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    model::{Invite, InviteId, InviteTag},
    ops,
};
use crate::people::model::RoleName;

pub(crate) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(list, invite)).routes(routes!(withdraw))
}

/// Invitations that nobody has used yet.
#[utoipa::path(get, path = "/admin/invites", operation_id = "list_invites", tag = "admin", params(PageQuery),
    responses((status = 200, description = "Newest first", body = List<Invite>)))]
async fn list(Caller(ctx): Caller, Paged(page): Paged<InviteTag>) -> Answer<Json<List<Invite>>> {
    Ok(Json(ops::list(&ctx, page).await?.into()))
}

/// Who shall be invited.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = InviteNew)]
struct New {
    /// Where a letter goes; without it the link is handed over.
    #[schema(example = "grace@example.org")]
    email: Option<String>,
    /// What whoever uses it becomes.
    role: RoleName,
}

/// An invitation with its link.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = InviteMade)]
struct Made {
    #[serde(flatten)]
    invite: Invite,
    /// The link, shown now and never again. It works once, as the one in the letter does: for one of them.
    #[schema(example = "https://stoa.example/signup#invite=0123456789abcdefghijABCDEFGHIJ0123456789abc")]
    url: String,
}

/// Invite somebody.
#[utoipa::path(post, path = "/admin/invites", operation_id = "invite", tag = "admin", request_body = New,
    responses((status = 201, description = "The invitation, with its link", body = Made)))]
async fn invite(
    State(house): State<House>,
    Caller(ctx): Caller,
    Json(New { email, role }): Json<New>,
) -> Answer<Created<Made>> {
    let (invite, url) = ops::invite(&ctx, house.public_url(), email.as_deref(), role.into()).await?;
    let at = format!("/admin/invites/{}", invite.id);
    Ok(Created { at, body: Made { invite, url: url.expose().to_owned() } })
}

/// Take an invitation back.
#[utoipa::path(delete, path = "/admin/invites/{id}", operation_id = "withdraw_invite", tag = "admin", params(("id" = InviteId, Path, description = "The invitation")),
    responses((status = 204, description = "Its links open nothing any more")))]
async fn withdraw(Caller(ctx): Caller, Path(id): Path<InviteId>) -> Answer<StatusCode> {
    ops::withdraw(&ctx, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
