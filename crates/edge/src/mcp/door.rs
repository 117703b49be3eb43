//! The door `/mcp`: one address for all revisions (MCP streamable HTTP). It parses and answers; what is asked is done
//! in `methods`.

use std::{sync::Arc, time::Duration};

use axum::{
    Extension,
    extract::{Request as HttpRequest, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use serde_json::Value;
use stoa_core::{Audience, Error, Kind, Result};
use stoa_store::Ctx;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    Offer, Revision, RpcError,
    headers::{self, Accepts},
    message::{Message, Request},
    methods::{self, Asked},
    stream,
};
use crate::{
    CountBy, ForeignFormat, House, Json, Part, Problem, RateClass, Rule, Visitor,
    json::{self, JsonLimits},
};

/// Calls of tools, and whatever else a client asks.
const TOOLS: RateClass = RateClass {
    name: "tools",
    limit: 300,
    per: Duration::from_secs(60),
    by: CountBy::Caller,
    lasting: false,
};
/// Most messages of one batch, which counts once against the rate.
const BATCH: usize = 10;

/// The door as a part of its own.
pub(crate) fn part(offer: Arc<Offer>) -> Part {
    let public: &[&str] = if offer.open { &["POST /mcp"] } else { &[] };
    Part {
        root: OpenApiRouter::new().routes(routes!(mcp)).layer(Extension(offer)),
        public,
        rules: vec![Rule::new("POST /mcp").rate(TOOLS).resource(Audience::MCP)],
        ..Part::new("mcp")
    }
}

/// Tools for models
///
/// The Model Context Protocol, streamable HTTP, in the revisions 2026-07-28, 2025-11-25, 2025-06-18 and 2025-03-26. Needs
/// a token; a browser's session is none here.
#[utoipa::path(post, operation_id = "mcp", path = "/mcp", tag = "mcp",
    request_body(content = Object, description = "A JSON-RPC 2.0 message", example = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})),
    responses((status = 200, description = "A JSON-RPC 2.0 answer, or a stream that ends with it", body = Object, example = json!({"jsonrpc": "2.0", "id": 1, "result": {"tools": []}})),
        (status = 202, description = "A message that needs no answer"), (status = 400, description = "The message does not keep to the protocol, or its headers say something else", body = Object, example = json!({"jsonrpc": "2.0", "error": {"code": -32600, "message": "there is no `method`"}})),
        (status = 404, description = "There is no such method", body = Object, example = json!({"jsonrpc": "2.0", "id": 1, "error": {"code": -32601, "message": "there is no such method"}})),
        (status = 406, description = "Neither JSON nor a stream is accepted")))]
async fn mcp(
    State(house): State<House>,
    Visitor(ctx): Visitor,
    Extension(offer): Extension<Arc<Offer>>,
    request: HttpRequest,
) -> Result<Response, Problem> {
    if !offer.open && !methods::has_token(&ctx.actor) {
        return Err(Error::unauthenticated("show a token; a browser's session is none here").into());
    }
    house.names().check_origin(request.headers())?;
    let accepts = Accepts::read(request.headers());
    if !(accepts.json || accepts.stream) {
        let error = Error::malformed("accept `application/json` and `text/event-stream`");
        return Err(Problem::from(error.code("not_acceptable")).with_status(StatusCode::NOT_ACCEPTABLE));
    }
    if !json::is_json(request.headers()) {
        return Err(Error::unsupported("send JSON, with `Content-Type: application/json`").into());
    }
    let limits = request.extensions().get().copied().unwrap_or_else(JsonLimits::usual);
    let (parts, body) = request.into_parts();
    let bytes = json::whole(body).await?;
    let door = Door { house, ctx, offer, headers: parts.headers, accepts };
    match json::read::<Value>(&bytes, limits) {
        Ok(Value::Array(messages)) => door.batch(messages).await,
        Ok(message) => door.message(message).await,
        Err(error) if error.kind() == Kind::Malformed => {
            Ok(failed(None, &RpcError::broken_json(error.said().to_owned())))
        }
        Err(error) => Ok(failed(None, &RpcError::invalid_request(error.said().to_owned()))),
    }
}

