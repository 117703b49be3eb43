//! `POST /auth/login`, `POST /auth/logout`, `/me/sessions`.

use axum::{
    Extension,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use stoa_core::{Result, Secret, SessionId, SessionTag};
use stoa_edge::{Answer, Caller, House, Json, List, PageQuery, Paged, Path, Visitor};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    model::{Device, Session},
    ops::{self, SignIn},
    second::Second,
};
use crate::{
    Identity,
    factors::{http::NO_STORE, model::Factor},
    people::model::User,
};

pub(crate) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new()
        .routes(routes!(login))
        .routes(routes!(logout))
        .routes(routes!(list, revoke_others))
        .routes(routes!(revoke))
}

/// Who wants to sign in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Login)]
struct Login {
    /// The address of the account.
    #[schema(example = "ada@example.org")]
    email: String,
    /// Its password.
    #[schema(value_type = String, format = Password, example = "correct horse battery")]
    password: Secret,
}

/// Somebody is signed in; the cookie is in the header.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignedIn {
    /// What comes next.
    next: Next,
    /// Who is signed in.
    user: User,
}

/// What comes next in signing in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = LoginNext)]
enum Next {
    /// Nothing.
    Done,
}

/// The answer that signs a browser in.
pub(crate) fn signed_in(
    house: &House,
    identity: &Identity,
    status: StatusCode,
    user: User,
    token: &Secret,
) -> Result<impl IntoResponse + use<>> {
    let cookie = session_cookie(house, identity, token)?;
    Ok((status, cookie, Json(SignedIn { next: Next::Done, user })))
}

fn session_cookie(
    house: &House,
    identity: &Identity,
    token: &Secret,
) -> Result<[(HeaderName, HeaderValue); 1]> {
    house.session_cookie(token.expose(), identity.config().sessions.lifetime())
}

/// What the browser calls itself.
pub(crate) fn device(headers: &HeaderMap) -> Device {
    Device::new(headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default())
}

/// A second factor is asked for.
#[derive(Serialize, ToSchema)]
struct SecondStep {
    /// What comes next.
    next: NextMfa,
    /// For `POST /auth/mfa`, once, within five minutes.
    #[schema(example = "0123456789abcdefghijABCDEFGHIJ0123456789abc")]
    ticket: String,
    /// With what it can be done.
    methods: Vec<Factor>,
}

/// What comes next in signing in.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = LoginNextMfa)]
enum NextMfa {
    /// The second factor.
    Mfa,
}

/// How far a password leads.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = LoginAnswer)]
enum LoginAnswer {
    /// All the way.
    Done(SignedIn),
    /// To the second factor.
    Second(SecondStep),
}

/// Sign in.
///
/// The refusal is the same, and takes the same time, whether the account is unknown, switched off, or the
/// password wrong. Only a right password learns that a second factor is asked for.
#[utoipa::path(post, path = "/auth/login", operation_id = "login", tag = "sign-in", request_body = Login, responses(
    (status = 200, description = "Signed in; or with `next: \"mfa\"` half way", body = LoginAnswer, headers(("set-cookie" = String, description = "The session, once signed in"))),
    (status = 401, description = "`invalid_credentials`"),
))]
async fn login(
    State(house): State<House>,
    Extension(identity): Extension<Identity>,
    Visitor(ctx): Visitor,
    headers: HeaderMap,
    Json(Login { email, password }): Json<Login>,
) -> Answer<Response> {
    Ok(match ops::login(&ctx, &identity, &email, &password, &device(&headers)).await? {
        SignIn::Done(user, token) => {
            let cookie = session_cookie(&house, &identity, &token)?;
            (cookie, Json(LoginAnswer::Done(SignedIn { next: Next::Done, user }))).into_response()
        }
        SignIn::Second(Second { ticket, methods }) => {
            let ticket = ticket.expose().to_owned();
            let body = LoginAnswer::Second(SecondStep { next: NextMfa::Mfa, ticket, methods });
            ([NO_STORE], Json(body)).into_response()
        }
    })
}

/// Sign out.
#[utoipa::path(post, path = "/auth/logout", operation_id = "logout", tag = "sign-in",
    responses((status = 204, description = "Signed out, at once on all nodes")))]
async fn logout(State(house): State<House>, Caller(ctx): Caller) -> Answer<impl IntoResponse> {
    ops::logout(&ctx).await?;
    Ok((StatusCode::NO_CONTENT, house.ended_cookie()?))
}

/// The browsers in which I am signed in.
#[utoipa::path(get, path = "/me/sessions", operation_id = "list_my_sessions", tag = "account", params(PageQuery),
    responses((status = 200, description = "Newest first", body = List<Session>)))]
async fn list(
    Extension(identity): Extension<Identity>,
    Caller(ctx): Caller,
    Paged(page): Paged<SessionTag>,
) -> Answer<Json<List<Session>>> {
    Ok(Json(ops::list(&ctx, &identity, page).await?.into()))
}

/// End one of my sessions.
#[utoipa::path(delete, path = "/me/sessions/{id}", operation_id = "revoke_my_session", tag = "account", params(("id" = SessionId, Path, description = "The session")),
    responses((status = 204, description = "Ended, at once on all nodes")))]
async fn revoke(Caller(ctx): Caller, Path(id): Path<SessionId>) -> Answer<StatusCode> {
    ops::revoke(&ctx, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// End all my other sessions.
#[utoipa::path(delete, path = "/me/sessions", operation_id = "revoke_my_other_sessions", tag = "account",
    responses((status = 204, description = "Ended, at once on all nodes")))]
async fn revoke_others(Caller(ctx): Caller) -> Answer<StatusCode> {
    ops::revoke_others(&ctx).await?;
    Ok(StatusCode::NO_CONTENT)
}
