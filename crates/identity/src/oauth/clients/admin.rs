//! `/admin/clients`: clients that an admin makes, for programs that act for themselves or for agents.

use http::StatusCode;
use serde::{Deserialize, Serialize};
use stoa_core::{Error, Result, Secret, Timestamp, UserId, digest};
use stoa_edge::{Answer, Caller, Created, House, Json, Path};
use stoa_store::Ctx;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    model::Metadata,
    registration::OWN,
    store::{self, Model, STATIC},
};
use crate::{
    audit::{model::Action, ops::record},
    oauth::error::Refusal,
    people,
};

/// Most clients that admins make.
const MOST: u64 = 200;

pub(crate) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(remove))
}

/// A client that an admin made.
#[derive(Serialize, ToSchema)]
#[schema(as = AdminClient)]
struct StaticClient {
    /// Its id.
    #[schema(example = "stoa_client_0123456789abcdefghijAB")]
    client_id: String,
    /// Its secret, shown once, when it is made and its kind has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "0123456789abcdefghijABCDEFGHIJ0123456789abc")]
    client_secret: Option<String>,
    /// Whose account it acts with, where it acts for itself (`client_credentials`).
    #[serde(skip_serializing_if = "Option::is_none")]
    service_user_id: Option<UserId>,
    /// What it is.
    metadata: Metadata,
    /// Since when.
    created_at: Timestamp,
}

/// All of them.
#[derive(Serialize, ToSchema)]
#[schema(as = AdminClients)]
struct StaticClients {
    /// Newest first.
    items: Vec<StaticClient>,
}

/// A client to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AdminClientNew, example = json!({
    "metadata": {"client_name": "Nightly report", "redirect_uris": ["https://report.example/callback"]},
}))]
struct Add {
    /// What it is.
    metadata: Metadata,
    /// Whose account it acts with; needed for `client_credentials`.
    service_user_id: Option<UserId>,
}

/// The clients that admins made.
#[utoipa::path(get, path = "/admin/clients", operation_id = "list_clients", tag = "admin",
    responses((status = 200, description = "All of them", body = StaticClients)))]
async fn list(Caller(ctx): Caller) -> Answer<Json<StaticClients>> {
    ctx.actor.admin()?;
    let rows = store::all_static(&ctx.db.reads(), MOST).await?;
    let items = rows.into_iter().map(|row| shown(row, None)).collect::<Result<_>>()?;
    Ok(Json(StaticClients { items }))
}

/// Make a client.
#[utoipa::path(post, path = "/admin/clients", operation_id = "add_client", tag = "admin", request_body = Add, responses(
    (status = 201, description = "The client, with its secret shown this once", body = StaticClient),
    (status = 409, description = "`too_many_clients`"),
))]
async fn add(Caller(ctx): Caller, Json(add): Json<Add>) -> Answer<Created<StaticClient>> {
    let (row, secret) = make(&ctx, add).await?;
    let at = format!("/admin/clients/{}", row.id);
    Ok(Created { at, body: shown(row, secret)? })
}

async fn make(ctx: &Ctx, add: Add) -> Result<(Model, Option<Secret>)> {
    ctx.actor.admin()?;
    let metadata = add.metadata.checked().map_err(|refusal| match refusal {
        Refusal::Said(said) => Error::field("/metadata", said.text),
        Refusal::Fault(error) => error,
    })?;
    if metadata.may("client_credentials") != add.service_user_id.is_some() {
        return Err(Error::field("/service_user_id", "goes with `client_credentials`, and only with it"));
    }
    if let Some(user) = add.service_user_id {
        let known = people::store::find(&ctx.db.reads(), user).await?;
        known.ok_or_else(|| Error::field("/service_user_id", "is nobody's account"))?;
    }
    let secret =
        metadata.auth_method().starts_with("client_secret").then(|| Secret::new(ctx.rng().token::<32>()));
    let row = Model {
        id: format!("{OWN}{}", ctx.rng().token::<16>()),
        kind: STATIC.into(),
        metadata: serde_json::to_value(&metadata)?,
        secret: secret.as_ref().map(|secret| digest(secret.expose()).as_bytes().to_vec()),
        registration: None,
        service_user_id: add.service_user_id,
        created_at: ctx.now(),
        fresh_until: None,
    };
    ctx.db
        .write(async |tx| {
            if store::all_static(tx, MOST).await?.len() as u64 >= MOST {
                return Err(
                    Error::conflict("there are too many clients; remove one first").code("too_many_clients")
                );
            }
            store::add(tx, row.clone()).await?;
            record(ctx, tx, Action::ClientAdded, add.service_user_id, Some(row.id.clone())).await
        })
        .await?;
    Ok((row, secret))
}

/// Remove a client; none of its tokens opens anything afterwards.
#[utoipa::path(delete, path = "/admin/clients/{client_id}", operation_id = "remove_admin_client", tag = "admin",
    params(("client_id" = String, Path, description = "The client", example = "stoa_client_0123456789abcdefghijAB")),
    responses((status = 204, description = "Gone, at once on all nodes")))]
async fn remove(Caller(ctx): Caller, Path(id): Path<String>) -> Answer<StatusCode> {
    ctx.actor.admin()?;
    let epoch = ctx
        .db
        .write(async |tx| {
            if !store::remove(tx, &id, STATIC).await? {
                return Err(Error::not_found("there is no such client"));
            }
            record(&ctx, tx, Action::ClientRemoved, None, Some(id.clone())).await?;
            ctx.store.epoch.raise(tx).await
        })
        .await?;
    ctx.store.epoch.settled(&ctx.db, epoch).await?;
    Ok(StatusCode::NO_CONTENT)
}

fn shown(row: Model, secret: Option<Secret>) -> Result<StaticClient> {
    Ok(StaticClient {
        metadata: row.said()?,
        client_id: row.id,
        client_secret: secret.map(|secret| secret.expose().to_owned()),
        service_user_id: row.service_user_id,
        created_at: row.created_at,
    })
}
