//! `/oauth/register`: a program registers itself (RFC 7591), and looks after that registration (RFC 7592). Open to
//! everybody, so it is worth nothing: people decide by what the consent page shows, and what nobody uses is forgotten.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::Serialize;
use serde_json::Value;
use stoa_core::{Digest, Error, Secret, digest};
use stoa_edge::{House, Path, RawBody, Visitor};
use stoa_store::Ctx;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    model::Metadata,
    store::{self, DYNAMIC, Model},
};
use crate::{
    audit::{model::Action, ops::record},
    oauth::{
        counter::refused,
        error::{Body, Outcome, Refusal},
        jose, params,
    },
};

pub(crate) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(register)).routes(routes!(show, change, remove))
}

/// A registration.
#[derive(Serialize, ToSchema)]
#[schema(as = OAuthClient)]
struct Registered {
    /// Its id.
    #[schema(example = "stoa_client_0123456789abcdefghijAB")]
    client_id: String,
    /// When it was made, in seconds since 1970.
    #[schema(example = 1_790_000_000)]
    client_id_issued_at: i64,
    /// Its secret, shown this once, if its kind has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "0123456789abcdefghijABCDEFGHIJ0123456789abc")]
    client_secret: Option<String>,
    /// 0: the secret does not expire.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 0)]
    client_secret_expires_at: Option<i64>,
    /// What opens the registration again, shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "stoa_reg_0123456789abcdefghijABCDEFGHIJ0123456789abc")]
    registration_access_token: Option<String>,
    /// Where the registration is.
    #[schema(example = "https://stoa.example/oauth/register/stoa_client_0123456789abcdefghijAB")]
    registration_client_uri: String,
    /// What was registered.
    #[serde(flatten)]
    metadata: Metadata,
}

/// Register a client.
#[utoipa::path(post, path = "/oauth/register", operation_id = "register_client", tag = "oauth", request_body = Metadata, responses(
    (status = 201, description = "The client, as it was registered", body = Registered),
    (status = 400, description = "`invalid_redirect_uri`, `invalid_client_metadata`", body = Body),
))]
async fn register(
    State(house): State<House>,
    Visitor(ctx): Visitor,
    headers: HeaderMap,
    body: RawBody,
) -> Response {
    match try_register(&ctx, &house, &headers, body).await {
        Ok(registered) => answer(StatusCode::CREATED, registered),
        Err(refusal) => refused(&ctx, "register", None, refusal).await,
    }
}

async fn try_register(ctx: &Ctx, house: &House, headers: &HeaderMap, body: RawBody) -> Outcome<Registered> {
    let metadata = read(headers, body).await?.checked()?;
    let shared = metadata.auth_method().starts_with("client_secret");
    let secret = shared.then(|| Secret::new(ctx.rng().token::<32>()));
    let token = Secret::new(format!("{REGISTRATION}{}", ctx.rng().token::<32>()));
    let row = Model {
        id: format!("{OWN}{}", ctx.rng().token::<16>()),
        kind: DYNAMIC.into(),
        metadata: serde_json::to_value(&metadata).map_err(Error::from)?,
        secret: secret.as_ref().map(|secret| digest(secret.expose()).as_bytes().to_vec()),
        registration: Some(digest(token.expose()).as_bytes().to_vec()),
        service_user_id: None,
        created_at: ctx.now(),
        fresh_until: None,
    };
    ctx.db
        .write(async |tx| {
            store::add(tx, row.clone()).await?;
            record(ctx, tx, Action::ClientRegistered, None, Some(row.id.clone())).await
        })
        .await?;
    Ok(registered(house, &row, metadata, secret, Some(token)))
}

/// How our own ids begin: never like an address.
pub(crate) const OWN: &str = "stoa_client_";
const REGISTRATION: &str = "stoa_reg_";

/// Read a registration.
#[utoipa::path(get, path = "/oauth/register/{client_id}", operation_id = "get_client", tag = "oauth",
    params(("client_id" = String, Path, description = "The client", example = "stoa_client_0123456789abcdefghijAB")), responses(
    (status = 200, description = "The client", body = Registered),
    (status = 401, description = "Another registration's token, or none", body = Body),
))]
async fn show(
    State(house): State<House>,
    Visitor(ctx): Visitor,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    match owned(&ctx, &id, &headers).await {
        Ok((row, metadata)) => answer(StatusCode::OK, registered(&house, &row, metadata, None, None)),
        Err(refusal) => refused(&ctx, "register", Some(&id), refusal).await,
    }
}

