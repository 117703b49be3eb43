//! The table `identity_authorization`.

use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use stoa_core::{Result, Timestamp, digest};
use stoa_store::Tx;

use super::back::Back;
use crate::oauth::grants::model::Asked;

/// A request that waits.
#[derive(FromQueryResult)]
pub(crate) struct Row {
    asked: serde_json::Value,
    pub(crate) created_at: Timestamp,
    pub(crate) expires_at: Timestamp,
}

impl Row {
    pub(crate) fn asked(&self) -> Result<Asked> {
        Ok(serde_json::from_value(self.asked.clone())?)
    }

    /// The request, and the way back to its client.
    pub(crate) fn both(&self) -> Result<(Asked, Back)> {
        let asked = self.asked()?;
        let back = Back::of(&asked);
        Ok((asked, back))
    }
}

/// Whether a request was pushed by its client, or came with a browser.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Came {
    Pushed,
    WithABrowser,
}

/// Keeps one under a handle, of which only the digest is written down.
pub(crate) async fn add(
    tx: &Tx,
    handle: &str,
    came: Came,
    asked: &Asked,
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<()> {
    tx.execute_raw(Statement::from_sql_and_values(
        tx.get_database_backend(),
        "INSERT INTO identity_authorization (digest, client_id, pushed, asked, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
        [
            digest(handle).as_bytes().to_vec().into(),
            asked.client_id.clone().into(),
            i32::from(came == Came::Pushed).into(),
            serde_json::to_value(asked)?.into(),
            now.into(),
            expires_at.into(),
        ],
    ))
    .await?;
    Ok(())
}

/// The request behind a handle, while it is good.
pub(crate) async fn find(db: &impl ConnectionTrait, handle: &str, now: Timestamp) -> Result<Option<Row>> {
    let row = Row::find_by_statement(Statement::from_sql_and_values(
        db.get_database_backend(),
        "SELECT asked, created_at, expires_at FROM identity_authorization WHERE digest = $1 AND pushed = 0",
        [digest(handle).as_bytes().to_vec().into()],
    ));
    Ok(row.one(db).await?.filter(|row| now < row.expires_at))
}

/// Takes the request behind a handle. Of many at once, one gets it.
pub(crate) async fn take(tx: &Tx, handle: &str, came: Came, now: Timestamp) -> Result<Option<Row>> {
    let row = Row::find_by_statement(Statement::from_sql_and_values(
        tx.get_database_backend(),
        "DELETE FROM identity_authorization WHERE digest = $1 AND pushed = $2 RETURNING asked, created_at, expires_at",
        [digest(handle).as_bytes().to_vec().into(), i32::from(came == Came::Pushed).into()],
    ));
    Ok(row.one(tx).await?.filter(|row| now < row.expires_at))
}

/// Removes those that nobody decided.
pub(crate) async fn remove_expired(tx: &Tx, now: Timestamp) -> Result<()> {
    tx.execute_raw(Statement::from_sql_and_values(
        tx.get_database_backend(),
        "DELETE FROM identity_authorization WHERE expires_at <= $1",
        [now.into()],
    ))
    .await?;
    Ok(())
}
