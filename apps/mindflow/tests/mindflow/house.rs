//! A small house for tests: rows in a temporary folder, the real doors, two people who have signed in.

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
    http::{HeaderMap, Request, StatusCode},
};
use http_body_util::BodyExt;
use sea_orm::{ConnectionTrait, QueryResult, Statement};
use serde_json::Value;
use stoa_core::{
    Actor, Credential, Id, RequestId, Result, Role, Scopes, Secret, SessionId, TestClock, TestRng, TokenId,
    User, UserId,
};
use stoa_edge::{Authenticator, Edge, EdgeConfig, Presented, RateConfig};
use stoa_jobs::{Handler, Schedule, Worker, WorkerConfig};
use stoa_mindflow::{Config, MindFlow, part};
use stoa_store::{Ctx, Db, DbConfig, Migration, Store, StoreConfig};
use tower::ServiceExt;

/// Who has signed in: their cookies are their names.
#[derive(Clone)]
struct People {
    anna: UserId,
    boris: UserId,
    session: SessionId,
    token: TokenId,
}

impl People {
    fn user(&self, id: UserId, scopes: Scopes) -> Actor {
        Actor::User(User { id, role: Role::Member, scopes, via: Credential::Session(self.session) })
    }
}

impl People {
    /// Anna, by a token.
    fn token(&self, scopes: Scopes) -> Actor {
        let via = Credential::Token(Id::from_uuid(self.session.uuid()));
        Actor::User(User { id: self.anna, role: Role::Member, scopes, via })
    }
}

#[async_trait]
impl Authenticator for People {
    async fn authenticate(&self, _: &Ctx, _: &str, presented: Presented<'_>) -> Result<Option<Actor>> {
        let mut actor = match presented.text() {
            "anna" => Some(self.user(self.anna, Scopes::EVERYTHING)),
            "boris" => Some(self.user(self.boris, Scopes::EVERYTHING)),
            "stoa_pat_feed" => Some(self.token(Scopes::TASKS_FEED)),
            "stoa_pat_whole" => Some(self.token(Scopes::EVERYTHING)),
            "reader" => Some(self.user(self.anna, Scopes::TASKS_READ)),
            "writer" => Some(self.user(self.anna, Scopes::TASKS_WRITE)),
            // Reaches all of the house but tasks.
            "narrow" => Some(self.user(self.anna, "labs:read labs:write profile email".parse()?)),
            _ => None,
        };
        // Their programs have the same names.
        if let (Presented::Bearer(_), Some(Actor::User(user))) = (presented, &mut actor) {
            user.via = Credential::Token(self.token);
        }
        Ok(actor)
    }
}

/// What `cargo x services` says, for tests that need it.
#[expect(clippy::disallowed_methods, reason = "a test is told so where its servers are")]
fn told(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: run `cargo x services -- cargo test -p stoa-mindflow --test mindflow`")
    })
}

async fn command(sql: &str) {
    let config = DbConfig { url: Some(Secret::new(told("STOA_TEST_POSTGRES"))), ..DbConfig::default() };
    let db = Db::open(&config, &PathBuf::new()).await.unwrap();
    db.reads().execute_unprepared(sql).await.unwrap();
    db.close().await.unwrap();
}

/// A house of its own for one test; its folder goes with it.
pub(crate) struct World {
    pub(crate) store: Arc<Store>,
    pub(crate) time: TestClock,
    people: People,
    router: Router,
    jobs: (Vec<Handler>, Vec<Schedule>),
    folder: PathBuf,
    /// Where its rows are, if not in the folder.
    database: Option<String>,
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
    body: Vec<u8>,
}

impl Seen {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The body of an answer that had to go well.
    #[track_caller]
    pub(crate) fn done(&self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", String::from_utf8_lossy(&self.body));
        self.json()
    }

    /// Status and code of a refusal.
    #[track_caller]
    pub(crate) fn refusal(&self) -> (u16, String) {
        (self.status.as_u16(), self.json()["code"].as_str().unwrap_or_default().to_owned())
    }

