//! `POST /oauth/revoke`: a client gives a token back (RFC 7009).

use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use stoa_edge::{House, RawBody};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    audit::model::Action,
    oauth::{
        access,
        clients::authentication::Client,
        counter::Counter,
        error::{Body, Outcome, Refusal},
        grants::{model::read_refresh_token, ops, store},
        params::Params,
    },
};

pub(super) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(revoke))
}

/// A token, to revoke it or to ask about it.
#[derive(Deserialize, ToSchema)]
#[schema(as = OAuthTokenForm)]
#[expect(dead_code, reason = "describes the form for the document; `Params` reads it")]
pub(super) struct TokenForm {
    /// The token.
    #[schema(example = "stoa_rt_0123456789abcdefghijABCDEFGHIJ0123456789abc")]
    token: String,
    /// `access_token` or `refresh_token`; not needed.
    #[schema(example = "refresh_token")]
    token_type_hint: Option<String>,
    /// The client, unless it is named elsewhere.
    #[schema(example = "https://assistant.example/client.json")]
    client_id: Option<String>,
}

/// Give a token back. With it ends everything that came of the same authorization.
#[utoipa::path(post, path = "/oauth/revoke", operation_id = "revoke_token", tag = "oauth",
    request_body(content = TokenForm, content_type = "application/x-www-form-urlencoded"), responses(
    (status = 200, description = "It opens nothing any more, or never did"),
    (status = 400, description = "`invalid_request`", body = Body),
    (status = 401, description = "`invalid_client`", body = Body),
))]
async fn revoke(counter: Counter, body: RawBody) -> Response {
    let take = async |client: &Client, params: &Params| take_back(&counter, client, params).await;
    counter.serves("revoke", body, take).await
}

async fn take_back(counter: &Counter, client: &Client, params: &Params) -> Outcome<StatusCode> {
    let Counter { ctx, house, identity, .. } = counter;
    let token = params.need("token")?;
    let grant = match read_refresh_token(&ctx.store.ring, token) {
        Some(id) => store::find(&ctx.db.reads(), id).await?,
        None => access::read(ctx, identity, house.issuer(), token).await?.map(|holds| holds.grant),
    };
    match grant {
        None => Ok(StatusCode::OK),
        Some(grant) if grant.client_id == client.id() => {
            ops::end(ctx, &grant, Action::GrantRevoked).await?;
            Ok(StatusCode::OK)
        }
        Some(_) => Err(Refusal::new("unauthorized_client", "the token is another client's")),
    }
}
