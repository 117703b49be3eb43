//! The doors to quick add.

use axum::Extension;
use stoa_edge::{Answer, Caller, Created, Json};

use super::{
    model::{Parsed, QuickTask},
    ops,
};
use crate::{
    MindFlow,
    tasks::{http::created, view::Task},
};

/// Create a task from one line
///
/// As it is understood by `POST /tasks/quick/parse`.
#[utoipa::path(post, operation_id = "quick_add_task", path = "/tasks/quick", tag = "tasks", request_body = QuickTask,
    responses((status = 201, description = "The task", body = Task, headers(("location" = String, description = "the task"))),
        (status = 409, description = "There are too many open tasks")))]
pub(crate) async fn create(
    Caller(ctx): Caller,
    Extension(app): Extension<MindFlow>,
    Json(line): Json<QuickTask>,
) -> Answer<Created<Task>> {
    Ok(created(ops::create(&ctx, &app.config, &line.text).await?))
}

/// Understand one line
///
/// What task it would make, and which words mean what. Nothing is saved.
#[utoipa::path(post, operation_id = "parse_quick_task", path = "/tasks/quick/parse", tag = "tasks", request_body = QuickTask,
    responses((status = 200, description = "What was understood", body = Parsed)))]
pub(crate) async fn parse(Caller(ctx): Caller, Json(line): Json<QuickTask>) -> Answer<Json<Parsed>> {
    Ok(Json(ops::parse(&ctx, &line.text).await?))
}
