//! `Db`: one handle over SQLite or PostgreSQL.
//!
//! Reads go through [`Db::reads`]; writes are short closures over a [`Tx`], which has no way to the network.
//! On SQLite one writer takes them in turn and commits several together (see `sqlite`); on PostgreSQL each has
//! its own transaction.

mod cost;
mod postgres;
mod sqlite;
mod tx;

use std::{
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, QueryResult, Statement};
use serde::Deserialize;
use stoa_core::{Result, Secret};

pub use self::{
    cost::Cost,
    tx::{Reads, Tx},
};

/// Which engine keeps the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// A file in the data folder.
    Sqlite,
    /// A server.
    Postgres,
}

/// How to reach the rows.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DbConfig {
    /// `postgres://…`; without it, SQLite in the data folder.
    pub url: Option<Secret>,
    /// Connections for reading (SQLite), or in all (PostgreSQL, where wake-ups take one of them unless there is Redis).
    pub connections: u32,
    /// How long one may wait for a connection.
    #[serde(with = "crate::db::seconds")]
    pub acquire_seconds: Duration,
    /// On PostgreSQL, a statement that runs longer is ended by the server, and so is a transaction that hangs.
    #[serde(with = "crate::db::seconds")]
    pub statement_seconds: Duration,
}

impl Default for DbConfig {
    fn default() -> Self {
        Self {
            url: None,
            connections: 8,
            acquire_seconds: Duration::from_secs(5),
            statement_seconds: Duration::from_secs(30),
        }
    }
}

/// Whole seconds in configuration files.
pub(crate) mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer};

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_secs)
    }
}

/// How sure a write must be before the caller is told that it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Durability {
    /// On the disk: survives the loss of power.
    Synced,
    /// In the system's cache: survives our crash; the last few may be lost with the power, never torn.
    Relaxed,
}

/// Marks writes that may be forgotten when the power fails: claims and heartbeats of leases, last-seen times,
/// progress. Whoever reads them must be right without them.
#[derive(Clone, Copy, Debug)]
pub struct Uncertain;

/// A handle on the rows. Cheap to clone; clones made with [`Db::counted`] keep their own account of cost.
#[derive(Clone)]
pub struct Db {
    inside: Arc<Inside>,
    cost: Arc<Cost>,
}

struct Inside {
    reads: DatabaseConnection,
    writer: Writer,
    seen: Option<cost::Seen>,
}

enum Writer {
    Sqlite(sqlite::Writer),
    Postgres,
}

impl Db {
    /// Opens the rows: SQLite below `folder`, or the PostgreSQL that the configuration names.
    ///
    /// # Errors
    /// When the file or the server cannot be opened, or the connection would be less safe than it must be.
    pub async fn open(config: &DbConfig, folder: &std::path::Path) -> Result<Self> {
        let inside = match &config.url {
            None => sqlite::open(config, &folder.join("stoa.sqlite")).await?,
            Some(url) => postgres::open(config, url).await?,
        };
        Ok(Self { inside: Arc::new(inside), cost: Arc::default() })
    }

    /// The same rows, remembering every statement that is issued, for the check that each has an index.
    ///
    /// # Errors
    /// As [`Db::open`].
    pub async fn open_recording(config: &DbConfig, folder: &std::path::Path) -> Result<Self> {
        let mut db = Self::open(config, folder).await?;
        if let Some(inside) = Arc::get_mut(&mut db.inside) {
            inside.seen = Some(cost::Seen::default());
        }
        Ok(db)
    }

    /// The statements issued so far, each text once; empty unless opened with [`Db::open_recording`].
    ///
    /// A test plays its stories over a recording handle, asks the engine for the plan of each statement at a large
    /// row count, and fails on a full scan. A text that holds a caller's value would show too: the list would grow
    /// with what callers say. What goes through `execute_unprepared` (schema, pragmas) is not in it.
    pub fn statements(&self) -> Vec<String> {
        self.inside.seen.as_ref().map(cost::Seen::list).unwrap_or_default()
    }

    /// Which engine this is, for the few statements that must differ.
    pub fn engine(&self) -> Engine {
        match self.inside.writer {
            Writer::Sqlite(_) => Engine::Sqlite,
            Writer::Postgres => Engine::Postgres,
        }
    }

    /// The same rows with an account of cost of its own: one per request or job.
    pub fn counted(&self) -> Self {
        Self { inside: self.inside.clone(), cost: Arc::default() }
    }

