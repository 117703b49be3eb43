//! Rows of reminders.

use std::collections::BTreeSet;

use sea_orm::{
    ActiveValue::Set, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement, UpdateMany,
    Value, entity::prelude::*, sea_query::OnConflict,
};
use stoa_core::{Result, Timestamp, UserId};
use stoa_identity::mail::model::LetterId;
use stoa_store::Tx;

use super::state::Why;

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
    /// The letter that told of it.
    pub(crate) letter: Option<LetterId>,
    /// Why there was none.
    pub(crate) skipped_why: Option<String>,
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
            letter: Set(None),
            skipped_why: Set(None),
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

/// What waits for somebody until then, the oldest first.
pub(super) async fn until(tx: &Tx, owner: UserId, end: Timestamp, most: u64) -> Result<Vec<Model>> {
    let theirs =
        Entity::find().filter(Column::Owner.eq(owner)).filter(waiting()).filter(Column::DueAt.lt(end));
    Ok(theirs.order_by_asc(Column::DueAt).limit(most).lock_exclusive().all(tx).await?)
}

/// The last reminders of a task, whatever became of them.
pub(super) async fn of_task(db: &impl ConnectionTrait, task: TaskId, most: u64) -> Result<Vec<Model>> {
    let all = Entity::find().filter(Column::TaskId.eq(task));
    Ok(all.order_by_desc(Column::DueAt).limit(most).all(db).await?)
}

/// Takes one that waits. `false` when somebody was faster.
pub(super) async fn take(tx: &Tx, one: &Model, now: Timestamp) -> Result<bool> {
    let taken = of(one).col_expr(Column::SentAt, Expr::value(now)).filter(waiting()).exec(tx).await?;
    Ok(taken.rows_affected == 1)
}

/// The letter that tells of one that was taken.
pub(super) async fn set_letter(tx: &Tx, one: &Model, letter: LetterId) -> Result<()> {
    of(one).col_expr(Column::Letter, Expr::value(letter)).exec(tx).await?;
    Ok(())
}

/// Leaves one out that waits. `false` when somebody was faster.
pub(super) async fn skip(tx: &Tx, one: &Model, now: Timestamp, why: Why) -> Result<bool> {
    let skipped = of(one)
        .col_expr(Column::SkippedAt, Expr::value(now))
        .col_expr(Column::SkippedWhy, Expr::value(why.as_str()))
        .filter(waiting())
        .exec(tx)
        .await?;
    Ok(skipped.rows_affected == 1)
}

fn of(one: &Model) -> UpdateMany<Entity> {
    Entity::update_many().filter(Column::TaskId.eq(one.task_id)).filter(Column::DueAt.eq(one.due_at))
}

/// How many letters somebody got on a day of their clock.
pub(super) async fn posted(tx: &Tx, owner: UserId, day: i32) -> Result<i32> {
    let text = "SELECT posted FROM mindflow_letters WHERE owner = $1 AND day = $2";
    let row = tx.query_one_raw(sql(tx, text, [owner.into(), day.into()])).await?;
    Ok(row.map(|row| row.try_get("", "posted")).transpose()?.unwrap_or_default())
}

/// One more letter on a day.
pub(super) async fn count(tx: &Tx, owner: UserId, day: i32) -> Result<()> {
    let text = "INSERT INTO mindflow_letters (owner, day, posted) VALUES ($1, $2, 1) \
        ON CONFLICT (owner) DO UPDATE SET day = excluded.day, \
        posted = CASE WHEN mindflow_letters.day = excluded.day THEN mindflow_letters.posted + 1 ELSE 1 END";
    tx.execute_raw(sql(tx, text, [owner.into(), day.into()])).await?;
    Ok(())
}

fn sql(tx: &Tx, text: &str, values: [Value; 2]) -> Statement {
    Statement::from_sql_and_values(tx.get_database_backend(), text, values)
}
