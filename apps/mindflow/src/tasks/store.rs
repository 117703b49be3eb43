//! Rows of tasks and of what they need.

pub(crate) mod bulk;
pub(crate) mod names;

use std::collections::{HashMap, HashSet};

use sea_orm::{
    ActiveValue::{NotSet, Set},
    Condition, EntityTrait, JoinType, QueryFilter, QueryOrder, QueryResult, QuerySelect, QueryTrait, Select,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, LikeExpr, SimpleExpr},
};
use stoa_core::{Edit, Granted, Result, Timestamp, UserId};
use stoa_store::Tx;

use super::{
    lists::{Filter, Order, StatusFilter},
    model::{Kept, Need, TaskId},
};
use crate::{
    recurrence::next::Recurrence,
    settings::{model::Settings, store as settings},
};

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

mod dependency {
    use super::*;

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
}

use task::Column;

/// What is read of a task, in the order in which [`kept`] reads it.
const READ: [Column; 19] = [
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
];

/// Where what is joined to a task begins.
const JOINED: usize = READ.len();

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
    })
}

fn recurrence(row: &QueryResult) -> Result<Option<Recurrence>> {
    let Some(rule) = row.try_get_by_index(15)? else { return Ok(None) };
    let from: String = row.try_get_by_index(16)?;
    Ok(Some(Recurrence { rule, from: from.parse()?, clock: row.try_get_by_index(17)? }))
}