/// Change a registration: what is sent replaces what was there.
#[utoipa::path(put, path = "/oauth/register/{client_id}", operation_id = "change_client", tag = "oauth", request_body = Metadata,
    params(("client_id" = String, Path, description = "The client", example = "stoa_client_0123456789abcdefghijAB")), responses(
    (status = 200, description = "The client, as it is now", body = Registered),
    (status = 400, description = "`invalid_redirect_uri`, `invalid_client_metadata`", body = Body),
    (status = 401, description = "Another registration's token, or none", body = Body),
))]
async fn change(
    State(house): State<House>,
    Visitor(ctx): Visitor,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: RawBody,
) -> Response {
    match try_change(&ctx, &house, &id, &headers, body).await {
        Ok(registered) => answer(StatusCode::OK, registered),
        Err(refusal) => refused(&ctx, "register", Some(&id), refusal).await,
    }
}

async fn try_change(
    ctx: &Ctx,
    house: &House,
    id: &str,
    headers: &HeaderMap,
    body: RawBody,
) -> Outcome<Registered> {
    let (row, before) = owned(ctx, id, headers).await?;
    let metadata = read(headers, body).await?.checked()?;
    // A secret that was never made cannot be asked for now.
    if metadata.auth_method() != before.auth_method() {
        return Err(Refusal::new("invalid_client_metadata", "`token_endpoint_auth_method` stays what it is"));
    }
    let value = serde_json::to_value(&metadata).map_err(Error::from)?;
    let epoch = ctx
        .db
        .write(async |tx| {
            store::set_metadata(tx, id, value.clone()).await?;
            ctx.store.epoch.raise(tx).await
        })
        .await?;
    ctx.store.epoch.settled(&ctx.db, epoch).await?;
    Ok(registered(house, &row, metadata, None, None))
}

/// Remove a registration, with everything that people granted it.
#[utoipa::path(delete, path = "/oauth/register/{client_id}", operation_id = "remove_client", tag = "oauth",
    params(("client_id" = String, Path, description = "The client", example = "stoa_client_0123456789abcdefghijAB")), responses(
    (status = 204, description = "Gone; none of its tokens opens anything"),
    (status = 401, description = "Another registration's token, or none", body = Body),
))]
async fn remove(Visitor(ctx): Visitor, Path(id): Path<String>, headers: HeaderMap) -> Response {
    match try_remove(&ctx, &id, &headers).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(refusal) => refused(&ctx, "register", Some(&id), refusal).await,
    }
}

async fn try_remove(ctx: &Ctx, id: &str, headers: &HeaderMap) -> Outcome<()> {
    owned(ctx, id, headers).await?;
    let epoch = ctx
        .db
        .write(async |tx| {
            store::remove(tx, id, DYNAMIC).await?;
            record(ctx, tx, Action::ClientRemoved, None, Some(id.to_owned())).await?;
            ctx.store.epoch.raise(tx).await
        })
        .await?;
    Ok(ctx.store.epoch.settled(&ctx.db, epoch).await?)
}

/// The registration behind a registration token. Nothing tells whether another client exists (RFC 7592 §2).
async fn owned(ctx: &Ctx, id: &str, headers: &HeaderMap) -> Outcome<(Model, Metadata)> {
    let refused = || {
        Refusal::token(
            StatusCode::UNAUTHORIZED,
            "Bearer realm=\"stoa\", error=\"invalid_token\"",
            "the registration token is not valid here",
        )
    };
    let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = shown.and_then(|text| text.strip_prefix("Bearer ")).ok_or_else(refused)?;
    let row = store::find(&ctx.db.reads(), id).await?.ok_or_else(refused)?;
    if row.registration.as_deref().and_then(Digest::from_slice) != Some(digest(token)) {
        return Err(refused());
    }
    let metadata = row.said()?;
    Ok((row, metadata))
}

async fn read(headers: &HeaderMap, body: RawBody) -> Outcome<Metadata> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let wrong = || Refusal::new("invalid_client_metadata", "send one JSON object, as `application/json`");
    if kind.split(';').next().map(str::trim) != Some("application/json") {
        return Err(wrong());
    }
    let value: Value = serde_json::from_slice(&params::whole(body).await?).map_err(|_| wrong())?;
    if value.is_object() { serde_json::from_value(value).map_err(|_| wrong()) } else { Err(wrong()) }
}

fn registered(
    house: &House,
    row: &Model,
    metadata: Metadata,
    secret: Option<Secret>,
    token: Option<Secret>,
) -> Registered {
    Registered {
        registration_client_uri: format!("{}/oauth/register/{}", house.issuer(), row.id),
        client_id: row.id.clone(),
        client_id_issued_at: jose::seconds(row.created_at),
        client_secret_expires_at: secret.as_ref().map(|_| 0),
        client_secret: secret.map(|secret| secret.expose().to_owned()),
        registration_access_token: token.map(|token| token.expose().to_owned()),
        metadata,
    }
}

fn answer(status: StatusCode, registered: Registered) -> Response {
    let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (status, no_store, Json(registered)).into_response()
}
