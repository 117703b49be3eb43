//! What is open, with all that ranking asks for.

use sea_orm::{
    Condition, EntityTrait, JoinType, QueryFilter, QueryOrder, QueryResult, QuerySelect, QueryTrait,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait},
};
use stoa_core::{Result, Timestamp, UserId};

use super::{Column, READ, kept, needs, of, task};
use crate::{
    settings::{model::Settings, store as settings},
    tasks::model::{Kept, TaskId},
};

/// Where what is joined to a task begins.
const JOINED: usize = READ.len();

/// All open tasks of a person, each with the ids of what it needs, and their settings: one statement, so that
/// ranking costs no more.
pub(crate) async fn open_of(
    db: &impl ConnectionTrait,
    owner: UserId,
) -> Result<(Settings, Vec<(Kept, Vec<TaskId>)>)> {
    use settings::Column as Setting;
    // Asked for their owner too, or PostgreSQL would walk through everybody's.
    let own = move |_, needs| Condition::all().add(Expr::col((needs, needs::Column::Owner)).eq(owner));
    let needs = task::Entity::belongs_to(needs::Entity)
        .from(Column::Id)
        .to(needs::Column::TaskId)
        .on_condition(own)
        .into();
    let theirs = task::Entity::belongs_to(settings::Entity).from(Column::Owner).to(Setting::UserId).into();
    let query = of(owner)
        .filter(Column::CompletedAt.is_null())
        .filter(Column::DeletedAt.is_null())
        .column(needs::Column::NeedsId)
        .columns([Setting::TimeZone])
        .columns([Setting::UrgencyWeight, Setting::PriorityWeight, Setting::EffortWeight])
        .columns([Setting::MorningHour, Setting::AfternoonHour, Setting::EveningHour, Setting::NightHour])
        .columns([Setting::LettersPerDay])
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
    let number = |place: usize| row.try_get_by_index(JOINED + 2 + place);
    let weights = [number(0)?, number(1)?, number(2)?];
    let hours = [number(3)?, number(4)?, number(5)?, number(6)?];
    Settings::kept(&zone, weights, hours, number(7)?, Timestamp::from_micros(0)).map(Some)
}
