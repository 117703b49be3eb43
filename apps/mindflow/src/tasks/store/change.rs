//! The one way to change a person's list. Whatever writes to tasks, to what they need, or to settings asks for a
//! [`Changing`], and whoever has one raises the list's revision: nothing that is remembered of a list is ever old.

use std::ops::Deref;

use sea_orm::{ConnectionTrait, Statement};
use stoa_core::{Result, UserId};
use stoa_store::{Db, Tx};

/// A write to somebody's list.
pub(crate) struct Changing<'a>(&'a Tx);

impl Deref for Changing<'_> {
    type Target = Tx;
    fn deref(&self) -> &Tx {
        self.0
    }
}

/// Changes somebody's list: all of it, or nothing.
pub(crate) async fn change<T>(
    db: &Db,
    owner: UserId,
    work: impl AsyncFnOnce(&Changing<'_>) -> Result<T>,
) -> Result<T> {
    db.write(async |tx| within(tx, owner, work).await).await
}

/// The same, as a part of a greater write. Raising comes last: nobody who waits for the count holds a task that its
/// holder still wants.
pub(crate) async fn within<T>(
    tx: &Tx,
    owner: UserId,
    work: impl AsyncFnOnce(&Changing<'_>) -> Result<T>,
) -> Result<T> {
    let done = work(&Changing(tx)).await?;
    raise(tx, owner).await?;
    Ok(done)
}

pub(super) async fn raise(tx: &Tx, owner: UserId) -> Result<()> {
    let sql = "INSERT INTO mindflow_list (owner, revision) VALUES ($1, 1) \
               ON CONFLICT (owner) DO UPDATE SET revision = mindflow_list.revision + 1";
    tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, [owner.into()])).await?;
    Ok(())
}

/// How often somebody's list has changed.
pub(crate) async fn revision(db: &impl ConnectionTrait, owner: UserId) -> Result<i64> {
    let sql = "SELECT revision FROM mindflow_list WHERE owner = $1";
    let asked = Statement::from_sql_and_values(db.get_database_backend(), sql, [owner.into()]);
    let row = db.query_one_raw(asked).await?;
    Ok(row.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default())
}
