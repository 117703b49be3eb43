//! Pages of tasks: which pass a filter, and in which order.

use sea_orm::{
    Condition, QueryFilter, QueryOrder, QuerySelect,
    entity::prelude::*,
    sea_query::{Expr, ExprTrait, LikeExpr, SimpleExpr},
};
use stoa_core::{Result, Timestamp, UserId};

use super::{Column, all, of, task};
use crate::tasks::{
    lists::{Filter, Order, StatusFilter},
    model::Kept,
};

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
pub(super) fn pattern(words: &str) -> String {
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
