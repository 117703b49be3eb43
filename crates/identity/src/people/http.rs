//! `/setup`, `/me`, `/me/password`.

use axum::{Extension, extract::State, response::IntoResponse};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use stoa_core::{Role, Secret};
use stoa_edge::{Answer, Caller, House, Json, Visitor};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    model::{NewUser, User},
    ops, setup,
};
use crate::{
    Identity,
    sessions::http::{SignedIn, device, signed_in},
};

pub(crate) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new()
        .routes(routes!(setup_state, set_up))
        .routes(routes!(me, rename))
        .routes(routes!(change_password))
}

/// Whether the house waits for its first owner.
#[derive(Debug, Serialize, ToSchema)]
struct SetupState {
    /// True until somebody has an account.
    needed: bool,
}

/// Who wants to be the owner.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Setup {
    /// From the link that the server printed.
    #[schema(value_type = String, example = "0123456789abcdefghijABCDEFGHIJ0123456789abc")]
    claim: Secret,
    /// The address to sign in with.
    #[schema(example = "ada@example.org")]
    email: String,
    /// 15 to 128 characters.
    #[schema(value_type = String, format = Password, example = "correct horse battery")]
    password: Secret,
    /// What to be called.
    #[schema(example = "Ada Lovelace")]
    display_name: String,
}

/// Is a first owner needed?
#[utoipa::path(get, path = "/setup", operation_id = "get_setup", tag = "sign-in",
    responses((status = 200, description = "Whether set-up is open", body = SetupState)))]
async fn setup_state(Visitor(ctx): Visitor) -> Answer<Json<SetupState>> {
    Ok(Json(SetupState { needed: setup::is_needed(&ctx).await? }))
}

/// Become the first owner.
#[utoipa::path(post, path = "/setup", operation_id = "set_up", tag = "sign-in", request_body = Setup, responses(
    (status = 201, description = "The owner, signed in", body = SignedIn, headers(("set-cookie" = String, description = "The session"))),
    (status = 403, description = "`invalid_claim`"),
    (status = 404, description = "There is an owner already"),
))]
async fn set_up(
    State(house): State<House>,
    Extension(identity): Extension<Identity>,
    Visitor(ctx): Visitor,
    headers: HeaderMap,
    Json(Setup { claim, email, password, display_name }): Json<Setup>,
) -> Answer<impl IntoResponse> {
    let owner = NewUser { email, display_name, password, role: Role::Owner };
    let (user, token) = setup::set_up(&ctx, &identity, &claim, owner, &device(&headers)).await?;
    Ok(signed_in(&house, &identity, StatusCode::CREATED, user, &token)?)
}

/// Who am I?
#[utoipa::path(get, path = "/me", operation_id = "get_me", tag = "account", responses((status = 200, description = "The caller", body = User)))]
async fn me(Caller(ctx): Caller) -> Answer<Json<User>> {
    Ok(Json(ops::me(&ctx).await?))
}

/// What may be changed about oneself.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Profile {
    /// What to be called.
    #[schema(example = "Ada Lovelace")]
    display_name: String,
}

/// Change my name.
#[utoipa::path(patch, path = "/me", operation_id = "change_me", tag = "account", request_body = Profile,
    responses((status = 200, description = "The caller", body = User)))]
async fn rename(Caller(ctx): Caller, Json(profile): Json<Profile>) -> Answer<Json<User>> {
    Ok(Json(ops::rename(&ctx, &profile.display_name).await?))
}

/// A change of password.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordChange {
    /// The password until now.
    #[schema(value_type = String, format = Password, example = "correct horse battery")]
    current: Secret,
    /// 15 to 128 characters; with a second factor, 8 to 128.
    #[schema(value_type = String, format = Password, example = "staples in the evening rain")]
    new: Secret,
}

/// Change my password; my other sessions end.
#[utoipa::path(post, path = "/me/password", operation_id = "change_my_password", tag = "account", request_body = PasswordChange,
    responses((status = 204, description = "Changed")))]
async fn change_password(
    Extension(identity): Extension<Identity>,
    Caller(ctx): Caller,
    Json(PasswordChange { current, new }): Json<PasswordChange>,
) -> Answer<StatusCode> {
    ops::change_password(&ctx, &identity, &current, &new).await?;
    Ok(StatusCode::NO_CONTENT)
}
