//! `POST /auth/mfa`, `/auth/passkey…`, `/auth/reauthenticate`: what is shown beside or in place of a password.

use axum::{Extension, extract::State, response::IntoResponse};
use http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stoa_core::{Error, Result, Secret};
use stoa_edge::{Answer, Caller, House, Json, Visitor};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    fresh::{self, Proof},
    http::{SignedIn, device, signed_in},
    second::{self, Shown},
};
use crate::{
    Identity,
    factors::{
        http::NO_STORE,
        model::{Code, Factor},
    },
    passkeys::{ceremony, model::Response, party::Party, schema},
};

pub(crate) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new()
        .routes(routes!(second_step))
        .routes(routes!(challenge))
        .routes(routes!(with_passkey))
        .routes(routes!(reauthenticate))
}

/// The second step of a sign-in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Mfa {
    /// From the first step.
    #[schema(value_type = String, example = "0123456789abcdefghijABCDEFGHIJ0123456789abc")]
    ticket: Secret,
    /// With what.
    method: Factor,
    /// For `totp` and `backup_code`.
    #[schema(value_type = Option<String>, example = "287082")]
    code: Option<Secret>,
    /// For `passkey`: what `PublicKeyCredential.toJSON()` says, to the options asked for with this ticket.
    #[schema(schema_with = schema::maybe_assertion, required = false)]
    assertion: Option<Value>,
}

/// Sign in: the second step.
///
/// A wrong code leaves the ticket good, and is counted: five tries in five minutes for an account, then its codes are
/// locked for as long.
#[utoipa::path(post, path = "/auth/mfa", operation_id = "login_second_step", tag = "sign-in", request_body = Mfa, responses(
    (status = 200, description = "Signed in", body = SignedIn, headers(("set-cookie" = String, description = "The session"))),
    (status = 401, description = "`ticket_expired`, `invalid_code`, `invalid_passkey`"),
    (status = 429, description = "`factors_locked`"),
))]
async fn second_step(
    State(house): State<House>,
    Extension(identity): Extension<Identity>,
    Visitor(ctx): Visitor,
    headers: HeaderMap,
    Json(Mfa { ticket, method, code, assertion }): Json<Mfa>,
) -> Answer<impl IntoResponse> {
    let code = code.ok_or_else(|| Error::field("/code", "is missing"));
    let shown = match method {
        Factor::Totp => Shown::Code(Code::Totp(code?)),
        Factor::BackupCode => Shown::Code(Code::Backup(code?)),
        Factor::Passkey => Shown::Passkey(Box::new(response(&house, ticket.clone(), assertion)?)),
    };
    let (user, token) = second::finish(&ctx, &identity, &ticket, &shown, &device(&headers)).await?;
    Ok(signed_in(&house, &identity, StatusCode::OK, user, &token)?)
}

fn response(house: &House, ticket: Secret, assertion: Option<Value>) -> Result<Response> {
    let assertion = assertion.ok_or_else(|| Error::field("/assertion", "is missing"))?;
    Response::read(Party::of(house.public_url())?, ticket, assertion)
}

/// For what a passkey shall be asked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasskeyAsk {
    /// For the second step of a sign-in: the ticket of the first.
    #[schema(value_type = Option<String>, example = json!(null))]
    ticket: Option<Secret>,
}

/// A challenge for a passkey.
#[derive(Serialize, ToSchema)]
struct PasskeyChallenge {
    /// Comes back with the answer, once, within five minutes.
    #[schema(example = "0123456789abcdefghijABCDEFGHIJ0123456789abc")]
    ticket: String,
    /// For `PublicKeyCredential.parseRequestOptionsFromJSON` (WebAuthn §5.1.8).
    #[schema(schema_with = schema::request_options)]
    options: Value,
}

