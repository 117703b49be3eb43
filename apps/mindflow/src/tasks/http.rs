//! The doors to tasks.
#![expect(unused_qualifications, reason = "the macro for parameters writes whole paths")]

use axum::Extension;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Deserialize;
use stoa_core::Result;
use stoa_edge::{Answer, Caller, Created, ETag, IfMatch, Json, List, Path, Query};
use stoa_store::Page;
use utoipa::IntoParams;

use super::{
    lists::{self, Filter, Order, StatusFilter},
    model::TaskId,
    ops,
    view::Task,
    wish::{NewTask, Snooze, TaskChange},
};
use crate::MindFlow;

/// A task with its `ETag`.
pub(crate) type Versioned = ([(HeaderName, HeaderValue); 1], Json<Task>);

fn versioned(task: Task) -> Result<Versioned> {
    Ok(([ETag::of_time(task.updated_at)?.header()], Json(task)))
}

/// What a list of tasks can be asked.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TaskQuery {
    /// Where they stand.
    #[param(inline)]
    status: Option<StatusFilter>,
    /// With this tag.
    #[param(min_length = 1, max_length = 50, example = "phone")]
    tag: Option<String>,
    /// Part of this project.
    #[param(min_length = 1, max_length = 100, example = "contract")]
    project: Option<String>,
    /// With all these words in title or description: at most 8.
    #[param(max_length = 200, example = "call ana")]
    q: Option<String>,
    /// In which order.
    #[param(inline)]
    sort: Option<Order>,
    /// The deleted ones, which can be restored, in place of the others.
    deleted: Option<bool>,
    /// How many rows at most: 1 to 200.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: Option<u64>,
    /// `next` of the page before.
    #[param(example = "019cade2-11c0-7b41-9c55-3f0a6d2e8b17")]
    after: Option<String>,
}

impl TaskQuery {
    fn filter(&self) -> Result<Filter> {
        Ok(Filter {
            status: self.status,
            tag: self.tag.as_deref().map(lists::tag).transpose()?,
            project: self.project.as_deref().map(lists::project).transpose()?,
            words: self.q.as_deref().map(lists::words).transpose()?.unwrap_or_default(),
            deleted: self.deleted.unwrap_or_default(),
            order: self.sort.unwrap_or_default(),
        })
    }
}

/// Your tasks
///
/// All that are not deleted, newest first, unless asked otherwise.
#[utoipa::path(get, operation_id = "list_tasks", path = "/tasks", tag = "tasks", params(TaskQuery),
    responses((status = 200, description = "In the order asked for", body = List<Task>)))]
pub(crate) async fn list(Caller(ctx): Caller, Query(asked): Query<TaskQuery>) -> Answer<Json<List<Task>>> {
    let page = Page::asked(asked.limit, asked.after.as_deref())?;
    Ok(Json(ops::list(&ctx, &asked.filter()?, page).await?.into()))
}

/// Create a task
#[utoipa::path(post, operation_id = "create_task", path = "/tasks", tag = "tasks", request_body = NewTask,
    responses((status = 201, description = "The task", body = Task, headers(("location" = String, description = "the task"))),
        (status = 409, description = "There are too many open tasks")))]
pub(crate) async fn create(
    Caller(ctx): Caller,
    Extension(app): Extension<MindFlow>,
    Json(new): Json<NewTask>,
) -> Answer<Created<Task>> {
    Ok(created(ops::create(&ctx, &app.config, new).await?))
}

/// 201 for a task.
pub(crate) fn created(task: Task) -> Created<Task> {
    Created { at: format!("/tasks/{}", task.id), body: task }
}

/// One task
#[utoipa::path(get, operation_id = "show_task", path = "/tasks/{id}", tag = "tasks", params(("id" = TaskId, Path, description = "The task")),
    responses((status = 200, description = "The task", body = Task, headers(("etag" = String, description = "The version, for `If-Match`")))))]
pub(crate) async fn show(Caller(ctx): Caller, Path(id): Path<TaskId>) -> Answer<Versioned> {
    Ok(versioned(ops::show(&ctx, id).await?)?)
}

/// Edit a task
///
/// What is left out stays, `null` takes away. `If-Match` refuses the change when the task has changed since.
#[utoipa::path(patch, operation_id = "edit_task", path = "/tasks/{id}", tag = "tasks", params(("id" = TaskId, Path, description = "The task"), IfMatch), request_body = TaskChange,
    responses((status = 200, description = "The task as it is now", body = Task, headers(("etag" = String, description = "The version, for `If-Match`"))),
        (status = 412, description = "It has changed since; load it again")))]