/// One request at the door.
struct Door {
    house: House,
    ctx: Ctx,
    offer: Arc<Offer>,
    headers: HeaderMap,
    accepts: Accepts,
}

impl Door {
    async fn message(self, message: Value) -> Result<Response, Problem> {
        let request = match Message::read(message) {
            Ok(Message::Request(request)) => request,
            Ok(Message::Notification) => return Ok(self.noted()),
            Ok(Message::Answer { id, answer }) => return Ok(self.answered(&id, answer)),
            Err((id, error)) => return Ok(failed(id.as_ref(), &error)),
        };
        let revision = match methods::admitted(&self.offer, &self.headers, &request) {
            Ok(revision) => revision,
            Err(error) => return Ok(failed(Some(&request.id), &error)),
        };
        let Self { house, ctx, offer, accepts, .. } = self;
        let id = request.id.clone();
        stream::answer(accepts, &ctx.clone(), revision, id, |voice| {
            Asked { house, ctx, offer, revision, request, voice }.answer()
        })
        .await
    }

    /// Several messages at once, which only the first revision knows; one after the other.
    async fn batch(self, messages: Vec<Value>) -> Result<Response, Problem> {
        let revision = match headers::revision(&self.headers) {
            Ok(revision) => revision,
            Err(error) => return Ok(failed(None, &error)),
        };
        if revision != Revision::March2025 || messages.is_empty() || messages.len() > BATCH {
            let said =
                format!("a batch has 1 to {BATCH} messages, and only in {}", Revision::March2025.date());
            return Ok(failed(None, &RpcError::invalid_request(said)));
        }
        let mut answers = Vec::new();
        for message in messages {
            match Message::read(message) {
                Ok(Message::Request(request)) => answers.push(self.one(request).await?),
                Ok(Message::Notification | Message::Answer { .. }) => {}
                Err((id, error)) => answers.push(error.answer(id.as_ref())),
            }
        }
        if answers.is_empty() {
            return Ok(StatusCode::ACCEPTED.into_response());
        }
        Ok(Json(Value::Array(answers)).into_response())
    }

    /// One request of a batch. There `initialize` must stand alone, and nothing is told before the answer.
    async fn one(&self, request: Request) -> Result<Value, Problem> {
        let (revision, id) = (Revision::March2025, request.id.clone());
        if request.method == "initialize" {
            let error = RpcError::invalid_request("`initialize` must not be part of a batch");
            return Ok(error.answer(Some(&id)));
        }
        let (house, ctx, offer) = (self.house.clone(), self.ctx.clone(), self.offer.clone());
        let asked = Asked { house, ctx, offer, revision, request, voice: Default::default() };
        Ok(methods::answer(revision, &id, asked.answer().await?))
    }

    /// A notification: none of them changes anything here, since nothing is remembered of earlier requests.
    fn noted(&self) -> Response {
        match headers::revision(&self.headers) {
            Ok(_) => StatusCode::ACCEPTED.into_response(),
            Err(error) => failed(None, &error),
        }
    }

    /// The answer to a question; in the modern revision there are no such.
    fn answered(&self, id: &str, answer: Value) -> Response {
        let legacy = headers::revision(&self.headers).is_ok_and(|revision| !revision.is_modern());
        let taken = self.offer.legacy.as_ref().is_some_and(|to| legacy && to.answered(id, answer));
        if taken {
            StatusCode::ACCEPTED.into_response()
        } else {
            failed(None, &RpcError::invalid_request("nothing was asked to which this could be the answer"))
        }
    }
}

/// A failure of the protocol before any method was reached.
fn failed(id: Option<&Value>, error: &RpcError) -> Response {
    with_status(error.status, error.answer(id))
}

/// An answer with its status; the failures among them are the protocol's own format.
pub(crate) fn with_status(status: StatusCode, answer: Value) -> Response {
    let status = if answer.get("error").is_some() { status } else { StatusCode::OK };
    let mut response = (status, ForeignFormat::mark(), Json(answer)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, http::HeaderValue::from_static("no-store"));
    response
}
