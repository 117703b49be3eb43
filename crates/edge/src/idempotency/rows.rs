//! The rows of `edge_idempotency`.
//!
//! They are written without waiting for the disk. A claim comes before the work's own commit in the same log, so
//! whenever that is on the disk the claim is too; a kept answer that is lost with the power leaves a claim, and
//! the next try is told that the outcome is unknown.

use sea_orm::{ConnectionTrait, Statement, Value};
use stoa_core::{Digest, Result, Timestamp};
use stoa_store::{Db, Uncertain};

pub(super) struct Row {
    pub(super) id: Digest,
    pub(super) fingerprint: Digest,
    pub(super) running_until: Timestamp,
    pub(super) expires_at: Timestamp,
}

/// What stands under a key.
pub(super) enum Found {
    /// Nothing stood there; now we do.
    Ours,
    /// Another request's work.
    Other,
    /// The same request, and its sealed answer.
    Answered(Vec<u8>),
    /// The same request, being worked on.
    Running,
    /// The same request, cut off.
    Unknown,
}

fn bytes(digest: Digest) -> Value {
    digest.as_bytes().to_vec().into()
}

pub(super) async fn claim(db: &Db, row: &Row, now: Timestamp) -> Result<Found> {
    db.write_uncertain(Uncertain, async |tx| {
        let claimed = tx
            .query_one_raw(Statement::from_sql_and_values(
                tx.get_database_backend(),
                "INSERT INTO edge_idempotency (id, fingerprint, running_until, expires_at) VALUES ($1, $2, $3, $4) \
                 ON CONFLICT (id) DO UPDATE SET fingerprint = excluded.fingerprint, answer = NULL, \
                 running_until = excluded.running_until, expires_at = excluded.expires_at \
                 WHERE edge_idempotency.expires_at <= $5 RETURNING id",
                [bytes(row.id), bytes(row.fingerprint), row.running_until.into(), row.expires_at.into(), now.into()],
            ))
            .await?;
        if claimed.is_some() {
            return Ok(Found::Ours);
        }
        let there = tx
            .query_one_raw(Statement::from_sql_and_values(
                tx.get_database_backend(),
                "SELECT fingerprint, answer, running_until FROM edge_idempotency WHERE id = $1",
                [bytes(row.id)],
            ))
            .await?;
        // Released between the two statements (on PostgreSQL): look again.
        let Some(there) = there else { return Ok(Found::Running) };
        let fingerprint: Vec<u8> = there.try_get("", "fingerprint")?;
        if Digest::from_slice(&fingerprint) != Some(row.fingerprint) {
            return Ok(Found::Other);
        }
        if let Some(answer) = there.try_get::<Option<Vec<u8>>>("", "answer")? {
            return Ok(Found::Answered(answer));
        }
        let running_until: Timestamp = there.try_get("", "running_until")?;
        Ok(if running_until > now { Found::Running } else { Found::Unknown })
    })
    .await
}

pub(super) async fn answered(db: &Db, id: Digest, answer: Vec<u8>) -> Result<()> {
    run(db, "UPDATE edge_idempotency SET answer = $2 WHERE id = $1", [bytes(id), answer.into()]).await
}

pub(super) async fn cut_off(db: &Db, id: Digest) -> Result<()> {
    run(db, "UPDATE edge_idempotency SET running_until = 0 WHERE id = $1", [bytes(id)]).await
}

pub(super) async fn release(db: &Db, id: Digest) -> Result<()> {
    run(db, "DELETE FROM edge_idempotency WHERE id = $1", [bytes(id)]).await
}

/// Forgets what has expired.
pub(crate) async fn sweep(db: &Db, now: Timestamp) -> Result<()> {
    run(db, "DELETE FROM edge_idempotency WHERE expires_at <= $1", [now.into()]).await
}

async fn run(db: &Db, sql: &'static str, values: impl IntoIterator<Item = Value>) -> Result<()> {
    let values: Vec<Value> = values.into_iter().collect();
    db.write_uncertain(Uncertain, async |tx| {
        tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values)).await?;
        Ok(())
    })
    .await
}
