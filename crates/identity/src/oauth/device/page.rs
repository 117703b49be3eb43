//! `/api/v1/oauth/device…`: the person types a device's code, sees who asks from where, and decides.

use std::time::Duration;

use axum::{Extension, extract::State as Axum};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use stoa_core::{Error, Result, Timestamp};
use stoa_edge::{Answer, Caller, House, Json};
use stoa_store::{Class, Ctx};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    model::{self, State},
    store::{self, Model},
};
use crate::{
    Identity,
    audit::{model::Action, ops::record},
    oauth::{grants, requests::page::Consent},
    sessions,
};

pub(crate) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(find)).routes(routes!(allow)).routes(routes!(deny))
}

/// A code from a device.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DeviceCode)]
struct Typed {
    /// As the device shows it; case and dashes do not matter.
    #[schema(example = "WDJB-MJHT")]
    user_code: String,
}

/// What a device asks for.
#[derive(Serialize, ToSchema)]
#[schema(as = DeviceRequest)]
struct Asks {
    /// What it asks.
    request: Consent,
    /// Where the device is, as far as its address says.
    #[schema(example = "203.0.113.9")]
    ip: String,
    /// When it asked.
    asked_at: Timestamp,
}

/// Which device shows this code?
#[utoipa::path(post, path = "/oauth/device/find", operation_id = "find_device", tag = "oauth", request_body = Typed,
    responses((status = 200, description = "What it asks", body = Asks), (status = 404, description = "No device waits with this code")))]
async fn find(
    Axum(house): Axum<House>,
    Extension(identity): Extension<Identity>,
    Caller(ctx): Caller,
    Json(typed): Json<Typed>,
) -> Answer<Json<Asks>> {
    let row = waiting(&ctx, &typed.user_code).await?;
    let request = Consent::of(&ctx, &identity, house.issuer(), &row.asked()?, false).await?;
    Ok(Json(Asks { request, ip: row.ip, asked_at: row.created_at }))
}

/// Allow it.
#[utoipa::path(post, path = "/oauth/device/allow", operation_id = "allow_device", tag = "oauth", request_body = Typed,
    responses((status = 204, description = "Allowed"), (status = 404, description = "No device waits with this code")))]
async fn allow(Caller(ctx): Caller, Json(typed): Json<Typed>) -> Answer<StatusCode> {
    decide(&ctx, &typed.user_code, State::Allowed).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Do not allow it.
#[utoipa::path(post, path = "/oauth/device/deny", operation_id = "deny_device", tag = "oauth", request_body = Typed,
    responses((status = 204, description = "Not allowed"), (status = 404, description = "No device waits with this code")))]
async fn deny(Caller(ctx): Caller, Json(typed): Json<Typed>) -> Answer<StatusCode> {
    decide(&ctx, &typed.user_code, State::Denied).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Codes that one person may try: nobody finds one of 20⁸ so (RFC 8628 §5.1).
const TRIES: Class = Class { name: "device", limit: 10, per: Duration::from_secs(300), lasting: true };

async fn waiting(ctx: &Ctx, typed: &str) -> Result<Model> {
    let user = ctx.actor.at_the_browser()?.0.id;
    let decision = ctx.store.counters.take(&ctx.db, &TRIES, &user.to_string(), ctx.now()).await?;
    if !decision.allowed {
        return Err(Error::limited("too many codes; wait a little").retry_after(decision.retry_after));
    }
    let found = match model::read(typed) {
        Some(code) => store::waiting(&ctx.db.reads(), code, ctx.now()).await?,
        None => None,
    };
    if let Some(row) = found {
        return Ok(row);
    }
    // Whoever guesses is seen by those who look after the house (RFC 8628 §5.1). What was typed is not kept.
    let subject = Some("device user_code".to_owned());
    ctx.db.write(async |tx| record(ctx, tx, Action::OauthRefused, Some(user), subject.clone()).await).await?;
    Err(Error::not_found("no device waits with this code; look at the device again"))
}

async fn decide(ctx: &Ctx, typed: &str, state: State) -> Result<()> {
    let row = waiting(ctx, typed).await?;
    let (user, session) = ctx.actor.at_the_browser()?;
    let (asked, shown) = (row.asked()?, sessions::ops::shown(ctx, session).await?);
    ctx.db
        .write(async |tx| {
            let connection = match state {
                State::Allowed => Some(grants::ops::connect(ctx, tx, user.id, &asked).await?),
                State::Denied | State::Pending => {
                    let client = Some(asked.client_id.clone());
                    record(ctx, tx, Action::ConnectionDenied, Some(user.id), client).await?;
                    None
                }
            };
            if store::decide(tx, &row, state, connection, session, &shown).await? {
                Ok(())
            } else {
                Err(Error::not_found("somebody has decided this already"))
            }
        })
        .await
}
