//! `/api/v1/oauth/requests/{handle}`: what the page shows on which a person decides, and the decision.

use axum::{Extension, extract::State};
use serde::Serialize;
use stoa_core::{Result, Scopes, Timestamp};
use stoa_edge::{Answer, Caller, House, Json, Path};
use stoa_store::Ctx;
use url::Url;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::ops::{self, Waiting};
use crate::{
    Identity,
    oauth::{clients::store as clients, grants::connection, grants::model::Asked},
};

pub(crate) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(show)).routes(routes!(allow)).routes(routes!(deny))
}

/// What a client asks a person for.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsentRequest)]
pub(crate) struct Consent {
    /// Who asks.
    client: ConsentClient,
    /// The host that the browser goes back to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "assistant.example")]
    redirect_host: Option<String>,
    /// What it wants to do.
    #[schema(example = json!(["tasks:read", "tasks:write"]))]
    scopes: Vec<String>,
    /// Where it wants to do it.
    #[schema(example = json!(["https://stoa.example/mcp"]))]
    resources: Vec<String>,
    /// How many days it lasts if it is used; without it, minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 30)]
    lasting_days: Option<u32>,
    /// Whether all of it was allowed before.
    #[schema(example = false)]
    allowed_before: bool,
    /// Whether the person must prove who they are once more before they decide.
    #[schema(example = false)]
    reauthenticate: bool,
}

/// The client, as far as it can be known.
#[derive(Serialize, ToSchema)]
struct ConsentClient {
    /// Its id.
    #[schema(example = "https://assistant.example/client.json")]
    id: String,
    /// What it calls itself. Anybody can call themselves anything.
    #[schema(example = "Assistant")]
    name: String,
    /// The host that stands behind it, if one does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "assistant.example")]
    host: Option<String>,
    /// When this server first saw it.
    first_seen_at: Timestamp,
    /// Whether it only runs on the person's own machine: any program there could claim to be it.
    #[schema(example = false)]
    local_only: bool,
    /// Whether an admin of this server made it.
    #[schema(example = false)]
    trusted: bool,
}

impl Consent {
    /// What the caller is asked.
    pub(crate) async fn of(
        ctx: &Ctx,
        identity: &Identity,
        issuer: &str,
        asked: &Asked,
        reauthenticate: bool,
    ) -> Result<Self> {
        let reads = ctx.db.reads();
        let row = clients::find(&reads, &asked.client_id).await?;
        let row = row.ok_or_else(|| stoa_core::Error::not_found("the application is not known any more"))?;
        let (said, user) = (row.said()?, ctx.actor.at_the_browser()?.0.id);
        let before = connection::of(&reads, user, &asked.client_id).await?;
        let scopes = asked.scopes();
        let host = |text: &str| Url::parse(text).ok()?.host_str().map(str::to_owned);
        let by_document = row.kind == clients::DOCUMENT;
        let redirect = asked.redirect_uri.as_deref();
        Ok(Self {
            redirect_host: redirect
                .and_then(|uri| host(uri).or_else(|| uri.split(':').next().map(str::to_owned))),
            scopes: scopes.names().map(str::to_owned).collect(),
            resources: ops::resources(issuer, asked.audience()),
            lasting_days: (said.may("refresh_token")
                && (scopes.has(Scopes::OFFLINE_ACCESS) || !scopes.has(Scopes::OPENID)))
            .then(|| identity.config().oauth.refresh_idle_days),
            allowed_before: before.is_some_and(|before| Scopes::known_of(&before.scopes).has(scopes)),
            reauthenticate,
            client: ConsentClient {
                name: said.client_name.clone().unwrap_or_else(|| row.id.clone()),
                host: if by_document { host(&row.id) } else { None },
                first_seen_at: row.created_at,
                local_only: said.is_local_only(),
                trusted: row.kind == clients::STATIC,
                id: row.id,
            },
        })
    }
}

/// Where the browser goes now.
#[derive(Serialize, ToSchema)]
#[schema(as = ConsentDecision)]
struct Decision {
    /// The client's address, with the answer in it.
    #[schema(
        example = "https://assistant.example/callback?code=stoa_code_x&state=af0ifjsldkj&iss=https%3A%2F%2Fstoa.example"
    )]
    location: String,
}

/// What does an application ask me for?
#[utoipa::path(get, path = "/oauth/requests/{handle}", operation_id = "get_consent_request", tag = "oauth",
    params(("handle" = String, Path, description = "From the page's address", example = "0123456789abcdefghijABCDEFGHIJ0123456789abc")),
    responses((status = 200, description = "What it asks", body = Consent)))]
async fn show(
    State(house): State<House>,
    Extension(identity): Extension<Identity>,
    Caller(ctx): Caller,
    Path(handle): Path<String>,
) -> Answer<Json<Consent>> {
    let Waiting { asked, stale, .. } = ops::waiting(&ctx, &handle).await?;
    Ok(Json(Consent::of(&ctx, &identity, house.issuer(), &asked, stale).await?))
}

/// Allow it.
#[utoipa::path(post, path = "/oauth/requests/{handle}/allow", operation_id = "allow_consent_request", tag = "oauth",
    params(("handle" = String, Path, description = "From the page's address", example = "0123456789abcdefghijABCDEFGHIJ0123456789abc")),
    responses((status = 200, description = "Allowed", body = Decision), (status = 403, description = "`reauthentication_required`")))]
async fn allow(
    State(house): State<House>,
    Extension(identity): Extension<Identity>,
    Caller(ctx): Caller,
    Path(handle): Path<String>,
) -> Answer<Json<Decision>> {
    Ok(Json(Decision { location: ops::allow(&ctx, &identity, house.issuer(), &handle).await? }))
}

/// Do not allow it.
#[utoipa::path(post, path = "/oauth/requests/{handle}/deny", operation_id = "deny_consent_request", tag = "oauth",
    params(("handle" = String, Path, description = "From the page's address", example = "0123456789abcdefghijABCDEFGHIJ0123456789abc")),
    responses((status = 200, description = "Not allowed", body = Decision)))]
async fn deny(
    State(house): State<House>,
    Caller(ctx): Caller,
    Path(handle): Path<String>,
) -> Answer<Json<Decision>> {
    Ok(Json(Decision { location: ops::deny(&ctx, house.issuer(), &handle).await? }))
}
