//! The door to what became of reminders.

use stoa_edge::{Answer, Caller, Json, List, Path};

use super::{ops, state::ReminderState};
use crate::tasks::model::TaskId;

/// What became of the reminders of a task
///
/// Those that are scheduled, and the last that came: each with its letter's fate.
#[utoipa::path(get, operation_id = "list_task_reminders", path = "/tasks/{id}/reminders", tag = "tasks", params(("id" = TaskId, Path, description = "The task")),
    responses((status = 200, description = "By their times, the latest first; at most 50", body = List<ReminderState>)))]
pub(crate) async fn list(Caller(ctx): Caller, Path(id): Path<TaskId>) -> Answer<Json<List<ReminderState>>> {
    Ok(Json(List { items: ops::states(&ctx, id).await?, next: None }))
}
