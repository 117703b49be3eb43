//! What happens to every request, in order, before and after its handler. One function in front of all routes;
//! no route can be reached beside it.
//!
//! 1. a request id, and the caller's address;
//! 2. no token in the URL, and a host name of ours;
//! 3. the door;
//! 4. the size of the body;
//! 5. who is calling, and whether a browser was tricked into it;
//! 6. how often;
//! 7. the handler, with a deadline; where it changes something, on a task that outlives the connection;
//! 8. failures become problem documents;
//! 9. headers, the log line, metrics.

mod address;
mod cors;
mod headers;
mod origin;
mod visit;

use std::{
    any::Any,
    convert::Infallible,
    future::Future,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::{
    extract::{DefaultBodyLimit, MatchedPath, Request},
    response::{IntoResponse, Response},
};
use futures::FutureExt;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use stoa_core::{Actor, Audience, Error, Result};
use stoa_store::Ctx;
use tokio::sync::oneshot;
use tower::{Layer, Service};
use tracing::Instrument;

use self::visit::Visit;
pub(crate) use self::{
    address::Peer,
    headers::{Fixed, Nonce, REQUEST_ID},
    origin::{Names, OUR_TOKEN, Sender, is_local_name},
    visit::millis,
};
use crate::{
    House, Problem,
    authenticator::{Presented, basic_as_bearer, presented},
    body::{self, BodyFault},
    door::DoorPlan,
    idempotency::{self, Once},
    json::JsonLimits,
    mcp,
    problem::{ForeignFormat, Travelling, from_status, render},
};

/// Puts the pipeline in front of a route.
#[derive(Clone)]
pub(crate) struct FrontLayer(pub(crate) House);

impl<S> Layer<S> for FrontLayer {
    type Service = Front<S>;
    fn layer(&self, inner: S) -> Front<S> {
        Front { house: self.0.clone(), inner }
    }
}

/// A route with the pipeline in front of it.
#[derive(Clone)]
pub(crate) struct Front<S> {
    house: House,
    inner: S,
}

impl<S> Service<Request> for Front<S>
where
    S: Service<Request, Error = Infallible> + Clone + Send + 'static,
    S::Response: IntoResponse,
    S::Future: Send,
{
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        // The clone is not known to be ready; the one that was polled is.
        let fresh = self.inner.clone();
        let inner = std::mem::replace(&mut self.inner, fresh);
        let house = self.house.clone();
        let visit = Visit::begin(&house, request.method(), request.headers(), request.extensions());
        let span = tracing::info_span!("request", id = %visit.id);
        if let Some(answer) = cors::preflight(&house, &request) {
            return Box::pin(async move { Ok(leave(&house, visit, answer)) }.instrument(span));
        }
        Box::pin(enter(house, inner, visit, request).map(Ok).instrument(span))
    }
}