    /// The field that was refused.
    #[track_caller]
    pub(crate) fn refused_field(&self) -> String {
        assert_eq!(self.status, 422, "{}", String::from_utf8_lossy(&self.body));
        self.json()["errors"][0]["pointer"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// What a person can ask, and what the house does by itself.
fn doors(store: &Arc<Store>, people: &People, config: Config) -> (Router, (Vec<Handler>, Vec<Schedule>)) {
    let often = RateConfig { limit: 100_000, seconds: Duration::from_secs(60) };
    let edge = EdgeConfig {
        public_url: Some("http://127.0.0.1:8080".parse().unwrap()),
        rates: ["general", "tools", "upload"].map(|class| (class.to_owned(), often)).into(),
        ..EdgeConfig::default()
    };
    let mut part = part(&MindFlow::new(config));
    let jobs = (std::mem::take(&mut part.jobs), std::mem::take(&mut part.schedules));
    let parts = vec![part];
    let edge = Edge::build(edge, store.clone(), Arc::new(people.clone()), parts, Vec::new()).unwrap();
    (edge.router(), jobs)
}

/// A process that remembers nothing.
pub(crate) struct Fresh<'a>(Router, &'a World);

impl Fresh<'_> {
    /// What Anna gets.
    pub(crate) async fn get(&self, path: &str) -> Value {
        self.1.send_to(&self.0, request("anna", "GET", path, &[], None)).await.done(200)
    }
}

static WORLDS: AtomicU32 = AtomicU32::new(0);

/// A clock's hour.
pub(crate) const HOUR: Duration = Duration::from_secs(3600);

impl World {
    /// A house at 09:00 UTC on Monday, 5 January 2026.
    pub(crate) async fn new() -> Self {
        Self::with(Config::default()).await
    }

    pub(crate) async fn with(config: Config) -> Self {
        Self::over(config, false).await
    }

    /// The same with its rows in PostgreSQL.
    pub(crate) async fn postgres() -> Self {
        Self::over(Config::default(), true).await
    }

