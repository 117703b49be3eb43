//! The epoch: how a cache in every process is made to forget, at once and for certain.
//!
//! What is cached (who a session belongs to) is remembered together with the epoch it was read in, and is only
//! good while that is still the epoch. Revoking something raises the epoch in the same transaction, and
//! [`Epoch::settled`] waits until every process has seen the new one or has lost its lease. A process whose
//! line to the others is broken does not renew its lease, and asks the rows in the meantime.
//!
//! A process first writes its lease down and then reads the epoch: whoever raises it either finds the lease and
//! waits, or was first, and then the reader sees the new one.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use sea_orm::{ConnectionTrait, Statement};
use stoa_core::{Clock, Error, Id, Result, Rng, Timestamp};

use crate::{Db, Engine, Signals, Tasks, Tx, nodes, nodes::NodeId};

const TOPIC: &str = "store.epoch";
/// How long a process may be silent before the others go on without it.
const LEASE: Duration = Duration::from_secs(6);
/// Clocks of two machines may differ by this much: a process trusts its cache that much shorter.
const SKEW: Duration = Duration::from_secs(2);
/// A lease is renewed this often.
const RENEW: Duration = Duration::from_secs(2);

/// The epoch as this process knows it. Cheap to clone.
#[derive(Clone)]
pub struct Epoch(Arc<Inside>);

struct Inside {
    me: NodeId,
    value: AtomicI64,
    /// Until when this process may trust `value`, in microseconds since 1970.
    good_until: AtomicI64,
    /// The same in milliseconds since `began`, for a wall clock that is set back.
    good_while: AtomicU64,
    began: Instant,
    signals: Signals,
    clock: Clock,
}

/// The lease as it was last written down: when, by both clocks, and with which epoch.
type Lease = Option<(Timestamp, Instant, i64)>;

impl Epoch {
    pub(crate) async fn open(db: &Db, signals: Signals, clock: Clock, rng: &Rng) -> Result<Self> {
        let value = read(db).await?;
        let me = Id::new(&clock, rng);
        Ok(Self(Arc::new(Inside {
            me,
            value: AtomicI64::new(value),
            good_until: AtomicI64::new(0),
            good_while: AtomicU64::new(0),
            began: Instant::now(),
            signals,
            clock,
        })))
    }

    /// The epoch in which something may be remembered, or in which what is remembered must have been read.
    /// `None` when this process cannot be sure and must ask the rows.
    pub fn current(&self) -> Option<i64> {
        let sure = self.0.clock.now().micros() < self.0.good_until.load(Ordering::Acquire)
            && self.0.running() < self.0.good_while.load(Ordering::Acquire);
        sure.then(|| self.0.value.load(Ordering::Acquire))
    }

    /// Raises the epoch as part of the change that caches must notice. Hand the value to [`Epoch::settled`].
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn raise(&self, tx: &mut Tx) -> Result<i64> {
        let row = tx
            .query_one_raw(Statement::from_string(
                tx.get_database_backend(),
                "UPDATE store_epoch SET value = value + 1 WHERE id = 1 RETURNING value",
            ))
            .await?
            .ok_or_else(|| Error::internal("the epoch is missing"))?;
        let value: i64 = row.try_get("", "value")?;
        let here = self.0.clone();
        tx.after_commit(move || {
            here.value.fetch_max(value, Ordering::AcqRel);
            here.signals.wake(TOPIC);
        });
        Ok(value)
    }

    /// Waits until no process can still act on what was true before `value`.
    ///
    /// # Errors
    /// When the engine fails. The change itself is done then all the same.
    pub async fn settled(&self, db: &Db, value: i64) -> Result<()> {
        // Other processes answer within milliseconds; a dead one is waited for as long as its lease.
        let mut pause = Duration::from_millis(1);
        while nodes::behind(db, self.0.me, value, self.0.clock.now()).await? {
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(Duration::from_millis(50));
        }
        Ok(())
    }

    /// Follows the epoch and keeps the lease until the process stops.
    pub(crate) fn keep(&self, db: &Db, tasks: &Tasks) {
        let (epoch, db, stop) = (self.clone(), db.clone(), tasks.stopping().clone());
        // Nobody wakes us across processes on SQLite, where only the command line is another one.
        let tick = match db.engine() {
            Engine::Sqlite => Duration::from_millis(100),
            Engine::Postgres => Duration::from_secs(1),
        };
        tasks.spawn("store.epoch", async move {
            let mut woken = epoch.0.signals.listen(TOPIC);
            let mut lease = None;
            loop {
                if let Err(error) = epoch.follow(&db, &mut lease).await {
                    tracing::warn!(?error, "the epoch cannot be read; sessions are checked in the database");
                }
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = woken.heard() => {}
                    () = tokio::time::sleep(tick) => {}
                }
            }
            epoch.0.good_until.store(0, Ordering::Release);
            if let Err(error) = nodes::leave(&db, epoch.0.me, epoch.0.clock.now()).await {
                tracing::debug!(?error, "the lease was not given back; it runs out by itself");
            }
        });
    }

    async fn follow(&self, db: &Db, lease: &mut Lease) -> Result<()> {
        let here = &*self.0;
        here.learn(read(db).await?);
        if !here.is_due(lease) {
            return Ok(());
        }
        loop {
            let (now, instant, running) = (here.clock.now(), Instant::now(), here.running());
            let seen = here.value.load(Ordering::Acquire);
            *lease = None;
            nodes::report(db, here.me, seen, now + LEASE).await?;
            *lease = Some((now, instant, seen));
            here.learn(read(db).await?);
            if here.value.load(Ordering::Acquire) == seen {
                here.good_until.store((now + LEASE - SKEW).micros(), Ordering::Release);
                here.good_while.store(running + millis(LEASE - SKEW), Ordering::Release);
                return Ok(());
            }
        }
    }
}

impl Inside {
    fn learn(&self, value: i64) {
        self.value.fetch_max(value, Ordering::AcqRel);
    }

    fn running(&self) -> u64 {
        millis(self.began.elapsed())
    }

    fn is_due(&self, lease: &Lease) -> bool {
        let now = self.clock.now();
        lease.is_none_or(|(at, instant, seen)| {
            seen != self.value.load(Ordering::Acquire)
                || now < at
                || now.since(at) >= RENEW
                || instant.elapsed() >= RENEW
        })
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

async fn read(db: &Db) -> Result<i64> {
    let row = db
        .reads()
        .query_one_raw(Statement::from_string(
            db.reads().get_database_backend(),
            "SELECT value FROM store_epoch WHERE id = 1",
        ))
        .await?
        .ok_or_else(|| Error::internal("the epoch is missing"))?;
    Ok(row.try_get("", "value")?)
}
