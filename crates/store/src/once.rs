//! Values that may be taken once: the set-up claim, sign-in tickets, states of a redirect.
//!
//! In the rows on both sizes, so they survive a restart and any node may take them; only digests of the keys
//! are kept.

use sea_orm::{ConnectionTrait, Statement};
use stoa_core::{Result, Timestamp, digest};

use crate::db::{Db, Tx};

/// One kind of one-time value.
#[derive(Clone, Copy, Debug)]
pub struct Once {
    /// What it is for; keys of different kinds never meet.
    pub kind: &'static str,
}

impl Once {
    /// Keeps `value` under `key` until `expires_at`. A second value under the same key replaces the first.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn put(self, tx: &Tx, key: &str, value: &str, expires_at: Timestamp) -> Result<()> {
        tx.execute_raw(Statement::from_sql_and_values(
            tx.get_database_backend(),
            "INSERT INTO store_once (kind, digest, value, expires_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (kind, digest) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at",
            [
                self.kind.into(),
                digest(key).as_bytes().to_vec().into(),
                value.into(),
                expires_at.into(),
            ],
        ))
        .await?;
        Ok(())
    }

    /// Looks at the value, if it is there and still good, and leaves it: what follows may fail and be tried again.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn look(self, db: &impl ConnectionTrait, key: &str, now: Timestamp) -> Result<Option<String>> {
        let row = db
            .query_one_raw(Statement::from_sql_and_values(
                db.get_database_backend(),
                "SELECT value FROM store_once WHERE kind = $1 AND digest = $2 AND expires_at > $3",
                [self.kind.into(), digest(key).as_bytes().to_vec().into(), now.into()],
            ))
            .await?;
        Ok(row.map(|row| row.try_get("", "value")).transpose()?)
    }

    /// Takes the value, if it is there and still good. Of many who try at once, one gets it.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn take(self, tx: &Tx, key: &str, now: Timestamp) -> Result<Option<String>> {
        let row = tx
            .query_one_raw(Statement::from_sql_and_values(
                tx.get_database_backend(),
                "DELETE FROM store_once WHERE kind = $1 AND digest = $2 RETURNING value, expires_at",
                [self.kind.into(), digest(key).as_bytes().to_vec().into()],
            ))
            .await?;
        let Some(row) = row else { return Ok(None) };
        let expires_at: Timestamp = row.try_get("", "expires_at")?;
        Ok(if expires_at > now { Some(row.try_get("", "value")?) } else { None })
    }

    /// Forgets every value of this kind.
    ///
    /// # Errors
    /// When the engine fails.
    pub async fn clear(self, tx: &Tx) -> Result<()> {
        tx.execute_raw(Statement::from_sql_and_values(
            tx.get_database_backend(),
            "DELETE FROM store_once WHERE kind = $1",
            [self.kind.into()],
        ))
        .await?;
        Ok(())
    }

    /// Forgets what has expired, of every kind. Part of the regular sweep.
    pub(crate) async fn sweep(db: &Db, now: Timestamp) -> Result<()> {
        db.write(async |tx| {
            tx.execute_raw(Statement::from_sql_and_values(
                tx.get_database_backend(),
                "DELETE FROM store_once WHERE expires_at <= $1",
                [now.into()],
            ))
            .await?;
            Ok(())
        })
        .await
    }
}
