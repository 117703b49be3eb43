//! Rate limits: the generic cell rate algorithm (ITU-T I.371), one budget for all nodes.
//!
//! With Redis the budget lives there; on PostgreSQL alone, in rows. On SQLite there is one server process (it
//! holds the folder's lock), so its memory is the shared place, but for classes that must outlive a restart,
//! which are rows too.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use redis::{Script, aio::ConnectionManager};
use sea_orm::{ConnectionTrait, Statement};
use stoa_core::{Error, Result, Timestamp};

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
    /// How many a node takes from the shared budget at a time, to ask it less often; 1 to ask each time. The total
    /// is never more than the limit. It is less while one node holds what another could use, until that comes back
    /// to the budget with time, as if it had been spent.
    pub chunk: u32,
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
    here: Mutex<Here>,
}

/// What this process knows of each key.
#[derive(Default)]
struct Here {
    keys: HashMap<Box<str>, Span>,
    /// Beyond this many the idle ones are dropped.
    sweep_at: usize,
}

/// A stretch of the time line, in microseconds. On SQLite it is what was used, and `until` the arrival time. With a
/// shared budget it is what this process took and did not spend: what lies behind us the budget has back already.
#[derive(Clone, Copy, Default)]
struct Span {
    from: i64,
    until: i64,
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
        Ok(Self(Arc::new(Inside { place, here: Mutex::default() })))
    }

    /// Counts one of `class` for `key` (an address, an account, …).
    ///
    /// # Errors
    /// When the shared place cannot be reached. The caller refuses then: a limit that is off is no limit.
    pub async fn take(&self, db: &Db, class: &Class, key: &str, now: Timestamp) -> Result<Decision> {
        let id = format!("{}:{key}", class.name);
        let cell = Cell::of(class, now);
        let local = matches!(self.0.place, Place::Memory) && !class.lasting;
        if local {
            return Ok(cell.decide(self.in_memory(&id, &cell)));
        }
        let cost = class.chunk.clamp(1, class.limit.max(1));
        if cost > 1
            && let Some(left) = self.spend_in_hand(&id, &cell)
        {
            return Ok(cell.allowed_in_hand(left));
        }
        let mut answer = self.ask(db, &id, &cell, cost).await?;
        if answer.is_err() && cost > 1 {
            answer = self.ask(db, &id, &cell, 1).await?;
        } else if let Ok(until) = answer {
            self.keep_in_hand(&id, &cell, cost, until);
        }
        Ok(cell.decide(answer))
    }

    async fn ask(&self, db: &Db, id: &str, cell: &Cell, cost: u32) -> Result<Result<i64, i64>> {
        match &self.0.place {
            Place::Memory | Place::Rows => in_rows(db, id, cell, cost).await,
            Place::Redis(line) => in_redis(line, id, cell, cost).await.map_err(|cause| {
                Error::unavailable("limits cannot be counted now; try again in a moment").because(cause)
            }),
        }
    }

    fn in_memory(&self, id: &str, cell: &Cell) -> Result<i64, i64> {
        let mut here = self.here();
        let span = here.span(id, cell.now);
        let answer = cell.advance(span.until, 1);
        if let Ok(arrival) = answer {
            span.until = arrival;
        }
        answer
    }

    fn spend_in_hand(&self, id: &str, cell: &Cell) -> Option<i64> {
        let mut here = self.here();
        let span = here.keys.get_mut(id)?;
        let next = span.from.max(cell.now) + cell.interval;
        if next > span.until {
            return None;
        }
        span.from = next;
        Some(span.until - next)
    }

    fn keep_in_hand(&self, id: &str, cell: &Cell, cost: u32, until: i64) {
        if cost > 1 {
            let from = until - cell.interval * i64::from(cost - 1);
            *self.here().span(id, cell.now) = Span { from, until };
        }
    }

    fn here(&self) -> MutexGuard<'_, Here> {
        self.0.here.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) async fn sweep(&self, db: &Db, now: Timestamp) -> Result<()> {
        db.write_uncertain(Uncertain, async |tx| {
            tx.execute_raw(Statement::from_sql_and_values(
                tx.get_database_backend(),
                "DELETE FROM store_counter WHERE arrival < $1",
                [now.into()],
            ))
            .await?;
            Ok(())
        })
        .await
    }
}

impl Here {
    fn span(&mut self, id: &str, now: i64) -> &mut Span {
        if self.keys.len() >= self.sweep_at.max(KEPT) {
            self.keys.retain(|_, span| span.until > now);
            // Not again at the very next key when all of them are in use.
            self.sweep_at = self.keys.len() * 2;
        }
        self.keys.entry(id.into()).or_default()
    }
}

/// The arithmetic for one class at one moment, in microseconds.
struct Cell {
    now: i64,
    interval: i64,
    burst: i64,
    limit: u32,
}

