//! The door to files.
#![expect(unused_qualifications, reason = "the macro for parameters writes whole paths")]

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use futures::StreamExt;
use http::header;
use serde::Deserialize;
use stoa_edge::{Answer, Caller, Query};
use utoipa::IntoParams;

use super::{
    model::{ExportFormat, Exported},
    ops,
};

/// What can be asked of an export.
#[derive(Clone, Copy, Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExportQuery {
    /// In which form.
    #[param(inline)]
    format: Option<ExportFormat>,
}

/// Export tasks
///
/// All that are not deleted, oldest first: as JSON that can be imported again, as a table, or as a calendar.
#[utoipa::path(get, operation_id = "export_tasks", path = "/tasks/export", tag = "tasks", params(ExportQuery),
    responses((status = 200, description = "The file", content(
        (Exported = "application/json"), (String = "text/csv"), (String = "text/calendar")))))]
pub(crate) async fn export(Caller(ctx): Caller, Query(asked): Query<ExportQuery>) -> Answer<Response> {
    let format = asked.format.unwrap_or_default();
    let pieces = ops::export(ctx, format).await?;
    let body = Body::from_stream(pieces.map(|piece| {
        piece.map_err(|error| {
            tracing::error!(?error, "an export could not be finished");
            std::io::Error::other("the file could not be finished")
        })
    }));
    let headers = [
        (header::CONTENT_TYPE, format.media_type().to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", format.file_name())),
    ];
    Ok((headers, body).into_response())
}
