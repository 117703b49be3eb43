//! Events: what jobs tell while they run, numbered without gaps.

use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    entity::prelude::*,
};
use stoa_core::{JobId, Result};
use stoa_store::Tx;

use super::query_all;
use crate::model::{Event, Progress};

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

pub(crate) async fn events(
    db: &impl ConnectionTrait,
    id: JobId,
    after: i64,
    limit: u64,
) -> Result<Vec<Event>> {
    let rows = Entity::find()
        .filter(Column::JobId.eq(id))
        .filter(Column::Number.gt(after))
        .order_by_asc(Column::Number)
        .limit(limit)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| Event { number: row.number, kind: row.kind, data: row.data }).collect())
}

/// Adds an event, and progress with it, if the run is still the job's present one.
///
/// The job's own row gives the number and stays locked until the commit: readers never see a gap.
pub(crate) async fn tell(
    tx: &Tx,
    id: JobId,
    fence: i64,
    progress: Option<Progress>,
    kind: &str,
    data: Json,
) -> Result<bool> {
    let (id_and_fence, told) = ([id.into(), fence.into()], "RETURNING events");
    let rows = if let Some(progress) = progress {
        let sql = format!(
            "UPDATE jobs_job SET events = events + 1, done = $3, total = $4, note = $5 \
             WHERE id = $1 AND fence = $2 AND state = 'running' {told}"
        );
        let progress = [progress.done.into(), progress.total.into(), progress.note.into()];
        query_all(tx, &sql, id_and_fence.into_iter().chain(progress)).await?
    } else {
        let sql = format!(
            "UPDATE jobs_job SET events = events + 1 WHERE id = $1 AND fence = $2 AND state = 'running' {told}"
        );
        query_all(tx, &sql, id_and_fence).await?
    };
    let Some(row) = rows.first() else { return Ok(false) };
    let event = ActiveModel {
        job_id: Set(id),
        number: Set(row.try_get("", "events")?),
        kind: Set(kind.to_owned()),
        data: Set(data),
    };
    Entity::insert(event).exec_without_returning(tx).await?;
    Ok(true)
}
