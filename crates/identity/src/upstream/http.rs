//! `/auth/upstreams`, `/me/upstreams`.

use axum::{
    Extension,
    extract::State,
    response::{AppendHeaders, IntoResponse},
};
use http::StatusCode;
use serde::{Deserialize, Serialize};
use stoa_core::{Result, Secret};
use stoa_edge::{Answer, Caller, House, Json, Path, Visitor};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    model::{Begun, PATIENCE, Upstream, UpstreamId, UpstreamLink},
    ops,
};
use crate::{Identity, factors::http::NO_STORE};

/// The cookie that binds an attempt to its browser.
pub(super) const COOKIE: &str = "stoa-upstream";

pub(crate) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new()
        .routes(routes!(offers))
        .routes(routes!(begin))
        .routes(routes!(mine, link))
        .routes(routes!(unlink))
}

/// Other providers that one can sign in with.
#[derive(Debug, Serialize, ToSchema)]
struct Upstreams {
    /// In the order of their names.
    items: Vec<Upstream>,
}

/// With which other providers can one sign in here?
#[utoipa::path(get, path = "/auth/upstreams", operation_id = "list_upstreams", tag = "sign-in",
    responses((status = 200, description = "Those that are configured", body = Upstreams)))]
async fn offers(Extension(identity): Extension<Identity>) -> Answer<Json<Upstreams>> {
    Ok(Json(Upstreams { items: ops::offers(&identity) }))
}

/// How somebody wants to sign in with a provider.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UpstreamBegin {
    /// From the link of an invitation, for a new account.
    #[schema(value_type = Option<String>, example = json!(null))]
    invite: Option<Secret>,
    /// The page of this server to come to afterwards.
    #[schema(example = "/tasks")]
    return_to: Option<String>,
}

/// Where the browser goes now.
#[derive(Debug, Serialize, ToSchema)]
struct UpstreamLocation {
    /// The provider's page.
    #[schema(example = "https://sso.example/authorize?response_type=code&client_id=stoa&state=af0ifjsldkj")]
    location: String,
}

/// Sign in with a provider, or sign up where one may: the browser goes there and comes back within ten minutes.
#[utoipa::path(post, path = "/auth/upstreams/{name}", operation_id = "begin_upstream", tag = "sign-in", params(("name" = String, Path, description = "The provider", example = "github")), request_body = UpstreamBegin, responses(
    (status = 200, description = "Where to go, with a cookie that binds it to this browser", body = UpstreamLocation, headers(("set-cookie" = String, description = "For the way back"))),
    (status = 403, description = "`invalid_invite`"),
    (status = 502, description = "The provider cannot be reached"),
))]
async fn begin(
    State(house): State<House>,
    Extension(identity): Extension<Identity>,
    Visitor(ctx): Visitor,
    Path(name): Path<String>,
    Json(UpstreamBegin { invite, return_to }): Json<UpstreamBegin>,
) -> Answer<impl IntoResponse> {
    let begun = ops::sign_in(&ctx, &identity, house.issuer(), &name, invite, return_to).await?;
    Ok(away(&house, begun)?)
}

fn away(house: &House, begun: Begun) -> Result<impl IntoResponse + use<>> {
    let cookie = house.set_cookie(COOKIE, begun.browser.expose(), PATIENCE)?;
    Ok((AppendHeaders([cookie, NO_STORE]), Json(UpstreamLocation { location: begun.location })))
}

/// My accounts at other providers.
#[derive(Debug, Serialize, ToSchema)]
struct UpstreamLinks {
    /// Oldest first.
    items: Vec<UpstreamLink>,
}

/// With which accounts elsewhere do I sign in?
#[utoipa::path(get, path = "/me/upstreams", operation_id = "list_my_upstreams", tag = "account",
    responses((status = 200, description = "All of them", body = UpstreamLinks)))]
async fn mine(Extension(identity): Extension<Identity>, Caller(ctx): Caller) -> Answer<Json<UpstreamLinks>> {
    Ok(Json(UpstreamLinks { items: ops::mine(&ctx, &identity).await? }))
}

/// Which provider to link.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UpstreamLinkNew {
    /// The provider.
    #[schema(example = "github")]
    name: String,
}

/// Link my account at a provider: the browser goes there and comes back within ten minutes.
#[utoipa::path(post, path = "/me/upstreams", operation_id = "link_my_upstream", tag = "account", request_body = UpstreamLinkNew, responses(
    (status = 200, description = "Where to go, with a cookie that binds it to this browser", body = UpstreamLocation, headers(("set-cookie" = String, description = "For the way back"))),
    (status = 403, description = "`reauthentication_required`: confirm first that it is you"),
    (status = 404, description = "There is no such provider here"),
    (status = 409, description = "`too_many_upstreams`"),
    (status = 502, description = "The provider cannot be reached"),
))]
async fn link(
    State(house): State<House>,
    Extension(identity): Extension<Identity>,
    Caller(ctx): Caller,
    Json(UpstreamLinkNew { name }): Json<UpstreamLinkNew>,
) -> Answer<impl IntoResponse> {
    let begun = ops::link(&ctx, &identity, house.issuer(), &name).await?;
    Ok(away(&house, begun)?)
}

/// Remove the link with an account elsewhere.
#[utoipa::path(delete, path = "/me/upstreams/{id}", operation_id = "unlink_my_upstream", tag = "account", params(("id" = UpstreamId, Path, description = "The link")), responses(
    (status = 204, description = "Removed"),
    (status = 403, description = "`reauthentication_required`: confirm first that it is you"),
    (status = 409, description = "`last_way_in`: without it nobody could sign in"),
))]
async fn unlink(
    Extension(identity): Extension<Identity>,
    Caller(ctx): Caller,
    Path(id): Path<UpstreamId>,
) -> Answer<StatusCode> {
    ops::unlink(&ctx, &identity, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
