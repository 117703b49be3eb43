//! Where a subject keeps its rows: SQLite in a temporary folder, or a database of its own on a PostgreSQL server.

use std::{path::PathBuf, sync::Arc, time::Duration};

use sea_orm::ConnectionTrait;
use stoa_core::{Clock, Result, Rng, Secret};
use stoa_store::{Db, DbConfig, Engine, Migration, Store, StoreConfig};

/// An empty house.
pub struct Place {
    /// Its memory.
    pub store: Arc<Store>,
    /// On the disk that is measured.
    pub folder: PathBuf,
    /// The server's address and the name of our database.
    database: Option<(String, String)>,
}

/// The engines that were asked for on the command line (`sqlite`, `postgres`; both if neither is named) and can be had.
#[expect(clippy::disallowed_methods, reason = "`cargo x bench` says so where the server is")]
pub fn places() -> Vec<Engine> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let named = words.iter().any(|word| ["sqlite", "postgres"].contains(&&**word));
    let asked = |name: &str| !named || words.iter().any(|word| word == name);
    let mut places = Vec::new();
    if asked("sqlite") {
        places.push(Engine::Sqlite);
    }
    if asked("postgres") && std::env::var("STOA_TEST_POSTGRES").is_ok() {
        places.push(Engine::Postgres);
    }
    places
}

impl Place {
    /// Makes one, with these tables.
    ///
    /// # Errors
    /// When the folder or the database cannot be made.
    pub async fn new(engine: Engine, migrations: &[Migration]) -> Result<Self> {
        let name = format!("stoa_bench_{}", std::process::id());
        let folder = std::env::temp_dir().join(&name);
        std::fs::create_dir_all(&folder)?;
        let database = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => {
                #[expect(clippy::disallowed_methods, reason = "`cargo x bench` says so where the server is")]
                let server = std::env::var("STOA_TEST_POSTGRES")?;
                command(&server, &format!("CREATE DATABASE {name}")).await?;
                Some((server, name))
            }
        };
        let url = database.as_ref().map(|(server, name)| {
            let base = server.rsplit_once('/').map_or(server.as_str(), |(base, _)| base);
            Secret::new(format!("{base}/{name}"))
        });
        let config = StoreConfig {
            folder: folder.clone(),
            database: DbConfig { url, ..DbConfig::default() },
            ..StoreConfig::default()
        };
        let store = Store::open(&config, migrations, Clock::system(), Rng::system()).await?;
        Ok(Self { store, folder, database })
    }

    /// Removes all of it.
    ///
    /// # Errors
    /// When something of it is still used.
    pub async fn remove(self) -> Result<()> {
        self.store.tasks.stop(Duration::from_secs(10)).await;
        self.store.db.close().await?;
        if let Some((server, name)) = &self.database {
            command(server, &format!("DROP DATABASE {name} WITH (FORCE)")).await?;
        }
        Ok(std::fs::remove_dir_all(&self.folder)?)
    }
}

async fn command(server: &str, sql: &str) -> Result<()> {
    let config = DbConfig { url: Some(Secret::new(server)), ..DbConfig::default() };
    let db = Db::open(&config, &PathBuf::new()).await?;
    db.reads().execute_unprepared(sql).await?;
    db.close().await
}
