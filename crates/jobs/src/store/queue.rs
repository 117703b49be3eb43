//! The queue as a worker sees it: what is due of the kinds it knows, and the claim.

use sea_orm::{ConnectionTrait, QueryResult, prelude::Json};
use stoa_core::{JobId, Result, Timestamp, UserId};
use stoa_store::{Engine, NodeId, Tx};

use super::query_all;

/// What a worker needs to run a job it has claimed.
pub(crate) struct Claimed {
    pub(crate) id: JobId,
    pub(crate) kind: String,
    pub(crate) owner: Option<UserId>,
    pub(crate) request: String,
    pub(crate) input: Json,
    pub(crate) attempt: i32,
    pub(crate) fence: i64,
    pub(crate) cancel_requested: bool,
}

/// Statements for the kinds that one worker knows, made once.
pub(crate) struct Queue {
    next_due: String,
    claim: String,
}

impl Queue {
    pub(crate) fn of(kinds: &[&'static str], engine: Engine) -> Self {
        let mut kinds: Vec<_> = kinds.iter().map(|kind| format!("'{}'", kind.replace('\'', "''"))).collect();
        kinds.sort_unstable();
        let kinds = if kinds.is_empty() { "NULL".to_owned() } else { kinds.join(", ") };
        let due = format!("state = 'queued' AND due_at <= $3 AND kind IN ({kinds}) ORDER BY due_at LIMIT $4");
        // PostgreSQL passes over rows that another worker is claiming. The array is made once, whatever the
        // planner thinks of it, so no more rows are taken than asked for, and each is found by its key.
        let these = match engine {
            Engine::Sqlite => format!("IN (SELECT id FROM jobs_job WHERE {due})"),
            Engine::Postgres => {
                format!("= ANY(ARRAY(SELECT id FROM jobs_job WHERE {due} FOR UPDATE SKIP LOCKED))")
            }
        };
        Self {
            next_due: format!(
                "SELECT due_at FROM jobs_job WHERE state = 'queued' AND kind IN ({kinds}) ORDER BY due_at LIMIT 1"
            ),
            claim: format!(
                "UPDATE jobs_job SET state = 'running', attempt = attempt + 1, fence = fence + 1, node = $1, \
                 lease_until = $2, started_at = COALESCE(started_at, $3) WHERE id {these} \
                 RETURNING id, kind, owner, request, input, attempt, fence, cancel_requested"
            ),
        }
    }

    /// When the next job is due; it may be due already.
    pub(crate) async fn next_due(&self, db: &impl ConnectionTrait) -> Result<Option<Timestamp>> {
        let rows = query_all(db, &self.next_due, []).await?;
        Ok(rows.first().map(|row| row.try_get("", "due_at")).transpose()?)
    }

    pub(crate) async fn claim(
        &self,
        tx: &Tx,
        node: NodeId,
        now: Timestamp,
        lease_until: Timestamp,
        most: usize,
    ) -> Result<Vec<Claimed>> {
        // PostgreSQL knows a table as it was some time ago, mostly when nothing waited, and would collect and sort all
        // of a long queue for each claim. The index has the order: from there it reads only the head.
        if tx.engine() == Engine::Postgres {
            tx.execute_unprepared("SET LOCAL enable_sort = off").await?;
        }
        let most = i64::try_from(most)?;
        let values = [node.into(), lease_until.into(), now.into(), most.into()];
        query_all(tx, &self.claim, values).await?.iter().map(claimed).collect()
    }
}

/// When the oldest job of any kind that waits was or will be due.
pub(crate) async fn oldest_due(db: &impl ConnectionTrait) -> Result<Option<Timestamp>> {
    let sql = "SELECT due_at FROM jobs_job WHERE state = 'queued' ORDER BY due_at LIMIT 1";
    let rows = query_all(db, sql, []).await?;
    Ok(rows.first().map(|row| row.try_get("", "due_at")).transpose()?)
}

pub(super) fn claimed(row: &QueryResult) -> Result<Claimed> {
    Ok(Claimed {
        id: row.try_get("", "id")?,
        kind: row.try_get("", "kind")?,
        owner: row.try_get("", "owner")?,
        request: row.try_get("", "request")?,
        input: row.try_get("", "input")?,
        attempt: row.try_get("", "attempt")?,
        fence: row.try_get("", "fence")?,
        cancel_requested: row.try_get("", "cancel_requested")?,
    })
}
