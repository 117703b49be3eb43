//! Rows of reminders.

use std::collections::BTreeSet;

use sea_orm::{
    ActiveValue::Set, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, entity::prelude::*,
    sea_query::OnConflict,
};
use stoa_core::{Result, Timestamp, UserId};
use stoa_store::Tx;

use crate::tasks::model::TaskId;

/// A letter that is to be sent at some time, or was.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "mindflow_reminder")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) task_id: TaskId,
    /// The other half of the key.
    pub(crate) due_at: Timestamp,
    pub(crate) owner: UserId,
    pub(crate) sent_at: Option<Timestamp>,
    pub(crate) skipped_at: Option<Timestamp>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

/// As the index has it.
fn waiting() -> Condition {
    Condition::all().add(Column::SentAt.is_null()).add(Column::SkippedAt.is_null())
}

/// Of a task, nothing waits any more.
pub(super) async fn clear(tx: &Tx, task: TaskId) -> Result<()> {
    Entity::delete_many().filter(Column::TaskId.eq(task)).filter(waiting()).exec(tx).await?;
    Ok(())
}

/// Letters wait for these times, except where one was sent already.
pub(super) async fn add(tx: &Tx, owner: UserId, task_id: TaskId, times: &BTreeSet<Timestamp>) -> Result<()> {
    for due_at in times {
        let row = ActiveModel {
            task_id: Set(task_id),
            due_at: Set(*due_at),
            owner: Set(owner),
            sent_at: Set(None),
            skipped_at: Set(None),
        };
        let there = OnConflict::columns([Column::TaskId, Column::DueAt]).do_nothing().to_owned();
        Entity::insert(row).on_conflict(there).exec_without_returning(tx).await?;
    }
    Ok(())
}

/// Whether any letter waits whose time has come.
pub(super) async fn is_any_due(db: &impl ConnectionTrait, now: Timestamp) -> Result<bool> {
    let first = Entity::find().filter(waiting()).filter(Column::DueAt.lte(now)).limit(1);
    Ok(first.one(db).await?.is_some())
}

/// The oldest letters whose time has come, kept from everybody else until the write ends.
pub(super) async fn due(tx: &Tx, now: Timestamp, most: u64) -> Result<Vec<Model>> {
    let due = Entity::find().filter(waiting()).filter(Column::DueAt.lte(now));
    Ok(due.order_by_asc(Column::DueAt).limit(most).lock_exclusive().all(tx).await?)
}

/// Notes that a letter was sent, or left out. `false` when somebody was faster.
pub(super) async fn close(tx: &Tx, letter: &Model, now: Timestamp, sent: bool) -> Result<bool> {
    let column = if sent { Column::SentAt } else { Column::SkippedAt };
    let closed = Entity::update_many()
        .col_expr(column, Expr::value(now))
        .filter(Column::TaskId.eq(letter.task_id))
        .filter(Column::DueAt.eq(letter.due_at))
        .filter(waiting())
        .exec(tx)
        .await?;
    Ok(closed.rows_affected == 1)
}
