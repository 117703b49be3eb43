//! A small house for tests: rows in a temporary folder, two people with known credentials, a few doors.

use std::{
    net::SocketAddr,
    ops::Deref,
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
use futures::{StreamExt, TryStreamExt, stream};
use http_body_util::BodyExt;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stoa_core::{
    Actor, Audience, Clock, Credential, Error, GrantId, Id, Result, Rng, Role, Scopes, SessionId, TestClock,
    TestRng, TokenId, User, UserId,
};
use stoa_edge::{
    AUTH, Answer, Authenticator, Caller, Check, Created, Edge, EdgeConfig, Event, Json, LastEventId,
    Multipart, Paged, Part, Path, Presented, RawBody, Rule, Sse, Visitor,
};
use stoa_store::{Ctx, Page, Store, StoreConfig};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
};
use tower::ServiceExt;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::toolbox::toolbox;

/// A house of its own for one test; its folder goes with it.
pub(crate) struct World {
    pub(crate) edge: Arc<Edge>,
    pub(crate) store: Arc<Store>,
    pub(crate) time: TestClock,
    pub(crate) toys: Toys,
    /// Anna with a token.
    pub(crate) anna: User,
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
            [stoa_store::MIGRATIONS, stoa_jobs::MIGRATIONS, stoa_edge::MIGRATIONS].concat();
        // The same people after a restart: the seed is the same.
        let store = Store::open(&store, &migrations, clock.clone(), TestRng::seeded(1)).await?;
        config.public_url.get_or_insert("http://127.0.0.1:8080".parse().unwrap());
        let people = Arc::new(People::new(&TestClock::new().0, &TestRng::seeded(2)));
        let (toys, anna) = (Toys::default(), people.user("anna", Credential::Token(people.token)).unwrap());
        let edge = Edge::build(config, store.clone(), people, vec![part(&toys)], checks)?;
        Ok(Self { edge: Arc::new(edge), store, time, toys, anna, folder, clock })
    }

    /// The same folder with a new process over it.
    pub(crate) async fn restarted(mut self) -> Self {
        assert!(self.store.tasks.stop(Duration::from_secs(5)).await);
        self.store.db.close().await.unwrap();
        let clock = (self.clock.clone(), self.time.clone());
        let folder = std::mem::take(&mut self.folder);
        Self::in_folder(folder, EdgeConfig::default(), Vec::new(), clock).await.unwrap()
    }

    /// Listens on a free port of this machine.
    pub(crate) async fn listen(&self) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, edge) = (listener.local_addr().unwrap(), self.edge.clone());
        self.store.tasks.spawn("test.serve", async move { edge.serve(listener).await.unwrap() });
        address
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
    grant: GrantId,
}

impl People {
    fn new(clock: &Clock, rng: &Rng) -> Self {
        let (anna, boris) = (Id::new(clock, rng), Id::new(clock, rng));
        let (session, token, grant) = (Id::new(clock, rng), Id::new(clock, rng), Id::new(clock, rng));
        Self { anna, boris, session, token, grant }
    }
}

impl People {
    fn user(&self, name: &str, via: Credential) -> Option<User> {
        let (id, role) = match name {
            "anna" => (self.anna, Role::Admin),
            "boris" => (self.boris, Role::Member),
            // Programs that act for Boris, each where he let it.
            "for-api" | "for-mcp" => {
                let audience = if name == "for-api" { Audience::API } else { Audience::MCP };
                let via = Credential::Grant(self.grant, audience);
                return Some(User { id: self.boris, role: Role::Member, scopes: Scopes::EVERYTHING, via });
            }
            // Boris once more, with a credential that reaches less far.
            "reader" => {
                return Some(User { id: self.boris, role: Role::Member, scopes: Scopes::TASKS_READ, via });
            }
            _ => return None,
        };
        Some(User { id, role, scopes: Scopes::EVERYTHING, via })
    }
}