/// The whole row that a task makes.
fn row(task: &Kept) -> task::ActiveModel {
    // A blank around each, so that one word is not found in another.
    let tags = task.tags.iter().fold(String::new(), |all, tag| format!("{all} {tag} "));
    task::ActiveModel {
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
        next_id: Set(task.next_id),
        started_at: Set(task.started_at),
        snoozed_until: Set(task.snoozed_until),
        completed_at: Set(task.completed_at),
        deleted_at: Set(task.deleted_at),
        created_at: Set(task.created_at),
        updated_at: Set(task.updated_at),
        owner: NotSet,
        source: NotSet,
    }
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

/// A page of the tasks that pass a filter, beginning behind `after`.
pub(crate) async fn list(
    db: &impl ConnectionTrait,
    owner: UserId,
    filter: &Filter,
    after: Option<&Kept>,
    limit: u64,
    now: Timestamp,
) -> Result<Vec<Kept>> {
    let mut query = of(owner).filter(wanted(filter, now));
    if let Some(after) = after {
        query = query.filter(behind(filter.order, after));
    }
    let query = match filter.order {
        Order::Created => query.order_by_desc(Column::Id),
        Order::Due => query.order_by_asc(due()).order_by_asc(Column::Id),
        Order::Priority => query.order_by_desc(Column::Priority).order_by_desc(Column::Id),
    };
    all(db, query.limit(limit)).await
}

fn wanted(filter: &Filter, now: Timestamp) -> Condition {
    let asleep = || Column::SnoozedUntil.gt(now);
    let awake = || Condition::any().add(Column::SnoozedUntil.is_null()).add(Column::SnoozedUntil.lte(now));
    let mut all = Condition::all();
    all = match filter.deleted {
        false => all.add(Column::DeletedAt.is_null()),
        true => all.add(Column::DeletedAt.is_not_null()),
    };
    all = match filter.status {
        None => all,
        Some(StatusFilter::Completed) => all.add(Column::CompletedAt.is_not_null()),
        Some(StatusFilter::Open) => all.add(Column::CompletedAt.is_null()),
        Some(StatusFilter::Snoozed) => all.add(Column::CompletedAt.is_null()).add(asleep()),
        Some(StatusFilter::Pending) => {
            all.add(Column::CompletedAt.is_null()).add(awake()).add(Column::StartedAt.is_null())
        }
        Some(StatusFilter::InProgress) => {
            all.add(Column::CompletedAt.is_null()).add(awake()).add(Column::StartedAt.is_not_null())
        }
    };
    if let Some(tag) = &filter.tag {
        all = all.add(Expr::col((task::Entity, Column::Tags)).like(containing(&format!(" {tag} "))));
    }
    if let Some(project) = &filter.project {
        all = all.add(Column::Project.eq(project.as_str()));
    }
    for word in &filter.words {
        all = all.add(Expr::col((task::Entity, Column::Search)).like(containing(word)));
    }
    all
}

/// A pattern for texts with these words in them, whatever characters they have.
fn containing(words: &str) -> LikeExpr {
    LikeExpr::new(pattern(words)).escape('!')
}

/// The pattern itself; `!` stands before what is meant as it is.
fn pattern(words: &str) -> String {
    let plain = words.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    format!("%{plain}%")
}

/// When a task is due, for sorting: what is never due comes last, on both engines.
fn due() -> SimpleExpr {
    Expr::col((task::Entity, Column::DueAt)).if_null(NEVER)
}

const NEVER: i64 = i64::MAX;

fn behind(order: Order, after: &Kept) -> Condition {
    let key = after.due_at.map_or(NEVER, Timestamp::micros);
    let priority = i32::from(after.priority);
    match order {
        Order::Created => Condition::all().add(Column::Id.lt(after.id)),
        Order::Due => Condition::any()
            .add(due().gt(key))
            .add(Condition::all().add(due().eq(key)).add(Column::Id.gt(after.id))),
        Order::Priority => Condition::any()
            .add(Column::Priority.lt(priority))
            .add(Condition::all().add(Column::Priority.eq(priority)).add(Column::Id.lt(after.id))),
    }
}

/// All open tasks of a person, each with the ids of what it needs, and their settings: one statement, so that
/// ranking costs no more.
pub(crate) async fn open_of(
    db: &impl ConnectionTrait,
    owner: UserId,
) -> Result<(Settings, Vec<(Kept, Vec<TaskId>)>)> {
    use settings::Column as Setting;
    // Asked for their owner too, or PostgreSQL would walk through everybody's.
    let own = move |_, needs| Condition::all().add(Expr::col((needs, dependency::Column::Owner)).eq(owner));
    let needs = task::Entity::belongs_to(dependency::Entity)
        .from(Column::Id)
        .to(dependency::Column::TaskId)
        .on_condition(own)
        .into();
    let theirs = task::Entity::belongs_to(settings::Entity).from(Column::Owner).to(Setting::UserId).into();
    let query = of(owner)
        .filter(Column::CompletedAt.is_null())
        .filter(Column::DeletedAt.is_null())
        .column(dependency::Column::NeedsId)
        .columns([Setting::TimeZone])
        .columns([Setting::UrgencyWeight, Setting::PriorityWeight, Setting::EffortWeight])
        .join(JoinType::LeftJoin, needs)
        .join(JoinType::LeftJoin, theirs)
        .order_by_asc(Column::Id);
    let rows = db.query_all_raw(query.build(db.get_database_backend())).await?;
    let mut tasks: Vec<(Kept, Vec<TaskId>)> = Vec::with_capacity(rows.len());
    for row in &rows {
        let need: Option<TaskId> = row.try_get_by_index(JOINED)?;
        match tasks.last_mut() {
            Some((task, needs)) if task.id == row.try_get_by_index(0)? => needs.extend(need),
            _ => tasks.push((kept(row)?, need.into_iter().collect())),
        }
    }
    tasks.iter_mut().for_each(|(_, needs)| needs.sort_unstable());
    Ok((rows.first().map(set).transpose()?.flatten().unwrap_or_default(), tasks))
}

fn set(row: &QueryResult) -> Result<Option<Settings>> {
    let Some(zone) = row.try_get_by_index::<Option<String>>(JOINED + 1)? else { return Ok(None) };
    let weight = |place: usize| row.try_get_by_index(JOINED + 2 + place);
    let weights = [weight(0)?, weight(1)?, weight(2)?];
    Settings::kept(&zone, weights, Timestamp::from_micros(0)).map(Some)
}

pub(crate) async fn add(tx: &Tx, owner: UserId, task: &Kept) -> Result<()> {
    let row = task::ActiveModel { owner: Set(owner), ..row(task) };
    task::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}

pub(crate) async fn save(tx: &Tx, before: &Granted<Kept, Edit>, after: &Kept) -> Result<()> {
    task::Entity::update_many().set(row(after)).filter(Column::Id.eq(before.id)).exec(tx).await?;
    Ok(())
}

/// Takes an occurrence back that was made when another was completed. Nothing waits for it yet, or the others let go.
pub(crate) async fn forget(tx: &Tx, task: &Granted<Kept, Edit>) -> Result<()> {
    task::Entity::delete_many().filter(Column::Id.eq(task.id)).exec(tx).await?;
    Ok(())
}

/// Forgets for good some of what was deleted before a moment; how many that were.
pub(crate) async fn purge(tx: &Tx, before: Timestamp, most: u64) -> Result<u64> {
    let old = task::Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::DeletedAt.is_not_null())
        .filter(Column::DeletedAt.lt(before))
        .order_by_asc(Column::DeletedAt)
        .limit(most)
        .into_query();
    let gone = task::Entity::delete_many().filter(Column::Id.in_subquery(old)).exec(tx).await?;
    Ok(gone.rows_affected)
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

/// Which of these are tasks of that person. A deleted one counts: it may be restored, and holds nothing up till then.
pub(crate) async fn known(tx: &Tx, owner: UserId, ids: Vec<TaskId>) -> Result<HashSet<TaskId>> {
    let there: Vec<TaskId> = task::Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Id.is_in(ids))
        .filter(Column::Owner.eq(owner))
        .into_tuple()
        .all(tx)
        .await?;
    Ok(there.into_iter().collect())
}

