//! The door for files.

use axum::Extension;
use futures::TryStreamExt;
use serde::Deserialize;
use stoa_core::{Error, Result};
use stoa_edge::{Answer, Caller, FormField, Json, Multipart};
use utoipa::ToSchema;

use super::{
    model::{Format, Report},
    ops,
    read::File,
};
use crate::MindFlow;

/// Largest file, in bytes.
pub(crate) const FILE: usize = 5 << 20;
/// Longest mapping, in bytes.
const MAPPING: usize = 10_000;

/// The form of an import.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TaskImportForm)]
#[expect(dead_code, reason = "it only describes the form")]
pub(crate) struct ImportForm {
    /// The file: at most 5 MiB and 5,000 tasks, in UTF-8 or UTF-16.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// What wrote it; found out if nothing is said.
    format: Option<Format>,
    /// For a table: which column holds which field, as a JSON object. Fields are `title`, `description`, `priority`,
    /// `due_at`, `effort_minutes`, `preferred_time`, `tags`, `project`, `recurrence`, `recurrence_from`, `completed`,
    /// `completed_at`, `created_at` and `id`. What is left out is looked for under its usual names.
    #[schema(value_type = Option<String>, example = "{\"title\": \"What\", \"due_at\": \"When\"}")]
    mapping: Option<String>,
    /// Only say what would come; nothing is saved. `false` if nothing is said.
    dry_run: Option<bool>,
}

/// Import tasks
///
/// Out of a file of this house, of Todoist, Vikunja or Microsoft To Do, or a table. A dry run says what would come. What
/// was imported before is known again by its id in the file, and stays as it is here.
#[utoipa::path(post, operation_id = "import_tasks", path = "/tasks/import", tag = "tasks",
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    responses((status = 200, description = "What came, or would come", body = Report),
        (status = 409, description = "There are too many open tasks; nothing was imported")))]
pub(crate) async fn import(
    Caller(ctx): Caller,
    Extension(app): Extension<MindFlow>,
    mut form: Multipart,
) -> Answer<Json<Report>> {
    let (mut file, mut there, mut dry_run) = (File::default(), false, false);
    while let Some(field) = form.next().await? {
        match field.name() {
            "file" => {
                file.name = field.file_name().map(ToOwned::to_owned);
                file.bytes = whole(field).await?;
                there = true;
            }
            "format" => file.format = format(&field.text(20).await?)?,
            "mapping" => file.mapping = mapping(&field.text(MAPPING).await?)?,
            "dry_run" => dry_run = boolean(&field.text(10).await?)?,
            other => {
                let other = other.escape_default().to_string();
                return Err(Error::field(
                    other,
                    "is not a field of this form: `file`, `format`, `mapping`, `dry_run`",
                )
                .into());
            }
        }
    }
    if !there {
        return Err(Error::field("file", "is missing").into());
    }
    Ok(Json(ops::import(&ctx, &app.config, file, dry_run).await?))
}

async fn whole(field: FormField<'_>) -> Result<Vec<u8>> {
    let mut whole = Vec::new();
    let mut bytes = std::pin::pin!(field.bytes());
    while let Some(chunk) = bytes.try_next().await? {
        whole.extend_from_slice(&chunk);
        if whole.len() > FILE {
            return Err(Error::field("file", format!("is larger than {} MiB", FILE >> 20)));
        }
    }
    Ok(whole)
}

fn format(text: &str) -> Result<Option<Format>> {
    if text.is_empty() {
        return Ok(None);
    }
    let known = Format::ALL.into_iter().find(|format| format.as_str() == text);
    let names = Format::ALL.map(|format| format!("`{}`", format.as_str())).join(", ");
    known.map(Some).ok_or_else(|| Error::field("format", format!("is none of {names}")))
}

fn mapping(text: &str) -> Result<Option<super::table::Mapping>> {
    if text.is_empty() {
        return Ok(None);
    }
    serde_json::from_str(text).map(Some).map_err(|_| Error::field("mapping", "is no JSON object of names"))
}

fn boolean(text: &str) -> Result<bool> {
    match text {
        "true" => Ok(true),
        "false" | "" => Ok(false),
        _ => Err(Error::field("dry_run", "is `true` or `false`")),
    }
}
