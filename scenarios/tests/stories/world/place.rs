//! Where a world keeps things: folders, databases, counters; all gone with it.

use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection, sqlite::SqliteConnectOptions};
use stoa_core::Rng;
use url::Url;

/// What the caller of the stories brings.
pub(crate) fn needed(name: &str) -> String {
    #[expect(clippy::disallowed_methods, reason = "the stories' own configuration")]
    env::var(name).unwrap_or_else(|_| {
        panic!(
            "{name} is not set: stories need servers and the program; run `cargo build -p stoa-server`, then \
             `cargo x services -- env STOA_TEST_SERVER=…/debug/stoa cargo test -p stoa-scenarios`"
        )
    })
}

/// A folder that goes away with its world.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn create() -> Self {
        let path = env::temp_dir().join(format!("stoa-story-{}", Rng::system().token::<9>()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _gone = fs::remove_dir_all(&self.0);
    }
}

/// Every file below a folder.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let (mut found, mut open) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(path) = open.pop() {
        if path.is_dir() {
            // It may be gone by now: the server works in there.
            let Ok(entries) = fs::read_dir(&path) else { continue };
            open.extend(entries.filter_map(|entry| Some(entry.ok()?.path())));
        } else if path.is_file() {
            found.push(path);
        }
    }
    found
}

/// A database that goes away with its world.
pub(crate) struct Database {
    name: String,
    admin: String,
    pub(crate) url: String,
}

impl Database {
    pub(crate) async fn create() -> Self {
        let admin = needed("STOA_TEST_POSTGRES");
        let name = format!("stoa_story_{:016x}", u64::from_le_bytes(Rng::system().bytes::<8>()));
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
        // The story's own runtime cannot be waited on from here.
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

/// The address of one of Redis's numbered rooms, swept: counters of another world must not count here.
pub(crate) async fn redis() -> String {
    static ROOMS: AtomicU32 = AtomicU32::new(0);
    let mut url: Url = needed("STOA_TEST_REDIS").parse().unwrap();
    // Redis has sixteen; the first belongs to other tests.
    url.set_path(&format!("/{}", 1 + ROOMS.fetch_add(1, Ordering::Relaxed) % 15));
    let client = redis::Client::open(url.as_str()).unwrap();
    let mut line = client.get_multiplexed_async_connection().await.unwrap();
    redis::cmd("FLUSHDB").exec_async(&mut line).await.unwrap();
    url.into()
}

/// The one number that a statement answers with.
pub(crate) async fn count(database: Option<&Database>, data: &Path, sql: &str) -> i64 {
    let sql = AssertSqlSafe(sql.to_owned());
    match database {
        Some(database) => {
            sqlx::query_scalar(sql).fetch_one(&mut postgres(&database.url).await).await.unwrap()
        }
        None => sqlx::query_scalar(sql).fetch_one(&mut sqlite(data).await).await.unwrap(),
    }
}

/// Every value of every column of every table, as text: bytes too, where they are text.
pub(crate) async fn values(database: Option<&Database>, data: &Path) -> Vec<(String, String)> {
    const TABLES: [&str; 2] = [
        "SELECT m.name, c.name, c.type FROM sqlite_master AS m, pragma_table_info(m.name) AS c WHERE m.type = 'table'",
        "SELECT table_name::text, column_name::text, data_type::text FROM information_schema.columns \
         WHERE table_schema = 'public'",
    ];
    let mut all = Vec::new();
    match database {
        Some(database) => {
            let mut line = postgres(&database.url).await;
            let columns: Vec<(String, String, String)> =
                sqlx::query_as(TABLES[1]).fetch_all(&mut line).await.unwrap();
            for (table, column, kind) in columns {
                let value = if kind == "bytea" {
                    format!("encode({column}, 'escape')")
                } else {
                    format!("{column}::text")
                };
                let sql = format!("SELECT {value} FROM {table} WHERE {column} IS NOT NULL");
                let rows: Vec<String> =
                    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut line).await.unwrap();
                all.extend(rows.into_iter().map(|value| (format!("{table}.{column}"), value)));
            }
        }
        None => {
            let mut line = sqlite(data).await;
            let columns: Vec<(String, String, String)> =
                sqlx::query_as(TABLES[0]).fetch_all(&mut line).await.unwrap();
            for (table, column, _) in columns {
                let sql = format!("SELECT CAST({column} AS BLOB) FROM {table} WHERE {column} IS NOT NULL");
                let rows: Vec<Vec<u8>> =
                    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&mut line).await.unwrap();
                let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
                all.extend(rows.into_iter().map(|value| (format!("{table}.{column}"), text(value))));
            }
        }
    }
    all
}

/// A statement that answers nothing.
pub(crate) async fn alter(database: Option<&Database>, data: &Path, sql: &str) {
    let sql = AssertSqlSafe(sql.to_owned());
    match database {
        Some(database) => drop(sqlx::query(sql).execute(&mut postgres(&database.url).await).await.unwrap()),
        None => drop(sqlx::query(sql).execute(&mut sqlite(data).await).await.unwrap()),
    }
}

pub(super) async fn postgres(url: &str) -> PgConnection {
    PgConnection::connect(url).await.unwrap()
}

pub(super) async fn sqlite(data: &Path) -> SqliteConnection {
    let file = SqliteConnectOptions::new().filename(data.join("stoa.sqlite"));
    SqliteConnection::connect_with(&file).await.unwrap()
}
