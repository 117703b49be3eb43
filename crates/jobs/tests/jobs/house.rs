//! A house for one test: rows of its own, two people, a clock that is moved by hand.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use sea_orm::{ConnectionTrait, Statement, Value};
use stoa_core::{
    Actor, Clock, Credential, Id, JobId, RequestId, Result, Rng, Role, Scopes, Secret, TestClock, User,
    UserId,
};
use stoa_jobs::{Handler, JobView, Schedule, State, Worker, WorkerConfig};
use stoa_store::{Ctx, Db, DbConfig, Migration, Page, SignalConfig, Store, StoreConfig};

/// How long a test waits for what must happen.
const PATIENCE: Duration = Duration::from_secs(60);

/// A way of keeping jobs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) enum Kept {
    Sqlite,
    Postgres,
    PostgresAndRedis,
}

pub(crate) struct House {
    pub(crate) kept: Kept,
    pub(crate) time: TestClock,
    pub(crate) clock: Clock,
    pub(crate) folder: PathBuf,
    pub(crate) database: Option<String>,
    /// The node on which people act.
    pub(crate) store: Arc<Store>,
    pub(crate) anna: UserId,
    pub(crate) ben: UserId,
}

static HOUSES: AtomicU32 = AtomicU32::new(0);

/// What a test of this crate keeps of its own: the effects of jobs.
const EFFECTS: Migration = Migration::new(
    "test",
    1,
    "effects",
    "CREATE TABLE test_effect (job {uuid} NOT NULL, who TEXT NOT NULL);\n",
);

/// Runs one fact in a house of its own.
pub(crate) fn on<F: Future<Output = Result<()>>>(kept: Kept, fact: impl FnOnce(Arc<House>) -> F) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let house = Arc::new(House::new(kept).await);
        fact(house.clone()).await.unwrap();
        house.remove().await;
    });
}

/// What `cargo x services` says, for tests that need it.
#[expect(clippy::disallowed_methods, reason = "a test is told so where its servers are")]
pub(crate) fn told(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| {
        panic!("{name} is not set: run `cargo x services -- cargo test -p stoa-jobs --test jobs`")
    })
}

/// Waits for something that must happen.
pub(crate) async fn soon<T>(what: &str, happens: impl Future<Output = T>) -> T {
    let Ok(done) = tokio::time::timeout(PATIENCE, happens).await else {
        panic!("it did not happen in {PATIENCE:?}: {what}");
    };
    done
}

/// Settings of a node of a house.
pub(crate) fn settings(kept: Kept, folder: PathBuf, database: Option<&str>) -> StoreConfig {
    let redis_url = (kept == Kept::PostgresAndRedis).then(|| Secret::new(told("STOA_TEST_REDIS")));
    StoreConfig {
        folder,
        database: DbConfig { url: database.map(Secret::new), ..DbConfig::default() },
        signals: SignalConfig { redis_url },
        ..StoreConfig::default()
    }
}

pub(crate) fn migrations() -> Vec<Migration> {
    stoa_store::MIGRATIONS.iter().chain(stoa_jobs::MIGRATIONS).chain([&EFFECTS]).copied().collect()
}

impl House {
    async fn new(kept: Kept) -> Self {
        let number = HOUSES.fetch_add(1, Ordering::Relaxed);
        let name = format!("stoa_jobs_{}_{number}", std::process::id());
        let folder = std::env::temp_dir().join(&name);
        std::fs::create_dir_all(&folder).unwrap();
        let database = match kept {
            Kept::Sqlite => None,
            Kept::Postgres | Kept::PostgresAndRedis => {
                let admin = told("STOA_TEST_POSTGRES");
                command(&admin, &format!("CREATE DATABASE {name}")).await;
                Some(format!("{}/{name}", admin.rsplit_once('/').unwrap().0))
            }
        };
        // It begins at the real time: other processes in these tests have the real clock.
        let (clock, time) = TestClock::at(Clock::system().now());
        let config = settings(kept, folder.clone(), database.as_deref());
        let store = Store::open(&config, &migrations(), clock.clone(), Rng::system()).await.unwrap();
        let (anna, ben) = (Id::new(&clock, &store.rng), Id::new(&clock, &store.rng));
        Self { kept, time, clock, folder, database, store, anna, ben }
    }

    /// One more process of the same house. On SQLite, where there is only one, it is the same.
    pub(crate) async fn node(&self) -> Arc<Store> {
        if self.kept == Kept::Sqlite { self.store.clone() } else { self.restarted().await }
    }

