//! `GET /oauth/authorize`.

use axum::{
    Extension,
    extract::{RawQuery, State},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use stoa_core::{Error, Result, Secret};
use stoa_edge::{House, Visitor};
use stoa_store::Ctx;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    check::{Wrong, check},
    ops::{self, Silent},
    store::Came,
};
use crate::{
    Identity,
    oauth::{
        clients::authentication::{self, Client},
        error::{Refusal, Said},
        grants::model::Asked,
        params::Params,
        token::put_on_record,
    },
};

pub(crate) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(authorize))
}

/// Ask a person to let a client act for them. A browser is sent here.
#[utoipa::path(get, path = "/oauth/authorize", operation_id = "authorize", tag = "oauth", params(
    ("client_id" = String, Query, description = "The client", example = "https://assistant.example/client.json"),
    ("response_type" = Option<String>, Query, description = "`code`", example = "code"),
    ("redirect_uri" = Option<String>, Query, description = "Where to go back to", example = "https://assistant.example/callback"),
    ("scope" = Option<String>, Query, description = "What it wants to do", example = "tasks:read tasks:write"),
    ("resource" = Option<String>, Query, description = "Where it wants to do it (RFC 8707); may come again", example = "https://stoa.example/mcp"),
    ("state" = Option<String>, Query, description = "Comes back as it is", example = "af0ifjsldkj"),
    ("code_challenge" = Option<String>, Query, description = "PKCE (RFC 7636)", example = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
    ("code_challenge_method" = Option<String>, Query, description = "`S256`", example = "S256"),
    ("nonce" = Option<String>, Query, description = "Comes back in the ID token", example = "n-0S6_WzA2Mj"),
    ("prompt" = Option<String>, Query, description = "`none`, `login`, `consent`", example = "consent"),
    ("max_age" = Option<String>, Query, description = "Seconds since the last proof of identity", example = "300"),
    ("dpop_jkt" = Option<String>, Query, description = "The key that the tokens will be bound to (RFC 9449 §10)", example = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"),
    ("request_uri" = Option<String>, Query, description = "A pushed request (RFC 9126)", example = "urn:ietf:params:oauth:request_uri:0123456789abcdefghijABCDEFGHIJ0123456789abc"),
), responses(
    (status = 303, description = "To the page on which the person decides, or back to the client", headers(("location" = String, description = "Where to"))),
    (status = 400, description = "A page for the person: the client or its address is not known", body = String, content_type = "text/html"),
))]
async fn authorize(
    State(house): State<House>,
    Extension(identity): Extension<Identity>,
    Visitor(ctx): Visitor,
    RawQuery(query): RawQuery,
) -> Response {
    match answer(&ctx, &house, &identity, query.as_deref().unwrap_or_default()).await {
        Ok(response) => response,
        Err(error) => stoa_edge::Problem::from(error).into_response(),
    }
}

async fn answer(ctx: &Ctx, house: &House, identity: &Identity, query: &str) -> Result<Response> {
    let params = match Params::read(query.as_bytes()) {
        Ok(params) => params,
        Err(refusal) => return told_here(ctx, house, None, refusal).await,
    };
    let (client, asked) = match understood(ctx, house, identity, &params).await {
        Ok(both) => both,
        Err(Wrong::Here(refusal)) => return told_here(ctx, house, params.get("client_id"), refusal).await,
        Err(Wrong::There { redirect_uri, state, refusal }) => match refusal {
            Refusal::Fault(error) => return Err(error),
            Refusal::Said(said) => {
                put_on_record(ctx, "authorize", params.get("client_id"), &said).await?;
                let address = ops::back_with(&redirect_uri, state.as_deref(), house.issuer(), &said);
                return see_other(&address);
            }
        },
    };
    let hidden = params.get("prompt") == Some("none");
    match ops::silently(ctx, identity, house.issuer(), &client, &asked).await? {
        Silent::Allowed(address) => see_other(&address),
        Silent::SignIn if hidden => {
            unseen(house, &asked, "login_required", "nobody is signed in, or not lately")
        }
        Silent::Ask if hidden => unseen(house, &asked, "consent_required", "the person has to be asked"),
        Silent::SignIn | Silent::Ask => {
            let handle: Secret = ops::keep(ctx, Came::WithABrowser, &asked).await?;
            see_other(&format!("{}/authorize/{}", house.issuer(), handle.expose()))
        }
    }
}

/// The client and its request, from the URL or as it was pushed.
async fn understood(
    ctx: &Ctx,
    house: &House,
    identity: &Identity,
    params: &Params,
) -> Result<(Client, Asked), Wrong> {
    let id = params.need("client_id").map_err(Wrong::Here)?;
    let client = authentication::find(ctx, house, identity, id).await.map_err(Wrong::Here)?;
    let client =
        client.ok_or_else(|| Wrong::Here(Refusal::new("invalid_client", "the client is not known here")))?;
    if let Some(uri) = params.get("request_uri") {
        let refused =
            || Wrong::Here(Refusal::new("invalid_request_uri", "the pushed request is used or too old"));
        let handle = uri.strip_prefix(super::push::URN).ok_or_else(refused)?;
        let asked = ops::take_pushed(ctx, handle).await.map_err(|error| Wrong::Here(error.into()))?;
        let asked = asked.filter(|asked| asked.client_id == client.id()).ok_or_else(refused)?;
        return Ok((client, asked));
    }
    let asked = check(&client, house.issuer(), params)?;
    if client.said.require_pushed_authorization_requests == Some(true) {
        return Err(Wrong::There {
            redirect_uri: asked.redirect_uri.unwrap_or_default(),
            state: asked.state,
            refusal: Refusal::request("this client pushes its requests first"),
        });
    }
    Ok((client, asked))
}

/// The person is told; the browser is sent nowhere.
async fn told_here(ctx: &Ctx, house: &House, client: Option<&str>, refusal: Refusal) -> Result<Response> {
    match refusal {
        Refusal::Fault(error) => Err(error),
        Refusal::Said(said) => {
            put_on_record(ctx, "authorize", client, &said).await?;
            let Said { code, text, .. } = said;
            let text = format!(
                "The application that sent you here asked in a way that cannot be answered: {text} ({code})."
            );
            house.plain_page(StatusCode::BAD_REQUEST, "This cannot be connected", &text)
        }
    }
}

/// The client wanted an answer without anybody seeing anything.
fn unseen(house: &House, asked: &Asked, code: &'static str, text: &'static str) -> Result<Response> {
    let Refusal::Said(said) = Refusal::new(code, text) else { return Err(Error::internal("no refusal")) };
    let uri = asked.redirect_uri.as_deref().unwrap_or_default();
    see_other(&ops::back_with(uri, asked.state.as_deref(), house.issuer(), &said))
}

/// Never 307: what the browser sent here is not for there (OAuth 2.1 §7.5.3).
fn see_other(address: &str) -> Result<Response> {
    let to = [(header::LOCATION, HeaderValue::try_from(address)?)];
    Ok((StatusCode::SEE_OTHER, to).into_response())
}
