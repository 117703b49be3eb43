//! SQLite: a pool for reading and one writer.
//!
//! **One writer.** Two that write at once make each other wait by polling; one that takes closures in turn
//! does not. Closures that queue up share a commit: each after the first runs in a savepoint, so one that fails
//! undoes only itself, and one `fsync` makes all of them safe (a synced commit costs 2 ms, whatever is in it).
//!
//! **A task owns the writing connections** and lends the open transaction to one caller at a time. A caller that
//! goes away half-way gives it back by being dropped. A write that is one statement is left with the task: it borrows
//! nothing and needs no savepoint, which halves what it costs. Beginning, undoing and committing happen in the task, where
//! nobody can drop them, so nobody is told of a commit that did not happen.
//!
//! **`synchronous=FULL`**, because "done" means done: with `NORMAL` the last commits vanish with the power.
//! Sharing commits is what makes that affordable. Writes that may be forgotten go over a connection with `NORMAL`, which
//! never tears a page either.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, QueryResult, RuntimeErr,
    SqliteTransactionMode, SqlxSqliteConnector, Statement, TransactionOptions, TransactionTrait,
};
use sqlx::{
    error::ErrorKind,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use stoa_core::{Error, Result};
use tokio::sync::{
    mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    oneshot,
};

use super::{Db, DbConfig, Durability, Inside, tx::After};

/// How many closures share one commit at most: bounds what one failed commit takes with it.
const SHARED_AT_MOST: usize = 64;

/// How long another process (the command line) may hold the write lock before we give up.
const BUSY: Duration = Duration::from_secs(10);

/// A closure that holds the transaction this long is not short; the log says so.
const LONG: Duration = Duration::from_secs(5);

pub(super) async fn open(config: &DbConfig, file: &Path) -> Result<Inside> {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .statement_cache_capacity(512)
        .pragma("temp_store", "memory");
    let writer = async |options| {
        let pool = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(config.acquire_seconds)
            .idle_timeout(None)
            .max_lifetime(None)
            .test_before_acquire(false)
            .connect_with(options)
            .await
            .map_err(|cause| Error::unavailable("the database file cannot be opened").because(cause))?;
        Ok::<_, Error>(SqlxSqliteConnector::from_sqlx_sqlite_pool(pool))
    };
    let connections = Connections {
        synced: writer(options.clone().optimize_on_close(true, 400)).await?,
        relaxed: writer(options.clone().synchronous(SqliteSynchronous::Normal)).await?,
    };
    let reads = SqlitePoolOptions::new()
        .max_connections(config.connections.max(1))
        .acquire_timeout(config.acquire_seconds)
        .test_before_acquire(false)
        .connect_lazy_with(options.read_only(true).create_if_missing(false));
    Ok(Inside {
        reads: SqlxSqliteConnector::from_sqlx_sqlite_pool(reads),
        writer: super::Writer::Sqlite(Writer::start(connections)),
        seen: None,
    })
}

/// The connections that write, of which one is in use at a time: a connection that changes its `synchronous` for each write
/// takes a turn for that alone.
#[derive(Clone)]
struct Connections {
    synced: DatabaseConnection,
    relaxed: DatabaseConnection,
}

/// The way to the task that owns the writing connections. The task ends when the last handle is gone.
pub(super) struct Writer {
    connections: Connections,
    queue: UnboundedSender<Caller>,
}

/// Somebody who wants to write.
enum Caller {
    /// Borrows the transaction.
    Closure(Durability, oneshot::Sender<Result<Turn, Arc<DbErr>>>),
    /// Leaves one statement here, to be issued in its turn.
    Statement(Durability, Box<Statement>, Told),
}

/// Where a member hears of the commit, with what its statement returns.
type Told = oneshot::Sender<Result<Vec<QueryResult>, Arc<DbErr>>>;

/// The transaction, lent.
struct Turn {
    transaction: Arc<DatabaseTransaction>,
    /// Dropped without a word: undo what I did.
    back: oneshot::Sender<Member>,
}

/// Somebody whose part is in the open transaction, and who waits for the commit.
struct Member {
    after: Vec<After>,
    rows: Vec<QueryResult>,
    told: Told,
}

impl Caller {
    fn durability(&self) -> Durability {
        match self {
            Self::Closure(durability, _) | Self::Statement(durability, ..) => *durability,
        }
    }

    fn is_gone(&self) -> bool {
        match self {
            Self::Closure(_, turn) => turn.is_closed(),
            Self::Statement(.., told) => told.is_closed(),
        }
    }

    fn refuse(self, cause: Arc<DbErr>) {
        let _gone = match self {
            Self::Closure(_, turn) => turn.send(Err(cause)).is_err(),
            Self::Statement(.., told) => told.send(Err(cause)).is_err(),
        };
    }
}

impl Writer {
    fn start(connections: Connections) -> Self {
        let (queue, callers) = unbounded_channel();
        let owner = Owner { connections: connections.clone(), callers };
        #[expect(
            clippy::disallowed_methods,
            reason = "rows outlive the tasks of the process; it ends with them"
        )]
        tokio::spawn(owner.serve());
        Self { connections, queue }
    }

    pub(super) async fn write<T>(
        &self,
        durability: Durability,
        db: &Db,
        work: impl AsyncFnOnce(&mut super::Tx) -> Result<T>,
    ) -> Result<T> {
        let (turn, mine) = oneshot::channel();
        self.queue.send(Caller::Closure(durability, turn)).map_err(|_closed| closed())?;
        let asked = Instant::now();
        let Turn { transaction, back } = mine.await.map_err(|_closed| closed())?.map_err(busy)?;
        db.cost.waited(asked);
        // Dropped before `back`: when the task hears of the end, the transaction is its own again.
        let mut tx = db.tx(transaction);
        let done = work(&mut tx).await?;
        let after = tx.into_after()?;
        let (told, answer) = oneshot::channel();
        back.send(Member { after, rows: Vec::new(), told }).map_err(|_closed| closed())?;
        let finished = Instant::now();
        answer.await.map_err(|_closed| closed())?.map_err(|cause| Error::internal(cause.to_string()))?;
        db.cost.waited(finished);
        Ok(done)
    }

    /// One statement needs nothing lent to it: it is issued by the task.
    pub(super) async fn write_one(
        &self,
        durability: Durability,
        statement: Statement,
    ) -> Result<Vec<QueryResult>> {
        let (told, answer) = oneshot::channel();
        let caller = Caller::Statement(durability, Box::new(statement), told);
        self.queue.send(caller).map_err(|_closed| closed())?;
        answer.await.map_err(|_closed| closed())?.map_err(|cause| {
            if breaks_a_rule(&cause) { Error::internal(cause.to_string()) } else { busy(cause) }
        })
    }

    pub(super) async fn close(&self) -> Result<()> {
        let Connections { synced, relaxed } = self.connections.clone();
        relaxed.close().await?;
        Ok(synced.close().await?)
    }
}

