//! A world of its own for each test: a folder, a database, and nodes that share them.

use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use sea_orm::{ConnectionTrait, Statement, Value};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use stoa_core::{Clock, Rng, Secret};
use stoa_store::{Db, DbConfig, MIGRATIONS, Migration, SignalConfig, Store, StoreConfig, Tx, Uncertain};
use url::Url;

/// What the tests keep for themselves.
const NOTES: Migration =
    Migration::new("test", 1, "notes", "CREATE TABLE test_note (id TEXT PRIMARY KEY, n BIGINT NOT NULL);\n");

pub(crate) fn migrations() -> Vec<Migration> {
    MIGRATIONS.iter().copied().chain([NOTES]).collect()
}

pub(crate) struct World {
    pub(crate) config: StoreConfig,
    _folder: Folder,
    _database: Option<Database>,
}

impl World {
    pub(crate) async fn sqlite() -> Self {
        Self::new(None, None)
    }

    pub(crate) async fn postgres() -> Self {
        Self::new(Some(Database::create().await), None)
    }

    /// Several machines: PostgreSQL and Redis.
    pub(crate) async fn redis() -> Self {
        Self::new(Some(Database::create().await), Some(needed("STOA_TEST_REDIS")))
    }

    fn new(database: Option<Database>, redis: Option<String>) -> Self {
        let folder = Folder::create();
        let config = StoreConfig {
            folder: folder.0.clone(),
            database: DbConfig {
                url: database.as_ref().map(|database| Secret::new(database.url.clone())),
                ..DbConfig::default()
            },
            signals: SignalConfig { redis_url: redis.map(Secret::new) },
            ..StoreConfig::default()
        };
        Self { config, _folder: folder, _database: database }
    }

    pub(crate) async fn db(&self) -> Db {
        Db::open(&self.config.database, &self.config.folder).await.unwrap()
    }

    /// Another process, as far as the store can tell.
    pub(crate) async fn node(&self) -> Arc<Store> {
        self.node_at(Clock::system()).await
    }

    pub(crate) async fn node_at(&self, clock: Clock) -> Arc<Store> {
        Store::open(&self.config, &migrations(), clock, Rng::system()).await.unwrap()
    }
}

/// The address of a server that the caller of the tests brings.
pub(crate) fn needed(name: &str) -> String {
    #[expect(clippy::disallowed_methods, reason = "the tests' own configuration")]
    env::var(name).unwrap_or_else(|_| {
        panic!(
            "{name} is not set: this test needs servers; run `cargo x services -- cargo test -p stoa-store`"
        )
    })
}

/// A folder that goes away with its world.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn create() -> Self {
        let path = env::temp_dir().join(format!("stoa-store-{}", Rng::system().token::<9>()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _gone = fs::remove_dir_all(&self.0);
    }
}

/// A database that goes away with its world.
struct Database {
    name: String,
    admin: String,
    url: String,
}

impl Database {
    async fn create() -> Self {
        let admin = needed("STOA_TEST_POSTGRES");
        let bytes = Rng::system().bytes::<8>();
        let name = format!("stoa_test_{:016x}", u64::from_le_bytes(bytes));
        let mut url: Url = admin.parse().unwrap();
        url.set_path(&name);
        let mut line = PgConnection::connect(&admin).await.unwrap();
        sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut line).await.unwrap();
        Self { name, admin, url: url.into() }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let (admin, name) = (self.admin.clone(), self.name.clone());
        // The test's own runtime cannot be waited on from here.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut line = PgConnection::connect(&admin).await.unwrap();
                let drop = format!("DROP DATABASE {name} WITH (FORCE)");
                sqlx::query(AssertSqlSafe(drop)).execute(&mut line).await.unwrap();
            });
        });
        dropped.join().unwrap();
    }
}

/// Rows of the tests' own table.
pub(crate) mod notes {
    use super::*;

    pub(crate) async fn add(tx: &Tx, id: &str, n: i64) -> stoa_core::Result<()> {
        tx.execute_raw(statement(tx, "INSERT INTO test_note (id, n) VALUES ($1, $2)", [id.into(), n.into()]))
            .await?;
        Ok(())
    }

    pub(crate) async fn all(db: &Db) -> Vec<String> {
        let rows = db
            .reads()
            .query_all_raw(statement(&db.reads(), "SELECT id FROM test_note ORDER BY id", []))
            .await
            .unwrap();
        rows.iter().map(|row| row.try_get("", "id").unwrap()).collect()
    }

    pub(crate) async fn number(on: &impl ConnectionTrait, id: &str) -> i64 {
        let found = on
            .query_one_raw(statement(on, "SELECT n FROM test_note WHERE id = $1", [id.into()]))
            .await
            .unwrap();
        found.unwrap().try_get("", "n").unwrap()
    }

    pub(crate) async fn set(tx: &Tx, id: &str, n: i64) {
        let sql = "UPDATE test_note SET n = $2 WHERE id = $1";
        tx.execute_raw(statement(tx, sql, [id.into(), n.into()])).await.unwrap();
    }
}

pub(crate) fn statement<const N: usize>(
    on: &impl ConnectionTrait,
    sql: &str,
    values: [Value; N],
) -> Statement {
    Statement::from_sql_and_values(on.get_database_backend(), sql, values)
}

/// The one number that a statement answers with.
pub(crate) async fn count(db: &Db, sql: &str) -> i64 {
    let row = db.reads().query_one_raw(statement(&db.reads(), sql, [])).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

/// Waits until something is so, and says what was waited for if it never is.
pub(crate) async fn until(what: &str, mut so: impl AsyncFnMut() -> bool) {
    let waited = tokio::time::timeout(Duration::from_secs(20), async {
        let mut turns = tokio::time::interval(Duration::from_millis(5));
        while !so().await {
            turns.tick().await;
        }
    });
    waited.await.unwrap_or_else(|_| panic!("never so: {what}"));
}

/// Every file below a folder, as paths from it.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        } else if path.is_file() {
            found.push(path.strip_prefix(folder).unwrap().to_owned());
        }
    }
    found.sort();
    found
}

/// A note of this engine's that survives our crash but not the power.
pub(crate) async fn add_uncertain(db: &Db, id: &str) {
    db.write_uncertain(Uncertain, async |tx| notes::add(tx, id, 0).await).await.unwrap();
}
