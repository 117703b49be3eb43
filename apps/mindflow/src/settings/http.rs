//! The door to settings.

use http::{HeaderMap, HeaderName, HeaderValue};
use stoa_core::Result;
use stoa_edge::{Answer, Caller, ETag, IfMatch, Json};

use super::{
    model::{Change, Settings, Shown},
    ops,
};

/// Settings with their `ETag`.
type Versioned = ([(HeaderName, HeaderValue); 1], Json<Shown>);

fn versioned(settings: &Settings) -> Result<Versioned> {
    Ok(([ETag::of_time(settings.updated_at)?.header()], Json(settings.into())))
}

/// Your settings for tasks
///
/// The time zone in which "today" and "morning" are meant, and what counts how much in a score.
#[utoipa::path(get, operation_id = "show_task_settings", path = "/tasks/settings", tag = "tasks",
    responses((status = 200, description = "The settings", body = Shown, headers(("etag" = String, description = "The version, for `If-Match`")))))]
pub(crate) async fn show(Caller(ctx): Caller) -> Answer<Versioned> {
    Ok(versioned(&ops::show(&ctx).await?)?)
}

/// Change your settings for tasks
///
/// What is left out stays. Times of tasks stay the same points in time.
#[utoipa::path(patch, operation_id = "change_task_settings", path = "/tasks/settings", tag = "tasks", params(IfMatch), request_body = Change,
    responses((status = 200, description = "The settings as they are now", body = Shown, headers(("etag" = String, description = "The version, for `If-Match`"))),
        (status = 412, description = "They have changed since; load them again")))]
pub(crate) async fn change(
    Caller(ctx): Caller,
    headers: HeaderMap,
    Json(change): Json<Change>,
) -> Answer<Versioned> {
    Ok(versioned(&ops::change(&ctx, change, &headers).await?)?)
}
