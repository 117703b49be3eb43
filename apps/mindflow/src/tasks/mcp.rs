//! Tasks, for models. The words are the contract: what a tool does, and when to use it.

use http::HeaderMap;
use serde::{Deserialize, Serialize};
use stoa_core::{Error, Result, Timestamp};
use stoa_edge::{Told, Tool, ToolHints, object};
use stoa_store::{Ctx, Page};
use utoipa::ToSchema;

use super::{
    lists::{self, Filter, Order, StatusFilter},
    model::{Status, TaskId},
    ops,
    view::Task,
    wish::{NewTask, Snooze, TaskChange},
};
use crate::{MindFlow, READ, WRITE};

/// The page for whatever is about one task or a few (MCP Apps). It works with what the tool gave, and calls tools.
pub(crate) const CARD: &str = "ui://mindflow/task-card";

/// Which task.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct WhichTask {
    /// The task's id, from an earlier result.
    id: TaskId,
}

/// What to look for.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Search {
    /// Words that must all occur in title or description: at most 8.
    #[schema(max_length = 200, example = "call ana")]
    query: Option<String>,
    /// Where they stand; open, if it is not said.
    status: Option<StatusFilter>,
    /// With this tag.
    #[schema(min_length = 1, max_length = 50, example = "phone")]
    tag: Option<String>,
    /// Part of this project.
    #[schema(min_length = 1, max_length = 100, example = "contract")]
    project: Option<String>,
    /// In which order; newest first, if it is not said.
    sort: Option<Order>,
    /// The deleted ones, which can be restored, in place of the others.
    #[serde(default)]
    deleted: bool,
    /// How many at most: 1 to 50, usually 20.
    #[schema(minimum = 1, maximum = 50, example = 20)]
    limit: Option<u8>,
    /// `next` of the page before.
    #[schema(max_length = 64, example = "019cade2-11c0-7b41-9c55-3f0a6d2e8b17")]
    after: Option<String>,
}

/// What shall be different.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TaskEdit {
    /// The task's id, from an earlier result.
    id: TaskId,
    /// Only what shall change; `null` takes a value away.
    #[serde(deserialize_with = "object")]
    changes: TaskChange,
}

/// Which task, and for how long: `hours` or `until`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TaskSnooze {
    /// The task's id, from an earlier result.
    id: TaskId,
    /// Until then.
    until: Option<Timestamp>,
    /// That many hours from now: at most a year.
    #[schema(minimum = 1, maximum = 8760, example = 3)]
    hours: Option<u16>,
}

/// A task as it is now.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OneTask {
    /// The task.
    pub(crate) task: Task,
}

/// What was found.
#[derive(Debug, Serialize, ToSchema)]
struct Found {
    /// The tasks, in the order asked for.
    items: Vec<Task>,
    /// Hand this back as `after` for more; `null` if there are no more.
    #[schema(required, example = "019cade2-11c0-7b41-9c55-3f0a6d2e8b17")]
    next: Option<String>,
}

/// What was deleted.
#[derive(Debug, Serialize, ToSchema)]
struct Deleted {
    /// The task's id: `restore_task` brings it back.
    id: TaskId,
}

/// A task in one line, with the id to go on with.
pub(crate) fn line(task: &Task) -> String {
    let status = match task.status {
        Status::Pending => "pending",
        Status::InProgress => "in progress",
        Status::Completed => "completed",
        Status::Snoozed => "snoozed",
    };
    let mut text = format!("\"{}\" ({status}, priority {}", task.title, task.priority);
    if task.blocked {
        text.push_str(", blocked");
    }
    for (word, at) in [("due", task.due_at), ("snoozed until", task.snoozed_until)] {
        if let Some(at) = at {
            text.push_str(&format!(", {word} {at}"));
        }
    }
    if let Some(minutes) = task.effort_minutes {
        text.push_str(&format!(", {minutes} min"));
    }
    for tag in &task.tags {
        text.push_str(&format!(", #{tag}"));
    }
    text + &format!(") id {}", task.id)
}

fn told(word: &str, task: Task) -> Told<OneTask> {
    Told { text: format!("{word} {}", line(&task)), value: OneTask { task } }
}

/// The tools that only look.
pub(crate) fn looking() -> [Tool; 2] {
    let list = Tool::new("list_tasks", READ, |ctx: Ctx, asked| async move { list(&ctx, asked).await })
        .told(
            "List or search tasks",
            "Lists the person's tasks: open ones unless another status is asked for, filtered by words, tag or project. Use \
             it to find a task's id before changing it, or to answer what is on the list.",
        )
        .hints(ToolHints::READS);
    let get = Tool::new("get_task", READ, |ctx: Ctx, WhichTask { id }| async move {
        let task = ops::show(&ctx, id).await?;
        let more =
            if task.description.is_empty() { String::new() } else { format!("\n{}", task.description) };
        Ok(Told { text: line(&task) + &more, value: OneTask { task } })
    })
    .told("Show a task", "Shows one task with its description, dates and what it waits for.")
    .hints(ToolHints::READS)
    .shown_by(CARD);
    [list, get]
}

