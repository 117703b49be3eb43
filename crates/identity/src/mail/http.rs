//! `/admin/mail`.

use axum::extract::State;
use stoa_edge::{Answer, Caller, House, Json, List, PageQuery, Paged, Path};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    model::{Kept, LetterId, LetterTag, Taken},
    ops,
};

pub(crate) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(take_link))
}

/// The outbox: letters that were sent, and those that wait.
#[utoipa::path(get, path = "/admin/mail", operation_id = "list_mail", tag = "admin", params(PageQuery),
    responses((status = 200, description = "Newest first", body = List<Kept>)))]
async fn list(Caller(ctx): Caller, Paged(page): Paged<LetterTag>) -> Answer<Json<List<Kept>>> {
    Ok(Json(ops::list(&ctx, page).await?.into()))
}

/// Take the link out of a letter that could not be sent, to hand it over.
///
/// For owners. The link is made now, shown once, and this is on record.
#[utoipa::path(post, path = "/admin/mail/{id}/link", operation_id = "take_mail_link", tag = "admin", params(("id" = LetterId, Path, description = "The letter")),
    responses(
        (status = 200, description = "The link", body = Taken),
        (status = 409, description = "`no_link`: it has none, it has expired, or the letter was sent"),
    ))]
async fn take_link(
    State(house): State<House>,
    Caller(ctx): Caller,
    Path(id): Path<LetterId>,
) -> Answer<Json<Taken>> {
    Ok(Json(ops::take_link(&ctx, house.public_url(), id).await?))
}
