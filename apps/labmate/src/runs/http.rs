//! The doors to runs.
#![expect(unused_qualifications, reason = "the macro for parameters writes whole paths")]

use axum::{
    Extension,
    body::Body,
    response::{IntoResponse, Response},
};
use http::header;
use serde::{Deserialize, Serialize};
use stoa_documents::Theme;
use stoa_edge::{Accepted, Answer, Caller, Json, List, PageQuery, Paged, Path, Query};
use stoa_jobs::JobView;
use utoipa::{IntoParams, ToSchema};

use super::{
    model::{Run, RunId, RunRequest, RunTag},
    ops,
};
use crate::{LabMate, assignments::model::LabId};

/// What starting runs answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct Started {
    /// The job that runs the tasks.
    pub job: JobView,
}

/// A language that programs may be written in.
#[derive(Debug, Serialize, ToSchema)]
pub struct LanguageRow {
    /// Its id.
    #[schema(example = "python")]
    pub id: &'static str,
    /// Its name.
    #[schema(example = "Python")]
    pub name: &'static str,
    /// The end of its file names.
    #[schema(example = "py")]
    pub extension: &'static str,
    /// Whether it can run on this machine.
    pub available: bool,
}

/// Which look a picture has.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ThemeQuery {
    /// The look.
    pub theme: Option<Theme>,
}

/// The languages that can run here
#[utoipa::path(get, operation_id = "list_languages", path = "/languages", tag = "labs", responses((status = 200, description = "All of them", body = List<LanguageRow>)))]
pub(crate) async fn languages(_caller: Caller) -> Json<List<LanguageRow>> {
    let items = stoa_sandbox::languages()
        .iter()
        .map(|entry| LanguageRow {
            id: entry.id,
            name: entry.name,
            extension: entry.extension,
            available: entry.find().is_some(),
        })
        .collect();
    Json(List { items, next: None })
}

/// Run tasks
///
/// One job runs them in order; its events carry what they print.
#[utoipa::path(post, operation_id = "start_runs", path = "/labs/{id}/runs", tag = "labs", params(("id" = LabId, Path, description = "The lab")), request_body = RunRequest,
    responses((status = 202, description = "Their turn will come; the job runs them", body = Started, headers(("location" = String, description = "the job")))))]
pub(crate) async fn start(
    Caller(ctx): Caller,
    Extension(app): Extension<LabMate>,
    Path(id): Path<LabId>,
    Json(asked): Json<RunRequest>,
) -> Answer<Accepted<Started>> {
    let job = ops::start(&ctx, &app, id, &asked).await?;
    Ok(Accepted { job: job.id, body: Started { job } })
}

/// The runs of a lab
///
/// Newest first.
#[utoipa::path(get, operation_id = "list_runs", path = "/labs/{id}/runs", tag = "labs", params(("id" = LabId, Path, description = "The lab"), PageQuery),
    responses((status = 200, description = "Newest first", body = List<Run>)))]
pub(crate) async fn list(
    Caller(ctx): Caller,
    Path(id): Path<LabId>,
    Paged(page): Paged<RunTag>,
) -> Answer<Json<List<Run>>> {
    Ok(Json(ops::list(&ctx, id, page).await?.into()))
}

/// One run
#[utoipa::path(get, operation_id = "show_run", path = "/runs/{id}", tag = "labs", params(("id" = RunId, Path, description = "The run")), responses((status = 200, description = "The run", body = Run)))]
pub(crate) async fn show(Caller(ctx): Caller, Path(id): Path<RunId>) -> Answer<Json<Run>> {
    Ok(Json(ops::find(&ctx, id).await?))
}

/// A picture of a run
///
/// Code and output as a person sees them in an editor or a terminal.
#[utoipa::path(get, operation_id = "picture_run", path = "/runs/{id}/screenshot.png", tag = "labs", params(("id" = RunId, Path, description = "The run"), ThemeQuery),
    responses((status = 200, description = "The picture", content_type = "image/png")))]
pub(crate) async fn screenshot(
    Caller(ctx): Caller,
    Extension(app): Extension<LabMate>,
    Path(id): Path<RunId>,
    Query(asked): Query<ThemeQuery>,
) -> Answer<Response> {
    let png = ops::picture(&ctx, &app, id, asked.theme.unwrap_or_default()).await?;
    Ok(([(header::CONTENT_TYPE, "image/png")], png).into_response())
}

/// A file that a run left
#[utoipa::path(get, operation_id = "download_run_file", path = "/runs/{id}/files/{index}", tag = "labs",
    params(("id" = RunId, Path, description = "The run"), ("index" = usize, Path, description = "Its place in the run's `files`, from 0", example = 0)),
    responses((status = 200, description = "The file", content_type = "application/octet-stream")))]
pub(crate) async fn file(Caller(ctx): Caller, Path((id, index)): Path<(RunId, usize)>) -> Answer<Response> {
    let (name, size, bytes) = ops::file(&ctx, id, index).await?;
    Ok(attachment(&name, "application/octet-stream", size, Body::from_stream(stream(bytes))))
}

/// A body that stops where the bytes can no longer be read.
pub(crate) fn stream(
    bytes: stoa_store::BlobStream,
) -> impl futures::Stream<Item = std::io::Result<bytes::Bytes>> {
    futures::StreamExt::map(bytes, |chunk| {
        chunk.map_err(|error| std::io::Error::other(error.said().to_owned()))
    })
}

/// A file to be saved, never shown: it came from a stranger's program (RFC 6266).
pub(crate) fn attachment(name: &str, media_type: &'static str, size: u64, body: Body) -> Response {
    let base = name.rsplit('/').next().unwrap_or(name);
    let plain: String =
        base.chars().map(|c| if c.is_ascii_alphanumeric() || "._- ".contains(c) { c } else { '_' }).collect();
    let encoded: String = base
        .bytes()
        .map(|b| {
            let safe = b.is_ascii_alphanumeric() || b"._-".contains(&b);
            if safe { char::from(b).to_string() } else { format!("%{b:02X}") }
        })
        .collect();
    let disposition = format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}");
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CONTENT_LENGTH, size.to_string()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    (headers, body).into_response()
}