async fn list(ctx: &Ctx, asked: Search) -> Result<Told<Found>> {
    let limit = asked.limit.unwrap_or(20);
    if !(1..=50).contains(&limit) {
        return Err(Error::field("/limit", "must be from 1 to 50"));
    }
    let filter = Filter {
        status: asked.status.or_else(|| (!asked.deleted).then_some(StatusFilter::Open)),
        tag: asked.tag.as_deref().map(lists::tag).transpose()?,
        project: asked.project.as_deref().map(lists::project).transpose()?,
        words: asked.query.as_deref().map(lists::words).transpose()?.unwrap_or_default(),
        deleted: asked.deleted,
        order: asked.sort.unwrap_or_default(),
    };
    let found = ops::list(ctx, &filter, Page::asked(Some(limit.into()), asked.after.as_deref())?).await?;
    let lines: Vec<String> = found.items.iter().map(|task| format!("- {}", line(task))).collect();
    let text = match (lines.is_empty(), &found.next) {
        (true, _) => "No such tasks.".to_owned(),
        (false, None) => lines.join("\n"),
        (false, Some(next)) => format!("{}\nThere are more: after {next}", lines.join("\n")),
    };
    Ok(Told { text, value: Found { items: found.items, next: found.next } })
}

/// The tools that change something.
pub(crate) fn changing(app: &MindFlow) -> Vec<Tool> {
    vec![
        add(app),
        edit(),
        step(
            "complete_task",
            |ctx, id| async move { ops::complete(&ctx, id, &any_version()).await },
            "Completed",
        )
        .told("Complete a task", "Marks a task as done. Use it when the person says they did it.")
        .open_to_pages(),
        step("start_task", |ctx, id| async move { ops::start(&ctx, id, &any_version()).await }, "Started")
            .told("Start a task", "Marks a task as in progress; a snoozed one is awake again."),
        snooze(),
        reopen(app),
        delete(),
        restore(app),
    ]
}

/// Models say what shall be, not on the sight of which version.
fn any_version() -> HeaderMap {
    HeaderMap::new()
}

fn add(app: &MindFlow) -> Tool {
    let config = app.config.clone();
    Tool::new("add_task", WRITE, move |ctx, new: NewTask| {
        let config = config.clone();
        async move { Ok(told("Added", ops::create(&ctx, &config, new).await?)) }
    })
    .told(
        "Add a task",
        "Adds a task with exact fields. Only the title must be there; leave out what the person did not say. Give due_at \
         with its offset from UTC, or use quick_add_task for dates in words.",
    )
    .hints(ToolHints::ADDS)
    .shown_by(CARD)
}

fn edit() -> Tool {
    Tool::new("edit_task", WRITE, |ctx, TaskEdit { id, changes }| async move {
        Ok(told("Changed", ops::edit(&ctx, id, changes, &any_version()).await?))
    })
    .told(
        "Edit a task",
        "Changes some fields of a task: title, description, priority, due date, effort, tags, project, what it waits for. To \
         mark it done, begun or snoozed use the tools for that.",
    )
    .hints(ToolHints::CHANGES)
    .shown_by(CARD)
}

fn snooze() -> Tool {
    Tool::new("snooze_task", WRITE, |ctx, TaskSnooze { id, until, hours }| async move {
        Ok(told("Snoozed", ops::snooze(&ctx, id, Snooze { until, hours }, &any_version()).await?))
    })
    .told(
        "Snooze a task",
        "Puts a task out of sight until a time, or for some hours. Use it for \"not now\" and \"later\". Give either hours or \
         until.",
    )
    .hints(ToolHints::CHANGES)
    .shown_by(CARD)
    .open_to_pages()
}

fn reopen(app: &MindFlow) -> Tool {
    let config = app.config.clone();
    Tool::new("reopen_task", WRITE, move |ctx, WhichTask { id }| {
        let config = config.clone();
        async move { Ok(told("Reopened", ops::reopen(&ctx, &config, id, &any_version()).await?)) }
    })
    .told("Reopen a task", "Makes a completed, begun or snoozed task pending again.")
    .hints(ToolHints::CHANGES)
    .shown_by(CARD)
}

fn delete() -> Tool {
    Tool::new("delete_task", WRITE, |ctx, WhichTask { id }| async move {
        ops::remove(&ctx, id, &any_version()).await?;
        Ok(Told { text: format!("Deleted id {id}; restore_task brings it back"), value: Deleted { id } })
    })
    .told(
        "Delete a task",
        "Deletes a task the person no longer wants. It can be restored. What they have done is completed, not deleted.",
    )
    .hints(ToolHints::REMOVES)
}

fn restore(app: &MindFlow) -> Tool {
    let config = app.config.clone();
    Tool::new("restore_task", WRITE, move |ctx, WhichTask { id }| {
        let config = config.clone();
        async move { Ok(told("Restored", ops::restore(&ctx, &config, id).await?)) }
    })
    .told(
        "Restore a task",
        "Brings a deleted task back as it was. list_tasks with deleted shows which there are.",
    )
    .hints(ToolHints::CHANGES)
    .shown_by(CARD)
}

/// A tool for one step of a task's life.
fn step<Work, Going>(name: &'static str, work: Work, word: &'static str) -> Tool
where
    Work: Fn(Ctx, TaskId) -> Going + Send + Sync + 'static,
    Going: Future<Output = Result<Task>> + Send + 'static,
{
    Tool::new(name, WRITE, move |ctx, WhichTask { id }| {
        let going = work(ctx, id);
        async move { Ok(told(word, going.await?)) }
    })
    .hints(ToolHints::CHANGES)
    .shown_by(CARD)
}
