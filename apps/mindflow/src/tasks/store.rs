//! Rows of tasks.

pub(crate) mod bulk;
mod change;
mod list;
pub(crate) mod names;
mod needs;
mod open;

use std::collections::{BTreeSet, HashMap};

use sea_orm::{
    ActiveValue::{NotSet, Set},
    Condition, EntityTrait, QueryFilter, QueryOrder, QueryResult, QuerySelect, QueryTrait, Select, Statement,
    entity::prelude::*,
    sea_query::Expr,
};
use stoa_core::{Edit, Granted, Result, Timestamp, UserId};
use stoa_store::Tx;

use super::model::{Kept, TaskId};
use crate::{recurrence::next::Recurrence, reminders::model::Reminder};

mod task {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "mindflow_task")]
    pub(super) struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub(super) id: TaskId,
        pub(super) owner: UserId,
        pub(super) title: String,
        pub(super) description: String,
        pub(super) search: String,
        pub(super) priority: i32,
        pub(super) due_at: Option<Timestamp>,
        pub(super) effort_minutes: Option<i32>,
        pub(super) preferred_time: Option<String>,
        pub(super) tags: String,
        pub(super) project: Option<String>,
        pub(super) recurrence: Option<String>,
        pub(super) recurrence_from: Option<String>,
        pub(super) recurrence_clock: Option<i32>,
        pub(super) reminders: Option<String>,
        pub(super) next_id: Option<TaskId>,
        pub(super) source: Option<String>,
        pub(super) started_at: Option<Timestamp>,
        pub(super) snoozed_until: Option<Timestamp>,
        pub(super) completed_at: Option<Timestamp>,
        pub(super) deleted_at: Option<Timestamp>,
        pub(super) created_at: Timestamp,
        pub(super) updated_at: Timestamp,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub(super) enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

pub(crate) use change::{Changing, change, revision, within};
pub(crate) use list::list;
pub(crate) use needs::{add_needs, clear_needs, known, links, needs};
pub(crate) use open::open_of;
use task::Column;

/// What is read of a task, in the order in which [`kept`] reads it.
const READ: [Column; 20] = [
    Column::Id,
    Column::Title,
    Column::Description,
    Column::Priority,
    Column::DueAt,
    Column::EffortMinutes,
    Column::PreferredTime,
    Column::Tags,
    Column::Project,
    Column::StartedAt,
    Column::SnoozedUntil,
    Column::CompletedAt,
    Column::DeletedAt,
    Column::CreatedAt,
    Column::UpdatedAt,
    Column::Recurrence,
    Column::RecurrenceFrom,
    Column::RecurrenceClock,
    Column::NextId,
    Column::Reminders,
];

fn kept(row: &QueryResult) -> Result<Kept> {
    let tags: String = row.try_get_by_index(7)?;
    let part: Option<String> = row.try_get_by_index(6)?;
    Ok(Kept {
        id: row.try_get_by_index(0)?,
        title: row.try_get_by_index(1)?,
        description: row.try_get_by_index(2)?,
        priority: u8::try_from(row.try_get_by_index::<i32>(3)?)?,
        due_at: row.try_get_by_index(4)?,
        effort_minutes: row.try_get_by_index::<Option<i32>>(5)?.map(u16::try_from).transpose()?,
        preferred_time: part.map(|part| part.parse()).transpose()?,
        tags: tags.split_whitespace().map(ToOwned::to_owned).collect(),
        project: row.try_get_by_index(8)?,
        started_at: row.try_get_by_index(9)?,
        snoozed_until: row.try_get_by_index(10)?,
        completed_at: row.try_get_by_index(11)?,
        deleted_at: row.try_get_by_index(12)?,
        created_at: row.try_get_by_index(13)?,
        updated_at: row.try_get_by_index(14)?,
        recurrence: recurrence(row)?,
        next_id: row.try_get_by_index(18)?,
        reminders: reminders(row)?,
    })
}

fn recurrence(row: &QueryResult) -> Result<Option<Recurrence>> {
    let Some(rule) = row.try_get_by_index(15)? else { return Ok(None) };
    let from: String = row.try_get_by_index(16)?;
    Ok(Some(Recurrence { rule, from: from.parse()?, clock: row.try_get_by_index(17)? }))
}

fn reminders(row: &QueryResult) -> Result<Vec<Reminder>> {
    let told: Option<String> = row.try_get_by_index(19)?;
    told.map_or(Ok(Vec::new()), |told| Ok(serde_json::from_str(&told)?))
}

