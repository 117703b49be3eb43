//! `/admin/users`.

use axum::Extension;
use serde::Deserialize;
use stoa_core::{Secret, UserId, UserTag};
use stoa_edge::{Answer, Caller, Created, House, Json, List, PageQuery, Paged, Path};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    model::{AdminUser, Change, NewUser, RoleName},
    ops,
};
use crate::Identity;

pub(crate) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(find, change))
}

/// Everybody who has an account.
#[utoipa::path(get, path = "/admin/users", operation_id = "list_users", tag = "admin", params(PageQuery),
    responses((status = 200, description = "Newest first", body = List<AdminUser>)))]
async fn list(Caller(ctx): Caller, Paged(page): Paged<UserTag>) -> Answer<Json<List<AdminUser>>> {
    Ok(Json(ops::list(&ctx, page).await?.into()))
}

/// Somebody who shall get an account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AdminUserNew)]
struct Add {
    /// The address they will sign in with.
    #[schema(example = "grace@example.org")]
    email: String,
    /// What they are called.
    #[schema(example = "Grace Hopper")]
    display_name: String,
    /// Their first password: 15 to 128 characters.
    #[schema(value_type = String, format = Password, example = "correct horse battery")]
    password: Secret,
    /// What they will be.
    role: RoleName,
}

/// Make an account.
#[utoipa::path(post, path = "/admin/users", operation_id = "add_user", tag = "admin", request_body = Add, responses(
    (status = 201, description = "The account", body = AdminUser),
    (status = 409, description = "`email_taken`: the address has an account"),
))]
async fn add(
    Extension(identity): Extension<Identity>,
    Caller(ctx): Caller,
    Json(Add { email, display_name, password, role }): Json<Add>,
) -> Answer<Created<AdminUser>> {
    let user =
        ops::add(&ctx, &identity, NewUser { email, display_name, password, role: role.into() }).await?;
    Ok(Created { at: format!("/admin/users/{}", user.id), body: user })
}

/// One account.
#[utoipa::path(get, path = "/admin/users/{id}", operation_id = "get_user", tag = "admin", params(("id" = UserId, Path, description = "The account")),
    responses((status = 200, description = "The account", body = AdminUser)))]
async fn find(Caller(ctx): Caller, Path(id): Path<UserId>) -> Answer<Json<AdminUser>> {
    Ok(Json(ops::find(&ctx, id).await?))
}

/// What to change about an account.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AdminUserPatch)]
struct Patch {
    /// What they shall be.
    role: Option<RoleName>,
    /// Whether the account is switched off; its sessions end.
    disabled: Option<bool>,
}

/// Change a role, switch an account off or on.
#[utoipa::path(patch, path = "/admin/users/{id}", operation_id = "change_user", tag = "admin", params(("id" = UserId, Path, description = "The account")), request_body = Patch,
    responses(
        (status = 200, description = "The account; no node acts on what was before", body = AdminUser),
        (status = 409, description = "`own_account`, `last_owner`"),
    ))]
async fn change(
    Caller(ctx): Caller,
    Path(id): Path<UserId>,
    Json(Patch { role, disabled }): Json<Patch>,
) -> Answer<Json<AdminUser>> {
    Ok(Json(ops::change(&ctx, id, Change { role: role.map(Into::into), disabled }).await?))
}
