//! The counter at which programs are served: they hand in a form and show who they are. One way through for every door of
//! that kind, so that none forgets to ask, to put a refusal on record, or to say that nobody keeps the answer.

use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, header, request::Parts};
use stoa_core::{Error, Result};
use stoa_edge::{House, Problem, RawBody, Visitor};
use stoa_store::Ctx;

use super::{
    clients::authentication::{Client, authenticate},
    device,
    error::{Outcome, Refusal, Said},
    params::Params,
};
use crate::{
    Identity,
    audit::{model::Action, ops::record},
};

/// What a program is served with.
pub(crate) struct Counter {
    pub(crate) ctx: Ctx,
    pub(crate) house: House,
    pub(crate) identity: Identity,
    pub(crate) headers: HeaderMap,
}

impl FromRequestParts<House> for Counter {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, house: &House) -> Result<Self, Problem> {
        let Visitor(ctx) = Visitor::from_request_parts(parts, house).await?;
        let identity = parts.extensions.get::<Identity>().cloned();
        let identity = identity.ok_or_else(|| Error::internal("a door stands outside identity"))?;
        Ok(Self { ctx, house: house.clone(), identity, headers: parts.headers.clone() })
    }
}

impl Counter {
    /// Reads the form, lets the client show who it is, and does the work. What is refused is put on record.
    pub(crate) async fn serves<T: IntoResponse>(
        &self,
        door: &str,
        body: RawBody,
        work: impl AsyncFnOnce(&Client, &Params) -> Outcome<T>,
    ) -> Response {
        let Self { ctx, house, identity, headers } = self;
        let params = match Params::of_form(headers, body).await {
            Ok(params) => params,
            Err(refusal) => return refused(ctx, door, None, refusal).await,
        };
        let done = match authenticate(ctx, house, identity, headers, &params).await {
            Ok(client) => work(&client, &params).await,
            Err(refusal) => Err(refusal),
        };
        match done {
            Ok(answer) => no_store(answer),
            Err(refusal) => refused(ctx, door, params.get("client_id"), refusal).await,
        }
    }

    /// The address of a door, as a proof names it (RFC 9449 §4.2).
    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.house.issuer())
    }
}

/// An answer that nobody may keep.
pub(crate) fn no_store(answer: impl IntoResponse) -> Response {
    let headers = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::PRAGMA, HeaderValue::from_static("no-cache")),
    ];
    (headers, answer).into_response()
}

/// Answers a refusal, and puts it on record.
pub(crate) async fn refused(ctx: &Ctx, door: &str, client: Option<&str>, refusal: Refusal) -> Response {
    if let Some(said) = refusal.said()
        && !device::is_only_early(said.code)
        && let Err(error) = put_on_record(ctx, door, client, said).await
    {
        return Problem::from(error).into_response();
    }
    refusal.into_response()
}

/// Most characters of a client's id in the record.
const SHOWN: usize = 200;

/// Puts a refusal on record: at which door, to whom, why. Never what was shown.
pub(crate) async fn put_on_record(ctx: &Ctx, door: &str, client: Option<&str>, said: &Said) -> Result<()> {
    let client: String =
        client.unwrap_or("unnamed").chars().filter(|c| !c.is_control()).take(SHOWN).collect();
    let subject = format!("{door} {}: {client}", said.code);
    ctx.db.write(async |tx| record(ctx, tx, Action::OauthRefused, None, Some(subject.clone())).await).await
}
