//! `POST /auth/unlock`.

use http::StatusCode;
use serde::Deserialize;
use stoa_core::Secret;
use stoa_edge::{Answer, House, Json, Visitor};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::ops;

pub(crate) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(unlock))
}

/// Who wants to end a lock.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Unlock {
    /// From the link in the letter.
    #[schema(value_type = String, example = "0123456789abcdefghijABCDEFGHIJ0123456789abc")]
    token: Secret,
}

/// End the lock of my account.
#[utoipa::path(post, path = "/auth/unlock", operation_id = "unlock", tag = "sign-in", request_body = Unlock, responses(
    (status = 204, description = "One can sign in again"),
    (status = 403, description = "`invalid_link`: it was used, has expired, or is none"),
))]
async fn unlock(Visitor(ctx): Visitor, Json(Unlock { token }): Json<Unlock>) -> Answer<StatusCode> {
    ops::unlock(&ctx, &token).await?;
    Ok(StatusCode::NO_CONTENT)
}
