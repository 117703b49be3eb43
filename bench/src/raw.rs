//! What the machine and the engine can do at all.

use std::{
    fs::File,
    io::Write,
    path::Path,
    time::{Duration, Instant},
};

use sea_orm::{ConnectionTrait, Statement};
use stoa_core::Result;
use stoa_store::Db;

use crate::Spread;

/// The time to make one written page safe, fifty times.
///
/// # Errors
/// When the file cannot be written.
pub fn fdatasync(folder: &Path) -> Result<Spread> {
    let mut file = File::create(folder.join("synced"))?;
    let mut times = Vec::new();
    for _ in 0..50 {
        let began = Instant::now();
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        times.push(began.elapsed());
    }
    Ok(Spread::of(times))
}

/// The time to update each of `many` rows by its key, twice, in one connection, `batch` rows in a statement and in a
/// synced commit: no job can ask for less.
///
/// # Errors
/// When the engine fails.
pub async fn batched_updates(db: &Db, many: i64, batch: i64) -> Result<Duration> {
    db.write(async |tx| {
        tx.execute_unprepared(
            "CREATE TABLE IF NOT EXISTS bench_row (id BIGINT PRIMARY KEY, state TEXT NOT NULL, text TEXT NOT NULL)",
        )
        .await?;
        tx.execute_unprepared("DELETE FROM bench_row").await?;
        tx.execute_unprepared(&format!(
            "INSERT INTO bench_row (id, state, text) \
             WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {}) \
             SELECT i, 'queued', 'as long as the input of a small job and what else stands in its row' FROM n",
            many - 1
        ))
        .await?;
        Ok(())
    })
    .await?;
    let began = Instant::now();
    for first in (0..many).step_by(usize::try_from(batch)?) {
        for state in ["running", "succeeded"] {
            let values = [state.into(), first.into(), (first + batch).into()];
            let sql = "UPDATE bench_row SET state = $1 WHERE id >= $2 AND id < $3";
            db.write(async |tx| {
                let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
                Ok(tx.execute_raw(statement).await?)
            })
            .await?;
        }
    }
    Ok(began.elapsed())
}
