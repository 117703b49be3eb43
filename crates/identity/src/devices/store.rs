//! The table `identity_browser`.

use sea_orm::{ConnectionTrait, Statement, Value};
use stoa_core::{Result, SessionId, Timestamp, UserId};
use stoa_store::Tx;

/// Adds a kind, unless the account has been used with it before. Whether it has been used with others, if this one was new.
pub(crate) async fn add(
    tx: &Tx,
    user: UserId,
    family: &str,
    session: SessionId,
    now: Timestamp,
) -> Result<Option<bool>> {
    let sql = "INSERT INTO identity_browser (user_id, family, session_id, notable, first_seen_at) \
               VALUES ($1, $2, $3, EXISTS (SELECT 1 FROM identity_browser WHERE user_id = $1), $4) \
               ON CONFLICT (user_id, family) DO NOTHING RETURNING notable";
    let values: [Value; 4] = [user.into(), family.into(), session.into(), now.into()];
    let row =
        tx.query_one_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values)).await?;
    Ok(row.map(|row| row.try_get("", "notable")).transpose()?)
}

/// The sessions that brought in a kind which was new to an account that had others.
pub(crate) async fn notable(db: &impl ConnectionTrait, user: UserId) -> Result<Vec<SessionId>> {
    let sql = "SELECT session_id FROM identity_browser WHERE user_id = $1 AND notable";
    let rows = Statement::from_sql_and_values(db.get_database_backend(), sql, [user.into()]);
    db.query_all_raw(rows).await?.iter().map(|row| Ok(row.try_get("", "session_id")?)).collect()
}

/// All kinds that an account was used with, and since when.
pub(crate) async fn all(db: &impl ConnectionTrait, user: UserId) -> Result<Vec<(String, Timestamp)>> {
    let sql = "SELECT family, first_seen_at FROM identity_browser WHERE user_id = $1";
    let rows = Statement::from_sql_and_values(db.get_database_backend(), sql, [user.into()]);
    let rows = db.query_all_raw(rows).await?;
    rows.iter().map(|row| Ok((row.try_get("", "family")?, row.try_get("", "first_seen_at")?))).collect()
}
