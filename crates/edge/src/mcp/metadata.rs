//! What this house protects, for whoever wants a token for it (RFC 9728).

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::header;
use serde::Serialize;
use stoa_core::{Audience, Scopes};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{House, Json, Part, Rule, door::API};

/// Where the tools stand.
pub(crate) const MCP: &str = "/mcp";

pub(crate) const ROOT_METADATA: &str = "/.well-known/oauth-protected-resource";
pub(crate) const MCP_METADATA: &str = "/.well-known/oauth-protected-resource/mcp";
pub(crate) const API_METADATA: &str = "/.well-known/oauth-protected-resource/api/v1";

/// A protected resource.
#[derive(Debug, Serialize, ToSchema)]
struct ProtectedResource {
    /// What a token must be for.
    #[schema(example = "https://stoa.example/mcp")]
    resource: String,
    /// Who gives tokens for it.
    #[schema(example = json!(["https://stoa.example"]))]
    authorization_servers: [String; 1],
    /// What to ask for at first. A tool that needs more says so.
    #[schema(example = json!(["tasks:read", "tasks:write"]))]
    scopes_supported: Vec<&'static str>,
    /// How a token is shown.
    #[schema(example = json!(["header"]))]
    bearer_methods_supported: [&'static str; 1],
    /// Its name for people.
    #[schema(example = "Stoa tools")]
    resource_name: &'static str,
    /// Where people read more.
    #[schema(example = "https://stoa.example/docs")]
    resource_documentation: String,
}

/// What is said of the tools, or of the API.
fn document(house: &House, path: &str) -> Response {
    let (name, scopes) = match Audience::of_path(path) {
        Some(Audience::MCP) => ("Stoa tools", house.challenges().base().names().collect()),
        _ => ("Stoa API", of_things()),
    };
    let body = ProtectedResource {
        resource: house.resource(path),
        authorization_servers: [house.issuer().to_owned()],
        scopes_supported: scopes,
        bearer_methods_supported: ["header"],
        resource_name: name,
        resource_documentation: format!("{}/docs", house.issuer()),
    };
    ([(header::CACHE_CONTROL, "max-age=300")], Json(body)).into_response()
}

/// The scopes that reach things of a person; those about sign-in itself are the authorization server's.
fn of_things() -> Vec<&'static str> {
    Scopes::OAUTH.names().filter(|name| name.contains(':')).collect()
}

/// The tools as a protected resource
///
/// For clients that look at the root only.
#[utoipa::path(get, operation_id = "protected_resource", path = ROOT_METADATA, tag = "oauth",
    responses((status = 200, description = "What a token for the tools is", body = ProtectedResource)))]
async fn at_root(State(house): State<House>) -> Response {
    document(&house, MCP)
}

/// The tools as a protected resource
#[utoipa::path(get, operation_id = "protected_resource_mcp", path = MCP_METADATA, tag = "oauth",
    responses((status = 200, description = "What a token for the tools is", body = ProtectedResource)))]
async fn of_mcp(State(house): State<House>) -> Response {
    document(&house, MCP)
}

/// The REST API as a protected resource
#[utoipa::path(get, operation_id = "protected_resource_api", path = API_METADATA, tag = "oauth",
    responses((status = 200, description = "What a token for the API is", body = ProtectedResource)))]
async fn of_api(State(house): State<House>) -> Response {
    document(&house, API)
}

/// All of them: anybody may read them, pages of other sites among them.
const DOORS: &[&str] = &[
    "GET /.well-known/oauth-protected-resource",
    "GET /.well-known/oauth-protected-resource/mcp",
    "GET /.well-known/oauth-protected-resource/api/v1",
];

/// The documents as a part of their own.
pub(crate) fn part() -> Part {
    Part {
        root: OpenApiRouter::new().routes(routes!(at_root)).routes(routes!(of_mcp)).routes(routes!(of_api)),
        public: DOORS,
        rules: DOORS.iter().map(|door| Rule::new(door).foreign()).collect(),
        ..Part::new("oauth-resources")
    }
}
