//! Processes that share the rows, each with a lease it renews.

use sea_orm::{ConnectionTrait, Statement};
use stoa_core::{Id, Result, Timestamp};

use crate::{Db, Uncertain};

/// A running process.
#[derive(Debug)]
pub enum NodeTag {}
/// The id of a running process, new at each start.
pub type NodeId = Id<NodeTag>;

/// Says: I am here until `lease_until`, and nothing older than epoch `seen` is in my caches.
pub(crate) async fn report(db: &Db, node: NodeId, seen: i64, lease_until: Timestamp) -> Result<()> {
    db.write_uncertain(Uncertain, async |tx| {
        tx.execute_raw(Statement::from_sql_and_values(
            tx.get_database_backend(),
            "INSERT INTO store_node (id, seen, lease_until) VALUES ($1, $2, $3) ON CONFLICT (id) DO UPDATE \
             SET seen = excluded.seen, lease_until = excluded.lease_until",
            [node.into(), seen.into(), lease_until.into()],
        ))
        .await?;
        Ok(())
    })
    .await
}

/// Goes, and takes along those whose lease ran out.
pub(crate) async fn leave(db: &Db, node: NodeId, now: Timestamp) -> Result<()> {
    db.write_uncertain(Uncertain, async |tx| {
        tx.execute_raw(Statement::from_sql_and_values(
            tx.get_database_backend(),
            "DELETE FROM store_node WHERE id = $1 OR lease_until < $2",
            [node.into(), now.into()],
        ))
        .await?;
        Ok(())
    })
    .await
}

/// Whether some other process may still hold something older than `epoch`.
pub(crate) async fn behind(db: &Db, me: NodeId, epoch: i64, now: Timestamp) -> Result<bool> {
    let behind = db
        .reads()
        .query_one_raw(Statement::from_sql_and_values(
            db.reads().get_database_backend(),
            "SELECT id FROM store_node WHERE seen < $1 AND lease_until > $2 AND id <> $3 LIMIT 1",
            [epoch.into(), now.into(), me.into()],
        ))
        .await?;
    Ok(behind.is_some())
}