    /// A process that has just started on the same rows.
    pub(crate) async fn restarted(&self) -> Arc<Store> {
        let config = settings(self.kept, self.folder.clone(), self.database.as_deref());
        Store::open(&config, &migrations(), self.clock.clone(), Rng::system()).await.unwrap()
    }

    pub(crate) fn as_user(&self, id: UserId, role: Role) -> Ctx {
        let via = Credential::Session(Id::new(&self.clock, &self.store.rng));
        let user = User { id, role, scopes: Scopes::EVERYTHING, via };
        Ctx::new(&self.store, Actor::User(user), RequestId::new(&self.store.rng))
    }

    pub(crate) fn anna(&self) -> Ctx {
        self.as_user(self.anna, Role::Member)
    }

    pub(crate) fn ben(&self) -> Ctx {
        self.as_user(self.ben, Role::Member)
    }

    /// Enqueues for Anna.
    pub(crate) async fn later<J: stoa_jobs::Job>(&self, job: &J) -> JobId {
        let ctx = self.anna();
        ctx.db.write(async |tx| stoa_jobs::later(&ctx, tx, job).await).await.unwrap()
    }

    pub(crate) async fn find(&self, id: JobId) -> JobView {
        stoa_jobs::find(&self.anna(), id).await.unwrap()
    }

    pub(crate) async fn state(&self, id: JobId) -> State {
        self.find(id).await.state
    }

    /// Waits until a job of Anna's is in a state; it never looks but when it is woken.
    pub(crate) async fn until(&self, id: JobId, state: State) -> JobView {
        self.until_seen_from(&self.store, id, state).await
    }

    /// As `until`, woken on another node: on SQLite a second one is not heard on the first.
    pub(crate) async fn until_seen_from(&self, node: &Arc<Store>, id: JobId, state: State) -> JobView {
        let mut told = stoa_jobs::watch(&Ctx::house(node), id);
        soon(&format!("{id} becomes {state}"), async {
            loop {
                let job = self.find(id).await;
                if job.state == state {
                    return job;
                }
                assert!(!job.state.is_terminal(), "{job:?}");
                told.heard().await;
            }
        })
        .await
    }

    /// Who did something for this job, in a transaction that was committed.
    pub(crate) async fn effects(&self, id: JobId) -> Vec<String> {
        let rows = self.select("SELECT who FROM test_effect WHERE job = $1 ORDER BY who", [id.into()]).await;
        rows.iter().map(|row| row.try_get("", "who").unwrap()).collect()
    }

    pub(crate) async fn count(&self, sql: &str) -> i64 {
        self.select(sql, []).await[0].try_get_by_index(0).unwrap()
    }

    async fn select<const N: usize>(&self, sql: &str, values: [Value; N]) -> Vec<sea_orm::QueryResult> {
        let reads = self.store.db.reads();
        reads
            .query_all_raw(Statement::from_sql_and_values(reads.get_database_backend(), sql, values))
            .await
            .unwrap()
    }

    async fn remove(&self) {
        self.store.tasks.stop(PATIENCE).await;
        self.store.db.close().await.unwrap();
        if let Some(database) = &self.database {
            let name = database.rsplit_once('/').unwrap().1;
            command(&told("STOA_TEST_POSTGRES"), &format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
        std::fs::remove_dir_all(&self.folder).unwrap();
    }
}

async fn command(url: &str, sql: &str) {
    let config = DbConfig { url: Some(Secret::new(url)), ..DbConfig::default() };
    let db = Db::open(&config, &PathBuf::new()).await.unwrap();
    db.reads().execute_unprepared(sql).await.unwrap();
    db.close().await.unwrap();
}

/// A worker that looks often, because here the clock moves by hand.
pub(crate) fn quick() -> WorkerConfig {
    WorkerConfig { look_milliseconds: 20, ..WorkerConfig::default() }
}

pub(crate) fn worker(store: &Arc<Store>, handlers: Vec<Handler>) -> Worker {
    Worker::start(store, quick(), handlers, Vec::new())
}

pub(crate) fn worker_with(store: &Arc<Store>, handlers: Vec<Handler>, schedules: Vec<Schedule>) -> Worker {
    Worker::start(store, quick(), handlers, schedules)
}

pub(crate) fn page(limit: u64, after: Option<JobId>) -> Page<stoa_core::JobTag> {
    Page { limit, after }
}

/// Writes an effect down, in a transaction of the job's.
pub(crate) async fn effect(tx: &stoa_store::Tx, job: JobId, who: &str) -> Result<()> {
    tx.execute_raw(Statement::from_sql_and_values(
        tx.get_database_backend(),
        "INSERT INTO test_effect (job, who) VALUES ($1, $2)",
        [job.into(), who.into()],
    ))
    .await?;
    Ok(())
}
