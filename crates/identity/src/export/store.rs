//! The table `identity_export`.

use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use stoa_core::{JobId, Result, Timestamp, UserId};
use stoa_store::{BlobId, Tx, Upload};

use super::model::ExportId;

/// An export as it is kept.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) id: ExportId,
    pub(crate) job: JobId,
    pub(crate) blob: Option<BlobId>,
    pub(crate) size: Option<i64>,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

/// Adds one that is still to be written.
pub(crate) async fn add(tx: &Tx, user: UserId, row: &Row) -> Result<()> {
    let sql = "INSERT INTO identity_export (id, user_id, job_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)";
    let values: [Value; 5] =
        [row.id.into(), user.into(), row.job.into(), row.created_at.into(), row.expires_at.into()];
    tx.execute_raw(statement(tx, sql, values)).await?;
    Ok(())
}

/// Some of somebody's that have not expired, newest first.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    user: UserId,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Row>> {
    let sql = "SELECT id, job_id, blob, size, created_at, expires_at FROM identity_export \
               WHERE user_id = $1 AND expires_at > $2 ORDER BY id DESC LIMIT $3";
    let rows = db.query_all_raw(statement(db, sql, [user.into(), now.into(), limit.into()])).await?;
    rows.iter().map(read).collect()
}

/// One of somebody's, if it has not expired.
pub(crate) async fn find(
    db: &impl ConnectionTrait,
    user: UserId,
    id: ExportId,
    now: Timestamp,
) -> Result<Option<Row>> {
    let sql = "SELECT id, job_id, blob, size, created_at, expires_at FROM identity_export \
               WHERE id = $1 AND user_id = $2 AND expires_at > $3";
    let row = db.query_one_raw(statement(db, sql, [id.into(), user.into(), now.into()])).await?;
    row.as_ref().map(read).transpose()
}

/// Is written. True if it is still wanted.
pub(crate) async fn set_ready(tx: &Tx, id: ExportId, upload: &Upload) -> Result<bool> {
    let sql = "UPDATE identity_export SET blob = $2, size = $3 WHERE id = $1";
    let values: [Value; 3] = [id.into(), upload.id.into(), i64::try_from(upload.size)?.into()];
    Ok(tx.execute_raw(statement(tx, sql, values)).await?.rows_affected() == 1)
}

/// The files of all of somebody's.
pub(crate) async fn blobs_of(tx: &Tx, user: UserId) -> Result<Vec<BlobId>> {
    let sql = "SELECT blob FROM identity_export WHERE user_id = $1 AND blob IS NOT NULL";
    let rows = tx.query_all_raw(statement(tx, sql, [user.into()])).await?;
    rows.iter().map(|row| Ok(row.try_get("", "blob")?)).collect()
}

/// Forgets those that have expired. Their files.
pub(crate) async fn remove_expired(tx: &Tx, now: Timestamp) -> Result<Vec<BlobId>> {
    let sql = "DELETE FROM identity_export WHERE expires_at <= $1 RETURNING blob";
    let rows = tx.query_all_raw(statement(tx, sql, [now.into()])).await?;
    rows.iter().filter_map(|row| row.try_get("", "blob").transpose()).map(|blob| Ok(blob?)).collect()
}

fn read(row: &QueryResult) -> Result<Row> {
    Ok(Row {
        id: row.try_get("", "id")?,
        job: row.try_get("", "job_id")?,
        blob: row.try_get("", "blob")?,
        size: row.try_get("", "size")?,
        created_at: row.try_get("", "created_at")?,
        expires_at: row.try_get("", "expires_at")?,
    })
}

fn statement(db: &impl ConnectionTrait, sql: &str, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(db.get_database_backend(), sql, values)
}
