//! `/oauth/logout`: a client sends a browser to have its person signed out (OpenID Connect RP-Initiated Logout §2).

use axum::{
    Extension,
    extract::{RawQuery, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use stoa_core::Result;
use stoa_edge::{House, Problem, RawBody, Visitor};
use stoa_store::Ctx;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    model::{Asked, STATE_BYTES, with_state},
    ops,
};
use crate::{
    Identity,
    oauth::{
        clients::authentication,
        counter::put_on_record,
        error::{Outcome, Refusal, Said},
        id_token,
        params::Params,
        requests::back::see_other,
    },
};

pub(crate) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(get, post))
}

/// Ask to sign a person out. A browser is sent here.
#[utoipa::path(get, path = "/oauth/logout", operation_id = "end_session", tag = "oauth", params(
    ("id_token_hint" = Option<String>, Query, description = "An ID token that the client got, however old", example = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2lnbmF0dXJl"),
    ("client_id" = Option<String>, Query, description = "The client", example = "https://assistant.example/client.json"),
    ("post_logout_redirect_uri" = Option<String>, Query, description = "Where to go afterwards: registered, to the letter", example = "https://assistant.example/bye"),
    ("state" = Option<String>, Query, description = "Comes back as it is", example = "af0ifjsldkj"),
), responses(
    (status = 303, description = "To the page on which the person is asked, if they must be", headers(("location" = String, description = "Where to"))),
    (status = 400, description = "A page for the person: nobody was signed out", body = String, content_type = "text/html"),
))]
async fn get(
    State(house): State<House>,
    Extension(identity): Extension<Identity>,
    Visitor(ctx): Visitor,
    RawQuery(query): RawQuery,
) -> Response {
    let params = Params::read(query.unwrap_or_default().as_bytes());
    answer(&ctx, &house, &identity, params).await
}

/// What clients post.
#[derive(Deserialize, ToSchema)]
#[schema(as = OpenIdLogoutForm)]
#[expect(dead_code, reason = "describes the form for the document; `Params` reads it")]
struct LogoutForm {
    /// An ID token that the client got, however old.
    #[schema(example = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2lnbmF0dXJl")]
    id_token_hint: Option<String>,
    /// The client.
    #[schema(example = "https://assistant.example/client.json")]
    client_id: Option<String>,
    /// Where to go afterwards: registered, to the letter.
    #[schema(example = "https://assistant.example/bye")]
    post_logout_redirect_uri: Option<String>,
    /// Comes back as it is.
    #[schema(example = "af0ifjsldkj")]
    state: Option<String>,
}

/// The same for clients that post.
#[utoipa::path(post, path = "/oauth/logout", operation_id = "post_end_session", tag = "oauth",
    request_body(content = LogoutForm, content_type = "application/x-www-form-urlencoded"), responses(
    (status = 303, description = "To the page on which the person is asked, if they must be", headers(("location" = String, description = "Where to"))),
    (status = 400, description = "A page for the person: nobody was signed out", body = String, content_type = "text/html"),
))]
async fn post(
    State(house): State<House>,
    Extension(identity): Extension<Identity>,
    Visitor(ctx): Visitor,
    headers: HeaderMap,
    body: RawBody,
) -> Response {
    let params = Params::of_form(&headers, body).await;
    answer(&ctx, &house, &identity, params).await
}

async fn answer(ctx: &Ctx, house: &House, identity: &Identity, params: Outcome<Params>) -> Response {
    let done = match params {
        Ok(params) => match understood(ctx, house, identity, &params).await {
            Ok(asked) => sent(ctx, house, &asked).await,
            Err(refusal) => told_here(ctx, house, params.get("client_id"), refusal).await,
        },
        Err(refusal) => told_here(ctx, house, None, refusal).await,
    };
    done.unwrap_or_else(|error| Problem::from(error).into_response())
}

/// To the page. It knows whose browser this is; here nobody does.
async fn sent(ctx: &Ctx, house: &House, asked: &Asked) -> Result<Response> {
    let handle = ops::keep(ctx, asked).await?;
    see_other(&format!("{}/signout/{}", house.issuer(), handle.expose()))
}

/// Checks a request. An ID token may have expired, but it is ours and the client's; an address is one that the client
/// registered.
async fn understood(ctx: &Ctx, house: &House, identity: &Identity, params: &Params) -> Outcome<Asked> {
    let hint = match params.get("id_token_hint") {
        Some(token) => {
            let hint = id_token::hint(ctx, identity, house.issuer(), token).await?;
            Some(hint.ok_or_else(|| Refusal::request("`id_token_hint` is no ID token of this server"))?)
        }
        None => None,
    };
    let named = params.get("client_id");
    if let (Some(named), Some(hint)) = (named, &hint)
        && named != hint.aud
    {
        return Err(Refusal::request("`id_token_hint` was made for another client"));
    }
    let client = match named.or(hint.as_ref().map(|hint| &*hint.aud)) {
        Some(id) => {
            let client = authentication::find(ctx, house, identity, id).await?;
            Some(client.ok_or_else(|| Refusal::new("invalid_client", "the client is not known here"))?)
        }
        None => None,
    };
    let state = params.get("state");
    if state.is_some_and(|state| state.len() > STATE_BYTES) {
        return Err(Refusal::request(format!("`state` has at most {STATE_BYTES} bytes")));
    }
    let location = match (params.get("post_logout_redirect_uri"), &client) {
        (None, _) => None,
        (Some(asked), Some(client)) if client.said.allows_after_logout(asked) => {
            Some(with_state(asked, state))
        }
        (Some(_), Some(_)) => {
            return Err(Refusal::request("`post_logout_redirect_uri` is none that the client registered"));
        }
        (Some(_), None) => {
            return Err(Refusal::request("`post_logout_redirect_uri` needs `id_token_hint` or `client_id`"));
        }
    };
    let client_id = client.map(|client| client.id().to_owned());
    Ok(Asked { client_id, sid: hint.and_then(|hint| hint.sid), location })
}

/// The person is told; the browser is sent nowhere, and nobody is signed out.
async fn told_here(ctx: &Ctx, house: &House, client: Option<&str>, refusal: Refusal) -> Result<Response> {
    let said = match refusal {
        Refusal::Fault(error) => return Err(error),
        Refusal::Said(said) => said,
    };
    put_on_record(ctx, "logout", client, &said).await?;
    let Said { code, text, .. } = said;
    let text = format!(
        "You were not signed out. The application that sent you here asked in a way that cannot be answered: {text} \
         ({code})."
    );
    house.plain_page(StatusCode::BAD_REQUEST, "Nobody was signed out", &text)
}