fn closed() -> Error {
    Error::unavailable("the database is closed")
}

#[expect(clippy::needless_pass_by_value, reason = "a function for map_err")]
fn busy(cause: Arc<DbErr>) -> Error {
    Error::unavailable("the database cannot be written now; try again in a moment").because(cause.to_string())
}

/// The task.
struct Owner {
    connections: Connections,
    callers: UnboundedReceiver<Caller>,
}

impl Owner {
    async fn serve(mut self) {
        let mut next = None;
        loop {
            let first = match next.take() {
                Some(caller) => caller,
                None => match self.callers.recv().await {
                    Some(caller) => caller,
                    None => return,
                },
            };
            if first.is_gone() {
                continue;
            }
            let first = match first {
                Caller::Statement(durability, statement, told) if self.nobody_else_comes().await => {
                    let done = self.alone(durability, *statement).await;
                    let _gone = told.send(done.map_err(Arc::new));
                    continue;
                }
                first => first,
            };
            match self.begin(first.durability()).await {
                Ok(transaction) => next = self.share(transaction, first).await,
                Err(cause) => self.refuse(first, cause),
            }
        }
    }

    /// The level cannot change inside a transaction, so a shared one keeps what it began with.
    fn connection(&self, wanted: Durability) -> &DatabaseConnection {
        match wanted {
            Durability::Synced => &self.connections.synced,
            Durability::Relaxed => &self.connections.relaxed,
        }
    }

    /// A statement that nobody shares a commit with is its own transaction.
    async fn alone(&self, wanted: Durability, one: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.connection(wanted).query_all_raw(one).await
    }

    async fn begin(&self, wanted: Durability) -> Result<DatabaseTransaction, DbErr> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        self.connection(wanted).begin_with_options(options).await
    }

    /// Somebody else holds the file for too long. Those who queue would each wait as long again.
    fn refuse(&mut self, first: Caller, cause: DbErr) {
        let cause = Arc::new(cause);
        let mut waiting = Some(first);
        while let Some(caller) = waiting {
            caller.refuse(cause.clone());
            waiting = self.callers.try_recv().ok();
        }
    }

    /// Runs callers in one transaction until nobody waits, and commits. Gives back a caller who cannot join.
    async fn share(&mut self, transaction: DatabaseTransaction, first: Caller) -> Option<Caller> {
        let durability = first.durability();
        let mut shared = Shared { transaction: Arc::new(transaction), members: Vec::new(), guarded: false };
        let mut caller = first;
        let next = loop {
            if let Err(cause) = shared.turn_of(caller).await {
                shared.abandon(cause).await;
                return None;
            }
            if shared.members.is_empty() || shared.members.len() >= SHARED_AT_MOST {
                break None;
            }
            match self.waiting().await {
                Some(waiting) if joins(waiting.durability(), durability) => caller = waiting,
                other => break other,
            }
        };
        shared.end().await;
        next
    }

    /// Who waits already.
    async fn waiting(&mut self) -> Option<Caller> {
        if self.nobody_else_comes().await { None } else { self.callers.try_recv().ok() }
    }

    /// Those who were told of the last commit a moment ago may be about to ask again.
    async fn nobody_else_comes(&self) -> bool {
        if self.callers.is_empty() {
            tokio::task::yield_now().await;
        }
        self.callers.is_empty()
    }
}

