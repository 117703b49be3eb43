//! Rows of jobs and their events. Moves are single statements that name the state they start from.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, ExecResult, QueryFilter, QueryOrder,
    QueryResult, QuerySelect, Statement, Value, entity::prelude::*,
};
use stoa_core::{Error, JobId, Result, Timestamp, UserId};
use stoa_store::{Engine, NodeId, Tx};

use crate::model::{Event, JobView, Problem, Progress, State};

pub(crate) mod job {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "jobs_job")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) id: JobId,
        pub(crate) kind: String,
        pub(crate) state: String,
        pub(crate) owner: Option<UserId>,
        pub(crate) request: String,
        pub(crate) input: Json,
        pub(crate) due_at: Timestamp,
        pub(crate) attempt: i32,
        pub(crate) fence: i64,
        pub(crate) node: Option<NodeId>,
        pub(crate) lease_until: Option<Timestamp>,
        pub(crate) cancel_requested: bool,
        pub(crate) events: i64,
        pub(crate) done: i64,
        pub(crate) total: i64,
        pub(crate) note: String,
        pub(crate) result: Option<Json>,
        pub(crate) problem: Option<Json>,
        pub(crate) created_at: Timestamp,
        pub(crate) started_at: Option<Timestamp>,
        pub(crate) finished_at: Option<Timestamp>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

mod event {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "jobs_event")]
    pub(crate) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) job_id: JobId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub(crate) number: i64,
        pub(crate) kind: String,
        pub(crate) data: Json,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(crate) enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

impl TryFrom<job::Model> for JobView {
    type Error = Error;
    fn try_from(row: job::Model) -> Result<Self> {
        Ok(Self {
            id: row.id,
            kind: row.kind,
            state: row.state.parse()?,
            progress: Progress { done: row.done, total: row.total, note: row.note },
            created_at: row.created_at,
            started_at: row.started_at,
            finished_at: row.finished_at,
            result: row.result,
            problem: row.problem.map(serde_json::from_value::<Problem>).transpose()?,
            owner: row.owner,
            events: row.events,
        })
    }
}

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

pub(crate) struct New<'a> {
    pub(crate) id: JobId,
    pub(crate) kind: &'a str,
    pub(crate) owner: Option<UserId>,
    pub(crate) request: &'a str,
    pub(crate) input: Json,
    pub(crate) due_at: Timestamp,
    pub(crate) now: Timestamp,
}

pub(crate) async fn add(tx: &Tx, new: New<'_>) -> Result<()> {
    let row = job::ActiveModel {
        id: Set(new.id),
        kind: Set(new.kind.to_owned()),
        state: Set(State::Queued.as_str().to_owned()),
        owner: Set(new.owner),
        request: Set(new.request.to_owned()),
        input: Set(new.input),
        due_at: Set(new.due_at),
        attempt: Set(0),
        fence: Set(0),
        node: Set(None),
        lease_until: Set(None),
        cancel_requested: Set(false),
        events: Set(0),
        done: Set(0),
        total: Set(0),
        note: Set(String::new()),
        result: Set(None),
        problem: Set(None),
        created_at: Set(new.now),
        started_at: Set(None),
        finished_at: Set(None),
    };
    job::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

pub(crate) async fn find(db: &impl ConnectionTrait, id: JobId) -> Result<Option<JobView>> {
    job::Entity::find_by_id(id).one(db).await?.map(JobView::try_from).transpose()
}

pub(crate) async fn events(
    db: &impl ConnectionTrait,
    id: JobId,
    after: i64,
    limit: u64,
) -> Result<Vec<Event>> {
    let rows = event::Entity::find()
        .filter(event::Column::JobId.eq(id))
        .filter(event::Column::Number.gt(after))
        .order_by_asc(event::Column::Number)
        .limit(limit)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| Event { number: row.number, kind: row.kind, data: row.data }).collect())
}

pub(crate) async fn failed(
    db: &impl ConnectionTrait,
    after: Option<JobId>,
    limit: u64,
) -> Result<Vec<JobView>> {
    let mut query = job::Entity::find().filter(job::Column::State.eq(State::Failed.as_str()));
    if let Some(after) = after {
        query = query.filter(job::Column::Id.lt(after));
    }
    let rows = query.order_by_desc(job::Column::Id).limit(limit).all(db).await?;
    rows.into_iter().map(JobView::try_from).collect()
}

