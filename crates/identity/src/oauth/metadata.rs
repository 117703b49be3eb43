//! What clients read first: the server's metadata (RFC 8414, OpenID Connect Discovery) and its public keys. Every address
//! comes from the configured public one, never from a request.

use axum::{
    Extension, Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, header};
use serde::Serialize;
use stoa_core::Scopes;
use stoa_edge::{Answer, House, Visitor};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    clients::model::{GRANTS, METHODS},
    jose,
    keys::model::KEPT_SECONDS,
};
use crate::Identity;

pub(crate) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(server)).routes(routes!(openid)).routes(routes!(keys))
}

/// The server's metadata.
#[derive(Serialize, ToSchema)]
#[schema(as = OAuthServerMetadata)]
struct Metadata {
    /// The server's name.
    #[schema(example = "https://stoa.example")]
    issuer: String,
    /// Where a browser is sent.
    #[schema(example = "https://stoa.example/oauth/authorize")]
    authorization_endpoint: String,
    /// Where tokens are got.
    #[schema(example = "https://stoa.example/oauth/token")]
    token_endpoint: String,
    /// The public keys.
    #[schema(example = "https://stoa.example/oauth/jwks")]
    jwks_uri: String,
    /// Where clients register themselves (RFC 7591).
    #[schema(example = "https://stoa.example/oauth/register")]
    registration_endpoint: String,
    /// Where tokens are given back (RFC 7009).
    #[schema(example = "https://stoa.example/oauth/revoke")]
    revocation_endpoint: String,
    /// Where a client asks about its tokens (RFC 7662).
    #[schema(example = "https://stoa.example/oauth/introspect")]
    introspection_endpoint: String,
    /// Where requests are pushed (RFC 9126).
    #[schema(example = "https://stoa.example/oauth/par")]
    pushed_authorization_request_endpoint: String,
    /// Where devices begin (RFC 8628).
    #[schema(example = "https://stoa.example/oauth/device")]
    device_authorization_endpoint: String,
    /// Who the person is (OpenID Connect Core §5.3).
    #[schema(example = "https://stoa.example/oauth/userinfo")]
    userinfo_endpoint: String,
    /// Where a browser is sent to sign out (OpenID Connect RP-Initiated Logout §2.1).
    #[schema(example = "https://stoa.example/oauth/logout")]
    end_session_endpoint: String,
    /// Always: clients are told that a session ended (OpenID Connect Back-Channel Logout §2.1).
    #[schema(example = true)]
    backchannel_logout_supported: bool,
    /// Always: and which one.
    #[schema(example = true)]
    backchannel_logout_session_supported: bool,
    /// What can be asked for.
    #[schema(example = json!(["tasks:read"]))]
    scopes_supported: Vec<&'static str>,
    /// Only `code`.
    #[schema(example = json!(["code"]))]
    response_types_supported: [&'static str; 1],
    /// In the address, or posted by a form.
    #[schema(example = json!(["query", "form_post"]))]
    response_modes_supported: [&'static str; 2],
    /// What can be handed in for tokens.
    #[schema(example = json!(["authorization_code"]))]
    grant_types_supported: [&'static str; 5],
    /// Only `S256` (RFC 7636).
    #[schema(example = json!(["S256"]))]
    code_challenge_methods_supported: [&'static str; 1],
    /// How clients show who they are.
    #[schema(example = json!(["none"]))]
    token_endpoint_auth_methods_supported: [&'static str; 4],
    /// What they sign with.
    #[schema(example = json!(["ES256"]))]
    token_endpoint_auth_signing_alg_values_supported: [&'static str; 5],
    /// What proofs are signed with (RFC 9449 §5.1).
    #[schema(example = json!(["ES256"]))]
    dpop_signing_alg_values_supported: [&'static str; 5],
    /// Always: answers name the issuer (RFC 9207).
    #[schema(example = true)]
    authorization_response_iss_parameter_supported: bool,
    /// Always: a client's id may be the address of its metadata.
    #[schema(example = true)]
    client_id_metadata_document_supported: bool,
    /// Only `public`.
    #[schema(example = json!(["public"]))]
    subject_types_supported: [&'static str; 1],
    /// What ID tokens are signed with.
    #[schema(example = json!(["RS256"]))]
    id_token_signing_alg_values_supported: [&'static str; 2],
    /// What is said about a person.
    #[schema(example = json!(["sub"]))]
    claims_supported: [&'static str; 12],
    /// No: a person is asked for scopes, not for single claims.
    #[schema(example = false)]
    claims_parameter_supported: bool,
    /// Only `none`, `login` and `consent`.
    #[schema(example = json!(["none"]))]
    prompt_values_supported: [&'static str; 3],
    /// No: requests are pushed in place of signed.
    #[schema(example = false)]
    request_parameter_supported: bool,
    /// Only what was pushed.
    #[schema(example = false)]
    request_uri_parameter_supported: bool,
    /// Where people read about this server.
    #[schema(example = "https://stoa.example/docs")]
    service_documentation: String,
}

impl Metadata {
    fn of(house: &House) -> Self {
        let at = |path: &str| format!("{}{path}", house.issuer());
        Self {
            issuer: house.issuer().to_owned(),
            authorization_endpoint: at("/oauth/authorize"),
            token_endpoint: at("/oauth/token"),
            jwks_uri: at("/oauth/jwks"),
            registration_endpoint: at("/oauth/register"),
            revocation_endpoint: at("/oauth/revoke"),
            introspection_endpoint: at("/oauth/introspect"),
            pushed_authorization_request_endpoint: at("/oauth/par"),
            device_authorization_endpoint: at("/oauth/device"),
            userinfo_endpoint: at("/oauth/userinfo"),
            end_session_endpoint: at("/oauth/logout"),
            backchannel_logout_supported: true,
            backchannel_logout_session_supported: true,
            scopes_supported: Scopes::OAUTH.names().collect(),
            response_types_supported: ["code"],
            response_modes_supported: ["query", "form_post"],
            grant_types_supported: GRANTS,
            code_challenge_methods_supported: ["S256"],
            token_endpoint_auth_methods_supported: METHODS,
            token_endpoint_auth_signing_alg_values_supported: jose::TAKEN_NAMES,
            dpop_signing_alg_values_supported: jose::TAKEN_NAMES,
            authorization_response_iss_parameter_supported: true,
            client_id_metadata_document_supported: true,
            subject_types_supported: ["public"],
            id_token_signing_alg_values_supported: ["RS256", "EdDSA"],
            claims_supported: [
                "sub",
                "iss",
                "aud",
                "exp",
                "iat",
                "auth_time",
                "nonce",
                "amr",
                "sid",
                "name",
                "email",
                "email_verified",
            ],
            claims_parameter_supported: false,
            prompt_values_supported: ["none", "login", "consent"],
            request_parameter_supported: false,
            request_uri_parameter_supported: false,
            service_documentation: at("/docs"),
        }
    }
}

/// The server's metadata (RFC 8414).
#[utoipa::path(get, path = "/.well-known/oauth-authorization-server", operation_id = "get_server_metadata", tag = "oauth",
    responses((status = 200, description = "The metadata", body = Metadata)))]
async fn server(State(house): State<House>) -> Response {
    kept(&Metadata::of(&house))
}

/// The same, where OpenID clients look (OpenID Connect Discovery §4).
#[utoipa::path(get, path = "/.well-known/openid-configuration", operation_id = "get_openid_configuration", tag = "oauth",
    responses((status = 200, description = "The metadata", body = Metadata)))]
async fn openid(State(house): State<House>) -> Response {
    kept(&Metadata::of(&house))
}

/// Public keys (RFC 7517).
#[derive(Serialize, ToSchema)]
#[schema(as = OAuthKeys)]
struct KeySet {
    /// Each with its `kid`.
    #[schema(value_type = Vec<Object>, example = json!([{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "use": "sig", "alg": "EdDSA", "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"}]))]
    keys: Vec<jsonwebtoken::jwk::Jwk>,
}

/// The public keys: those that sign, did lately, and will soon.
#[utoipa::path(get, path = "/oauth/jwks", operation_id = "get_keys", tag = "oauth",
    responses((status = 200, description = "The keys", body = KeySet)))]
async fn keys(Extension(identity): Extension<Identity>, Visitor(ctx): Visitor) -> Answer<Response> {
    Ok(kept(&KeySet { keys: identity.keys().published(&ctx).await? }))
}

/// Others may keep it for a while: far shorter than a key is published before it signs.
fn kept(body: &impl Serialize) -> Response {
    let control = HeaderValue::try_from(format!("public, max-age={KEPT_SECONDS}"));
    let control = control.unwrap_or(HeaderValue::from_static("no-store"));
    ([(header::CACHE_CONTROL, control)], Json(body)).into_response()
}
