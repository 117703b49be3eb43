//! `/me/export`.

use axum::{Extension, body::Body, response::IntoResponse};
use futures::StreamExt;
use http::header;
use serde::Serialize;
use stoa_edge::{Accepted, Answer, Caller, House, Json, List, Path};
use stoa_jobs::JobView;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{
    model::{Export, ExportId},
    ops,
};
use crate::Identity;

pub(crate) fn routes() -> OpenApiRouter<House> {
    OpenApiRouter::new().routes(routes!(list, ask)).routes(routes!(download))
}

/// What asking for an export answers.
#[derive(Debug, Serialize, ToSchema)]
struct ExportAsked {
    /// The export; it can be downloaded when the job is done.
    export: Export,
    /// The job that writes it.
    job: JobView,
}

/// Ask for everything that is kept of me, in one file.
#[utoipa::path(post, path = "/me/export", operation_id = "export_me", tag = "account", responses(
    (status = 202, description = "The job writes it", body = ExportAsked, headers(("location" = String, description = "the job"))),
    (status = 403, description = "`reauthentication_required`"),
))]
async fn ask(Extension(identity): Extension<Identity>, Caller(ctx): Caller) -> Answer<Accepted<ExportAsked>> {
    let (export, job) = ops::ask(&ctx, &identity).await?;
    Ok(Accepted { job: job.id, body: ExportAsked { export, job } })
}

/// My exports that can still be downloaded, or are being written.
#[utoipa::path(get, path = "/me/export", operation_id = "list_my_exports", tag = "account",
    responses((status = 200, description = "Newest first", body = List<Export>)))]
async fn list(Caller(ctx): Caller) -> Answer<Json<List<Export>>> {
    Ok(Json(List { items: ops::list(&ctx).await?, next: None }))
}

/// Download an export of mine.
#[utoipa::path(get, path = "/me/export/{id}", operation_id = "download_my_export", tag = "account",
    params(("id" = ExportId, Path, description = "The export")), responses(
    (status = 200, description = "The file: JSON documents and files by folder; `manifest.json` says what is in it", content_type = "application/zip"),
    (status = 409, description = "`export_not_ready`"),
))]
async fn download(Caller(ctx): Caller, Path(id): Path<ExportId>) -> Answer<impl IntoResponse> {
    let (size, bytes) = ops::file(&ctx, id).await?;
    let bytes = bytes.map(|piece| piece.map_err(|error| std::io::Error::other(error.said().to_owned())));
    let headers = [
        (header::CONTENT_TYPE, "application/zip".to_owned()),
        (header::CONTENT_LENGTH, size.to_string()),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"stoa-export.zip\"".to_owned()),
    ];
    Ok((headers, Body::from_stream(bytes)))
}
