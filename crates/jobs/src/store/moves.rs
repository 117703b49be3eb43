//! The moves of a job that runs, each only while its run is the present one: the fence says so.

use sea_orm::{ConnectionTrait, Value, prelude::Json};
use stoa_core::{JobId, Result, Timestamp};
use stoa_store::{NodeId, Tx};

use super::{
    execute, query_all,
    queue::{Claimed, claimed},
};
use crate::model::{Problem, State};

/// How a run ended, or did not.
#[derive(Clone, Debug)]
pub(crate) enum End {
    Succeeded(Json),
    Failed(Problem),
    Cancelled,
    /// Once more, at that time.
    Again(Timestamp),
    /// Not its fault: the try does not count, and comes again now.
    HandedBack,
}

/// The end of one run of a job.
#[derive(Clone, Debug)]
pub(crate) struct Ending {
    pub(crate) id: JobId,
    pub(crate) fence: i64,
    pub(crate) end: End,
}

impl Ending {
    /// In the order of the columns of `end_all`.
    fn values(&self, now: Timestamp) -> Result<[Value; 7]> {
        let (state, due_at, not_counted, result, problem) = match &self.end {
            End::Succeeded(result) => (State::Succeeded, None, 0, Some(result.clone()), None),
            End::Failed(problem) => (State::Failed, None, 0, None, Some(serde_json::to_value(problem)?)),
            End::Cancelled => (State::Cancelled, None, 0, None, None),
            End::Again(due_at) => (State::Queued, Some(*due_at), 0, None, None),
            End::HandedBack => (State::Queued, Some(now), 1, None, None),
        };
        let due_at: Option<i64> = due_at.map(Timestamp::micros);
        Ok([
            self.id.into(),
            self.fence.into(),
            state.as_str().into(),
            due_at.into(),
            not_counted.into(),
            result.into(),
            problem.into(),
        ])
    }
}

/// Ends many runs in one statement. Gives back the jobs that moved: the others have been taken over, or ended
/// themselves together with their effects. A job that somebody asked to stop does not come again.
pub(crate) async fn end_all(tx: &Tx, ends: &[Ending], now: Timestamp) -> Result<Vec<JobId>> {
    let mut moved = Vec::with_capacity(ends.len());
    for ends in ends.chunks(MOST_ROWS) {
        let rows = ends.iter().map(|end| end.values(now)).collect::<Result<Vec<_>>>()?;
        let (table, values) = table(rows, 2);
        let sql = format!(
            "UPDATE jobs_job SET \
             state = CASE WHEN cancel_requested AND ends.column3 = 'queued' THEN 'cancelled' ELSE ends.column3 END, \
             finished_at = CASE WHEN ends.column3 = 'queued' AND NOT cancel_requested THEN NULL ELSE $1 END, \
             due_at = COALESCE(ends.column4, due_at), attempt = attempt - ends.column5, \
             result = ends.column6, problem = ends.column7, node = NULL, lease_until = NULL \
             FROM ({table}) AS ends \
             WHERE jobs_job.id = ends.column1 AND fence = ends.column2 AND state = 'running' \
             RETURNING jobs_job.id"
        );
        for row in query_all(tx, &sql, [now.into()].into_iter().chain(values)).await? {
            moved.push(row.try_get("", "id")?);
        }
    }
    Ok(moved)
}

/// Ends a run, if it is still the job's present one. False where another has taken over.
pub(crate) async fn end(tx: &Tx, ending: &Ending, now: Timestamp) -> Result<bool> {
    Ok(!end_all(tx, std::slice::from_ref(ending), now).await?.is_empty())
}

/// Renews the leases of these runs. Gives back those that are still the present ones, and whether somebody asked
/// them to stop.
pub(crate) async fn renew(
    tx: &Tx,
    runs: &[(JobId, i64)],
    lease_until: Timestamp,
) -> Result<Vec<(JobId, bool)>> {
    let mut kept = Vec::with_capacity(runs.len());
    for runs in runs.chunks(MOST_ROWS) {
        let rows = runs.iter().map(|(id, fence)| [(*id).into(), (*fence).into()]).collect();
        let (table, values) = table(rows, 2);
        let sql = format!(
            "UPDATE jobs_job SET lease_until = $1 FROM ({table}) AS runs \
             WHERE jobs_job.id = runs.column1 AND fence = runs.column2 AND state = 'running' \
             RETURNING jobs_job.id, cancel_requested"
        );
        for row in query_all(tx, &sql, [lease_until.into()].into_iter().chain(values)).await? {
            kept.push((row.try_get("", "id")?, row.try_get("", "cancel_requested")?));
        }
    }
    Ok(kept)
}

