//! A small house for tests: rows in a temporary folder, two people with known credentials, a few doors.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderMap, Request, StatusCode},
};
use futures::TryStreamExt;
use http_body_util::BodyExt;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stoa_core::{
    Actor, Clock, Credential, Error, Id, Result, Rng, Role, Scopes, SessionId, TestClock, TestRng, TokenId,
    User, UserId,
};
use stoa_edge::{
    AUTH, Answer, Authenticator, Caller, Check, Created, Edge, EdgeConfig, Json, Paged, Part, Path,
    Presented, RawBody, Rule, Visitor,
};
use stoa_store::{Ctx, Page, Store, StoreConfig};
use tower::ServiceExt;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// A house of its own for one test; its folder goes with it.
pub(crate) struct World {
    pub(crate) edge: Edge,
    pub(crate) store: Arc<Store>,
    pub(crate) time: TestClock,
    pub(crate) made: Made,
    folder: PathBuf,
    clock: Clock,
}

impl Drop for World {
    fn drop(&mut self) {
        let _gone = std::fs::remove_dir_all(&self.folder);
    }
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
    /// The whole problem document, but for the id, which must be that of the answer's header.
    pub(crate) fn problem(&self) -> Value {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        let mut document = self.json();
        let fields = document.as_object_mut().unwrap();
        let id = fields.remove("request_id").unwrap();
        assert_eq!(id, self.header("x-request-id"));
        assert_eq!(fields["status"], self.status.as_u16());
        document
    }
}

static WORLDS: AtomicU32 = AtomicU32::new(0);

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(EdgeConfig::default()).await
    }

    pub(crate) async fn with(config: EdgeConfig) -> Self {
        Self::of(config, Vec::new(), TestClock::new()).await
    }

    /// A house that may refuse its configuration.
    pub(crate) async fn try_with(config: EdgeConfig) -> Result<Self> {
        Self::try_of(config, Vec::new(), TestClock::new()).await
    }

    pub(crate) async fn of(config: EdgeConfig, checks: Vec<Check>, clock: (Clock, TestClock)) -> Self {
        Self::try_of(config, checks, clock).await.unwrap()
    }

    async fn try_of(config: EdgeConfig, checks: Vec<Check>, clock: (Clock, TestClock)) -> Result<Self> {
        let number = WORLDS.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("stoa-edge-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Self::in_folder(folder, config, checks, clock).await
    }

    async fn in_folder(
        folder: PathBuf,
        mut config: EdgeConfig,
        checks: Vec<Check>,
        (clock, time): (Clock, TestClock),
    ) -> Result<Self> {
        let store = StoreConfig { folder: folder.clone(), ..StoreConfig::default() };
        let migrations: Vec<_> =
            stoa_store::MIGRATIONS.iter().chain(stoa_edge::MIGRATIONS).copied().collect();
        // The same people after a restart: the seed is the same.
        let store = Store::open(&store, &migrations, clock.clone(), TestRng::seeded(1)).await?;
        config.public_url.get_or_insert("http://127.0.0.1:8080".parse().unwrap());
        let people = Arc::new(People::new(&TestClock::new().0, &TestRng::seeded(2)));
        let made = Made::default();
        let edge = Edge::build(config, store.clone(), people, vec![toys(&made)], checks)?;
        Ok(Self { edge, store, time, made, folder, clock })
    }

    /// The same folder with a new process over it.
    pub(crate) async fn restarted(mut self) -> Self {
        assert!(self.store.tasks.stop(Duration::from_secs(5)).await);
        self.store.db.close().await.unwrap();
        let clock = (self.clock.clone(), self.time.clone());
        let folder = std::mem::take(&mut self.folder);
        Self::in_folder(folder, EdgeConfig::default(), Vec::new(), clock).await.unwrap()
    }

    pub(crate) fn router(&self) -> Router {
        self.edge.router()
    }

    /// Sends a request as it is.
    pub(crate) async fn send(&self, request: Request<Body>) -> Seen {
        let answer = self.router().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Seen { status: parts.status, headers: parts.headers, body }
    }

    /// Anna, with a token.
    pub(crate) async fn anna(&self, method: &str, path: &str, body: Option<Value>) -> Seen {
        self.send(ask(method, path, &[("authorization", "Bearer anna")], body)).await
    }
}

/// A request as a client on this machine writes it.
pub(crate) fn ask(method: &str, path: &str, headers: &[(&str, &str)], body: Option<Value>) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path).header("host", "127.0.0.1:8080");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    match body {
        Some(body) => {
            request.header("content-type", "application/json").body(Body::from(body.to_string())).unwrap()
        }
        None => request.body(Body::empty()).unwrap(),
    }
}

