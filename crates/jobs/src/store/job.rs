//! The row of a job: written down, found, listed, forgotten.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    entity::prelude::*, sea_query::Expr,
};
use stoa_core::{Error, JobId, Result, Timestamp, UserId};
use stoa_store::{NodeId, Tx};

use crate::model::{JobView, Problem, Progress, State};

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

impl TryFrom<Model> for JobView {
    type Error = Error;
    fn try_from(row: Model) -> Result<Self> {
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
    let row = ActiveModel {
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
    Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

pub(crate) async fn find(db: &impl ConnectionTrait, id: JobId) -> Result<Option<JobView>> {
    Entity::find_by_id(id).one(db).await?.map(JobView::try_from).transpose()
}

pub(crate) async fn failed(
    db: &impl ConnectionTrait,
    after: Option<JobId>,
    limit: u64,
) -> Result<Vec<JobView>> {
    // Written out, not bound: only so can both engines see that the small index holds these rows.
    let mut query = Entity::find().filter(Expr::cust("state = 'failed'"));
    if let Some(after) = after {
        query = query.filter(Column::Id.lt(after));
    }
    let rows = query.order_by_desc(Column::Id).limit(limit).all(db).await?;
    rows.into_iter().map(JobView::try_from).collect()
}

/// Removes the oldest jobs that ended before a time, at most `limit`, their events with them.
pub(crate) async fn remove_finished(tx: &Tx, before: Timestamp, limit: i64) -> Result<u64> {
    super::execute(
        tx,
        "DELETE FROM jobs_job WHERE id IN (SELECT id FROM jobs_job WHERE finished_at IS NOT NULL \
         AND finished_at < $1 ORDER BY finished_at LIMIT $2)",
        [before.into(), limit.into()],
    )
    .await
}

/// Removes jobs of one person, at most `limit`, their events with them.
pub(crate) async fn remove_of(tx: &Tx, owner: UserId, limit: i64) -> Result<u64> {
    super::execute(
        tx,
        "DELETE FROM jobs_job WHERE id IN (SELECT id FROM jobs_job WHERE owner = $1 LIMIT $2)",
        [owner.into(), limit.into()],
    )
    .await
}
