//! `POST /oauth/device`: a device asks for its two codes (RFC 8628 §3.1).

use std::time::Duration;

use axum::{Json, response::Response};
use serde::Serialize;
use stoa_core::{Error, Secret, digest};
use stoa_edge::{House, RawBody};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    GRANT,
    model::{self, State},
    store::{self, Model},
};
use crate::oauth::{
    clients::authentication::Client,
    counter::Counter,
    error::{Body, Outcome},
    grants::model::Asked,
    params::Params,
    requests::check::wanted,
    token::Form,
};

/// The codes are good for this long.
const GOOD: Duration = Duration::from_secs(600);
/// A device asks this often at most, in seconds.
const INTERVAL: i64 = 5;

pub(crate) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(start))
}

/// The two codes of a device.
#[derive(Serialize, ToSchema)]
#[schema(as = OAuthDevice)]
struct Started {
    /// What the device hands in for tokens.
    #[schema(example = "stoa_dev_0123456789abcdefghijABCDEFGHIJ0123456789abc")]
    device_code: String,
    /// What the person types.
    #[schema(example = "WDJB-MJHT")]
    user_code: String,
    /// Where they type it.
    #[schema(example = "https://stoa.example/device")]
    verification_uri: String,
    /// The same with the code in it.
    #[schema(example = "https://stoa.example/device#code=WDJB-MJHT")]
    verification_uri_complete: String,
    /// For so many seconds.
    #[schema(example = 600)]
    expires_in: u64,
    /// Seconds between two questions of the device.
    #[schema(example = 5)]
    interval: i64,
}

/// Get the codes for a device without a browser.
#[utoipa::path(post, path = "/oauth/device", operation_id = "start_device", tag = "oauth",
    request_body(content = Form, content_type = "application/x-www-form-urlencoded"), responses(
    (status = 200, description = "The codes", body = Started),
    (status = 400, description = "`invalid_request`, `invalid_scope`, `invalid_target`, `unauthorized_client`", body = Body),
    (status = 401, description = "`invalid_client`", body = Body),
))]
async fn start(counter: Counter, body: RawBody) -> Response {
    let begin = async |client: &Client, params: &Params| begin(&counter, client, params).await.map(Json);
    counter.serves("device", body, begin).await
}

async fn begin(counter: &Counter, client: &Client, params: &Params) -> Outcome<Started> {
    let Counter { ctx, house, .. } = counter;
    client.must_be_allowed(GRANT)?;
    let wanted = wanted(client, house.issuer(), params)?;
    let (device_code, user_code) =
        (Secret::new(format!("stoa_dev_{}", ctx.rng().token::<32>())), model::make(ctx.rng()));
    let kept = model::read(&user_code).ok_or_else(|| Error::internal("a new code does not read back"))?;
    let asked = Asked {
        client_id: client.id().to_owned(),
        redirect_uri: None,
        scopes: wanted.scopes.to_string(),
        audience: wanted.audience.paths().map(str::to_owned).collect(),
        state: None,
        challenge: None,
        nonce: None,
        login: false,
        max_age: None,
        consent: true,
        bound_to: None,
        form_post: false,
        hidden: false,
        login_hint: None,
        subject: None,
    };
    let now = ctx.now();
    let row = Model {
        digest: digest(device_code.expose()).as_bytes().to_vec(),
        user_code: kept.as_bytes().to_vec(),
        client_id: client.id().to_owned(),
        state: State::Pending.as_str().into(),
        asked: serde_json::to_value(&asked).map_err(Error::from)?,
        ip: ctx.address.map_or_else(|| "unknown".to_owned(), |ip| ip.to_string()),
        connection_id: None,
        session_id: None,
        authenticated_at: None,
        methods: None,
        interval_seconds: INTERVAL,
        polled_at: None,
        created_at: now,
        expires_at: now + GOOD,
    };
    ctx.db.write(async |tx| store::add(tx, row.clone()).await).await?;
    let page = format!("{}/device", house.issuer());
    Ok(Started {
        device_code: device_code.expose().to_owned(),
        verification_uri_complete: format!("{page}#code={user_code}"),
        verification_uri: page,
        user_code,
        expires_in: GOOD.as_secs(),
        interval: INTERVAL,
    })
}