/// A relaxed write may ride on a synced commit; never the other way round.
fn joins(waiting: Durability, open: Durability) -> bool {
    waiting == Durability::Relaxed || open == Durability::Synced
}

/// The open transaction and those who wait for its commit.
struct Shared {
    transaction: Arc<DatabaseTransaction>,
    members: Vec<Member>,
    /// Whether the savepoint is open.
    guarded: bool,
}

impl Shared {
    /// Has one caller's part in the transaction, or not. An error means that the transaction itself is broken.
    async fn turn_of(&mut self, caller: Caller) -> Result<(), DbErr> {
        match caller {
            Caller::Closure(_, turn) => self.lend(turn).await,
            Caller::Statement(_, statement, told) => self.issue(*statement, told).await,
        }
    }

    /// A statement that breaks a rule of the schema has changed nothing, and needs no savepoint for that. After any other
    /// failure nobody knows what is left of the transaction.
    async fn issue(&mut self, statement: Statement, told: Told) -> Result<(), DbErr> {
        match self.transaction.query_all_raw(statement).await {
            Ok(rows) => self.members.push(Member { after: Vec::new(), rows, told }),
            Err(cause) => {
                let harmless = breaks_a_rule(&cause);
                let cause = Arc::new(cause);
                let _gone = told.send(Err(cause.clone()));
                if !harmless {
                    return Err(DbErr::Custom(cause.to_string()));
                }
            }
        }
        Ok(())
    }

    /// Lends the transaction to a closure.
    async fn lend(&mut self, turn: oneshot::Sender<Result<Turn, Arc<DbErr>>>) -> Result<(), DbErr> {
        // If the first fails, there is nobody else's work to keep: it needs no savepoint.
        if !self.members.is_empty() {
            let next = if self.guarded { "RELEASE member; SAVEPOINT member" } else { "SAVEPOINT member" };
            self.transaction.execute_unprepared(next).await?;
            self.guarded = true;
        }
        let (back, mut returned) = oneshot::channel();
        let _gone = turn.send(Ok(Turn { transaction: self.transaction.clone(), back }));
        let member = loop {
            match tokio::time::timeout(LONG, &mut returned).await {
                Ok(member) => break member.ok(),
                Err(_) => tracing::warn!(
                    "a write holds the database for more than {} s; its future may not be polled",
                    LONG.as_secs()
                ),
            }
        };
        match member {
            Some(member) => self.members.push(member),
            None if self.guarded => {
                self.transaction.execute_unprepared("ROLLBACK TO member").await?;
            }
            None => {}
        }
        Ok(())
    }

    /// Commits for all members, or undoes the one who failed alone.
    async fn end(self) {
        let Some(transaction) = Arc::into_inner(self.transaction) else {
            tracing::error!("a transaction was lent and did not come back");
            return;
        };
        if self.members.is_empty() {
            // A full disk makes SQLite end the transaction by itself; sqlx would then count one that is not
            // there. This begins one for it to end; where there is one, it fails and changes nothing.
            let _open_already = transaction.execute_unprepared("BEGIN").await;
            if let Err(cause) = transaction.rollback().await {
                tracing::warn!(%cause, "a transaction could not be undone");
            }
            return;
        }
        match transaction.commit().await {
            Ok(()) => {
                for member in self.members {
                    member.after.into_iter().for_each(act);
                    let _gone = member.told.send(Ok(member.rows));
                }
            }
            Err(cause) => tell(self.members, cause),
        }
    }

    async fn abandon(mut self, cause: DbErr) {
        let members = std::mem::take(&mut self.members);
        self.end().await;
        tell(members, cause);
    }
}

fn breaks_a_rule(cause: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause))) = cause
    else {
        return false;
    };
    cause.as_database_error().is_some_and(|error| !matches!(error.kind(), ErrorKind::Other))
}

fn tell(members: Vec<Member>, cause: DbErr) {
    let cause = Arc::new(cause);
    for member in members {
        let _gone = member.told.send(Err(cause.clone()));
    }
}

/// What somebody wants done after the commit must not end the task for everybody.
fn act(after: After) {
    if catch_unwind(AssertUnwindSafe(after)).is_err() {
        tracing::error!("what should follow a commit panicked");
    }
}
