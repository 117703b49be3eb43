//! The doors to reports.

use axum::{body::Body, response::Response};
use serde::Serialize;
use serde_json::Value;
use stoa_edge::{Accepted, Answer, Caller, Json, List, PageQuery, Paged, Path};
use stoa_jobs::JobView;
use utoipa::ToSchema;

use super::{
    model::{Report, ReportId, ReportRequest, ReportTag},
    ops,
};
use crate::{
    assignments::model::LabId,
    runs::http::{attachment, stream},
};

/// What asking for a report answers.
#[derive(Debug, Serialize, ToSchema)]
pub struct Asked {
    /// The report; it can be downloaded when the job is done.
    pub report: Report,
    /// The job that writes it.
    pub job: JobView,
}

/// Build a report
///
/// The assignment with the answers in it, in the order that `tasks` gives.
#[utoipa::path(post, operation_id = "build_report", path = "/labs/{id}/reports", tag = "labs", params(("id" = LabId, Path, description = "The lab")),
    request_body = ReportRequest,
    responses((status = 202, description = "The job writes it", body = Asked, headers(("location" = String, description = "the job")))))]
pub(crate) async fn build(
    Caller(ctx): Caller,
    Path(id): Path<LabId>,
    Json(asked): Json<ReportRequest>,
) -> Answer<Accepted<Asked>> {
    let (report, job) = ops::build(&ctx, id, &asked).await?;
    Ok(Accepted { job: job.id, body: Asked { report, job } })
}

/// The reports of a lab
///
/// Newest first.
#[utoipa::path(get, operation_id = "list_reports", path = "/labs/{id}/reports", tag = "labs", params(("id" = LabId, Path, description = "The lab"), PageQuery),
    responses((status = 200, description = "Newest first", body = List<Report>)))]
pub(crate) async fn list(
    Caller(ctx): Caller,
    Path(id): Path<LabId>,
    Paged(page): Paged<ReportTag>,
) -> Answer<Json<List<Report>>> {
    Ok(Json(ops::list(&ctx, id, page).await?.into()))
}

/// One report
#[utoipa::path(get, operation_id = "show_report", path = "/reports/{id}", tag = "labs", params(("id" = ReportId, Path, description = "The report")),
    responses((status = 200, description = "The report", body = Report)))]
pub(crate) async fn show(Caller(ctx): Caller, Path(id): Path<ReportId>) -> Answer<Json<Report>> {
    Ok(Json(ops::find(&ctx, id).await?))
}

/// Download a report
#[utoipa::path(get, operation_id = "download_report", path = "/reports/{id}/file", tag = "labs", params(("id" = ReportId, Path, description = "The report")),
    responses((status = 200, description = "The document",
        content_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document")))]
pub(crate) async fn file(Caller(ctx): Caller, Path(id): Path<ReportId>) -> Answer<Response> {
    let (name, size, bytes) = ops::file(&ctx, id).await?;
    let docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    Ok(attachment(&name, docx, size, Body::from_stream(stream(bytes))))
}

/// The evidence of a report
///
/// What ran, under which limits and walls, and the hashes of everything.
#[utoipa::path(get, operation_id = "show_evidence", path = "/reports/{id}/evidence", tag = "labs", params(("id" = ReportId, Path, description = "The report")),
    responses((status = 200, description = "The evidence", body = Value)))]
pub(crate) async fn evidence(Caller(ctx): Caller, Path(id): Path<ReportId>) -> Answer<Json<Value>> {
    Ok(Json(ops::evidence(&ctx, id).await?))
}