/// Rows in one statement at most.
const MOST_ROWS: usize = 256;

/// A table of parameters from number `first` on; both engines call its columns `column1`, `column2`, … The last
/// row is repeated up to a power of four, so that there are few texts to prepare; a row that comes twice moves once.
fn table<const N: usize>(mut rows: Vec<[Value; N]>, first: usize) -> (String, Vec<Value>) {
    let mut full = 1;
    while full < rows.len() {
        full *= 4;
    }
    if let Some(last) = rows.last().cloned() {
        rows.resize(full, last);
    }
    let tuple = |row: usize| {
        let numbers: Vec<_> = (0..N).map(|column| format!("${}", first + row * N + column)).collect();
        format!("({})", numbers.join(", "))
    };
    let tuples: Vec<_> = (0..rows.len()).map(tuple).collect();
    (format!("VALUES {}", tuples.join(", ")), rows.into_iter().flatten().collect())
}

/// Running jobs whose worker is gone: their lease ran out.
pub(crate) async fn expired(db: &impl ConnectionTrait, now: Timestamp, limit: i64) -> Result<Vec<Claimed>> {
    let rows = query_all(
        db,
        "SELECT id, kind, owner, request, input, attempt, fence, cancel_requested FROM jobs_job \
         WHERE state = 'running' AND lease_until < $1 ORDER BY lease_until LIMIT $2",
        [now.into(), limit.into()],
    )
    .await?;
    rows.iter().map(claimed).collect()
}

/// Whether the run is still the job's present one; holds it so until the transaction ends.
pub(crate) async fn hold(tx: &Tx, id: JobId, fence: i64) -> Result<bool> {
    let held = execute(
        tx,
        "UPDATE jobs_job SET fence = fence WHERE id = $1 AND fence = $2 AND state = 'running'",
        [id.into(), fence.into()],
    )
    .await?;
    Ok(held == 1)
}

/// Stops a job that waits, asks a running one to stop. True if there was anything to stop.
pub(crate) async fn ask_to_stop(tx: &Tx, id: JobId, now: Timestamp) -> Result<bool> {
    // One statement: between two, the job could move from where the one looks to where the other looked.
    let asked = execute(
        tx,
        "UPDATE jobs_job SET cancel_requested = TRUE, \
         finished_at = CASE WHEN state = 'queued' THEN $2 ELSE finished_at END, \
         state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END \
         WHERE id = $1 AND state IN ('queued', 'running')",
        [id.into(), now.into()],
    )
    .await?;
    Ok(asked == 1)
}

/// The jobs of a worker that somebody asked to stop.
pub(crate) async fn asked_to_stop(db: &impl ConnectionTrait, node: NodeId) -> Result<Vec<(JobId, i64)>> {
    let rows = query_all(
        db,
        "SELECT id, fence FROM jobs_job WHERE node = $1 AND state = 'running' AND cancel_requested",
        [node.into()],
    )
    .await?;
    rows.iter().map(|row| Ok((row.try_get("", "id")?, row.try_get("", "fence")?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_of_parameters_has_one_of_a_few_lengths() {
        let rows = |n: i64| (1..=n).map(|i| [Value::from(i), Value::from(i * 10)]).collect::<Vec<_>>();
        let (one, values) = table(rows(1), 2);
        assert_eq!(one, "VALUES ($2, $3)");
        assert_eq!(values, [1_i64.into(), 10_i64.into()]);
        let (two, values) = table(rows(2), 2);
        assert_eq!(two, "VALUES ($2, $3), ($4, $5), ($6, $7), ($8, $9)");
        let expected: Vec<Value> = [1, 10, 2, 20, 2, 20, 2, 20_i64].map(Into::into).into();
        assert_eq!(values, expected);
        let lengths: std::collections::BTreeSet<_> =
            (1..=256).map(|n| table(rows(n), 1).1.len() / 2).collect();
        assert_eq!(Vec::from_iter(lengths), [1, 4, 16, 64, 256]);
    }
}