#[async_trait]
impl Authenticator for People {
    async fn authenticate(&self, _: &Ctx, _: &str, presented: Presented<'_>) -> Result<Option<Actor>> {
        let via = match presented {
            Presented::Cookie(_) => Credential::Session(self.session),
            Presented::Bearer(_) | Presented::Bound(_) => Credential::Token(self.token),
        };
        Ok(self.user(presented.text(), via).map(Actor::User))
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
    State(toys): State<Toys>,
    Caller(ctx): Caller,
    Json(new): Json<NewToy>,
) -> Answer<Created<Toy>> {
    match new.name.as_str() {
        "unlucky" => return Err(Error::unavailable("not now").into()),
        "slow" => std::future::pending().await,
        _ => toys.made.fetch_add(1, Ordering::SeqCst),
    };
    let at = format!("/toys/{}", new.name);
    Ok(Created { at, body: Toy { name: new.name, of: ctx.actor.to_string() } })
}

/// What the doors of a house share with its test.
#[derive(Clone, Default)]
pub(crate) struct Toys(Arc<Inside>);

#[derive(Default)]
pub(crate) struct Inside {
    /// How many toys were made.
    pub(crate) made: AtomicU32,
    /// Told whenever a handler waits at the gate.
    pub(crate) waiting: Notify,
    /// Lets one handler through.
    pub(crate) gate: Notify,
    /// Told whenever a handler came through.
    pub(crate) through: Notify,
}

impl Deref for Toys {
    type Target = Inside;
    fn deref(&self) -> &Inside {
        &self.0
    }
}

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

/// Waits at the gate, as long as the test wants.
#[utoipa::path(post, path = "/toys/gate", responses((status = 200, body = Toy)))]
async fn gate(State(toys): State<Toys>, Caller(ctx): Caller) -> Answer<Json<Toy>> {
    toys.waiting.notify_one();
    toys.gate.notified().await;
    toys.made.fetch_add(1, Ordering::SeqCst);
    toys.through.notify_one();
    Ok(Json(Toy { name: "gate".into(), of: ctx.actor.to_string() }))
}

/// Two events, then silence.
#[utoipa::path(get, path = "/toys/events", responses((status = 200, content_type = "text/event-stream", body = String)))]
async fn tell(Caller(ctx): Caller, LastEventId(last): LastEventId) -> Answer<Sse> {
    let first = last.unwrap_or(0) + 1;
    let events = [first, first + 1].map(|number| Event::new(number, "toy", &number));
    Ok(Sse::new(&ctx, stream::iter(events).chain(stream::pending())))
}

/// One file of a form.
#[utoipa::path(post, path = "/toys/form", request_body(content = Vec<u8>, content_type = "multipart/form-data"), responses((status = 200, body = Toy)))]
async fn form(Caller(_ctx): Caller, mut form: Multipart) -> Answer<Json<Toy>> {
    let (mut name, mut size) = (String::new(), 0);
    while let Some(field) = form.next().await? {
        match field.name() {
            "title" => name = field.text(8).await?,
            "file" => size = field.bytes().try_fold(0, async |sum, piece| Ok(sum + piece.len())).await?,
            other => return Err(Error::field(other.to_owned(), "is not a field here").into()),
        }
    }
    Ok(Json(Toy { name, of: size.to_string() }))
}

fn part(toys: &Toys) -> Part {
    Part {
        routes: OpenApiRouter::new()
            .merge(
                OpenApiRouter::new()
                    .routes(routes!(make, all))
                    .routes(routes!(gate))
                    .with_state(toys.clone()),
            )
            .routes(routes!(tell))
            .routes(routes!(form))
            .routes(routes!(one))
            .routes(routes!(open))
            .routes(routes!(guess))
            .routes(routes!(upload))
            .routes(routes!(foreign)),
        public: &["POST /toys/open", "POST /toys/guess"],
        rules: vec![
            Rule::new("POST /toys/guess").rate(AUTH),
            Rule::new("POST /toys/form").body(1 << 20),
            Rule::new("POST /toys/upload").body(2 << 20).deadline(Duration::from_secs(5)),
        ],
        tools: toolbox(toys),
        ..Part::new("toys")
    }
}

/// A connection as a client writes it: byte by byte.
pub(crate) struct Line(pub(crate) TcpStream);

impl Line {
    pub(crate) async fn to(address: SocketAddr) -> Self {
        Self(TcpStream::connect(address).await.unwrap())
    }

    /// A request of Anna's without a body.
    pub(crate) async fn anna(&mut self, method: &str, path: &str) {
        let length = if method == "GET" { "" } else { "content-length: 0\r\n" };
        let head = "host: 127.0.0.1\r\nauthorization: Bearer anna\r\n";
        self.write(&format!("{method} {path} HTTP/1.1\r\n{head}{length}\r\n")).await;
    }

    pub(crate) async fn write(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.unwrap();
    }

    /// Reads until this text has come; gives back all that came.
    pub(crate) async fn until(&mut self, wanted: &str) -> String {
        let (mut all, mut piece) = (String::new(), [0; 4096]);
        while !all.contains(wanted) {
            let read = self.0.read(&mut piece).await.unwrap();
            assert_ne!(read, 0, "the connection ended after {all:?}, before {wanted:?}");
            all.push_str(std::str::from_utf8(&piece[..read]).unwrap());
        }
        all
    }

    /// Reads until the other side closes. A reset is an end too.
    pub(crate) async fn rest(&mut self) -> String {
        let mut all = Vec::new();
        let _reset = self.0.read_to_end(&mut all).await;
        String::from_utf8(all).unwrap()
    }
}