/// The claim for these kinds: the text differs by engine only in how rows that others hold are passed over.
pub(crate) fn claim_sql(kinds: &[&'static str], engine: Engine) -> String {
    let kinds =
        kinds.iter().map(|kind| format!("'{}'", kind.replace('\'', ""))).collect::<Vec<_>>().join(", ");
    let passing_over = match engine {
        Engine::Sqlite => "",
        Engine::Postgres => " FOR UPDATE SKIP LOCKED",
    };
    format!(
        "UPDATE jobs_job SET state = 'running', attempt = attempt + 1, fence = fence + 1, node = $1, \
         lease_until = $2, started_at = COALESCE(started_at, $3) WHERE id IN (SELECT id FROM jobs_job WHERE \
         state = 'queued' AND due_at <= $3 AND kind IN ({kinds}) ORDER BY due_at LIMIT $4{passing_over}) \
         RETURNING id, kind, owner, request, input, attempt, fence, cancel_requested"
    )
}

pub(crate) async fn claim(
    tx: &Tx,
    sql: &str,
    node: NodeId,
    now: Timestamp,
    lease_until: Timestamp,
    most: usize,
) -> Result<Vec<Claimed>> {
    let most = i64::try_from(most)?;
    let rows = query_all(tx, sql, [node.into(), lease_until.into(), now.into(), most.into()]).await?;
    rows.iter().map(claimed).collect()
}

fn claimed(row: &QueryResult) -> Result<Claimed> {
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

/// When the next job is due that is not due yet.
pub(crate) async fn next_due(db: &impl ConnectionTrait) -> Result<Option<Timestamp>> {
    let rows =
        query_all(db, "SELECT due_at FROM jobs_job WHERE state = 'queued' ORDER BY due_at LIMIT 1", [])
            .await?;
    Ok(rows.first().map(|row| row.try_get("", "due_at")).transpose()?)
}

/// Renews the leases of everything this node runs; tells which those are and which of them should stop.
pub(crate) async fn renew(tx: &Tx, node: NodeId, lease_until: Timestamp) -> Result<Vec<(JobId, i64, bool)>> {
    let rows = query_all(
        tx,
        "UPDATE jobs_job SET lease_until = $2 WHERE node = $1 AND state = 'running' \
         RETURNING id, fence, cancel_requested",
        [node.into(), lease_until.into()],
    )
    .await?;
    rows.iter()
        .map(|row| {
            Ok((row.try_get("", "id")?, row.try_get("", "fence")?, row.try_get("", "cancel_requested")?))
        })
        .collect()
}

/// Running jobs whose worker is gone.
pub(crate) async fn expired(db: &impl ConnectionTrait, now: Timestamp) -> Result<Vec<Claimed>> {
    let rows = query_all(
        db,
        "SELECT id, kind, owner, request, input, attempt, fence, cancel_requested FROM jobs_job \
         WHERE state = 'running' AND lease_until < $1 ORDER BY lease_until LIMIT 100",
        [now.into()],
    )
    .await?;
    rows.iter().map(claimed).collect()
}

/// How a run ended, or did not.
pub(crate) enum End {
    Succeeded(Json),
    Failed(Problem),
    Cancelled,
    /// Once more, at that time.
    Again(Timestamp),
    /// Not its fault: the try does not count.
    HandedBack,
}

/// Ends a run, if it is still the job's present one. False where another has taken over.
pub(crate) async fn end(tx: &Tx, id: JobId, fence: i64, end: &End, now: Timestamp) -> Result<bool> {
    let (sql, values): (&str, Vec<Value>) = match end {
        End::Succeeded(result) => (
            "UPDATE jobs_job SET state = 'succeeded', result = $4, finished_at = $3, node = NULL, lease_until = NULL \
             WHERE id = $1 AND fence = $2 AND state = 'running'",
            vec![id.into(), fence.into(), now.into(), result.clone().into()],
        ),
        End::Failed(problem) => (
            "UPDATE jobs_job SET state = 'failed', problem = $4, finished_at = $3, node = NULL, lease_until = NULL \
             WHERE id = $1 AND fence = $2 AND state = 'running'",
            vec![id.into(), fence.into(), now.into(), serde_json::to_value(problem)?.into()],
        ),
        End::Cancelled => (
            "UPDATE jobs_job SET state = 'cancelled', finished_at = $3, node = NULL, lease_until = NULL \
             WHERE id = $1 AND fence = $2 AND state = 'running'",
            vec![id.into(), fence.into(), now.into()],
        ),
        End::Again(due_at) => (
            "UPDATE jobs_job SET state = 'queued', due_at = $3, node = NULL, lease_until = NULL \
             WHERE id = $1 AND fence = $2 AND state = 'running'",
            vec![id.into(), fence.into(), (*due_at).into()],
        ),
        End::HandedBack => (
            "UPDATE jobs_job SET state = 'queued', due_at = $3, attempt = attempt - 1, node = NULL, \
             lease_until = NULL WHERE id = $1 AND fence = $2 AND state = 'running'",
            vec![id.into(), fence.into(), now.into()],
        ),
    };
    Ok(execute(tx, sql, values).await?.rows_affected() == 1)
}

/// Whether the run is still the job's present one; holds it so until the transaction ends.
pub(crate) async fn hold(tx: &Tx, id: JobId, fence: i64) -> Result<bool> {
    let held = execute(
        tx,
        "UPDATE jobs_job SET fence = fence WHERE id = $1 AND fence = $2 AND state = 'running'",
        [id.into(), fence.into()],
    )
    .await?;
    Ok(held.rows_affected() == 1)
}

/// Adds an event, and progress with it, if the run is still the job's present one.
pub(crate) async fn tell(
    tx: &Tx,
    id: JobId,
    fence: i64,
    progress: Option<&Progress>,
    kind: &str,
    data: Json,
) -> Result<bool> {
    let rows =
        match progress {
            Some(progress) => {
                query_all(
                    tx,
                    "UPDATE jobs_job SET events = events + 1, done = $3, total = $4, note = $5 \
                 WHERE id = $1 AND fence = $2 AND state = 'running' RETURNING events",
                    [
                        id.into(),
                        fence.into(),
                        progress.done.into(),
                        progress.total.into(),
                        progress.note.clone().into(),
                    ],
                )
                .await?
            }
            None => query_all(
                tx,
                "UPDATE jobs_job SET events = events + 1 WHERE id = $1 AND fence = $2 AND state = 'running' \
                 RETURNING events",
                [id.into(), fence.into()],
            )
            .await?,
        };
    let Some(row) = rows.first() else { return Ok(false) };
    let number: i64 = row.try_get("", "events")?;
    let row = event::ActiveModel {
        job_id: Set(id),
        number: Set(number),
        kind: Set(kind.to_owned()),
        data: Set(data),
    };
    event::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(true)
}

/// Stops a job that waits, or asks a running one to stop. True if it ended at once.
pub(crate) async fn ask_to_stop(tx: &Tx, id: JobId, now: Timestamp) -> Result<bool> {
    let at_once = execute(
        tx,
        "UPDATE jobs_job SET state = 'cancelled', finished_at = $2 WHERE id = $1 AND state = 'queued'",
        [id.into(), now.into()],
    )
    .await?;
    if at_once.rows_affected() == 1 {
        return Ok(true);
    }
    execute(
        tx,
        "UPDATE jobs_job SET cancel_requested = TRUE WHERE id = $1 AND state = 'running'",
        [id.into()],
    )
    .await?;
    Ok(false)
}

/// Removes jobs that ended before a time, their events with them.
pub(crate) async fn remove_finished(tx: &Tx, before: Timestamp) -> Result<u64> {
    let removed = execute(
        tx,
        "DELETE FROM jobs_job WHERE finished_at IS NOT NULL AND finished_at < $1",
        [before.into()],
    )
    .await?;
    Ok(removed.rows_affected())
}

/// Moves a schedule on, if it is due. Of many nodes that try, one gets true.
pub(crate) async fn schedule_is_due(tx: &Tx, name: &str, now: Timestamp, next: Timestamp) -> Result<bool> {
    let moved = query_all(
        tx,
        "INSERT INTO jobs_schedule (name, next_at) VALUES ($1, $3) ON CONFLICT (name) DO UPDATE SET \
         next_at = excluded.next_at WHERE jobs_schedule.next_at <= $2 RETURNING name",
        [name.into(), now.into(), next.into()],
    )
    .await?;
    Ok(!moved.is_empty())
}

async fn execute(
    db: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<ExecResult> {
    Ok(db.execute_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?)
}

async fn query_all(
    db: &impl ConnectionTrait,
    sql: &str,
    values: impl IntoIterator<Item = Value>,
) -> Result<Vec<QueryResult>> {
    Ok(db.query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).await?)
}
