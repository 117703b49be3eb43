//! When each schedule comes next.

use std::collections::HashMap;

use sea_orm::ConnectionTrait;
use stoa_core::{Result, Timestamp};
use stoa_store::Tx;

use super::{execute, query_all};

/// All schedules that were ever noted: a handful.
pub(crate) async fn schedules(db: &impl ConnectionTrait) -> Result<HashMap<String, Timestamp>> {
    let rows = query_all(db, "SELECT name, next_at FROM jobs_schedule", []).await?;
    rows.iter().map(|row| Ok((row.try_get("", "name")?, row.try_get("", "next_at")?))).collect()
}

/// Notes a schedule that is new here.
pub(crate) async fn begin_schedule(tx: &Tx, name: &str, next: Timestamp) -> Result<()> {
    let sql = "INSERT INTO jobs_schedule (name, next_at) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
    execute(tx, sql, [name.into(), next.into()]).await.map(drop)
}

/// Moves a schedule on from where it was seen. Of many nodes that saw the same, one gets true.
pub(crate) async fn move_schedule(tx: &Tx, name: &str, seen: Timestamp, next: Timestamp) -> Result<bool> {
    let sql = "UPDATE jobs_schedule SET next_at = $3 WHERE name = $1 AND next_at = $2";
    Ok(execute(tx, sql, [name.into(), seen.into(), next.into()]).await? == 1)
}
