//! `/oauth/authorize`: a client sends a browser to ask its person.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{RawQuery, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use stoa_core::{Result, Secret};
use stoa_edge::{House, Problem, RawBody, Visitor};
use stoa_store::Ctx;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    back::{self, Back, see_other},
    check::{self, Wrong},
    ops::{self, Silent},
    store::Came,
};
use crate::{
    Identity,
    oauth::{
        clients::authentication::{self, Client},
        counter::put_on_record,
        error::{Refusal, Said},
        grants::model::Asked,
        params::Params,
        token::Form,
    },
};

pub(crate) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(authorize, posted))
}

/// Ask a person to let a client act for them. A browser is sent here.
#[utoipa::path(get, path = "/oauth/authorize", operation_id = "authorize", tag = "oauth", params(
    ("client_id" = String, Query, description = "The client", example = "https://assistant.example/client.json"),
    ("response_type" = Option<String>, Query, description = "`code`", example = "code"),
    ("response_mode" = Option<String>, Query, description = "`query`, `form_post`", example = "query"),
    ("redirect_uri" = Option<String>, Query, description = "Where to go back to", example = "https://assistant.example/callback"),
    ("scope" = Option<String>, Query, description = "What it wants to do", example = "tasks:read tasks:write"),
    ("resource" = Option<String>, Query, description = "Where it wants to do it (RFC 8707); may come again", example = "https://stoa.example/mcp"),
    ("state" = Option<String>, Query, description = "Comes back as it is", example = "af0ifjsldkj"),
    ("code_challenge" = Option<String>, Query, description = "PKCE (RFC 7636)", example = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
    ("code_challenge_method" = Option<String>, Query, description = "`S256`", example = "S256"),
    ("nonce" = Option<String>, Query, description = "Comes back in the ID token", example = "n-0S6_WzA2Mj"),
    ("prompt" = Option<String>, Query, description = "`none`, `login`, `consent`", example = "consent"),
    ("login_hint" = Option<String>, Query, description = "Which address the person probably signs in with", example = "ada@example.org"),
    ("id_token_hint" = Option<String>, Query, description = "Whom it asks for: an ID token that it got", example = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2lnbmF0dXJl"),
    ("max_age" = Option<String>, Query, description = "Seconds since the last proof of identity", example = "300"),
    ("dpop_jkt" = Option<String>, Query, description = "The key that the tokens will be bound to (RFC 9449 §10)", example = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"),
    ("request_uri" = Option<String>, Query, description = "A pushed request (RFC 9126)", example = "urn:ietf:params:oauth:request_uri:0123456789abcdefghijABCDEFGHIJ0123456789abc"),
), responses(
    (status = 200, description = "With `response_mode=form_post`: a form that sends the answer to the client", body = String, content_type = "text/html"),
    (status = 303, description = "To the page on which the person decides, or back to the client", headers(("location" = String, description = "Where to"))),
    (status = 400, description = "A page for the person: the client or its address is not known", body = String, content_type = "text/html"),
))]
async fn authorize(
    State(house): State<House>,
    Extension(identity): Extension<Identity>,
    Visitor(ctx): Visitor,
    RawQuery(query): RawQuery,
) -> Response {
    let done = answer(&ctx, &house, &identity, query.as_deref().unwrap_or_default()).await;
    done.unwrap_or_else(|error| Problem::from(error).into_response())
}

/// Longest request that is carried on in an address, in bytes.
const ADDRESS_BYTES: usize = 16 << 10;

