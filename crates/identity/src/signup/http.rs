//! `/auth/signup`, `/auth/email/…`.

use axum::Extension;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use stoa_core::Secret;
use stoa_edge::{Answer, House, Json, Visitor};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    model::{Next, SignupMode, Wish},
    ops,
};
use crate::Identity;

pub(crate) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(mode, sign_up)).routes(routes!(verify)).routes(routes!(resend))
}

/// Who may sign up here.
#[derive(Debug, Serialize, ToSchema)]
struct Signup {
    /// Everybody, whoever was invited, or nobody.
    mode: SignupMode,
}

/// May one sign up here?
#[utoipa::path(get, path = "/auth/signup", operation_id = "get_signup", tag = "sign-in",
    responses((status = 200, description = "Who may", body = Signup)))]
async fn mode(Extension(identity): Extension<Identity>) -> Answer<Json<Signup>> {
    Ok(Json(Signup { mode: identity.config().signup }))
}

/// Who wants an account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SignupNew)]
struct SignUp {
    /// The address to sign in with.
    #[schema(example = "grace@example.org")]
    email: String,
    /// 15 to 128 characters.
    #[schema(value_type = String, format = Password, example = "staples in the evening rain")]
    password: Secret,
    /// What to be called.
    #[schema(example = "Grace Hopper")]
    display_name: String,
    /// From the link of the invitation.
    #[schema(value_type = Option<String>, example = "0123456789abcdefghijABCDEFGHIJ0123456789abc")]
    invite: Option<Secret>,
}

/// A wish for an account was taken.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SignupTaken)]
struct Taken {
    /// What comes next.
    next: Next,
}

/// Ask for an account.
///
/// The answer is the same, and takes the same time, whether the address has an account or not: only a letter to it
/// tells.
#[utoipa::path(post, path = "/auth/signup", operation_id = "sign_up", tag = "sign-in", request_body = SignUp, responses(
    (status = 202, description = "A letter says what comes next", body = Taken),
    (status = 403, description = "`signup_closed`, `invite_required`, `invalid_invite`"),
))]
async fn sign_up(
    Extension(identity): Extension<Identity>,
    Visitor(ctx): Visitor,
    Json(SignUp { email, password, display_name, invite }): Json<SignUp>,
) -> Answer<(StatusCode, Json<Taken>)> {
    let next = ops::sign_up(&ctx, &identity, Wish { email, password, display_name, invite }).await?;
    Ok((StatusCode::ACCEPTED, Json(Taken { next })))
}

/// Who shows that an address is theirs.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EmailVerify)]
struct Verify {
    /// From the link in the letter.
    #[schema(value_type = String, example = "0123456789abcdefghijABCDEFGHIJ0123456789abc")]
    token: Secret,
}

/// An account was made.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = EmailVerified)]
struct Verified {
    /// The address to sign in with.
    #[schema(example = "grace@example.org")]
    email: String,
}

/// Show that an address is mine, which makes my account.
#[utoipa::path(post, path = "/auth/email/verify", operation_id = "verify_email", tag = "sign-in", request_body = Verify, responses(
    (status = 200, description = "The account is there", body = Verified),
    (status = 403, description = "`invalid_link`: it was used, has expired, or is none"),
    (status = 409, description = "`email_taken`: the address has an account by now"),
))]
async fn verify(Visitor(ctx): Visitor, Json(Verify { token }): Json<Verify>) -> Answer<Json<Verified>> {
    Ok(Json(Verified { email: ops::verify(&ctx, &token).await? }))
}

/// Whose letter got lost.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EmailResend)]
struct Resend {
    /// The address that was signed up with.
    #[schema(example = "grace@example.org")]
    email: String,
}

/// Ask for the letter of my sign-up once more.
///
/// The answer is the same whether anything waits for the address or not.
#[utoipa::path(post, path = "/auth/email/resend", operation_id = "resend_email", tag = "sign-in", request_body = Resend,
    responses((status = 202, description = "If a sign-up waits, its letter is sent again")))]
async fn resend(Visitor(ctx): Visitor, Json(Resend { email }): Json<Resend>) -> Answer<StatusCode> {
    ops::resend(&ctx, &email).await?;
    Ok(StatusCode::ACCEPTED)
}