/// The whole row that a task makes.
fn row(task: &Kept) -> Result<task::ActiveModel> {
    // A blank around each, so that one word is not found in another.
    let tags = task.tags.iter().fold(String::new(), |all, tag| format!("{all} {tag} "));
    let reminders = Some(&task.reminders).filter(|all| !all.is_empty());
    Ok(task::ActiveModel {
        id: Set(task.id),
        title: Set(task.title.clone()),
        description: Set(task.description.clone()),
        search: Set(format!("{}\n{}", task.title, task.description).to_lowercase()),
        priority: Set(task.priority.into()),
        due_at: Set(task.due_at),
        effort_minutes: Set(task.effort_minutes.map(Into::into)),
        preferred_time: Set(task.preferred_time.map(|part| part.as_str().to_owned())),
        tags: Set(tags),
        project: Set(task.project.clone()),
        recurrence: Set(task.recurrence.as_ref().map(|one| one.rule.clone())),
        recurrence_from: Set(task.recurrence.as_ref().map(|one| one.from.as_str().to_owned())),
        recurrence_clock: Set(task.recurrence.as_ref().map(|one| one.clock)),
        reminders: Set(reminders.map(serde_json::to_string).transpose()?),
        next_id: Set(task.next_id),
        started_at: Set(task.started_at),
        snoozed_until: Set(task.snoozed_until),
        completed_at: Set(task.completed_at),
        deleted_at: Set(task.deleted_at),
        created_at: Set(task.created_at),
        updated_at: Set(task.updated_at),
        owner: NotSet,
        source: NotSet,
    })
}

fn of(owner: UserId) -> Select<task::Entity> {
    task::Entity::find().select_only().columns(READ).filter(Column::Owner.eq(owner))
}

async fn all(db: &impl ConnectionTrait, query: Select<task::Entity>) -> Result<Vec<Kept>> {
    let rows = db.query_all_raw(query.build(db.get_database_backend())).await?;
    rows.iter().map(kept).collect()
}

pub(crate) async fn find(db: &impl ConnectionTrait, id: TaskId, owner: UserId) -> Result<Option<Kept>> {
    Ok(all(db, of(owner).filter(Column::Id.eq(id))).await?.pop())
}

/// The same, kept from changing until the write ends.
pub(crate) async fn lock(tx: &Tx, id: TaskId, owner: UserId) -> Result<Option<Kept>> {
    Ok(all(tx, of(owner).filter(Column::Id.eq(id)).lock_exclusive()).await?.pop())
}

pub(crate) async fn add(list: &Changing<'_>, owner: UserId, task: &Kept) -> Result<()> {
    let row = task::ActiveModel { owner: Set(owner), ..row(task)? };
    task::Entity::insert(row).exec_without_returning(&**list).await?;
    Ok(())
}

pub(crate) async fn save(list: &Changing<'_>, before: &Granted<Kept, Edit>, after: &Kept) -> Result<()> {
    task::Entity::update_many().set(row(after)?).filter(Column::Id.eq(before.id)).exec(&**list).await?;
    Ok(())
}

/// Takes an occurrence back that was made when another was completed. Nothing waits for it yet, or the others let go.
pub(crate) async fn forget(list: &Changing<'_>, task: &Granted<Kept, Edit>) -> Result<()> {
    task::Entity::delete_many().filter(Column::Id.eq(task.id)).exec(&**list).await?;
    Ok(())
}

/// Forgets for good some of what was deleted before a moment; how many that were.
pub(crate) async fn purge(tx: &Tx, before: Timestamp, most: u64) -> Result<u64> {
    let sql = "DELETE FROM mindflow_task WHERE id IN (SELECT id FROM mindflow_task \
               WHERE deleted_at IS NOT NULL AND deleted_at < $1 ORDER BY deleted_at LIMIT $2) RETURNING owner";
    let values = [before.into(), i64::try_from(most)?.into()];
    let gone =
        tx.query_all_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, values)).await?;
    let owners: BTreeSet<UserId> =
        gone.iter().map(|row| row.try_get_by_index(0)).collect::<Result<_, _>>()?;
    // What is open may have needed what is gone.
    for owner in owners {
        change::raise(tx, owner).await?;
    }
    Ok(u64::try_from(gone.len())?)
}

pub(crate) async fn count_open(tx: &Tx, owner: UserId) -> Result<u64> {
    let open = task::Entity::find()
        .select_only()
        .expr(Expr::cust("COUNT(*)"))
        .filter(Column::Owner.eq(owner))
        .filter(Column::CompletedAt.is_null())
        .filter(Column::DeletedAt.is_null());
    let count: Option<i64> = open.into_tuple().one(tx).await?;
    Ok(u64::try_from(count.unwrap_or_default())?)
}
