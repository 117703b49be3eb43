//! `/api/v1/oauth/logouts/{handle}`: what the page asks whom a client wants signed out, and their answer.

use axum::{extract::State, response::IntoResponse};
use serde::Serialize;
use stoa_edge::{Answer, Caller, House, Json, Path, Visitor};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::ops::{self, Waiting};

pub(crate) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(show, leave))
}

/// A client wants whoever sits here signed out.
#[derive(Serialize, ToSchema)]
#[schema(as = LogoutRequest)]
struct Request {
    /// What the client calls itself, if it said who it is. Anybody can call themselves anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Assistant")]
    client_name: Option<String>,
    /// Who is signed in at this browser; without it nobody is, and there is nothing to end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "ada@example.org")]
    account: Option<String>,
    /// Whether the person is asked first. They are not where the client showed an ID token of this very session.
    #[schema(example = true)]
    asks: bool,
    /// Where to go, if there is nothing to end.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "https://assistant.example/bye?state=af0ifjsldkj")]
    location: Option<String>,
}

/// Signed out.
#[derive(Serialize, ToSchema)]
#[schema(as = LoggedOut)]
struct Left {
    /// Where the browser goes now, if the client said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "https://assistant.example/bye?state=af0ifjsldkj")]
    location: Option<String>,
}

/// Who wants me signed out?
#[utoipa::path(get, path = "/oauth/logouts/{handle}", operation_id = "get_logout_request", tag = "oauth",
    params(("handle" = String, Path, description = "From the page's address", example = "0123456789abcdefghijABCDEFGHIJ0123456789abc")),
    responses((status = 200, description = "Who asks, and whom", body = Request)))]
async fn show(Visitor(ctx): Visitor, Path(handle): Path<String>) -> Answer<Json<Request>> {
    let Waiting { client, account, asks, location } = ops::waiting(&ctx, &handle).await?;
    Ok(Json(Request { client_name: client, account, asks, location }))
}

/// Sign out of this browser, and tell the clients that were signed in to with it.
#[utoipa::path(post, path = "/oauth/logouts/{handle}", operation_id = "answer_logout_request", tag = "oauth",
    params(("handle" = String, Path, description = "From the page's address", example = "0123456789abcdefghijABCDEFGHIJ0123456789abc")),
    responses((status = 200, description = "Signed out, at once on all nodes", body = Left)))]
async fn leave(
    State(house): State<House>,
    Caller(ctx): Caller,
    Path(handle): Path<String>,
) -> Answer<impl IntoResponse> {
    let location = ops::leave(&ctx, &handle).await?;
    Ok((house.ended_cookie()?, Json(Left { location })))
}
