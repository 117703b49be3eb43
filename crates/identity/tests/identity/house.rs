//! A small house for tests: rows in a temporary folder, the real doors of identity, people with cookies.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode},
};
use http_body_util::BodyExt;
use sea_orm::{ConnectionTrait, QueryResult, Statement, Value as Column};
use serde_json::{Value, json};
use stoa_core::{Clock, Rng, Role, Secret, TestClock, TestRng};
use stoa_edge::{Edge, EdgeConfig, Out, OutConfig, RateConfig};
use stoa_identity::{
    Config, Identity, PasswordConfig, authenticator, part,
    people::{self, model::NewUser},
};
use stoa_jobs::{Worker, WorkerConfig};
use stoa_store::{Ctx, Db, DbConfig, Migration, Store, StoreConfig};
use tower::ServiceExt;

use crate::outside::to_this_machine;

/// A good password, for everybody.
pub(crate) const PASSWORD: &str = "correct horse battery";

/// A house of its own for one test; its folder goes with it.
pub(crate) struct World {
    pub(crate) store: Arc<Store>,
    pub(crate) time: TestClock,
    pub(crate) identity: Identity,
    router: Router,
    folder: PathBuf,
    clock: Clock,
    config: StoreConfig,
    database: Option<String>,
}

impl Drop for World {
    fn drop(&mut self) {
        let _gone = std::fs::remove_dir_all(&self.folder);
    }
}

/// What `cargo x services` says, for tests that need it.
#[expect(clippy::disallowed_methods, reason = "a test is told so where its servers are")]
fn told(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: run `cargo x services -- cargo test -p stoa-identity --test identity`")
    })
}

async fn command(sql: &str) {
    let config = DbConfig { url: Some(Secret::new(told("STOA_TEST_POSTGRES"))), ..DbConfig::default() };
    let db = Db::open(&config, &PathBuf::new()).await.unwrap();
    db.reads().execute_unprepared(sql).await.unwrap();
    db.close().await.unwrap();
}

fn migrations() -> Vec<Migration> {
    stoa_store::MIGRATIONS
        .iter()
        .chain(stoa_jobs::MIGRATIONS)
        .chain(stoa_edge::MIGRATIONS)
        .chain(stoa_identity::MIGRATIONS)
        .copied()
        .collect()
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    #[track_caller]
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
    /// The session cookie that came along.
    #[track_caller]
    pub(crate) fn cookie(&self) -> String {
        let set = self.headers.get("set-cookie").expect("a cookie").to_str().unwrap();
        set.split(';').next().unwrap().to_owned()
    }
}