pub(crate) async fn edit(
    Caller(ctx): Caller,
    Path(id): Path<TaskId>,
    headers: HeaderMap,
    Json(change): Json<TaskChange>,
) -> Answer<Versioned> {
    Ok(versioned(ops::edit(&ctx, id, change, &headers).await?)?)
}

/// Delete a task
///
/// It can be restored.
#[utoipa::path(delete, operation_id = "delete_task", path = "/tasks/{id}", tag = "tasks", params(("id" = TaskId, Path, description = "The task"), IfMatch),
    responses((status = 204, description = "Deleted"), (status = 412, description = "It has changed since; load it again")))]
pub(crate) async fn remove(
    Caller(ctx): Caller,
    Path(id): Path<TaskId>,
    headers: HeaderMap,
) -> Answer<StatusCode> {
    ops::remove(&ctx, id, &headers).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Restore a deleted task
///
/// As it was.
#[utoipa::path(post, operation_id = "restore_task", path = "/tasks/{id}/restore", tag = "tasks", params(("id" = TaskId, Path, description = "The task")),
    responses((status = 200, description = "The task as it is now", body = Task, headers(("etag" = String, description = "The version, for `If-Match`"))),
        (status = 409, description = "There are too many open tasks")))]
pub(crate) async fn restore(
    Caller(ctx): Caller,
    Extension(app): Extension<MindFlow>,
    Path(id): Path<TaskId>,
) -> Answer<Versioned> {
    Ok(versioned(ops::restore(&ctx, &app.config, id).await?)?)
}

/// Complete a task
///
/// Twice is as once.
#[utoipa::path(post, operation_id = "complete_task", path = "/tasks/{id}/complete", tag = "tasks", params(("id" = TaskId, Path, description = "The task"), IfMatch),
    responses((status = 200, description = "The task as it is now", body = Task, headers(("etag" = String, description = "The version, for `If-Match`"))),
        (status = 412, description = "It has changed since; load it again")))]
pub(crate) async fn complete(
    Caller(ctx): Caller,
    Path(id): Path<TaskId>,
    headers: HeaderMap,
) -> Answer<Versioned> {
    Ok(versioned(ops::complete(&ctx, id, &headers).await?)?)
}

/// Reopen a task
///
/// It is pending again, whatever it was: completed, begun or snoozed.
#[utoipa::path(post, operation_id = "reopen_task", path = "/tasks/{id}/reopen", tag = "tasks", params(("id" = TaskId, Path, description = "The task"), IfMatch),
    responses((status = 200, description = "The task as it is now", body = Task, headers(("etag" = String, description = "The version, for `If-Match`"))),
        (status = 409, description = "There are too many open tasks"), (status = 412, description = "It has changed since; load it again")))]
pub(crate) async fn reopen(
    Caller(ctx): Caller,
    Extension(app): Extension<MindFlow>,
    Path(id): Path<TaskId>,
    headers: HeaderMap,
) -> Answer<Versioned> {
    Ok(versioned(ops::reopen(&ctx, &app.config, id, &headers).await?)?)
}

/// Start a task
///
/// It is in progress; what was snoozed is awake.
#[utoipa::path(post, operation_id = "start_task", path = "/tasks/{id}/start", tag = "tasks", params(("id" = TaskId, Path, description = "The task"), IfMatch),
    responses((status = 200, description = "The task as it is now", body = Task, headers(("etag" = String, description = "The version, for `If-Match`"))),
        (status = 409, description = "It is completed; reopen it first"), (status = 412, description = "It has changed since; load it again")))]
pub(crate) async fn start(
    Caller(ctx): Caller,
    Path(id): Path<TaskId>,
    headers: HeaderMap,
) -> Answer<Versioned> {
    Ok(versioned(ops::start(&ctx, id, &headers).await?)?)
}

/// Snooze a task
///
/// It is out of sight until the time comes, and then what it was before.
#[utoipa::path(post, operation_id = "snooze_task", path = "/tasks/{id}/snooze", tag = "tasks", params(("id" = TaskId, Path, description = "The task"), IfMatch), request_body = Snooze,
    responses((status = 200, description = "The task as it is now", body = Task, headers(("etag" = String, description = "The version, for `If-Match`"))),
        (status = 409, description = "It is completed; reopen it first"), (status = 412, description = "It has changed since; load it again")))]
pub(crate) async fn snooze(
    Caller(ctx): Caller,
    Path(id): Path<TaskId>,
    headers: HeaderMap,
    Json(asked): Json<Snooze>,
) -> Answer<Versioned> {
    Ok(versioned(ops::snooze(&ctx, id, asked, &headers).await?)?)
}
