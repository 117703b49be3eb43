//! Where all nodes count together: rows, or Redis. The same arithmetic as in [`Cell`], done there in one step.

use redis::{Script, aio::ConnectionManager};
use sea_orm::{ConnectionTrait, Statement};
use stoa_core::Result;

use super::Cell;
use crate::{Db, Uncertain};

/// What the shared place answers.
pub(super) struct Answer {
    /// How many were taken: all that were asked for, or as many as there were.
    pub(super) taken: u32,
    pub(super) arrival: i64,
}

pub(super) async fn in_rows(db: &Db, id: &str, cell: &Cell, cost: u32) -> Result<Answer> {
    let most = cell.now + cell.burst;
    db.write_uncertain(Uncertain, async |tx| {
        let mut cost = i64::from(cost);
        loop {
            let step = cell.interval * cost;
            let moved = tx
                .query_one_raw(Statement::from_sql_and_values(
                    tx.get_database_backend(),
                    "INSERT INTO store_counter (id, arrival) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET \
                     arrival = (CASE WHEN store_counter.arrival > $3 THEN store_counter.arrival ELSE $3 END) + $4 \
                     WHERE (CASE WHEN store_counter.arrival > $3 THEN store_counter.arrival ELSE $3 END) + $4 <= $5 \
                     RETURNING arrival",
                    [id.into(), (cell.now + step).into(), cell.now.into(), step.into(), most.into()],
                ))
                .await?;
            if let Some(row) = moved {
                return Ok(Answer { taken: u32::try_from(cost)?, arrival: row.try_get("", "arrival")? });
            }
            // The row is ours until the transaction ends, also where it did not move.
            let stays = tx
                .query_one_raw(Statement::from_sql_and_values(
                    tx.get_database_backend(),
                    "SELECT arrival FROM store_counter WHERE id = $1",
                    [id.into()],
                ))
                .await?;
            let arrival = stays.map_or(Ok(cell.now), |row| row.try_get("", "arrival"))?;
            let left = (most - arrival.max(cell.now)) / cell.interval;
            if left < 1 || left >= cost {
                return Ok(Answer { taken: 0, arrival });
            }
            cost = left;
        }
    })
    .await
}

/// The same arithmetic in one round trip; the key goes away by itself.
const REDIS: &str = r"
local arrival = tonumber(redis.call('GET', KEYS[1]) or '0')
local now, interval, burst, taken = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
if arrival < now then arrival = now end
taken = math.min(taken, math.floor((now + burst - arrival) / interval))
if taken < 1 then return {0, string.format('%.0f', arrival)} end
arrival = arrival + interval * taken
redis.call('SET', KEYS[1], string.format('%.0f', arrival), 'PX', math.ceil((arrival - now) / 1000) + 1000)
return {taken, string.format('%.0f', arrival)}
";

pub(super) async fn in_redis(
    line: &ConnectionManager,
    id: &str,
    cell: &Cell,
    cost: u32,
) -> redis::RedisResult<Answer> {
    let (taken, arrival) = Script::new(REDIS)
        .key(format!("stoa:limit:{id}"))
        .arg(cell.now)
        .arg(cell.interval)
        .arg(cell.burst)
        .arg(cost)
        .invoke_async(&mut line.clone())
        .await?;
    Ok(Answer { taken, arrival })
}