    /// Goes, with its database.
    pub(crate) async fn gone(self) {
        if let Some(name) = &self.database {
            self.store.tasks.stop(Duration::from_secs(60)).await;
            self.store.db.close().await.unwrap();
            command(&format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }

    async fn over(config: Config, postgres: bool) -> Self {
        let number = WORLDS.fetch_add(1, Ordering::Relaxed);
        let name = format!("stoa_mindflow_{}_{number}", std::process::id());
        let folder = std::env::temp_dir().join(&name);
        std::fs::create_dir_all(&folder).unwrap();
        let (clock, time) = TestClock::new();
        let rng = TestRng::seeded(u64::from(number));
        let people = People {
            anna: Id::new(&clock, &rng),
            boris: Id::new(&clock, &rng),
            session: Id::new(&clock, &rng),
            token: Id::new(&clock, &rng),
        };
        let mut kept = DbConfig::default();
        if postgres {
            command(&format!("CREATE DATABASE {name}")).await;
            let server = told("STOA_TEST_POSTGRES");
            kept.url = Some(Secret::new(format!("{}/{name}", server.rsplit_once('/').unwrap().0)));
        }
        let db = Db::open_recording(&kept, &folder).await.unwrap();
        let settings = StoreConfig { folder: folder.clone(), ..StoreConfig::default() };
        let migrations: Vec<Migration> = [
            stoa_store::MIGRATIONS,
            stoa_jobs::MIGRATIONS,
            stoa_edge::MIGRATIONS,
            stoa_identity::MIGRATIONS,
            stoa_mindflow::MIGRATIONS,
        ]
        .concat();
        let store = Store::over(db, &settings, &migrations, clock, rng).await.unwrap();
        for (id, name) in [(people.anna, "anna"), (people.boris, "boris")] {
            let sql = "INSERT INTO identity_user (id, email, email_key, display_name, role, password, created_at) \
                       VALUES ($1, $2, $2, $2, 'member', 'x', 1)";
            run(&store, sql, vec![id.into(), name.into()]).await;
        }
        let (router, jobs) = doors(&store, &people, config);
        Self { store, time, people, router, jobs, folder, database: postgres.then_some(name) }
    }

    /// The same house as a process sees it that has just begun. It ends before this one.
    pub(crate) fn forgetful(&self) -> Fresh<'_> {
        Fresh(doors(&self.store, &self.people, Config::default()).0, self)
    }

    /// The clock stands still until its schedules are due, and what they ask for is done.
    pub(crate) async fn waits_for_schedules(&self, how_long: Duration) {
        let config = WorkerConfig { look_milliseconds: 20, ..WorkerConfig::default() };
        let worker = Worker::start(&self.store, config, self.jobs.0.clone(), self.jobs.1.clone());
        worker.tend().await.unwrap();
        self.time.advance(how_long);
        let mut woken = self.store.signals.listen("jobs.queue");
        worker.tend().await.unwrap();
        let left = async || {
            let sql = "SELECT count(*) FROM jobs_job WHERE kind LIKE 'mindflow.%' AND state IN ('queued', 'running')";
            let row = self.store.db.reads();
            let statement = Statement::from_string(row.get_database_backend(), sql);
            row.query_one_raw(statement).await.unwrap().unwrap().try_get_by_index::<i64>(0).unwrap()
        };
        let done = async {
            while left().await > 0 {
                // Heard or not, the slow look comes.
                let _look = tokio::time::timeout(Duration::from_millis(20), woken.heard()).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), done).await.expect("the jobs end");
    }

    /// All jobs of a kind that ended are to be done again, by several workers at once.
    pub(crate) async fn does_again(&self, kind: &str) {
        let sql = "UPDATE jobs_job SET state = 'queued', finished_at = NULL, attempt = 0 WHERE kind = $1";
        run(&self.store, sql, vec![kind.into()]).await;
        for _ in 0..2 {
            self.waits_for_schedules(Duration::ZERO).await;
        }
    }

    /// What stands in the rows.
    pub(crate) async fn rows(&self, sql: &str) -> Vec<QueryResult> {
        let reads = self.store.db.reads();
        reads.query_all_raw(Statement::from_string(reads.get_database_backend(), sql)).await.unwrap()
    }

    /// The letters that were posted: to whom, about what, and what they say; oldest first.
    pub(crate) async fn letters(&self) -> Vec<(String, String, String)> {
        let rows = self.rows("SELECT address, subject, body FROM identity_mail ORDER BY id").await;
        let text = |row: &QueryResult, place| row.try_get_by_index::<String>(place).unwrap();
        rows.iter().map(|row| (text(row, 0), text(row, 1), text(row, 2))).collect()
    }

    /// Anna, as the house sees her inside a request.
    pub(crate) fn anna(&self) -> UserId {
        self.people.anna
    }

    /// A context in which Anna acts.
    pub(crate) fn ctx(&self) -> Ctx {
        let actor = self.people.user(self.people.anna, Scopes::EVERYTHING);
        Ctx::new(&self.store, actor, RequestId::new(&self.store.rng))
    }

    /// Sends a request as it is.
    pub(crate) async fn send(&self, request: Request<Body>) -> Seen {
        self.send_to(&self.router, request).await
    }

    async fn send_to(&self, router: &Router, request: Request<Body>) -> Seen {
        let answer = router.clone().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Seen { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) async fn ask(&self, who: &str, method: &str, path: &str, body: Option<Value>) -> Seen {
        self.send(request(who, method, path, &[], body)).await
    }

    pub(crate) async fn get(&self, path: &str) -> Value {
        self.ask("anna", "GET", path, None).await.done(200)
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Seen {
        self.ask("anna", "POST", path, Some(body)).await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Seen {
        self.ask("anna", "PATCH", path, Some(body)).await
    }

    /// Anna does something with a task that needs no words.
    pub(crate) async fn act(&self, task: &Value, deed: &str) -> Seen {
        self.ask("anna", "POST", &format!("/tasks/{}/{deed}", id(task)), None).await
    }

    /// Time for the next id to sort behind the last.
    pub(crate) fn tick(&self) {
        self.time.advance(Duration::from_millis(1));
    }

    /// A task of Anna's.
    pub(crate) async fn task(&self, new: Value) -> Value {
        self.post("/tasks", new).await.done(201)
    }
}

/// The id of a thing.
#[track_caller]
pub(crate) fn id(thing: &Value) -> &str {
    thing["id"].as_str().expect("an id")
}

/// The titles of tasks, in order.
pub(crate) fn titles(list: &Value) -> Vec<&str> {
    let items = list["items"].as_array().expect("items");
    items.iter().map(|item| item.get("task").unwrap_or(item)["title"].as_str().expect("a title")).collect()
}

/// A request of a browser on this machine.
pub(crate) fn request(
    who: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: Option<Value>,
) -> Request<Body> {
    let mut request = Request::builder()
        .method(method)
        .uri(format!("/api/v1{path}"))
        .header("host", "127.0.0.1:8080")
        .header("sec-fetch-site", "same-origin");
    if !who.is_empty() {
        request = request.header("cookie", format!("stoa={who}"));
    }
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

/// A form with a file, of a browser on this machine.
pub(crate) fn form(who: &str, path: &str, name: &str, file: &[u8], fields: &[(&str, &str)]) -> Request<Body> {
    let edge = "----a-form-of-a-test";
    let mut body = Vec::new();
    for (field, value) in fields {
        let head = format!("--{edge}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(head.as_bytes());
    }
    let head = format!(
        "--{edge}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(file);
    body.extend_from_slice(format!("\r\n--{edge}--\r\n").as_bytes());
    let kind = format!("multipart/form-data; boundary={edge}");
    let (mut parts, _) = request(who, "POST", path, &[("content-type", &kind)], None).into_parts();
    parts.headers.insert("content-length", body.len().into());
    Request::from_parts(parts, Body::from(body))
}

/// Something that is done to rows directly.
pub(crate) async fn run(store: &Store, sql: &str, values: Vec<sea_orm::Value>) {
    store
        .db
        .write(async |tx| {
            tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values)).await?;
            Ok(())
        })
        .await
        .unwrap();
}
