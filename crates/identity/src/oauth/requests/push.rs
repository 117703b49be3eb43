//! `POST /oauth/par`: a client hands its request in itself, so that the browser only carries a handle (RFC 9126).

use axum::{Json, response::Response};
use http::StatusCode;
use serde::Serialize;
use stoa_edge::{House, RawBody};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    check::{Wrong, check, subject},
    ops,
    store::Came,
};
use crate::oauth::{
    clients::authentication::Client,
    counter::Counter,
    error::{Body, Outcome, Refusal},
    params::Params,
    proofs,
    token::Form,
};

/// How every handle begins.
pub(crate) const URN: &str = "urn:ietf:params:oauth:request_uri:";

pub(crate) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(push))
}

/// Where the request is kept.
#[derive(Serialize, ToSchema)]
#[schema(as = OAuthPushed)]
struct Pushed {
    /// What the browser carries.
    #[schema(example = "urn:ietf:params:oauth:request_uri:0123456789abcdefghijABCDEFGHIJ0123456789abc")]
    request_uri: String,
    /// For so many seconds.
    #[schema(example = 60)]
    expires_in: u64,
}

/// Hand in an authorization request.
#[utoipa::path(post, path = "/oauth/par", operation_id = "push_authorization_request", tag = "oauth",
    request_body(content = Form, content_type = "application/x-www-form-urlencoded"), responses(
    (status = 201, description = "Kept, for one use", body = Pushed),
    (status = 400, description = "As `/oauth/authorize` would answer", body = Body),
    (status = 401, description = "`invalid_client`", body = Body),
))]
async fn push(counter: Counter, body: RawBody) -> Response {
    let keep = async |client: &Client, params: &Params| {
        keep(&counter, client, params).await.map(|pushed| (StatusCode::CREATED, Json(pushed)))
    };
    counter.serves("par", body, keep).await
}

async fn keep(counter: &Counter, client: &Client, params: &Params) -> Outcome<Pushed> {
    let Counter { ctx, house, identity, headers } = counter;
    if params.get("request_uri").is_some() {
        return Err(Refusal::request("a pushed request holds no `request_uri`"));
    }
    let mut asked = check(client, house.issuer(), params).map_err(|wrong| match wrong {
        Wrong::Here(refusal) | Wrong::There { refusal, .. } => refusal,
    })?;
    asked.subject = subject(ctx, identity, house.issuer(), client, params).await?;
    if let Some(key) = proofs::of_client(ctx, headers, &counter.at("/oauth/par")).await? {
        if asked.bound_to.as_ref().is_some_and(|said| *said != key) {
            return Err(Refusal::new("invalid_dpop_proof", "`dpop_jkt` is another key than the proof's"));
        }
        asked.bound_to = Some(key);
    }
    let handle = ops::keep(ctx, Came::Pushed, &asked).await?;
    Ok(Pushed { request_uri: format!("{URN}{}", handle.expose()), expires_in: ops::PUSHED.as_secs() })
}