    /// What was spent through this handle.
    pub fn cost(&self) -> &Cost {
        &self.cost
    }

    /// For reading. Each statement sees what was committed when it began.
    pub fn reads(&self) -> Reads<'_> {
        Reads::new(&self.inside.reads, &self.cost, self.inside.seen.as_ref())
    }

    /// Runs one write transaction: all of it happens, or none, and it is on the disk when this returns.
    ///
    /// The closure must be short and touches nothing but `tx`. If it fails, everything it did is undone; also if a
    /// statement in it failed and it went on, which PostgreSQL does not allow.
    ///
    /// # Errors
    /// The closure's own, or a failure of the engine.
    pub async fn write<T>(&self, work: impl AsyncFnOnce(&mut Tx) -> Result<T>) -> Result<T> {
        self.transact(Durability::Synced, work).await
    }

    /// As [`Db::write`], but not waiting for the disk; see [`Uncertain`] for what may be written so.
    ///
    /// # Errors
    /// As [`Db::write`].
    pub async fn write_uncertain<T>(
        &self,
        _: Uncertain,
        work: impl AsyncFnOnce(&mut Tx) -> Result<T>,
    ) -> Result<T> {
        self.transact(Durability::Relaxed, work).await
    }

    /// Runs one statement as a write of its own, on the disk when this returns: half the cost of [`Db::write`], and one
    /// round trip to a server. Gives back the rows of its `RETURNING`.
    ///
    /// # Errors
    /// When it breaks a rule of the schema, or the engine fails; then nothing has changed.
    pub async fn write_one(&self, statement: Statement) -> Result<Vec<QueryResult>> {
        self.issue(Durability::Synced, statement).await
    }

    /// As [`Db::write_one`], but not waiting for the disk; see [`Uncertain`] for what may be written so.
    ///
    /// # Errors
    /// As [`Db::write_one`].
    pub async fn write_one_uncertain(
        &self,
        uncertain: Uncertain,
        statement: Statement,
    ) -> Result<Vec<QueryResult>> {
        match self.engine() {
            Engine::Sqlite => self.issue(Durability::Relaxed, statement).await,
            Engine::Postgres => {
                self.write_uncertain(uncertain, async |tx| Ok(tx.query_all_raw(statement).await?)).await
            }
        }
    }

    async fn issue(&self, durability: Durability, statement: Statement) -> Result<Vec<QueryResult>> {
        tx::note(self.inside.seen.as_ref(), &statement.sql);
        let began = Instant::now();
        let done = match &self.inside.writer {
            Writer::Sqlite(writer) => writer.write_one(durability, statement).await,
            Writer::Postgres => Ok(self.inside.reads.query_all_raw(statement).await?),
        };
        self.cost.add(began, done.as_ref().map_or(0, |rows| rows.len() as u64));
        done
    }

    async fn transact<T>(
        &self,
        durability: Durability,
        work: impl AsyncFnOnce(&mut Tx) -> Result<T>,
    ) -> Result<T> {
        match &self.inside.writer {
            Writer::Sqlite(writer) => writer.write(durability, self, work).await,
            Writer::Postgres => postgres::write(durability, self, work).await,
        }
    }

    fn tx(&self, transaction: Arc<DatabaseTransaction>) -> Tx {
        Tx::new(transaction, self.inside.clone(), self.cost.clone())
    }

    /// Answers if the engine does.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<()> {
        self.reads().execute_unprepared("SELECT 1").await?;
        Ok(())
    }

    /// The pool below, for listening to notifications. Nothing outside this crate sees it.
    pub(crate) fn postgres_pool(&self) -> Option<sqlx::PgPool> {
        (self.inside.reads.get_database_backend() == DbBackend::Postgres)
            .then(|| self.inside.reads.get_postgres_connection_pool().clone())
    }

    /// Closes the connections, after the last statement.
    ///
    /// # Errors
    /// When the engine cannot finish.
    pub async fn close(&self) -> Result<()> {
        // SQLite's last connection puts all of the log into the file and removes it; a reader could not.
        self.inside.reads.clone().close().await?;
        if let Writer::Sqlite(writer) = &self.inside.writer {
            writer.close().await?;
        }
        Ok(())
    }

    /// Where SQLite keeps its file, for messages.
    pub fn file_in(folder: &std::path::Path) -> PathBuf {
        folder.join("stoa.sqlite")
    }
}
