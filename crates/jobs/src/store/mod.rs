//! Rows of jobs, their events and schedules. Moves are single statements that name the state they start from.

mod job;
mod moves;
mod queue;
mod schedules;
mod told;

use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use stoa_core::Result;

pub(crate) use self::{
    job::{New, add, failed, find, remove_finished, remove_of},
    moves::{End, Ending, ask_to_stop, asked_to_stop, end, end_all, expired, hold, renew},
    queue::{Claimed, Queue, oldest_due},
    schedules::{begin_schedule, move_schedule, schedules},
    told::{events, tell},
};

async fn execute(
    db: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<u64> {
    let done = db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?;
    Ok(done.rows_affected())
}

async fn query_all(
    db: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<QueryResult>> {
    Ok(db.query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?)
}