async fn enter<S>(house: House, mut inner: S, mut visit: Visit, mut request: Request) -> Response
where
    S: Service<Request, Error = Infallible> + Send + 'static,
    S::Response: IntoResponse,
    S::Future: Send,
{
    let admitted = AssertUnwindSafe(admit(&house, &mut visit, &mut request)).catch_unwind().await;
    if let Err(problem) = admitted.unwrap_or_else(|panic| Err(panicked(&*panic))) {
        // The body goes first: it is drained while the answer is on its way.
        drop(request);
        return leave(&house, visit, problem.into_response());
    }
    if request.method().is_safe() {
        let answer = handle(&house, &visit, &mut inner, request).await;
        return leave(&house, visit, answer);
    }
    let (tell, told) = oneshot::channel();
    let (tasks, span) = (house.store().tasks.clone(), tracing::Span::current());
    let work = async move {
        let answer = match asked_once(&house, &visit, &mut request).await {
            Ok(None) => handle(&house, &visit, &mut inner, request).await,
            Ok(Some(once)) => once.answer(handle(&house, &visit, &mut inner, request)).await,
            Err(error) => Problem::from(error).into_response(),
        };
        // Nobody listens if the caller went away; the work is done all the same.
        let _gone = tell.send(leave(&house, visit, answer));
    };
    tasks.spawn("edge.request", work.instrument(span));
    told.await.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

/// Everything that can refuse a request before its handler sees it.
async fn admit(house: &House, visit: &mut Visit, request: &mut Request) -> Result<(), Problem> {
    origin::refuse_token_in_url(request.uri())?;
    let method = request.method().clone();
    let door = find_door(house, request, &method)?;
    visit.door = Some(door.clone());
    if door.resource == Audience::MCP {
        visit.page = house.names().named_page(request.headers()).cloned();
    }
    if !door.probe {
        house.names().check_host(request.uri(), request.headers())?;
    }
    let requests = house.requests();
    let body = std::mem::take(request.body_mut());
    let (body, fits) =
        body::guard(body, request.headers(), door.body, requests.body_idle_seconds, &house.store().tasks);
    *request.body_mut() = body;
    fits?;
    if !method.is_safe() {
        request.extensions_mut().insert(JsonLimits::from(requests));
    }
    if door.streams {
        DefaultBodyLimit::disable().apply(request);
    }
    let mut ctx = visit.context(house);
    if !door.probe {
        ctx.actor = identify_and_count(house, visit, &door, &ctx, request).await?;
    }
    request.extensions_mut().insert(ctx);
    Ok(())
}

/// Who is calling, and whether not too often. A credential that is refused counts against its address.
async fn identify_and_count(
    house: &House,
    visit: &mut Visit,
    door: &DoorPlan,
    ctx: &Ctx,
    request: &mut Request,
) -> Result<Actor, Problem> {
    let method = request.method().clone();
    let ambient = !door.foreign && !door.sent && basic_as_bearer(request.headers_mut());
    let path = request.uri().path();
    let identified = identify(house, ctx, &method, path, request.headers(), door, ambient).await;
    let user = match &identified {
        Ok(Actor::User(user)) => Some(user.id),
        _ => None,
    };
    if let Ok(actor) = &identified {
        visit.identified(actor);
    }
    if let Some(rate) = &door.rate {
        let (counted, verdict) = rate.take(ctx, user, visit.address).await;
        visit.counted = counted;
        verdict?;
    }
    identified
}

/// The door a request knocks at: by the path that the router matched, then by method.
fn find_door(house: &House, request: &Request, method: &Method) -> Result<Arc<DoorPlan>, Problem> {
    let Some(path) = request.extensions().get::<MatchedPath>() else {
        return Ok(house.assets_door().clone());
    };
    let Some(plan) = house.doors().get(path.as_str()) else {
        return Err(Error::not_found("there is nothing here")
            .because("a route that is not in the document")
            .into());
    };
    plan.door(method).cloned().ok_or_else(|| {
        Problem::from(Error::malformed("this method does not work here").code("method_not_allowed"))
            .with_status(StatusCode::METHOD_NOT_ALLOWED)
            .with_header(header::ALLOW, plan.allow.clone())
    })
}

/// Who is calling; `ambient` where a browser may have added the credential by itself. At a public door a credential that is no good makes a caller nobody; elsewhere it is refused,
/// and so is nobody.
async fn identify(
    house: &House,
    ctx: &Ctx,
    method: &Method,
    path: &str,
    headers: &HeaderMap,
    door: &DoorPlan,
    ambient: bool,
) -> Result<Actor, Problem> {
    let shown = presented(method, path, headers, house.cookie_name())?;
    let cookieless = door.foreign || door.sent;
    let shown = shown.filter(|shown| !(cookieless && matches!(shown, Presented::Cookie(_))));
    // A socket is opened by GET, and changes things afterwards.
    let changes = !method.is_safe() || headers.contains_key(header::UPGRADE);
    let by_itself = ambient || !matches!(shown, Some(Presented::Bearer(_) | Presented::Bound(_)));
    if changes && !cookieless && by_itself {
        match (house.names().sender(headers), shown) {
            (Sender::Ourselves, _) | (Sender::Unsaid, None) => {}
            // A page that is named shows a token, and first asks which.
            (Sender::Another, None)
                if door.resource == Audience::MCP && house.names().named_page(headers).is_some() => {}
            (Sender::Another, _) | (Sender::Unsaid, Some(_)) => {
                let said = "the request does not come from a page of this address";
                return Err(Error::forbidden(said).code("csrf").into());
            }
        }
    }
    let Some(shown) = shown else {
        return if door.public {
            Ok(Actor::Nobody)
        } else {
            Err(asked_for(door, Error::unauthenticated("sign in first").into()))
        };
    };
    match house.authenticator().authenticate(ctx, house.issuer(), shown).await? {
        Some(actor) if is_for(&actor, door) => Ok(actor),
        _ if door.public => Ok(Actor::Nobody),
        _ => Err(asked_for(door, refused_credential(shown))),
    }
}

/// Where programs know only a name and a password, those are asked for.
fn asked_for(door: &DoorPlan, problem: Problem) -> Problem {
    if door.basic {
        let basic = HeaderValue::from_static("Basic realm=\"stoa\", charset=\"UTF-8\"");
        problem.with_header(header::WWW_AUTHENTICATE, basic)
    } else {
        problem
    }
}

/// Whether a token was issued for the resource that the door belongs to (RFC 8707 §2, RFC 9068 §4).
fn is_for(actor: &Actor, door: &DoorPlan) -> bool {
    match actor {
        Actor::User(user) => user.via.audience().is_none_or(|audience| audience.has(door.resource)),
        Actor::Nobody | Actor::House => true,
    }
}

fn refused_credential(shown: Presented<'_>) -> Problem {
    match shown {
        Presented::Cookie(_) => Error::unauthenticated("the session has ended; sign in again").into(),
        Presented::Bearer(_) | Presented::Bound(_) => {
            let challenge = match shown {
                Presented::Bound(_) => {
                    "DPoP realm=\"stoa\", error=\"invalid_token\", algs=\"ES256 EdDSA RS256 PS256\""
                }
                _ => "Bearer realm=\"stoa\", error=\"invalid_token\"",
            };
            Problem::from(Error::unauthenticated("the token is not valid").code("invalid_token"))
                .with_header(header::WWW_AUTHENTICATE, HeaderValue::from_static(challenge))
        }
    }
}

/// Whether the request is to be answered once; its body is read for that, within the deadline.
async fn asked_once(house: &House, visit: &Visit, request: &mut Request) -> Result<Option<Once>> {
    let Some(door) = &visit.door else { return Ok(None) };
    match tokio::time::timeout(door.deadline, idempotency::asked(house, door, request)).await {
        Ok(asked) => asked,
        Err(_) => Err(BodyFault::Idle.error()),
    }
}

/// The handler, with its deadline; a panic in it is a fault of ours and ends nothing else.
async fn handle<S>(house: &House, visit: &Visit, inner: &mut S, request: Request) -> Response
where
    S: Service<Request, Error = Infallible>,
    S::Response: IntoResponse,
{
    let deadline = visit.door.as_ref().map_or(house.requests().deadline_seconds, |door| door.deadline);
    let work = AssertUnwindSafe(inner.call(request)).catch_unwind();
    match tokio::time::timeout(deadline, work).await {
        Ok(Ok(Ok(answer))) => answer.into_response(),
        Ok(Ok(Err(never))) => match never {},
        Ok(Err(panic)) => panicked(&*panic).into_response(),
        Err(_) => Problem::from(Error::timeout("this took too long and was given up")).into_response(),
    }
}

#[track_caller]
fn panicked(panic: &(dyn Any + Send)) -> Problem {
    let why = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("no message");
    Error::internal(format!("a panic: {why}")).into()
}

/// The way out: failures become documents, and every answer gets its headers and its line.
fn leave(house: &House, mut visit: Visit, answer: Response) -> Response {
    let mut answer = as_problem(house, &mut visit, answer);
    let nonce = answer.extensions_mut().remove::<Nonce>();
    let counted = visit.counted.take();
    let foreign = visit.door.as_ref().is_some_and(|door| door.foreign);
    let page = visit.page.take();
    let headers = answer.headers_mut();
    if let Err(error) = house.fixed_headers().write(headers, nonce.as_ref()) {
        tracing::error!(?error, "a header could not be made");
    }
    if let Ok(id) = HeaderValue::from_str(visit.id.as_str()) {
        headers.insert(REQUEST_ID, id);
    }
    if let Some(counted) = counted {
        counted.write(headers);
    }
    if foreign {
        cors::allow(headers);
    } else if let Some(page) = page {
        cors::allow_page(headers, page);
    }
    visit.finished(answer.status().as_u16());
    answer
}

fn as_problem(house: &House, visit: &mut Visit, mut answer: Response) -> Response {
    let status = answer.status();
    if !(status.is_client_error() || status.is_server_error()) {
        return answer;
    }
    if let Some(Travelling(problem)) = answer.extensions_mut().remove() {
        visit.failed(&problem);
        let mut rendered = render(&problem, &visit.id);
        let said = rendered.headers().get(header::WWW_AUTHENTICATE);
        let challenge = visit.door.as_ref().and_then(|door| mcp::completed(house, door, &problem, said));
        if let Some(challenge) = challenge {
            rendered.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        return rendered;
    }
    if answer.extensions().get::<ForeignFormat>().is_some() {
        return answer;
    }
    // Somebody else's text (a library's rejection) is never sent.
    let problem = from_status(status);
    visit.failed(&problem);
    let mut rendered = render(&problem, &visit.id);
    for name in [header::ALLOW, header::RETRY_AFTER] {
        if let Some(value) = answer.headers_mut().remove(&name) {
            rendered.headers_mut().insert(name, value);
        }
    }
    rendered
}
