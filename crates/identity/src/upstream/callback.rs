//! `GET /auth/upstreams/{name}/callback`: where providers send browsers back to. It stands at the root, for its address is
//! known to the provider and must not change with the API.

use axum::{
    Extension,
    extract::{RawQuery, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use stoa_core::Result;
use stoa_edge::{House, Path, Problem, Visitor};
use stoa_store::Ctx;
use url::form_urlencoded;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    arrival::{Arrival, End, arrive},
    http::COOKIE,
};
use crate::{
    Identity, factors::http::NO_STORE, oauth::params::Params, sessions::http::device,
    sessions::second::Second,
};

pub(crate) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(callback))
}

/// Come back from another provider. A browser is sent here.
#[utoipa::path(get, path = "/auth/upstreams/{name}/callback", operation_id = "upstream_callback", tag = "sign-in", params(
    ("name" = String, Path, description = "The provider", example = "github"),
    ("state" = Option<String>, Query, description = "As it was sent there", example = "af0ifjsldkj"),
    ("code" = Option<String>, Query, description = "For the provider's token endpoint", example = "SplxlOBeZQQYbYS6WxSbIA"),
    ("iss" = Option<String>, Query, description = "The provider (RFC 9207)", example = "https://sso.example"),
    ("error" = Option<String>, Query, description = "Why there is no code", example = "access_denied"),
), responses(
    (status = 303, description = "To a page of the web app, signed in, half way, or with `problem`", headers(("location" = String, description = "Where to"))),
))]
async fn callback(
    State(house): State<House>,
    Extension(identity): Extension<Identity>,
    Visitor(ctx): Visitor,
    Path(name): Path<String>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Response {
    let answer = answer(&ctx, &house, &identity, &name, &headers, query.as_deref().unwrap_or_default());
    answer.await.unwrap_or_else(|error| Problem::from(error).into_response())
}

async fn answer(
    ctx: &Ctx,
    house: &House,
    identity: &Identity,
    name: &str,
    headers: &HeaderMap,
    query: &str,
) -> Result<Response> {
    let params = Params::read(query.as_bytes()).ok();
    let device = device(headers);
    let arrival = Arrival {
        house: house.issuer(),
        name,
        params: params.as_ref(),
        browser: house.cookie(headers, COOKIE),
        device: &device,
    };
    let (to, session) = match arrive(ctx, identity, &arrival).await? {
        End::In { token, return_to } => (return_to.unwrap_or_else(|| "/".into()), Some(token)),
        End::Second { second, return_to } => (second_step(&second, return_to)?, None),
        End::Linked => (format!("/settings/security?linked={name}"), None),
        End::Refused { problem, linking } => {
            let page = if linking { "/settings/security" } else { "/login" };
            (format!("{page}?problem={}", problem.as_str()), None)
        }
    };
    let location = (header::LOCATION, HeaderValue::try_from(format!("{}{to}", house.issuer()))?);
    let mut answer = (StatusCode::SEE_OTHER, [location, NO_STORE]).into_response();
    // Another attempt of this browser may be under way elsewhere: its cookie stays until it is used or too old.
    if let Some(token) = session {
        let cookies = house.session_cookie(token.expose(), identity.config().sessions.lifetime())?;
        answer.headers_mut().extend(cookies);
    }
    Ok(answer)
}

/// The page of the second step. The ticket stands behind the `#`, which no browser sends to anybody.
fn second_step(second: &Second, return_to: Option<String>) -> Result<String> {
    let mut page = "/login".to_owned();
    if let Some(next) = return_to {
        page.push_str("?next=");
        page.extend(form_urlencoded::byte_serialize(next.as_bytes()));
    }
    let methods = serde_json::to_value(&second.methods)?;
    let methods: Vec<&str> =
        methods.as_array().into_iter().flatten().filter_map(|one| one.as_str()).collect();
    Ok(format!("{page}#ticket={}&methods={}", second.ticket.expose(), methods.join(",")))
}