impl Cell {
    fn of(class: &Class, now: Timestamp) -> Self {
        let per = i64::try_from(class.per.as_micros()).unwrap_or(i64::MAX);
        let limit = class.limit.max(1);
        let interval = (per / i64::from(limit)).max(1);
        Self { now: now.micros(), interval, burst: interval * i64::from(limit), limit }
    }

    /// The new arrival time, or the old one if there is no room.
    fn advance(&self, arrival: i64, cost: u32) -> Result<i64, i64> {
        let arrival = arrival.max(self.now);
        let next = arrival + self.interval * i64::from(cost);
        if next - self.now <= self.burst { Ok(next) } else { Err(arrival) }
    }

    fn decide(&self, answer: Result<i64, i64>) -> Decision {
        let (allowed, arrival) = match answer {
            Ok(arrival) => (true, arrival),
            Err(arrival) => (false, arrival),
        };
        let ahead = (arrival - self.now).max(0);
        let remaining = u32::try_from((self.burst - ahead) / self.interval).unwrap_or(0);
        let wait = if allowed { 0 } else { (ahead + self.interval - self.burst).max(0) };
        Decision { allowed, remaining, retry_after: micros(wait), reset: micros(ahead) }
    }

    /// Spent from what this process had taken; `left` of that remains.
    fn allowed_in_hand(&self, left: i64) -> Decision {
        let remaining = u32::try_from(left / self.interval).unwrap_or(0);
        let used = i64::from(self.limit.saturating_sub(remaining));
        let reset = micros(self.interval * used);
        Decision { allowed: true, remaining, retry_after: Duration::ZERO, reset }
    }
}

fn micros(micros: i64) -> Duration {
    Duration::from_micros(u64::try_from(micros).unwrap_or(0))
}

async fn in_rows(db: &Db, id: &str, cell: &Cell, cost: u32) -> Result<Result<i64, i64>> {
    let step = cell.interval * i64::from(cost);
    db.write_uncertain(Uncertain, async |tx| {
        let moved = tx
            .query_one_raw(Statement::from_sql_and_values(
                tx.get_database_backend(),
                "INSERT INTO store_counter (id, arrival) VALUES ($1, $2 + $3) ON CONFLICT (id) DO UPDATE SET \
                 arrival = (CASE WHEN store_counter.arrival > $2 THEN store_counter.arrival ELSE $2 END) + $3 \
                 WHERE (CASE WHEN store_counter.arrival > $2 THEN store_counter.arrival ELSE $2 END) + $3 - $2 <= $4 \
                 RETURNING arrival",
                [id.into(), cell.now.into(), step.into(), cell.burst.into()],
            ))
            .await?;
        if let Some(row) = moved {
            return Ok(Ok(row.try_get("", "arrival")?));
        }
        let stays = tx
            .query_one_raw(Statement::from_sql_and_values(
                tx.get_database_backend(),
                "SELECT arrival FROM store_counter WHERE id = $1",
                [id.into()],
            ))
            .await?;
        Ok(Err(stays.map_or(Ok(cell.now), |row| row.try_get("", "arrival"))?))
    })
    .await
}

/// The same arithmetic in one round trip; the key goes away by itself.
const REDIS: &str = r"
local arrival = tonumber(redis.call('GET', KEYS[1]) or '0')
local now, step, burst = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
if arrival < now then arrival = now end
if arrival + step - now > burst then return {0, string.format('%.0f', arrival)} end
arrival = arrival + step
redis.call('SET', KEYS[1], string.format('%.0f', arrival), 'PX', math.ceil((arrival - now) / 1000) + 1000)
return {1, string.format('%.0f', arrival)}
";

async fn in_redis(
    line: &ConnectionManager,
    id: &str,
    cell: &Cell,
    cost: u32,
) -> redis::RedisResult<Result<i64, i64>> {
    let step = cell.interval * i64::from(cost);
    let (allowed, arrival): (u8, i64) = Script::new(REDIS)
        .key(format!("stoa:limit:{id}"))
        .arg(cell.now)
        .arg(step)
        .arg(cell.burst)
        .invoke_async(&mut line.clone())
        .await?;
    Ok(if allowed == 1 { Ok(arrival) } else { Err(arrival) })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(limit: u32) -> Class {
        Class { name: "test", limit, per: Duration::from_secs(60), lasting: false, chunk: 1 }
    }

    #[test]
    fn exactly_the_limit_passes_at_once_and_then_one_per_interval() {
        let mut now = Timestamp::from_micros(1_000_000_000);
        let mut arrival = 0;
        let mut passed = 0;
        for _ in 0..20 {
            if let Ok(next) = Cell::of(&class(5), now).advance(arrival, 1) {
                arrival = next;
                passed += 1;
            }
        }
        assert_eq!(passed, 5);
        let refused = Cell::of(&class(5), now);
        let said = refused.decide(refused.advance(arrival, 1));
        assert_eq!(said.retry_after, Duration::from_secs(12));
        assert_eq!(said.reset, Duration::from_secs(60));
        now = now + Duration::from_secs(12);
        assert!(Cell::of(&class(5), now).advance(arrival, 1).is_ok());
    }
}
