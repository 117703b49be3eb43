//! Rate limits: the generic cell rate algorithm (ITU-T I.371), one budget for all nodes.
//!
//! With Redis the budget lives there; on PostgreSQL alone, in rows. On SQLite there is one server process (it
//! holds the folder's lock), so its memory is the shared place, but for classes that must outlive a restart,
//! which are rows too.

mod cell;
mod shared;
mod turn;

use std::{
    collections::HashMap,
    mem,
    pin::pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use redis::aio::ConnectionManager;
use sea_orm::{ConnectionTrait, Statement};
use stoa_core::{Error, Result, Timestamp, digest};

use self::{cell::Cell, shared::Answer, turn::Turn};
use crate::{Db, Engine, SignalConfig, Uncertain, signals};

/// A class of things that are limited alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// Its name, in headers and metrics.
    pub name: &'static str,
    /// How many at once, and how many per `per`.
    pub limit: u32,
    /// The length of the window.
    pub per: Duration,
    /// Whether it outlives a restart: for guessing passwords and codes.
    pub lasting: bool,
}

/// What a counter said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether it may be done.
    pub allowed: bool,
    /// How many more may be done at once.
    pub remaining: u32,
    /// How long until one more may be done; zero if it may be now.
    pub retry_after: Duration,
    /// How long until the whole limit is there again.
    pub reset: Duration,
}

/// The counters. Cheap to clone.
#[derive(Clone)]
pub struct Counters(Arc<Inside>);

struct Inside {
    place: Place,
    known: Mutex<Known>,
    /// Those who ask for the same key take turns: whoever has it asks for all who wait.
    turns: [Turn; 64],
}

/// What this process knows of each key.
#[derive(Default)]
struct Known {
    keys: HashMap<Box<str>, Key>,
    /// Beyond this many the idle ones are dropped.
    sweep_at: usize,
}

/// Points on the time line, in microseconds.
#[derive(Clone, Copy, Default)]
struct Key {
    /// The arrival time in the shared place when we last heard; it never goes back, so what it refuses is refused
    /// without asking. On SQLite it is the arrival time itself.
    arrival: i64,
    /// What was taken for those who wait and have not come for it. What lies behind us there, the budget has back
    /// already.
    in_hand: (i64, i64),
    /// Those who wait for a turn, and the one who has it.
    waiting: u32,
}

enum Place {
    Memory,
    Rows,
    Redis(ConnectionManager),
}

/// Keys remembered in memory before the idle ones are looked for.
const KEPT: usize = 100_000;

impl Counters {
    pub(crate) async fn open(config: &SignalConfig, db: &Db) -> Result<Self> {
        let place = match (&config.redis_url, db.engine()) {
            (Some(url), _) => Place::Redis(signals::redis_manager(url).await?),
            (None, Engine::Postgres) => Place::Rows,
            (None, Engine::Sqlite) => Place::Memory,
        };
        let turns = std::array::from_fn(|_| Turn::default());
        Ok(Self(Arc::new(Inside { place, known: Mutex::default(), turns })))
    }

    /// Counts one of `class` for `key` (an address, an account, …).
    ///
    /// # Errors
    /// When the shared place cannot be reached. The caller refuses then: a limit that is off is no limit.
    pub async fn take(&self, db: &Db, class: &Class, key: &str, now: Timestamp) -> Result<Decision> {
        let id = format!("{}:{key}", class.name);
        let cell = Cell::of(class, now);
        if matches!(self.0.place, Place::Memory) && !class.lasting {
            return Ok(self.in_memory(&id, &cell));
        }
        if let Some(decision) = self.lock().decide(&id, &cell) {
            return Ok(decision);
        }
        let mut waits = Waits::new(self, &id, &cell);
        let turn = self.turn(&id);
        let failures = turn.failures();
        loop {
            let mut over = pin!(turn.over());
            over.as_mut().enable();
            let mine = turn.take();
            // Whoever had the turn before may have taken one for this one too.
            if let Some(decision) = waits.known(&cell) {
                return Ok(decision);
            }
            if turn.failures() != failures {
                return Err(cannot_count());
            }
            let Some(mine) = mine else {
                over.await;
                continue;
            };
            return match self.ask(db, &id, &cell, waits.all().min(class.limit)).await {
                Ok(answer) => Ok(waits.answer(&cell, &answer)),
                Err(error) => {
                    drop(waits);
                    mine.failed();
                    Err(error)
                }
            };
        }
    }

