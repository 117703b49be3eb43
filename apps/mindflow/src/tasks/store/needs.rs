//! Rows of what tasks need.

use std::collections::HashSet;

use sea_orm::{
    ActiveValue::Set, EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, entity::prelude::*,
};
use stoa_core::{Edit, Granted, Result, Timestamp, UserId};
use stoa_store::Tx;

use super::{
    Changing,
    task::{self, Column as Of},
};
use crate::tasks::model::{Kept, Need, TaskId};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "mindflow_dependency")]
pub(super) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) task_id: TaskId,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(super) needs_id: TaskId,
    pub(super) owner: UserId,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(super) enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

/// Which of these are tasks of that person. A deleted one counts: it may be restored, and holds nothing up till then.
pub(crate) async fn known(tx: &Tx, owner: UserId, ids: Vec<TaskId>) -> Result<HashSet<TaskId>> {
    let there: Vec<TaskId> = task::Entity::find()
        .select_only()
        .column(Of::Id)
        .filter(Of::Id.is_in(ids))
        .filter(Of::Owner.eq(owner))
        .into_tuple()
        .all(tx)
        .await?;
    Ok(there.into_iter().collect())
}

/// What each of these tasks needs.
pub(crate) async fn needs(db: &impl ConnectionTrait, of: Vec<TaskId>) -> Result<Vec<(TaskId, Need)>> {
    let needed = Entity::belongs_to(task::Entity).from(Column::NeedsId).to(Of::Id).into();
    let rows: Vec<(TaskId, TaskId, Option<Timestamp>, Option<Timestamp>)> = Entity::find()
        .select_only()
        .columns([Column::TaskId, Column::NeedsId])
        .columns([Of::CompletedAt, Of::DeletedAt])
        .join(JoinType::InnerJoin, needed)
        .filter(Column::TaskId.is_in(of))
        .order_by_asc(Column::NeedsId)
        .into_tuple()
        .all(db)
        .await?;
    let open = |done: Option<Timestamp>, deleted: Option<Timestamp>| done.is_none() && deleted.is_none();
    Ok(rows.into_iter().map(|(task, id, done, gone)| (task, Need { id, open: open(done, gone) })).collect())
}

/// Who needs whom, among all tasks of a person.
pub(crate) async fn links(tx: &Tx, owner: UserId) -> Result<Vec<(TaskId, TaskId)>> {
    Ok(Entity::find()
        .select_only()
        .columns([Column::TaskId, Column::NeedsId])
        .filter(Column::Owner.eq(owner))
        .into_tuple()
        .all(tx)
        .await?)
}

pub(crate) async fn clear_needs(list: &Changing<'_>, task: &Granted<Kept, Edit>) -> Result<()> {
    Entity::delete_many().filter(Column::TaskId.eq(task.id)).exec(&**list).await?;
    Ok(())
}

pub(crate) async fn add_needs(
    list: &Changing<'_>,
    owner: UserId,
    task: TaskId,
    needs: &[TaskId],
) -> Result<()> {
    for need in needs {
        let row = ActiveModel { task_id: Set(task), needs_id: Set(*need), owner: Set(owner) };
        Entity::insert(row).exec_without_returning(&**list).await?;
    }
    Ok(())
}
