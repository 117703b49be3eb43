//! The doors to what comes next.

use axum::Extension;
use serde::Serialize;
use stoa_edge::{Answer, Caller, Json, PageQuery, Paged};
use utoipa::ToSchema;

use super::{
    ops,
    rank::{LeftOut, Ranked},
};
use crate::{MindFlow, tasks::model::TaskTag};

/// The task to do now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BestTask {
    /// The task, its score, and why.
    #[serde(flatten)]
    ranked: Ranked,
    /// Open tasks that were not considered.
    left_out: LeftOut,
}

/// What to do next, best first.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NextTasks {
    /// The tasks, each with its score, and why.
    items: Vec<Ranked>,
    /// Hand this back as `after` for the next page; `null` on the last.
    #[schema(required, example = "019cade2-11c0-7b41-9c55-3f0a6d2e8b17")]
    next: Option<String>,
    /// Open tasks that were not considered.
    left_out: LeftOut,
}

/// The task to do now
///
/// Of all your open tasks that are neither blocked nor snoozed, the one with the highest score; of equals the one that
/// is due first, then the oldest. The points of the reasons add up to the score.
#[utoipa::path(get, operation_id = "best_task", path = "/tasks/best", tag = "tasks",
    responses((status = 200, description = "The task, and why", body = BestTask), (status = 404, description = "There is nothing to do: `nothing_to_do`")))]
pub(crate) async fn best(Caller(ctx): Caller, Extension(app): Extension<MindFlow>) -> Answer<Json<BestTask>> {
    let (ranked, left_out) = ops::best(&ctx, &app).await?;
    Ok(Json(BestTask { ranked, left_out }))
}

/// What to do next
///
/// The whole ranking, best first, each place explained as the first is.
#[utoipa::path(get, operation_id = "next_tasks", path = "/tasks/next", tag = "tasks", params(PageQuery),
    responses((status = 200, description = "Best first", body = NextTasks)))]
pub(crate) async fn next(
    Caller(ctx): Caller,
    Extension(app): Extension<MindFlow>,
    Paged(page): Paged<TaskTag>,
) -> Answer<Json<NextTasks>> {
    let (items, next, left_out) = ops::next(&ctx, &app, page).await?;
    Ok(Json(NextTasks { items, next, left_out }))
}
