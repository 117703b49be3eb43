//! SQLite: a pool for reading and one writer.
//!
//! **One writer.** Two connections that write make each other wait by polling; one that takes closures in turn
//! does not. Closures that queue up share a commit: each runs in a savepoint, so one that fails undoes only
//! itself, and one `fsync` makes all of them safe (measured: a synced commit costs 2 ms, whatever is in it).
//!
//! **`synchronous=FULL`**, because "done" means done: with `NORMAL` the last commits vanish with the power.
//! Sharing commits is what makes that affordable. Writes that may be forgotten ask for `NORMAL`, which never
//! tears a page either.

use std::{
    path::Path,
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, SqliteTransactionMode, SqlxSqliteConnector,
    TransactionOptions, TransactionTrait,
};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use stoa_core::{Error, Result};
use tokio::sync::{Mutex, oneshot};

use super::{Db, DbConfig, Durability, Inside, Tx};

/// How many closures share one commit at most: bounds what one failed commit takes with it.
const SHARED_AT_MOST: usize = 64;

/// How long another process (the command line) may hold the write lock before we give up.
const BUSY: Duration = Duration::from_secs(10);

pub(super) async fn open(config: &DbConfig, file: &Path) -> Result<Inside> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .statement_cache_capacity(512)
        .pragma("cache_size", "-16000")
        .pragma("temp_store", "memory")
        .optimize_on_close(true, 400);
    let writer = SqlitePoolOptions::new()
        .max_connections(1)
        .acquire_timeout(config.acquire_seconds)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .connect_with(options.clone())
        .await
        .map_err(|cause| Error::unavailable("the database file cannot be opened").because(cause))?;
    let reads = SqlitePoolOptions::new()
        .max_connections(config.connections.max(1))
        .acquire_timeout(config.acquire_seconds)
        .test_before_acquire(false)
        .connect_lazy_with(options.read_only(true).create_if_missing(false));
    Ok(Inside {
        reads: SqlxSqliteConnector::from_sqlx_sqlite_pool(reads),
        writer: super::Writer::Sqlite(Writer {
            db: SqlxSqliteConnector::from_sqlx_sqlite_pool(writer),
            queued: AtomicUsize::new(0),
            batch: Mutex::new(Batch { open: None, members: Vec::new(), durability: Durability::Synced }),
        }),
        seen: None,
    })
}

pub(super) struct Writer {
    db: DatabaseConnection,
    /// Callers that wait for their turn.
    queued: AtomicUsize,
    batch: Mutex<Batch>,
}

/// The open transaction and those who wait for it to be committed.
struct Batch {
    open: Option<DatabaseTransaction>,
    members: Vec<Member>,
    /// What the connection's `synchronous` is set to now.
    durability: Durability,
}

struct Member {
    told: oneshot::Sender<Result<(), String>>,
    after: Vec<Box<dyn FnOnce() + Send + Sync>>,
}

impl Writer {
    pub(super) async fn write<T>(
        &self,
        durability: Durability,
        db: &Db,
        work: impl AsyncFnOnce(&mut Tx) -> Result<T>,
    ) -> Result<T> {
        let mut batch = self.turn().await;
        if batch.durability == Durability::Relaxed && durability == Durability::Synced {
            // Only a relaxed write that was dropped half-way leaves one open; do not join it.
            batch.commit().await?;
        }
        let transaction = match &batch.open {
            Some(open) => open,
            None => batch.begin(&self.db, durability).await?,
        };
        #[expect(clippy::disallowed_methods, reason = "a savepoint inside the one place that begins")]
        let mut tx = db.tx(transaction.begin().await?);
        let done = match work(&mut tx).await {
            Ok(done) => done,
            Err(why) => {
                tx.rollback().await?;
                if batch.members.is_empty() {
                    batch.commit().await?;
                }
                return Err(why);
            }
        };
        let after = tx.release().await?;
        let (told, mut answer) = oneshot::channel();
        batch.members.push(Member { told, after });

        let others_wait = self.queued.load(Ordering::SeqCst) > 0;
        if !others_wait || batch.members.len() >= SHARED_AT_MOST || durability == Durability::Relaxed {
            batch.commit().await?;
            return Ok(done);
        }
        // Let the others in, then queue again behind them: whoever comes first commits for all. Nobody waits
        // for somebody who may have gone away.
        drop(batch);
        let mut batch = self.turn().await;
        if let Ok(answer) = answer.try_recv() {
            answer.map_err(Error::internal)?;
        } else {
            batch.commit().await?;
        }
        Ok(done)
    }

    async fn turn(&self) -> tokio::sync::MutexGuard<'_, Batch> {
        let waiting = Waiting::new(&self.queued);
        let batch = self.batch.lock().await;
        drop(waiting);
        batch
    }

    pub(super) async fn close(&self) -> Result<()> {
        let mut batch = self.batch.lock().await;
        batch.commit().await?;
        Ok(self.db.clone().close().await?)
    }
}

impl Batch {
    async fn begin(&mut self, db: &DatabaseConnection, wanted: Durability) -> Result<&DatabaseTransaction> {
        if self.durability != wanted {
            // The level cannot change inside a transaction, so a shared one keeps what it began with.
            db.execute_unprepared(match wanted {
                Durability::Synced => "PRAGMA synchronous = FULL",
                Durability::Relaxed => "PRAGMA synchronous = NORMAL",
            })
            .await?;
            self.durability = wanted;
        }
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.open.insert(db.begin_with_options(options).await?))
    }

    async fn commit(&mut self) -> Result<()> {
        let members = std::mem::take(&mut self.members);
        let Some(open) = self.open.take() else { return Ok(()) };
        match open.commit().await {
            Ok(()) => {
                for member in members {
                    member.after.into_iter().for_each(|act| act());
                    let _gone = member.told.send(Ok(()));
                }
                Ok(())
            }
            Err(cause) => {
                for member in members {
                    let _gone = member.told.send(Err(cause.to_string()));
                }
                Err(cause.into())
            }
        }
    }
}

/// Counts one caller in the queue, also when it gives up waiting.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn new(queued: &'a AtomicUsize) -> Self {
        queued.fetch_add(1, Ordering::SeqCst);
        Self(queued)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
