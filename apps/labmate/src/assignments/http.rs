//! The doors to labs and tasks.

use axum::Extension;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::{Deserialize, Serialize};
use stoa_core::Error;
use stoa_edge::{
    Accepted, Answer, Caller, Created, ETag, IfMatch, Json, List, Multipart, PageQuery, Paged, Path,
};
use stoa_jobs::JobView;
use utoipa::ToSchema;

use super::{
    model::{Lab, LabId, LabRow, LabTag, NewTask, Task, TaskChange, TaskId},
    ops,
};
use crate::LabMate;

/// A thing with its `ETag`.
type Versioned<T> = ([(HeaderName, HeaderValue); 1], Json<T>);

/// What an upload answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct Uploaded {
    /// The new lab; its tasks come when the job is done.
    pub lab: Lab,
    /// The job that reads the document.
    pub job: JobView,
}

/// The form of an upload.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it only describes the form")]
pub struct UploadForm {
    /// The document: DOCX, Markdown or plain text.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// What to call the lab; the file's name if nothing is said.
    #[schema(example = "Lab 3: loops")]
    title: Option<String>,
}

/// What may be changed of a lab.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LabChange {
    /// The title: 1 to 200 characters.
    #[schema(min_length = 1, max_length = 200, example = "Lab 3: loops")]
    pub title: String,
}

/// Your labs
///
/// Newest first.
#[utoipa::path(get, operation_id = "list_labs", path = "/labs", tag = "labs", params(PageQuery), responses((status = 200, description = "Newest first", body = List<LabRow>)))]
pub(crate) async fn list(Caller(ctx): Caller, Paged(page): Paged<LabTag>) -> Answer<Json<List<LabRow>>> {
    Ok(Json(ops::list(&ctx, page).await?.into()))
}

/// Upload an assignment
///
/// The answer comes when the file is stored; a job finds the tasks in it.
#[utoipa::path(post, operation_id = "upload_lab", path = "/labs", tag = "labs",
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 202, description = "Stored; the job reads it", body = Uploaded, headers(("location" = String, description = "the job")))))]
pub(crate) async fn upload(
    Caller(ctx): Caller,
    Extension(app): Extension<LabMate>,
    mut form: Multipart,
) -> Answer<Accepted<Uploaded>> {
    let mut title = None;
    while let Some(field) = form.next().await? {
        match field.name() {
            "title" => title = Some(field.text(1000).await?),
            "file" => {
                let name = field.file_name().map(ToOwned::to_owned);
                let (name, title) = (name.as_deref(), title.as_deref());
                let (lab, job) = ops::upload(&ctx, &app.config, name, title, field.bytes()).await?;
                return Ok(Accepted { job: job.id, body: Uploaded { lab, job } });
            }
            other => {
                let other = other.escape_default().to_string();
                return Err(
                    Error::field(other, "is not a field of this form; send `title`, then `file`").into()
                );
            }
        }
    }
    Err(Error::field("file", "is missing").into())
}

/// One lab with its tasks
#[utoipa::path(get, operation_id = "show_lab", path = "/labs/{id}", tag = "labs", params(("id" = LabId, Path, description = "The lab")),
    responses((status = 200, description = "The lab", body = Lab, headers(("etag" = String, description = "The version, for `If-Match`")))))]
pub(crate) async fn show(Caller(ctx): Caller, Path(id): Path<LabId>) -> Answer<Versioned<Lab>> {
    versioned(ops::show(&ctx, id).await?)
}

/// Rename a lab
#[utoipa::path(patch, operation_id = "change_lab", path = "/labs/{id}", tag = "labs", params(("id" = LabId, Path, description = "The lab"), IfMatch), request_body = LabChange,
    responses((status = 200, description = "The lab", body = Lab, headers(("etag" = String, description = "The version, for `If-Match`"))),
        (status = 412, description = "It has changed since; load it again")))]
pub(crate) async fn rename(
    Caller(ctx): Caller,
    Path(id): Path<LabId>,
    headers: HeaderMap,
    Json(change): Json<LabChange>,
) -> Answer<Versioned<Lab>> {
    versioned(ops::rename(&ctx, id, &change.title, &headers).await?)
}

fn versioned(lab: Lab) -> Answer<Versioned<Lab>> {
    Ok(([ETag::of_time(lab.row.updated_at)?.header()], Json(lab)))
}

/// Remove a lab
///
/// With its tasks, runs and reports.
#[utoipa::path(delete, operation_id = "remove_lab", path = "/labs/{id}", tag = "labs", params(("id" = LabId, Path, description = "The lab")), responses((status = 204, description = "Removed")))]
pub(crate) async fn remove(Caller(ctx): Caller, Path(id): Path<LabId>) -> Answer<StatusCode> {
    ops::remove(&ctx, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Add a task
#[utoipa::path(post, operation_id = "add_task", path = "/labs/{id}/tasks", tag = "labs", params(("id" = LabId, Path, description = "The lab")), request_body = NewTask,
    responses((status = 201, description = "The task", body = Task)))]
pub(crate) async fn add_task(
    Caller(ctx): Caller,
    Extension(app): Extension<LabMate>,
    Path(id): Path<LabId>,
    Json(new): Json<NewTask>,
) -> Answer<Created<Task>> {
    let task = ops::add_task(&ctx, &app.config, id, new).await?;
    Ok(Created { at: format!("/labs/{id}/tasks/{}", task.id), body: task })
}

/// Change a task
///
/// What is left out stays. `If-Match` refuses the change when the task has changed since.
#[utoipa::path(patch, operation_id = "change_task", path = "/labs/{id}/tasks/{task_id}", tag = "labs",
    params(("id" = LabId, Path, description = "The lab"), ("task_id" = TaskId, Path, description = "The task"), IfMatch), request_body = TaskChange,
    responses((status = 200, description = "The task as it is now", body = Task, headers(("etag" = String, description = "The version, for `If-Match`"))),
        (status = 412, description = "It has changed since; load it again")))]
pub(crate) async fn edit_task(
    Caller(ctx): Caller,
    Path((id, task)): Path<(LabId, TaskId)>,
    headers: HeaderMap,
    Json(change): Json<TaskChange>,
) -> Answer<Versioned<Task>> {
    let task = ops::edit_task(&ctx, id, task, change, &headers).await?;
    Ok(([ETag::of_time(task.updated_at)?.header()], Json(task)))
}

/// Remove a task
///
/// With its runs.
#[utoipa::path(delete, operation_id = "remove_task", path = "/labs/{id}/tasks/{task_id}", tag = "labs",
    params(("id" = LabId, Path, description = "The lab"), ("task_id" = TaskId, Path, description = "The task")), responses((status = 204, description = "Removed")))]
pub(crate) async fn remove_task(
    Caller(ctx): Caller,
    Path((id, task)): Path<(LabId, TaskId)>,
) -> Answer<StatusCode> {
    ops::remove_task(&ctx, id, task).await?;
    Ok(StatusCode::NO_CONTENT)
}