    /// Asks the shared place for `cost`, or for as many as there are.
    async fn ask(&self, db: &Db, id: &str, cell: &Cell, cost: u32) -> Result<Answer> {
        match &self.0.place {
            Place::Memory | Place::Rows => shared::in_rows(db, id, cell, cost).await,
            Place::Redis(line) => {
                shared::in_redis(line, id, cell, cost).await.map_err(|cause| cannot_count().because(cause))
            }
        }
    }

    fn in_memory(&self, id: &str, cell: &Cell) -> Decision {
        let mut known = self.lock();
        let key = known.key(id, cell.now);
        let answer = cell.advance(key.arrival, 1);
        if let Ok(arrival) = answer {
            key.arrival = arrival;
        }
        cell.decide(answer)
    }

    fn turn(&self, id: &str) -> &Turn {
        let place = usize::from(digest(id).as_bytes()[0]) % self.0.turns.len();
        &self.0.turns[place]
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) async fn sweep(&self, db: &Db, now: Timestamp) -> Result<()> {
        db.write_uncertain(Uncertain, async |tx| {
            tx.execute_raw(Statement::from_sql_and_values(
                tx.get_database_backend(),
                "DELETE FROM store_counter WHERE arrival <= $1",
                [now.into()],
            ))
            .await?;
            Ok(())
        })
        .await
    }
}

/// One who waits for a turn, until it is answered or dropped. Whoever is answered is no longer counted from the same
/// moment: nothing is asked for twice.
struct Waits<'a> {
    counters: &'a Counters,
    id: &'a str,
    now: i64,
    counted: bool,
}

impl<'a> Waits<'a> {
    fn new(counters: &'a Counters, id: &'a str, cell: &Cell) -> Self {
        counters.lock().key(id, cell.now).waiting += 1;
        Self { counters, id, now: cell.now, counted: true }
    }

    fn all(&self) -> u32 {
        self.counters.lock().key(self.id, self.now).waiting
    }

    fn known(&mut self, cell: &Cell) -> Option<Decision> {
        let mut known = self.counters.lock();
        let decision = known.decide(self.id, cell)?;
        self.over(&mut known);
        Some(decision)
    }

    /// The first is this one's, the others are in hand for those who wait.
    fn answer(&mut self, cell: &Cell, answer: &Answer) -> Decision {
        let mut known = self.counters.lock();
        self.over(&mut known);
        let key = known.key(self.id, cell.now);
        key.arrival = key.arrival.max(answer.arrival);
        if answer.taken == 0 {
            return cell.decide(Err(answer.arrival));
        }
        key.in_hand = (answer.arrival - cell.interval * i64::from(answer.taken - 1), answer.arrival);
        cell.decide(Ok(key.in_hand.0))
    }

    fn over(&mut self, known: &mut Known) {
        if mem::take(&mut self.counted) {
            let key = known.key(self.id, self.now);
            key.waiting = key.waiting.saturating_sub(1);
        }
    }
}

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        let counters = self.counters;
        self.over(&mut counters.lock());
    }
}

impl Known {
    fn key(&mut self, id: &str, now: i64) -> &mut Key {
        if self.keys.len() >= self.sweep_at.max(KEPT) {
            self.keys.retain(|_, key| key.arrival > now || key.waiting > 0);
            // Not again at the very next key when all of them are in use.
            self.sweep_at = self.keys.len() * 2;
        }
        self.keys.entry(id.into()).or_default()
    }

    /// Decides without asking, where that is possible: from what is in hand, or by what was refused already.
    fn decide(&mut self, id: &str, cell: &Cell) -> Option<Decision> {
        let key = self.keys.get_mut(id)?;
        let next = key.in_hand.0.max(cell.now) + cell.interval;
        if next <= key.in_hand.1 {
            key.in_hand.0 = next;
            return Some(cell.decide(Ok(key.arrival - (key.in_hand.1 - next))));
        }
        let full = cell.advance(key.arrival, 1);
        full.is_err().then(|| cell.decide(full))
    }
}

fn cannot_count() -> Error {
    Error::unavailable("limits cannot be counted now; try again in a moment")
}
