//! What is left of files that nobody stands behind is removed, and their rows last.

use std::time::Duration;

use sea_orm::{ConnectionTrait, Statement, Value};
use stoa_core::{Result, Timestamp};

use super::{BlobId, Blobs, run};
use crate::{Db, Uncertain};

/// An upload that was not kept for this long belongs to nobody. Longer than any request or job may take.
const ABANDONED: Duration = Duration::from_secs(24 * 3600);
/// How long a doomed file stays for those who are reading it.
const GRACE: Duration = Duration::from_secs(60);

impl Blobs {
    /// Removes the objects of doomed and abandoned rows, then the rows. What cannot be removed now is tried again
    /// the next time, and keeps nothing else from being removed.
    pub(crate) async fn sweep(&self, db: &Db, now: Timestamp) -> Result<()> {
        // From here on an abandoned one can no longer be kept.
        db.write(async |tx| {
            let values: [Value; 1] = [(now - ABANDONED).into()];
            let sql = "UPDATE store_blob SET state = 'doomed' WHERE state = 'writing' AND changed_at < $1";
            run(tx, sql, values).await
        })
        .await?;
        let rows = db
            .reads()
            .query_all_raw(Statement::from_sql_and_values(
                db.reads().get_database_backend(),
                "SELECT id, upload FROM store_blob WHERE state = 'doomed' AND changed_at < $1 LIMIT 1000",
                [(now - GRACE).into()],
            ))
            .await?;
        let mut failed = None;
        for row in rows {
            let (id, upload): (BlobId, _) = (row.try_get("", "id")?, row.try_get("", "upload")?);
            match self.0.remove(id, upload).await {
                // If the power takes this along, the row is swept once more, and finds nothing to remove.
                Ok(()) => {
                    db.write_uncertain(Uncertain, async |tx| {
                        let values: [Value; 1] = [id.into()];
                        run(tx, "DELETE FROM store_blob WHERE id = $1 AND state = 'doomed'", values).await
                    })
                    .await?;
                }
                Err(error) => failed = Some(error),
            }
        }
        failed.map_or(Ok(()), Err)
    }
}
