//! `/me/passkeys`.

use axum::{Extension, extract::State, response::IntoResponse};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stoa_edge::{Answer, Caller, Created, House, Json, List, PageQuery, Paged, Path};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    model::{Passkey, PasskeyId, PasskeyTag},
    ops,
    party::Party,
    schema,
};
use crate::{Identity, factors::http::NO_STORE};

pub(crate) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(begin)).routes(routes!(list, add)).routes(routes!(rename, remove))
}

/// What a browser is asked for when a passkey is made.
#[derive(Serialize, ToSchema)]
struct PasskeyOptions {
    /// For `PublicKeyCredential.parseCreationOptionsFromJSON` (WebAuthn §5.1.8).
    #[schema(schema_with = schema::creation_options)]
    options: Value,
}

/// Begin to make a passkey.
#[utoipa::path(post, path = "/me/passkeys/options", operation_id = "begin_my_passkey", tag = "account", responses(
    (status = 200, description = "What to ask the browser for, within five minutes", body = PasskeyOptions),
    (status = 403, description = "`reauthentication_required`: confirm first that it is you"),
    (status = 409, description = "`too_many_passkeys`, `passkeys_unavailable`"),
))]
async fn begin(
    State(house): State<House>,
    Extension(identity): Extension<Identity>,
    Caller(ctx): Caller,
) -> Answer<impl IntoResponse> {
    let options = ops::begin(&ctx, &identity, &Party::of(house.public_url())?).await?;
    Ok(([NO_STORE], Json(PasskeyOptions { options })))
}

/// My passkeys.
#[utoipa::path(get, path = "/me/passkeys", operation_id = "list_my_passkeys", tag = "account", params(PageQuery),
    responses((status = 200, description = "Newest first", body = List<Passkey>)))]
async fn list(Caller(ctx): Caller, Paged(page): Paged<PasskeyTag>) -> Answer<Json<List<Passkey>>> {
    Ok(Json(ops::list(&ctx, page).await?.into()))
}

/// A passkey that a browser made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PasskeyNew)]
struct Add {
    /// What to call it.
    #[schema(example = "Ada's laptop")]
    name: String,
    /// What `PublicKeyCredential.toJSON()` says of it (WebAuthn §5.1.8).
    #[schema(schema_with = schema::registration)]
    credential: Value,
}

/// A new passkey, with backup codes if there are new ones.
#[derive(Serialize, ToSchema)]
struct NewPasskey {
    /// The passkey.
    #[serde(flatten)]
    passkey: Passkey,
    /// Each signs in once in place of the passkey. Shown once; missing where there are some already.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["7k3d-m0xw-92hq-tz5a"]))]
    backup_codes: Option<Vec<String>>,
}

/// Add the passkey that the browser made. From now on the password alone signs nobody in.
#[utoipa::path(post, path = "/me/passkeys", operation_id = "add_my_passkey", tag = "account", request_body = Add, responses(
    (status = 201, description = "The passkey", body = NewPasskey),
    (status = 409, description = "`passkey_not_started`, `passkey_known`, `too_many_passkeys`"),
))]
async fn add(
    State(house): State<House>,
    Caller(ctx): Caller,
    Json(Add { name, credential }): Json<Add>,
) -> Answer<impl IntoResponse> {
    let party = Party::of(house.public_url())?;
    let (passkey, backup_codes) = ops::add(&ctx, &party, &name, credential).await?;
    let at = format!("/me/passkeys/{}", passkey.id);
    Ok(([NO_STORE], Created { at, body: NewPasskey { passkey, backup_codes } }))
}

/// What to change about a passkey.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PasskeyPatch)]
struct Patch {
    /// What to call it.
    #[schema(example = "Ada's laptop")]
    name: String,
}

/// Name one of my passkeys.
#[utoipa::path(patch, path = "/me/passkeys/{id}", operation_id = "rename_my_passkey", tag = "account", params(("id" = PasskeyId, Path, description = "The passkey")), request_body = Patch,
    responses((status = 200, description = "The passkey", body = Passkey)))]
async fn rename(
    Caller(ctx): Caller,
    Path(id): Path<PasskeyId>,
    Json(Patch { name }): Json<Patch>,
) -> Answer<Json<Passkey>> {
    Ok(Json(ops::rename(&ctx, id, &name).await?))
}

/// Remove one of my passkeys.
#[utoipa::path(delete, path = "/me/passkeys/{id}", operation_id = "remove_my_passkey", tag = "account", params(("id" = PasskeyId, Path, description = "The passkey")), responses(
    (status = 204, description = "Removed; without another factor the backup codes are void too"),
    (status = 403, description = "`reauthentication_required`: confirm first that it is you"),
    (status = 409, description = "`short_password`: choose one first that can stand alone; `last_way_in`: without it nobody could sign in"),
))]
async fn remove(
    Extension(identity): Extension<Identity>,
    Caller(ctx): Caller,
    Path(id): Path<PasskeyId>,
) -> Answer<StatusCode> {
    ops::remove(&ctx, &identity, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
