//! What statements are issued on: `Reads` and `Tx`. Both count what they cost.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult, QueryResult,
    Statement,
};
use stoa_core::{Error, Result};

use super::{Engine, Inside, cost::Cost, cost::Seen};

/// For reading, outside any transaction.
#[derive(Clone, Copy)]
pub struct Reads<'a> {
    db: &'a DatabaseConnection,
    cost: &'a Cost,
    seen: Option<&'a Seen>,
}

impl<'a> Reads<'a> {
    pub(super) fn new(db: &'a DatabaseConnection, cost: &'a Cost, seen: Option<&'a Seen>) -> Self {
        Self { db, cost, seen }
    }

    fn seen(&self) -> Option<&Seen> {
        self.seen
    }

    #[expect(clippy::unused_self, reason = "the same name on both; a read that failed undoes nothing")]
    fn done<T>(&self, done: Result<T, DbErr>) -> Result<T, DbErr> {
        done
    }
}

/// Something small to be done after the commit.
pub(super) type After = Box<dyn FnOnce() + Send + Sync>;

/// A write transaction. Made by `Db::write` alone.
pub struct Tx {
    db: Arc<DatabaseTransaction>,
    inside: Arc<Inside>,
    cost: Arc<Cost>,
    after: Vec<After>,
    failed: AtomicBool,
}

impl Tx {
    pub(super) fn new(db: Arc<DatabaseTransaction>, inside: Arc<Inside>, cost: Arc<Cost>) -> Self {
        Self { db, inside, cost, after: Vec::new(), failed: AtomicBool::new(false) }
    }

    /// Which engine this is, for the few statements that must differ.
    pub fn engine(&self) -> Engine {
        match self.db.get_database_backend() {
            DbBackend::Postgres => Engine::Postgres,
            _ => Engine::Sqlite,
        }
    }

    /// Does something small and local once the transaction is committed: a wake-up, a cache entry to forget.
    /// It does not happen if the transaction fails; what must happen is a row, not this.
    pub fn after_commit(&mut self, act: impl FnOnce() + Send + Sync + 'static) {
        self.after.push(Box::new(act));
    }

    fn seen(&self) -> Option<&Seen> {
        self.inside.seen.as_ref()
    }

    /// Lets go of the transaction, and hands over what should follow its commit.
    ///
    /// A closure that went on after a statement failed is not committed: PostgreSQL has undone all of it by then
    /// and would answer a `COMMIT` as if nothing were wrong; SQLite may have.
    pub(super) fn into_after(self) -> Result<Vec<After>> {
        if self.failed.into_inner() {
            return Err(Error::internal("a statement failed, and the write went on; it was undone"));
        }
        Ok(self.after)
    }

    fn done<T>(&self, done: Result<T, DbErr>) -> Result<T, DbErr> {
        if done.is_err() {
            self.failed.store(true, Ordering::Relaxed);
        }
        done
    }
}

macro_rules! counted {
    ([$($life:lifetime)?] $name:ty) => {
        #[async_trait]
        impl$(<$life>)? ConnectionTrait for $name {
            fn get_database_backend(&self) -> DbBackend {
                self.db.get_database_backend()
            }
            async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
                note(self.seen(), &statement.sql);
                let began = Instant::now();
                let done = self.db.execute_raw(statement).await;
                self.cost.add(began, 0);
                self.done(done)
            }
            async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
                let began = Instant::now();
                let done = self.db.execute_unprepared(sql).await;
                self.cost.add(began, 0);
                self.done(done)
            }
            async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
                note(self.seen(), &statement.sql);
                let began = Instant::now();
                let row = self.db.query_one_raw(statement).await;
                self.cost.add(began, u64::from(matches!(row, Ok(Some(_)))));
                self.done(row)
            }
            async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
                note(self.seen(), &statement.sql);
                let began = Instant::now();
                let rows = self.db.query_all_raw(statement).await;
                self.cost.add(began, rows.as_ref().map_or(0, |rows| rows.len() as u64));
                self.done(rows)
            }
        }
    };
}

counted!(['a] Reads<'a>);
counted!([] Tx);

/// With `log.level` at `info,stoa_store::sql=trace` the log has every statement. Values are never in it.
pub(super) fn note(seen: Option<&Seen>, sql: &str) {
    tracing::trace!(target: "stoa_store::sql", sql, "statement");
    if let Some(seen) = seen {
        seen.add(sql);
    }
}