/// Anna and Boris, each with a session and a token of their own name.
struct People {
    anna: UserId,
    boris: UserId,
    session: SessionId,
    token: TokenId,
}

impl People {
    fn new(clock: &Clock, rng: &Rng) -> Self {
        let (anna, boris) = (Id::new(clock, rng), Id::new(clock, rng));
        Self { anna, boris, session: Id::new(clock, rng), token: Id::new(clock, rng) }
    }
}

#[async_trait]
impl Authenticator for People {
    async fn authenticate(&self, _: &Ctx, presented: Presented<'_>) -> Result<Option<Actor>> {
        let (name, via) = match presented {
            Presented::Cookie(name) => (name, Credential::Session(self.session)),
            Presented::Bearer(name) => (name, Credential::Token(self.token)),
        };
        let (id, role) = match name {
            "anna" => (self.anna, Role::Admin),
            "boris" => (self.boris, Role::Member),
            _ => return Ok(None),
        };
        Ok(Some(Actor::User(User { id, role, scopes: Scopes::EVERYTHING, via })))
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewToy {
    name: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct Toy {
    name: String,
    of: String,
}

#[utoipa::path(post, path = "/toys", request_body = NewToy, responses((status = 201, body = Toy)))]
async fn make(
    State(made): State<Made>,
    Caller(ctx): Caller,
    Json(new): Json<NewToy>,
) -> Answer<Created<Toy>> {
    match new.name.as_str() {
        "unlucky" => return Err(Error::unavailable("not now").into()),
        "slow" => std::future::pending().await,
        _ => made.fetch_add(1, Ordering::SeqCst),
    };
    let at = format!("/toys/{}", new.name);
    Ok(Created { at, body: Toy { name: new.name, of: ctx.actor.to_string() } })
}

/// How many toys were made in a house.
type Made = Arc<AtomicU32>;

#[utoipa::path(get, path = "/toys", responses((status = 200, body = [Toy])))]
async fn all(Caller(ctx): Caller, Paged(page): Paged<stoa_core::UserTag>) -> Answer<Json<Vec<Toy>>> {
    let Page { limit, .. } = page;
    Ok(Json(vec![Toy { name: limit.to_string(), of: ctx.actor.to_string() }]))
}

#[utoipa::path(get, path = "/toys/{name}", params(("name" = String, Path)), responses((status = 200, body = Toy)))]
async fn one(Caller(ctx): Caller, Path(name): Path<String>) -> Answer<Json<Toy>> {
    match name.as_str() {
        "broken" => Err(Error::internal("password=hunter2 at line 7").into()),
        "panics" => panic!("hunter2 again"),
        "missing" => Err(Error::not_found("no such toy").into()),
        "slow" => std::future::pending().await,
        _ => Ok(Json(Toy { name, of: ctx.actor.to_string() })),
    }
}

#[utoipa::path(post, path = "/toys/open", responses((status = 200, body = Toy)))]
async fn open(Visitor(ctx): Visitor) -> Answer<Json<Toy>> {
    Ok(Json(Toy { name: "open".into(), of: ctx.actor.to_string() }))
}

#[utoipa::path(post, path = "/toys/guess", responses((status = 204)))]
async fn guess() -> StatusCode {
    StatusCode::NO_CONTENT
}

#[utoipa::path(post, path = "/toys/upload", request_body(content = Vec<u8>, content_type = "application/octet-stream"), responses((status = 200, body = Toy)))]
async fn upload(Caller(ctx): Caller, body: RawBody) -> Answer<Json<Toy>> {
    let length = body.bytes().try_fold(0, async |sum, piece| Ok(sum + piece.len())).await?;
    Ok(Json(Toy { name: length.to_string(), of: ctx.actor.to_string() }))
}

#[utoipa::path(get, path = "/toys/foreign", responses((status = 200)))]
async fn foreign() -> (StatusCode, &'static str) {
    (StatusCode::BAD_REQUEST, "a library's own text with hunter2")
}

fn toys(made: &Made) -> Part {
    Part {
        routes: OpenApiRouter::new()
            .merge(OpenApiRouter::new().routes(routes!(make, all)).with_state(made.clone()))
            .routes(routes!(one))
            .routes(routes!(open))
            .routes(routes!(guess))
            .routes(routes!(upload))
            .routes(routes!(foreign)),
        public: &["POST /toys/open", "POST /toys/guess"],
        rules: vec![
            Rule::new("POST /toys/guess").rate(AUTH),
            Rule::new("POST /toys/upload").body(2 << 20).deadline(Duration::from_secs(5)),
        ],
        ..Part::new("toys")
    }
}
