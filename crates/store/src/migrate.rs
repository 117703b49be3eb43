//! Migrations: embedded, in order, once, checksummed, under a lock.
//!
//! One text serves both engines; `{uuid}`, `{bytes}` and `{json}` stand for the three types that are spelt
//! differently. Everything runs in one write transaction: ten processes that start at once take turns, the
//! first migrates, the others find it done; a failure leaves the schema as it was.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, Statement};
use stoa_core::{Clock, Digest, Error, Result, digest};

use crate::db::{Db, Engine, Tx};

/// One step of one owner's schema. Never edited once released: a new step is added.
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// Whose tables: the prefix of their names.
    pub owner: &'static str,
    /// 1, 2, 3 … for each owner.
    pub number: u32,
    /// What it is about.
    pub name: &'static str,
    /// The statements, separated by `;` at the end of a line.
    pub sql: &'static str,
}

impl Migration {
    /// One step; the fields say what is what.
    pub const fn new(owner: &'static str, number: u32, name: &'static str, sql: &'static str) -> Self {
        Self { owner, number, name, sql }
    }
}

/// What a run of [`migrate`] did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Steps applied now, as `owner/number name`.
    pub applied: Vec<String>,
    /// Steps that were there before.
    pub present: usize,
}

/// The advisory lock on PostgreSQL: "stoa" in ASCII.
const LOCK: i64 = 0x7374_6f61;

/// Brings the schema up to `migrations`, which stand in the order in which they must run.
///
/// With `dry` nothing is changed and the report says what would be.
///
/// # Errors
/// When a step fails, when a step that was applied has since been edited, or when the database has steps that
/// this program does not know (it is older than the data).
pub async fn migrate(db: &Db, migrations: &[Migration], clock: &Clock, dry: bool) -> Result<Report> {
    let mut looked = None;
    let done = db
        .write(async |tx| {
            let report = bring_up(tx, migrations, clock, dry).await?;
            if dry {
                looked = Some(report);
                // The list of steps may have been made just now; a failure undoes it.
                return Err(Error::conflict("a dry run changes nothing"));
            }
            Ok(report)
        })
        .await;
    looked.map_or(done, Ok)
}

async fn bring_up(tx: &Tx, migrations: &[Migration], clock: &Clock, dry: bool) -> Result<Report> {
    if tx.engine() == Engine::Postgres {
        // A step may take longer than a request's statement, and so may the wait for another process's.
        tx.execute_unprepared("SET LOCAL statement_timeout = 0").await?;
        tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({LOCK})")).await?;
    }
    tx.execute_unprepared(
        "CREATE TABLE IF NOT EXISTS store_migration (owner TEXT NOT NULL, number INTEGER NOT NULL, \
         name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL, PRIMARY KEY (owner, number))",
    )
    .await?;
    let mut present = applied(tx).await?;
    let mut report = Report::default();
    for step in migrations {
        let key = (step.owner.to_owned(), step.number);
        let checksum = digest(step.sql);
        match present.remove(&key) {
            Some(before) if before == checksum.hex() => report.present += 1,
            Some(_) => {
                return Err(Error::conflict(format!(
                    "migration {}/{:04} was edited after it was applied; add a new one instead",
                    step.owner, step.number
                )));
            }
            None => {
                if !dry {
                    apply(tx, step, checksum, clock).await?;
                }
                report.applied.push(format!("{}/{:04} {}", step.owner, step.number, step.name));
            }
        }
    }
    match present.into_keys().min() {
        None => Ok(report),
        Some((owner, number)) => Err(Error::conflict(format!(
            "the database has migration {owner}/{number:04}, which this version does not know; use a newer version"
        ))),
    }
}

async fn applied(tx: &Tx) -> Result<HashMap<(String, u32), String>> {
    let rows = tx
        .query_all_raw(Statement::from_string(
            tx.get_database_backend(),
            "SELECT owner, number, checksum FROM store_migration",
        ))
        .await?;
    rows.iter()
        .map(|row| {
            let number = u32::try_from(row.try_get::<i32>("", "number")?)?;
            Ok(((row.try_get("", "owner")?, number), row.try_get("", "checksum")?))
        })
        .collect()
}

async fn apply(tx: &Tx, step: &Migration, checksum: Digest, clock: &Clock) -> Result<()> {
    for statement in statements(step.sql, tx.engine()) {
        tx.execute_unprepared(&statement).await.map_err(|cause| {
            Error::internal(format!("migration {}/{:04}: {cause}: {statement}", step.owner, step.number))
        })?;
    }
    tx.execute_raw(Statement::from_sql_and_values(
        tx.get_database_backend(),
        "INSERT INTO store_migration (owner, number, name, checksum, applied_at) VALUES ($1, $2, $3, $4, $5)",
        [
            step.owner.into(),
            i32::try_from(step.number)?.into(),
            step.name.into(),
            checksum.hex().into(),
            clock.now().into(),
        ],
    ))
    .await?;
    Ok(())
}

fn statements(sql: &str, engine: Engine) -> Vec<String> {
    let (uuid, bytes, json) = match engine {
        Engine::Sqlite => ("BLOB", "BLOB", "TEXT"),
        Engine::Postgres => ("UUID", "BYTEA", "JSONB"),
    };
    sql.replace("{uuid}", uuid)
        .replace("{bytes}", bytes)
        .replace("{json}", json)
        .split(";\n")
        .map(|statement| {
            statement
                .lines()
                .filter(|line| !line.starts_with("--"))
                .collect::<Vec<_>>()
                .join("\n")
                .trim()
                .to_owned()
        })
        .filter(|statement| !statement.is_empty())
        .collect()
}