/// Who asks.
#[derive(Clone, Copy)]
pub(crate) enum As<'a> {
    Nobody,
    Cookie(&'a str),
    Token(&'a str),
}

static WORLDS: AtomicU32 = AtomicU32::new(0);

impl World {
    /// A house that nobody owns yet. Doors that people guess at are wide open: tests knock often.
    pub(crate) async fn new() -> Self {
        Self::with(Config::default(), 10_000).await
    }

    pub(crate) async fn with(config: Config, knocks: u32) -> Self {
        Self::over(config, knocks, false, OutConfig::default()).await
    }

    /// As [`World::new`]; it may call this machine.
    pub(crate) async fn sqlite() -> Self {
        Self::over(Config::default(), 10_000, false, to_this_machine()).await
    }

    /// As [`World::sqlite`], on PostgreSQL.
    pub(crate) async fn postgres() -> Self {
        Self::over(Config::default(), 10_000, true, to_this_machine()).await
    }

    /// As [`World::new`], with a way out that leads where it says.
    pub(crate) async fn calling(out: OutConfig) -> Self {
        Self::over(Config::default(), 10_000, false, out).await
    }

    pub(crate) async fn over(mut config: Config, knocks: u32, postgres: bool, out: OutConfig) -> Self {
        let number = WORLDS.fetch_add(1, Ordering::Relaxed);
        let name = format!("stoa_identity_{}_{number}", std::process::id());
        let folder = std::env::temp_dir().join(&name);
        std::fs::create_dir_all(&folder).unwrap();
        // As little work as is allowed, where the test did not choose.
        if config.passwords.memory_kib == PasswordConfig::default().memory_kib {
            config.passwords.memory_kib = 7168;
            config.passwords.passes = 1;
        }
        config.login.attempts = config.login.attempts.max(knocks);
        let (clock, time) = TestClock::new();
        let mut kept = StoreConfig { folder: folder.clone(), ..StoreConfig::default() };
        if postgres {
            command(&format!("CREATE DATABASE {name}")).await;
            let server = told("STOA_TEST_POSTGRES");
            kept.database.url = Some(Secret::new(format!("{}/{name}", server.rsplit_once('/').unwrap().0)));
        }
        let rng = TestRng::seeded(u64::from(number));
        let store = Store::open(&kept, &migrations(), clock.clone(), rng).await.unwrap();
        let identity = Identity::new(config, Out::new(&out).unwrap()).unwrap();
        identity.hears_of(crate::erasure::shelf());
        identity.stands_at(&"http://127.0.0.1:8080".parse().unwrap());
        let database = postgres.then_some(name);
        let router = Router::new();
        let mut world = Self { store, time, identity, router, folder, clock, config: kept, database };
        world.router = world.node(knocks);
        world
    }

    /// Goes, with its database.
    pub(crate) async fn gone(self) {
        if let Some(name) = &self.database {
            self.store.tasks.stop(std::time::Duration::from_secs(60)).await;
            self.store.db.close().await.unwrap();
            command(&format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }

    /// The doors of a process that has just started over the same rows.
    pub(crate) async fn restarted(&self) -> Router {
        let rng = Rng::system();
        let store = Store::open(&self.config, &migrations(), self.clock.clone(), rng).await.unwrap();
        self.node_over(&self.identity, store, 10_000)
    }

    /// The doors of a process that has just started over the same rows, as another configuration says.
    pub(crate) async fn restarted_as(&self, config: Config, out: OutConfig) -> Router {
        let store =
            Store::open(&self.config, &migrations(), self.clock.clone(), Rng::system()).await.unwrap();
        let identity = Identity::new(config, Out::new(&out).unwrap()).unwrap();
        identity.hears_of(crate::erasure::shelf());
        self.node_over(&identity, store, 10_000)
    }

    /// From when on this process may remember what it read.
    pub(crate) async fn remembers(&self) {
        self.store.keep_house();
        while self.store.epoch.current().is_none() {
            tokio::task::yield_now().await;
        }
    }

    /// What stands in the rows.
    pub(crate) async fn rows<const N: usize>(&self, sql: &str, values: [Column; N]) -> Vec<QueryResult> {
        let reads = self.store.db.reads();
        let sql = Statement::from_sql_and_values(reads.get_database_backend(), sql, values);
        reads.query_all_raw(sql).await.unwrap()
    }

    /// The doors of one more process over the same rows, with a memory of its own.
    pub(crate) fn node(&self, knocks: u32) -> Router {
        self.node_over(&self.identity, self.store.clone(), knocks)
    }

    /// The same, with the limits that hold where nobody says otherwise.
    pub(crate) fn strict_node(&self) -> Router {
        self.node_with(&self.identity, self.store.clone(), EdgeConfig::default())
    }

    fn node_over(&self, identity: &Identity, store: Arc<Store>, knocks: u32) -> Router {
        let mut config = EdgeConfig::default();
        let rate = RateConfig { limit: knocks, seconds: std::time::Duration::from_secs(60) };
        let classes = [
            "auth",
            "mfa",
            "challenge",
            "general",
            "signup",
            "reset",
            "token",
            "register",
            "authorize",
            "upstream",
        ];
        for class in classes {
            config.rates.insert(class.into(), rate);
        }
        self.node_with(identity, store, config)
    }

    /// The doors of one more process, which believes to stand at another address.
    pub(crate) fn named(&self, address: &str) -> Router {
        let public_url = Some(address.parse().unwrap());
        self.node_with(&self.identity, self.store.clone(), EdgeConfig { public_url, ..EdgeConfig::default() })
    }

    fn node_with(&self, identity: &Identity, store: Arc<Store>, mut config: EdgeConfig) -> Router {
        config.public_url.get_or_insert_with(|| "http://127.0.0.1:8080".parse().unwrap());
        let parts = vec![part(identity)];
        Edge::build(config, store, authenticator(identity), parts, Vec::new()).unwrap().router()
    }

    /// Starts a worker in this house.
    pub(crate) fn works(&self) -> Worker {
        let part = part(&self.identity);
        let config = WorkerConfig { look_milliseconds: 10, ..WorkerConfig::default() };
        Worker::start(&self.store, config, part.jobs, part.schedules)
    }

    /// Waits until no job is due.
    pub(crate) async fn rests(&self) {
        let now = self.store.clock.now().micros();
        let sql = format!(
            "SELECT count(*) AS n FROM jobs_job WHERE state = 'running' OR (state = 'queued' AND due_at <= {now})"
        );
        while self.number(&sql).await > 0 {
            tokio::task::yield_now().await;
        }
    }

    /// The one number that a statement answers with, under the name `n`.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let reads = self.store.db.reads();
        let sql = Statement::from_string(reads.get_database_backend(), sql);
        reads.query_one_raw(sql).await.unwrap().unwrap().try_get("", "n").unwrap()
    }

    /// The one text that a statement answers with, under the name `t`.
    pub(crate) async fn text(&self, sql: &str) -> String {
        let reads = self.store.db.reads();
        let sql = Statement::from_string(reads.get_database_backend(), sql);
        reads.query_one_raw(sql).await.unwrap().unwrap().try_get("", "t").unwrap()
    }

    /// So many people at once, `known0` and so on, with a hash that was made before.
    pub(crate) async fn people(&self, number: usize, hash: &str) {
        let ctx = self.house();
        ctx.db
            .write(async |tx| {
                for at in 0..number {
                    let email = format!("known{at}@example.org");
                    let sql = Statement::from_sql_and_values(
                        tx.get_database_backend(),
                        "INSERT INTO identity_user (id, email, email_key, display_name, role, password, created_at) \
                         VALUES ($1, $2, $2, 'Known', 'member', $3, $4)",
                        [ctx.id::<()>().into(), email.into(), hash.into(), ctx.now().into()],
                    );
                    tx.execute_raw(sql).await?;
                }
                Ok(())
            })
            .await
            .unwrap();
    }

    /// The outbox, newest first, once every job has ended.
    pub(crate) async fn mail(&self, admin: &str) -> Vec<Value> {
        self.rests().await;
        let list = self.ask(As::Cookie(admin), "GET", "/admin/mail", None).await.done(200);
        list["items"].as_array().unwrap().clone()
    }

    /// The token of a letter's link, as its owner takes it out.
    pub(crate) async fn link_token(&self, owner: &str, letter: &Value) -> String {
        let path = format!("/admin/mail/{}/link", letter["id"].as_str().unwrap());
        let taken = self.ask(As::Cookie(owner), "POST", &path, None).await.done(200);
        taken["url"].as_str().unwrap().rsplit_once('=').unwrap().1.to_owned()
    }

    /// Every file that is kept.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        let (mut found, mut open) = (Vec::new(), vec![self.folder.join("blobs")]);
        while let Some(folder) = open.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_dir() { open.push(path) } else { found.push(path) }
            }
        }
        found
    }

    /// Nobody knocks at a public door.
    pub(crate) async fn knock(&self, path: &str, body: Value) -> Seen {
        self.ask(As::Nobody, "POST", path, Some(body)).await
    }

    pub(crate) fn house(&self) -> Ctx {
        Ctx::house(&self.store)
    }

    /// Sends a request as it is.
    pub(crate) async fn send(&self, request: Request<Body>) -> Seen {
        seen(&self.router, request).await
    }

    pub(crate) async fn ask(&self, who: As<'_>, method: &str, path: &str, body: Option<Value>) -> Seen {
        self.send(request(who, method, path, body)).await
    }

    /// An account, made by the house itself.
    pub(crate) async fn person(&self, name: &str, role: Role) -> String {
        let new = NewUser {
            email: format!("{name}@example.org"),
            display_name: name.into(),
            password: Secret::new(PASSWORD),
            role,
        };
        people::ops::add(&self.house(), &self.identity, new).await.unwrap().id.to_string()
    }

    pub(crate) async fn try_login(&self, email: &str, password: &str) -> Seen {
        let body = json!({ "email": email, "password": password });
        self.ask(As::Nobody, "POST", "/auth/login", Some(body)).await
    }

    /// Signs somebody in; their cookie.
    pub(crate) async fn login(&self, name: &str) -> String {
        let seen = self.try_login(&format!("{name}@example.org"), PASSWORD).await;
        seen.done(200);
        seen.cookie()
    }

    /// Asks, and expects it to go well.
    pub(crate) async fn does(&self, cookie: &str, method: &str, path: &str, body: Option<Value>) -> Value {
        let seen = self.ask(As::Cookie(cookie), method, path, body).await;
        assert!(seen.status.is_success(), "{method} {path}: {seen:?}");
        seen.json()
    }

    /// What is on record, oldest first.
    pub(crate) async fn actions(&self) -> Vec<String> {
        let rows = self.rows("SELECT action FROM identity_audit ORDER BY id", []).await;
        rows.iter().map(|row| row.try_get("", "action").unwrap()).collect()
    }

    /// An account with a signed-in browser.
    pub(crate) async fn signed_in(&self, name: &str, role: Role) -> String {
        self.person(name, role).await;
        self.login(name).await
    }
}

/// A request as a browser or a program on this machine writes it.
pub(crate) fn request(who: As<'_>, method: &str, path: &str, body: Option<Value>) -> Request<Body> {
    let mut request = Request::builder()
        .method(method)
        .uri(format!("/api/v1{path}"))
        .header("host", "127.0.0.1:8080")
        .header("user-agent", "Mozilla/5.0 (test)");
    request = match who {
        As::Nobody => request,
        As::Cookie(cookie) => request.header("cookie", cookie).header("sec-fetch-site", "same-origin"),
        As::Token(token) => request.header("authorization", format!("Bearer {token}")),
    };
    match body {
        Some(body) => {
            request.header("content-type", "application/json").body(Body::from(body.to_string())).unwrap()
        }
        None => request.body(Body::empty()).unwrap(),
    }
}

pub(crate) async fn seen(router: &Router, request: Request<Body>) -> Seen {
    let answer = router.clone().oneshot(request).await.unwrap();
    let (parts, body) = answer.into_parts();
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    Seen { status: parts.status, headers: parts.headers, body }
}