/// The same for clients that post (OpenID Connect Core §3.1.2.1).
///
/// A form of another site comes without the cookie, so nobody could be known here: the browser is sent on to the same
/// door, where it is.
#[utoipa::path(post, path = "/oauth/authorize", operation_id = "post_authorize", tag = "oauth",
    request_body(content = Form, content_type = "application/x-www-form-urlencoded"), responses(
    (status = 303, description = "To the same, by `GET`", headers(("location" = String, description = "Where to"))),
    (status = 400, description = "A page for the person: it cannot be read", body = String, content_type = "text/html"),
))]
async fn posted(
    State(house): State<House>,
    Visitor(ctx): Visitor,
    headers: HeaderMap,
    body: RawBody,
) -> Response {
    let done = match Params::of_form(&headers, body).await {
        Ok(params) => {
            let query = params.query();
            if query.len() > ADDRESS_BYTES {
                let refusal = Refusal::request("the request is too long; push it first");
                told_here(&ctx, &house, params.get("client_id"), refusal).await
            } else {
                see_other(&format!("{}/oauth/authorize?{query}", house.issuer()))
            }
        }
        Err(refusal) => told_here(&ctx, &house, None, refusal).await,
    };
    done.unwrap_or_else(|error| Problem::from(error).into_response())
}

async fn answer(ctx: &Ctx, house: &House, identity: &Identity, query: &str) -> Result<Response> {
    let params = match Params::read(query.as_bytes()) {
        Ok(params) => params,
        Err(refusal) => return told_here(ctx, house, None, refusal).await,
    };
    let (client, asked) = match understood(ctx, house, identity, &params).await {
        Ok(both) => both,
        Err(Wrong::Here(refusal)) => return told_here(ctx, house, params.get("client_id"), refusal).await,
        Err(Wrong::There { back, refusal }) => match refusal {
            Refusal::Fault(error) => return Err(error),
            Refusal::Said(said) => {
                put_on_record(ctx, "authorize", params.get("client_id"), &said).await?;
                return back.answer(house, &back::refusal(&said));
            }
        },
    };
    let (back, hidden) = (Back::of(&asked), asked.hidden);
    let unseen = |code, text| back.answer(house, &[("error", code), ("error_description", text)]);
    match ops::silently(ctx, identity, &client, &asked).await? {
        Silent::Allowed(code) => back.answer(house, &[("code", code.expose())]),
        Silent::SignIn if hidden => unseen("login_required", "the person is not signed in, or not lately"),
        Silent::Ask if hidden => unseen("consent_required", "the person has to be asked"),
        Silent::SignIn | Silent::Ask => {
            let handle: Secret = ops::keep(ctx, Came::WithABrowser, &asked).await?;
            let page = format!("{}/authorize/{}", house.issuer(), handle.expose());
            see_other(&match &asked.login_hint {
                Some(hint) => format!("{page}?login_hint={}", back::percent(hint)),
                None => page,
            })
        }
    }
}

/// The client and its request, from the URL or as it was pushed.
async fn understood(
    ctx: &Ctx,
    house: &House,
    identity: &Identity,
    params: &Params,
) -> Result<(Arc<Client>, Asked), Wrong> {
    let id = params.need("client_id").map_err(Wrong::Here)?;
    let client = authentication::find(ctx, house, identity, id).await.map_err(Wrong::Here)?;
    let client =
        client.ok_or_else(|| Wrong::Here(Refusal::new("invalid_client", "the client is not known here")))?;
    if let Some(uri) = params.get("request_uri") {
        let Some(handle) = uri.strip_prefix(super::push::URN) else {
            let back = check::back(&client, params).map_err(Wrong::Here)?;
            let text = "push the request in place of publishing it";
            return Err(Wrong::There { back, refusal: Refusal::new("request_uri_not_supported", text) });
        };
        let refused =
            || Wrong::Here(Refusal::new("invalid_request_uri", "the pushed request is used or too old"));
        let asked = ops::take_pushed(ctx, handle).await.map_err(|error| Wrong::Here(error.into()))?;
        let asked = asked.filter(|asked| asked.client_id == client.id()).ok_or_else(refused)?;
        return Ok((client, asked));
    }
    let mut asked = check::check(&client, house.issuer(), params)?;
    let there = |refusal| Wrong::There { back: Back::of(&asked), refusal };
    if client.said.require_pushed_authorization_requests == Some(true) {
        return Err(there(Refusal::request("this client pushes its requests first")));
    }
    let subject = check::subject(ctx, identity, house.issuer(), &client, params).await;
    asked.subject = subject.map_err(there)?;
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
