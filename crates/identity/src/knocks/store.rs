//! The table `identity_knock`.

use sea_orm::{ConnectionTrait, QueryResult, Statement, Value};
use stoa_core::{Result, Timestamp};
use stoa_store::Tx;

use super::model::{Knock, KnockId};

/// Adds one.
pub(crate) async fn add(tx: &Tx, id: KnockId, knock: &Knock) -> Result<()> {
    let values: [Value; 6] = [
        id.into(),
        knock.kind.as_str().into(),
        knock.email_key.as_str().into(),
        knock.subject.into(),
        knock.ip.map(|ip| ip.to_string()).into(),
        knock.at.into(),
    ];
    tx.execute_raw(Statement::from_sql_and_values(
        tx.get_database_backend(),
        "INSERT INTO identity_knock (id, kind, email_key, subject, ip, at) VALUES ($1, $2, $3, $4, $5, $6)",
        values,
    ))
    .await?;
    Ok(())
}

/// By id.
pub(crate) async fn find(db: &impl ConnectionTrait, id: KnockId) -> Result<Option<Knock>> {
    let sql = "SELECT kind, email_key, subject, ip, at FROM identity_knock WHERE id = $1";
    let row =
        db.query_one_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, [id.into()])).await?;
    row.as_ref().map(read).transpose()
}

/// Takes one away. True if it was there.
pub(crate) async fn take(tx: &Tx, id: KnockId) -> Result<bool> {
    let sql = "DELETE FROM identity_knock WHERE id = $1";
    let done =
        tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, [id.into()])).await?;
    Ok(done.rows_affected() > 0)
}

/// Forgets what was asked about an address.
pub(crate) async fn remove_for(tx: &Tx, email_key: &str) -> Result<()> {
    let sql = "DELETE FROM identity_knock WHERE email_key = $1";
    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, [email_key.into()]))
        .await?;
    Ok(())
}

/// Forgets those that no job took.
pub(crate) async fn remove_before(tx: &Tx, at: Timestamp) -> Result<()> {
    let sql = "DELETE FROM identity_knock WHERE at <= $1";
    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, [at.into()])).await?;
    Ok(())
}

fn read(row: &QueryResult) -> Result<Knock> {
    let (kind, ip): (String, Option<String>) = (row.try_get("", "kind")?, row.try_get("", "ip")?);
    Ok(Knock {
        kind: kind.parse()?,
        email_key: row.try_get("", "email_key")?,
        subject: row.try_get("", "subject")?,
        ip: ip.and_then(|ip| ip.parse().ok()),
        at: row.try_get("", "at")?,
    })
}
