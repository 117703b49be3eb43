//! Where all nodes count together: rows, or Redis. The same arithmetic as in [`Cell`], done there in one step.

use redis::{Script, aio::ConnectionManager};
use sea_orm::{ConnectionTrait, Statement};
use stoa_core::Result;

use super::Cell;
use crate::{Db, Engine, Uncertain};

/// What the shared place answers.
pub(super) struct Answer {
    /// How many were taken: all that were asked for, or as many as there were.
    pub(super) taken: u32,
    pub(super) arrival: i64,
}

/// Moves the arrival time by as many as there are, and remembers how many that were. On PostgreSQL the commit waits
/// for no disk, as far as this one transaction goes; `SET LOCAL` would say the same in more round trips.
fn take(engine: Engine) -> String {
    let (relaxed, values) = match engine {
        Engine::Sqlite => ("", "VALUES ($1, $2, $4)"),
        Engine::Postgres => (
            "WITH relaxed AS (SELECT set_config('synchronous_commit', 'off', true)) ",
            "SELECT CAST($1 AS TEXT), CAST($2 AS BIGINT), CAST($4 AS BIGINT) FROM relaxed",
        ),
    };
    let base = "(CASE WHEN store_counter.arrival > $3 THEN store_counter.arrival ELSE $3 END)";
    let fit = format!("(CASE WHEN {base} + $4 * $5 <= $6 THEN $4 ELSE ($6 - {base}) / $5 END)");
    format!(
        "{relaxed}INSERT INTO store_counter (id, arrival, taken) {values} ON CONFLICT (id) DO UPDATE SET \
         arrival = {base} + $5 * {fit}, taken = {fit} WHERE {base} + $5 <= $6 RETURNING arrival, taken"
    )
}

pub(super) async fn in_rows(db: &Db, id: &str, cell: &Cell, cost: u32) -> Result<Answer> {
    let cost = i64::from(cost);
    let values = [
        id.into(),
        (cell.now + cell.interval * cost).into(),
        cell.now.into(),
        cost.into(),
        cell.interval.into(),
        (cell.now + cell.burst).into(),
    ];
    let take = Statement::from_sql_and_values(db.reads().get_database_backend(), take(db.engine()), values);
    let moved = match db.engine() {
        Engine::Sqlite => db.write_one_uncertain(Uncertain, take).await?,
        Engine::Postgres => db.write_one(take).await?,
    };
    if let Some(row) = moved.first() {
        let taken = u32::try_from(row.try_get::<i64>("", "taken")?)?;
        return Ok(Answer { taken, arrival: row.try_get("", "arrival")? });
    }
    let stays = Statement::from_sql_and_values(
        db.reads().get_database_backend(),
        "SELECT arrival FROM store_counter WHERE id = $1",
        [id.into()],
    );
    let stays = db.reads().query_one_raw(stays).await?;
    let arrival = stays.map_or(Ok(cell.now), |row| row.try_get("", "arrival"))?;
    Ok(Answer { taken: 0, arrival })
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
