//! `/auth/password/…`.

use axum::Extension;
use http::StatusCode;
use serde::Deserialize;
use stoa_core::Secret;
use stoa_edge::{Answer, House, Json, Visitor};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::ops;
use crate::Identity;

pub(crate) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(forgot)).routes(routes!(reset))
}

/// Who forgot a password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PasswordForgot)]
struct Forgot {
    /// The address of the account.
    #[schema(example = "ada@example.org")]
    email: String,
}

/// Ask for a letter with a link to choose a new password.
///
/// The answer is the same, and takes the same time, whether the address has an account or not.
#[utoipa::path(post, path = "/auth/password/forgot", operation_id = "forgot_password", tag = "sign-in", request_body = Forgot,
    responses((status = 202, description = "If the address has an account, a letter is on its way")))]
async fn forgot(Visitor(ctx): Visitor, Json(Forgot { email }): Json<Forgot>) -> Answer<StatusCode> {
    ops::forgot(&ctx, &email).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Who has the link from the letter.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PasswordReset)]
struct Reset {
    /// From the link in the letter.
    #[schema(value_type = String, example = "0123456789abcdefghijABCDEFGHIJ0123456789abc")]
    token: Secret,
    /// 15 to 128 characters.
    #[schema(value_type = String, format = Password, example = "staples in the evening rain")]
    password: Secret,
}

/// Choose a new password; all my sessions end.
#[utoipa::path(post, path = "/auth/password/reset", operation_id = "reset_password", tag = "sign-in", request_body = Reset, responses(
    (status = 204, description = "Changed; sign in with it"),
    (status = 403, description = "`invalid_link`: it was used, has expired, or the password was changed since"),
))]
async fn reset(
    Extension(identity): Extension<Identity>,
    Visitor(ctx): Visitor,
    Json(Reset { token, password }): Json<Reset>,
) -> Answer<StatusCode> {
    ops::reset(&ctx, &identity, &token, &password).await?;
    Ok(StatusCode::NO_CONTENT)
}
