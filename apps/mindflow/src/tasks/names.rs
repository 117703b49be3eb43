//! Tags and projects: names that tasks share. They have no rows of their own; a name is there while a task has it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stoa_core::{Error, Result, UserId};
use stoa_edge::{Answer, Caller, Json, List};
use stoa_store::Ctx;
use utoipa::ToSchema;

use super::{
    store::{Changing, change, names as store},
    wish,
};
use crate::{READ, WRITE, settings};

/// A name that tasks share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = TaskName)]
pub(crate) struct Name {
    /// The name.
    #[schema(example = "phone")]
    name: String,
    /// Tasks that have it and are open.
    #[schema(example = 3)]
    open: u64,
    /// All tasks that have it and are not deleted.
    #[schema(example = 12)]
    all: u64,
}

/// Another name for the same.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TaskNameChange)]
pub(crate) struct Rename {
    /// The name as it is.
    #[schema(min_length = 1, max_length = 100, example = "phone")]
    from: String,
    /// The name as it shall be. If it is there already, both become one.
    #[schema(min_length = 1, max_length = 100, example = "calls")]
    to: String,
}

/// What a new name changed.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[schema(as = TaskNameChanged)]
pub(crate) struct Renamed {
    /// How many tasks.
    #[schema(example = 12)]
    changed: u64,
}

/// By name, each once.
fn sorted(rows: impl Iterator<Item = (String, u64, u64)>) -> List<Name> {
    let mut all: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for (name, count, open) in rows {
        let sum = all.entry(name).or_default();
        *sum = (sum.0 + count, sum.1 + open);
    }
    let items = all.into_iter().map(|(name, (all, open))| Name { name, open, all }).collect();
    List { items, next: None }
}

/// Your tags
///
/// By name, with how many tasks have each.
#[utoipa::path(get, operation_id = "list_task_tags", path = "/tasks/tags", tag = "tasks",
    responses((status = 200, description = "All of them, by name", body = List<Name>)))]
pub(crate) async fn tags(Caller(ctx): Caller) -> Answer<Json<List<Name>>> {
    let rows = store::tags(&ctx.db.reads(), ctx.actor.user(READ)?.id).await?;
    let single = rows.into_iter().flat_map(|(tags, count, open)| {
        tags.split_whitespace().map(|tag| (tag.to_owned(), count, open)).collect::<Vec<_>>()
    });
    Ok(Json(sorted(single)))
}

/// Your projects
///
/// By name, with how many tasks each has.
#[utoipa::path(get, operation_id = "list_task_projects", path = "/tasks/projects", tag = "tasks",
    responses((status = 200, description = "All of them, by name", body = List<Name>)))]
pub(crate) async fn projects(Caller(ctx): Caller) -> Answer<Json<List<Name>>> {
    let rows = store::projects(&ctx.db.reads(), ctx.actor.user(READ)?.id).await?;
    Ok(Json(sorted(rows.into_iter())))
}

/// Rename a tag
///
/// On all tasks that have it. Renamed to one that is there already, both become one.
#[utoipa::path(post, operation_id = "rename_task_tag", path = "/tasks/tags/rename", tag = "tasks", request_body = Rename,
    responses((status = 200, description = "How many tasks changed", body = Renamed)))]
pub(crate) async fn rename_tag(Caller(ctx): Caller, Json(asked): Json<Rename>) -> Answer<Json<Renamed>> {
    let tag = |pointer: &'static str, word: &str| {
        wish::tag(word).ok_or_else(|| Error::field(pointer, "is no tag: letters, digits, `-` and `_`"))
    };
    let (from, to) = (tag("/from", &asked.from)?, tag("/to", &asked.to)?);
    let changed =
        rename(&ctx, from == to, async |list, who| store::rename_tag(list, who, &from, &to, ctx.now()).await);
    Ok(Json(changed.await?))
}

/// Rename a project
///
/// On all tasks that are part of it. Renamed to one that is there already, both become one.
#[utoipa::path(post, operation_id = "rename_task_project", path = "/tasks/projects/rename", tag = "tasks", request_body = Rename,
    responses((status = 200, description = "How many tasks changed", body = Renamed)))]
pub(crate) async fn rename_project(Caller(ctx): Caller, Json(asked): Json<Rename>) -> Answer<Json<Renamed>> {
    let named = |pointer: &'static str, name: &str| {
        wish::project(name)
            .map_err(|_| Error::field(pointer, "is no name of a project: 1 to 100 characters on one line"))
    };
    let (from, to) = (named("/from", &asked.from)?, named("/to", &asked.to)?);
    let changed = rename(&ctx, from == to, async |list, who| {
        store::rename_project(list, who, &from, &to, ctx.now()).await
    });
    Ok(Json(changed.await?))
}

async fn rename(
    ctx: &Ctx,
    same: bool,
    work: impl AsyncFnOnce(&Changing<'_>, UserId) -> Result<u64>,
) -> Result<Renamed> {
    let who = ctx.actor.user(WRITE)?.id;
    if same {
        return Ok(Renamed { changed: 0 });
    }
    let changed = change(&ctx.db, who, async |list| {
        // Two at a time would each wait for rows of the other.
        settings::store::hold(list, who).await?;
        work(list, who).await
    })
    .await?;
    Ok(Renamed { changed })
}
