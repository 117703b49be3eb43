//! `/me/connections`.

use std::collections::HashMap;

use http::StatusCode;
use serde::Serialize;
use stoa_core::{Result, Timestamp};
use stoa_edge::{Answer, Caller, House, Json, List, PageQuery, Paged, Path};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    connection,
    model::{ConnectionId, ConnectionTag},
    ops,
};
use crate::oauth::clients::store as clients;

pub(crate) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(revoke))
}

/// A client that may act for me.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Connection {
    /// Its id here.
    id: ConnectionId,
    /// What it calls itself.
    #[schema(example = "Assistant")]
    client_name: String,
    /// Its id as a client: an address says who stands behind it.
    #[schema(example = "https://assistant.example/client.json")]
    client_id: String,
    /// What it may do.
    #[schema(example = json!(["tasks:read", "tasks:write"]))]
    scopes: Vec<String>,
    /// Since when.
    created_at: Timestamp,
    /// When it last got or used a token, give or take a minute.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_used_at: Option<Timestamp>,
}

impl Connection {
    pub(crate) fn of(
        row: connection::Model,
        clients: &HashMap<String, clients::Model>,
        last_used_at: Option<Timestamp>,
    ) -> Result<Self> {
        let said = clients.get(&row.client_id).map(clients::Model::said).transpose()?;
        Ok(Self {
            id: row.id,
            client_name: said.and_then(|said| said.client_name).unwrap_or_else(|| row.client_id.clone()),
            client_id: row.client_id,
            scopes: row.scopes.split(' ').filter(|one| !one.is_empty()).map(Into::into).collect(),
            created_at: row.created_at,
            last_used_at,
        })
    }
}

/// The programs that may act for me.
#[utoipa::path(get, path = "/me/connections", operation_id = "list_my_connections", tag = "account", params(PageQuery),
    responses((status = 200, description = "Newest first", body = List<Connection>)))]
async fn list(Caller(ctx): Caller, Paged(page): Paged<ConnectionTag>) -> Answer<Json<List<Connection>>> {
    Ok(Json(ops::list(&ctx, page).await?.into()))
}

/// Let a program act for me no more.
#[utoipa::path(delete, path = "/me/connections/{id}", operation_id = "revoke_my_connection", tag = "account",
    params(("id" = ConnectionId, Path, description = "The connection")),
    responses((status = 204, description = "Revoked: none of its tokens opens anything, on any node")))]
async fn revoke(Caller(ctx): Caller, Path(id): Path<ConnectionId>) -> Answer<StatusCode> {
    ops::revoke(&ctx, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