/// What each of these tasks needs.
pub(crate) async fn needs(db: &impl ConnectionTrait, of: Vec<TaskId>) -> Result<Vec<(TaskId, Need)>> {
    use dependency::Column as Link;
    let needed = dependency::Entity::belongs_to(task::Entity).from(Link::NeedsId).to(Column::Id).into();
    let rows: Vec<(TaskId, TaskId, Option<Timestamp>, Option<Timestamp>)> = dependency::Entity::find()
        .select_only()
        .columns([Link::TaskId, Link::NeedsId])
        .columns([Column::CompletedAt, Column::DeletedAt])
        .join(JoinType::InnerJoin, needed)
        .filter(Link::TaskId.is_in(of))
        .order_by_asc(Link::NeedsId)
        .into_tuple()
        .all(db)
        .await?;
    let open = |done: Option<Timestamp>, deleted: Option<Timestamp>| done.is_none() && deleted.is_none();
    Ok(rows.into_iter().map(|(task, id, done, gone)| (task, Need { id, open: open(done, gone) })).collect())
}

/// Who needs whom, among all tasks of a person.
pub(crate) async fn links(tx: &Tx, owner: UserId) -> Result<Vec<(TaskId, TaskId)>> {
    use dependency::Column as Link;
    Ok(dependency::Entity::find()
        .select_only()
        .columns([Link::TaskId, Link::NeedsId])
        .filter(Link::Owner.eq(owner))
        .into_tuple()
        .all(tx)
        .await?)
}

pub(crate) async fn clear_needs(tx: &Tx, task: &Granted<Kept, Edit>) -> Result<()> {
    dependency::Entity::delete_many().filter(dependency::Column::TaskId.eq(task.id)).exec(tx).await?;
    Ok(())
}

pub(crate) async fn add_needs(tx: &Tx, owner: UserId, task: TaskId, needs: &[TaskId]) -> Result<()> {
    for need in needs {
        let row = dependency::ActiveModel { task_id: Set(task), needs_id: Set(*need), owner: Set(owner) };
        dependency::Entity::insert(row).exec_without_returning(tx).await?;
    }
    Ok(())
}
