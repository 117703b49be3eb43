//! `/me/erase`.

use axum::Extension;
use http::StatusCode;
use serde::Deserialize;
use stoa_core::Secret;
use stoa_edge::{Answer, Caller, House, Json};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::ops;
use crate::{Identity, people::model::User};

pub(crate) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(ask, cancel))
}

/// That somebody wants to go.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Erase {
    /// Their password; it may be left out where they proved a moment ago who they are.
    #[schema(value_type = Option<String>, format = Password, example = "correct horse battery")]
    password: Option<Secret>,
}

/// Erase my account and everything that is kept of me, after some days; my other sessions end.
#[utoipa::path(post, path = "/me/erase", operation_id = "erase_me", tag = "account", request_body = Erase, responses(
    (status = 200, description = "The caller, with the time; asking again does not change it", body = User),
    (status = 403, description = "`reauthentication_required`"),
    (status = 409, description = "`last_owner`"),
))]
async fn ask(
    Extension(identity): Extension<Identity>,
    Caller(ctx): Caller,
    Json(Erase { password }): Json<Erase>,
) -> Answer<Json<User>> {
    Ok(Json(ops::ask(&ctx, &identity, password).await?))
}

/// Stay after all.
#[utoipa::path(delete, path = "/me/erase", operation_id = "keep_me", tag = "account",
    responses((status = 204, description = "The account stays")))]
async fn cancel(Caller(ctx): Caller) -> Answer<StatusCode> {
    ops::cancel(&ctx).await?;
    Ok(StatusCode::NO_CONTENT)
}