/// Ask for a passkey. The answer is the same for everybody who is not signed in and has no ticket.
#[utoipa::path(post, path = "/auth/passkey/options", operation_id = "begin_passkey", tag = "sign-in", request_body = PasskeyAsk, responses(
    (status = 200, description = "A challenge", body = PasskeyChallenge),
    (status = 401, description = "`ticket_expired`"),
    (status = 409, description = "`passkeys_unavailable`: the house has no host name"),
))]
async fn challenge(
    State(house): State<House>,
    Visitor(ctx): Visitor,
    Json(PasskeyAsk { ticket }): Json<PasskeyAsk>,
) -> Answer<impl IntoResponse> {
    let asked = ceremony::begin(&ctx, &Party::of(house.public_url())?, ticket).await?;
    let body = PasskeyChallenge { ticket: asked.ticket.expose().to_owned(), options: asked.options };
    Ok(([NO_STORE], Json(body)))
}

/// A passkey's answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasskeyLogin {
    /// From the challenge.
    #[schema(value_type = String, example = "0123456789abcdefghijABCDEFGHIJ0123456789abc")]
    ticket: Secret,
    /// What `PublicKeyCredential.toJSON()` says (WebAuthn §5.1.8).
    #[schema(schema_with = schema::assertion)]
    assertion: Value,
}

/// Sign in with a passkey alone.
#[utoipa::path(post, path = "/auth/passkey", operation_id = "login_with_passkey", tag = "sign-in", request_body = PasskeyLogin, responses(
    (status = 200, description = "Signed in", body = SignedIn, headers(("set-cookie" = String, description = "The session"))),
    (status = 401, description = "`invalid_passkey`, the same for every cause"),
))]
async fn with_passkey(
    State(house): State<House>,
    Extension(identity): Extension<Identity>,
    Visitor(ctx): Visitor,
    headers: HeaderMap,
    Json(PasskeyLogin { ticket, assertion }): Json<PasskeyLogin>,
) -> Answer<impl IntoResponse> {
    let response = response(&house, ticket, Some(assertion))?;
    let (user, token) = second::with_passkey(&ctx, &identity, &response, &device(&headers)).await?;
    Ok(signed_in(&house, &identity, StatusCode::OK, user, &token)?)
}

/// What shows that it is still the same person: exactly one of a password, a code, or a passkey's answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Reauthentication {
    /// My password.
    #[schema(value_type = Option<String>, format = Password, example = "correct horse battery")]
    password: Option<Secret>,
    /// A code from my app.
    #[schema(value_type = Option<String>, example = json!(null))]
    code: Option<Secret>,
    /// For `assertion`: the ticket of the challenge.
    #[schema(value_type = Option<String>, example = json!(null))]
    ticket: Option<Secret>,
    /// What `PublicKeyCredential.toJSON()` says.
    #[schema(schema_with = schema::maybe_assertion, required = false)]
    assertion: Option<Value>,
}

/// Confirm that it is me. For some minutes I may change credentials.
#[utoipa::path(post, path = "/auth/reauthenticate", operation_id = "reauthenticate", tag = "sign-in", request_body = Reauthentication, responses(
    (status = 204, description = "Confirmed, for this session"),
    (status = 422, description = "It is not right"),
    (status = 429, description = "`factors_locked`"),
))]
async fn reauthenticate(
    State(house): State<House>,
    Extension(identity): Extension<Identity>,
    Caller(ctx): Caller,
    Json(shown): Json<Reauthentication>,
) -> Answer<StatusCode> {
    let proof = match shown {
        Reauthentication { password: Some(password), code: None, ticket: None, assertion: None } => {
            Proof::Password(password)
        }
        Reauthentication { password: None, code: Some(code), ticket: None, assertion: None } => {
            Proof::Code(Code::Totp(code))
        }
        Reauthentication { password: None, code: None, ticket: Some(ticket), assertion } => {
            Proof::Passkey(Box::new(response(&house, ticket, assertion)?))
        }
        _ => {
            let said = "bring exactly one of `password`, `code`, or `ticket` with `assertion`";
            return Err(Error::field("", said).into());
        }
    };
    fresh::reauthenticate(&ctx, &identity, &proof).await?;
    Ok(StatusCode::NO_CONTENT)
}
