//! `/me/factors`, `/me/totp`, `/me/backup-codes`, `/admin/users/{id}/factors/reset`.

use axum::{Extension, extract::State, response::IntoResponse};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use stoa_core::{Secret, UserId};
use stoa_edge::{Answer, Caller, House, Json, Path};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{backup, model::Factors, ops, totp};
use crate::Identity;

pub(crate) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new()
        .routes(routes!(mine))
        .routes(routes!(begin, remove))
        .routes(routes!(confirm))
        .routes(routes!(renew))
        .routes(routes!(reset))
}

/// For answers that are shown once.
pub(crate) const NO_STORE: (HeaderName, HeaderValue) =
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store"));

/// My second factors.
#[utoipa::path(get, path = "/me/factors", operation_id = "get_my_factors", tag = "account",
    responses((status = 200, description = "What is asked for beside the password", body = Factors)))]
async fn mine(Extension(identity): Extension<Identity>, Caller(ctx): Caller) -> Answer<Json<Factors>> {
    Ok(Json(ops::mine(&ctx, &identity).await?))
}

/// What an app for one-time codes needs to know. Shown once.
#[derive(Serialize, ToSchema)]
struct TotpSetup {
    /// The secret in base 32, to be typed.
    #[schema(example = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")]
    secret: String,
    /// The same as an address that apps understand.
    #[schema(
        example = "otpauth://totp/Stoa:ada%40example.org?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Stoa"
    )]
    otpauth_url: String,
    /// That address as a QR code: an SVG picture.
    #[schema(example = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 53 53\"></svg>")]
    qr: String,
}

/// Set up an app for one-time codes. It is asked for once a code of it was confirmed.
#[utoipa::path(post, path = "/me/totp", operation_id = "begin_my_totp", tag = "account", responses(
    (status = 200, description = "The secret, shown this once", body = TotpSetup),
    (status = 403, description = "`reauthentication_required`: confirm first that it is you"),
    (status = 409, description = "`totp_active`: remove the one there is first"),
))]
async fn begin(
    State(house): State<House>,
    Extension(identity): Extension<Identity>,
    Caller(ctx): Caller,
) -> Answer<impl IntoResponse> {
    let setup = totp::begin(&ctx, &identity, &issuer(&house)).await?;
    let said = |secret: &Secret| secret.expose().to_owned();
    let body =
        TotpSetup { secret: said(&setup.secret), otpauth_url: said(&setup.otpauth_url), qr: said(&setup.qr) };
    Ok(([NO_STORE], Json(body)))
}

/// How the house is called in an app: people have accounts in more than one.
fn issuer(house: &House) -> String {
    match house.public_url().domain() {
        Some(host) if host != "localhost" => format!("Stoa {host}"),
        _ => "Stoa".to_owned(),
    }
}

/// The first code of an app.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TotpConfirm {
    /// Six digits.
    #[schema(value_type = String, example = "287082")]
    code: Secret,
}

/// Backup codes, if there are new ones. Shown once.
#[derive(Serialize, ToSchema)]
struct FirstBackupCodes {
    /// Each signs in once in place of the app or a passkey. Missing where there are some already.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = json!(["7k3d-m0xw-92hq-tz5a"]))]
    backup_codes: Option<Vec<String>>,
}

/// Confirm an app with its first code.
#[utoipa::path(post, path = "/me/totp/confirm", operation_id = "confirm_my_totp", tag = "account", request_body = TotpConfirm, responses(
    (status = 200, description = "From now on a code is asked for", body = FirstBackupCodes),
    (status = 403, description = "`reauthentication_required`: confirm first that it is you"),
    (status = 409, description = "`totp_not_started`: nothing waits to be confirmed, or not any more"),
    (status = 422, description = "The code is not right"),
))]
async fn confirm(
    Extension(identity): Extension<Identity>,
    Caller(ctx): Caller,
    Json(TotpConfirm { code }): Json<TotpConfirm>,
) -> Answer<impl IntoResponse> {
    let backup_codes = totp::confirm(&ctx, &identity, &code).await?;
    Ok(([NO_STORE], Json(FirstBackupCodes { backup_codes })))
}

/// Remove my app for one-time codes.
#[utoipa::path(delete, path = "/me/totp", operation_id = "remove_my_totp", tag = "account", responses(
    (status = 204, description = "Removed; without another factor the backup codes are void too"),
    (status = 403, description = "`reauthentication_required`: confirm first that it is you"),
    (status = 409, description = "`short_password`: choose one first that can stand alone"),
))]
async fn remove(Extension(identity): Extension<Identity>, Caller(ctx): Caller) -> Answer<StatusCode> {
    totp::remove(&ctx, &identity).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Backup codes. Shown once.
#[derive(Serialize, ToSchema)]
struct BackupCodes {
    /// Each signs in once in place of the app or a passkey.
    #[schema(example = json!(["7k3d-m0xw-92hq-tz5a"]))]
    codes: Vec<String>,
}

/// Make new backup codes; the old ones are void.
#[utoipa::path(post, path = "/me/backup-codes", operation_id = "renew_my_backup_codes", tag = "account", responses(
    (status = 200, description = "Ten codes, shown this once", body = BackupCodes),
    (status = 403, description = "`reauthentication_required`: confirm first that it is you"),
    (status = 409, description = "`no_factor`: there is nothing they would stand in for"),
))]
async fn renew(Extension(identity): Extension<Identity>, Caller(ctx): Caller) -> Answer<impl IntoResponse> {
    let codes = backup::renew(&ctx, &identity).await?;
    Ok(([NO_STORE], Json(BackupCodes { codes })))
}

/// Take all second factors from somebody who lost them; their sessions end.
#[utoipa::path(post, path = "/admin/users/{id}/factors/reset", operation_id = "reset_user_factors", tag = "admin", params(("id" = UserId, Path, description = "The account")), responses(
    (status = 204, description = "Their password alone signs them in again"),
    (status = 403, description = "`reauthentication_required`: confirm first that it is you"),
    (status = 409, description = "`own_account`; `short_password`: they must choose a longer one first, by the link of a forgotten password"),
))]
async fn reset(
    Extension(identity): Extension<Identity>,
    Caller(ctx): Caller,
    Path(id): Path<UserId>,
) -> Answer<StatusCode> {
    ops::reset(&ctx, &identity, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
