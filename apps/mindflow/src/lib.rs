//! MindFlow: what a person means to do, and which of it to do next, with reasons that add up.
//!
//! Owns the tables `mindflow_*`. Slices: `tasks` (what is to be done), `recurrence` (when it comes again), `scoring` (what
//! comes first, and why), `reminders` (letters in time), `quick_add` (a task out of one line of plain words), `import` and `export` (tasks out of files,
//! and into them), `feeds` (a calendar to subscribe to), `settings` (a person's time zone and weights). A task wakes by
//! its row, not by a job; the jobs here post reminders and sweep what was deleted long ago.

mod export;
mod feeds;
mod import;
mod personal;
mod quick_add;
mod recurrence;
mod reminders;
mod scoring;
mod settings;
mod tasks;
mod tools;
mod zone;

use std::sync::Arc;

use axum::Extension;
use serde::Deserialize;
use stoa_core::Scopes;
use stoa_edge::{Part, Rule, UPLOAD};
use stoa_jobs::handler;
use stoa_store::Migration;
use utoipa_axum::{router::OpenApiRouter, routes};

use reminders::jobs::Remind;
use scoring::open::Lists;
use tasks::jobs::Sweep;

/// What a credential needs to see tasks.
const READ: Scopes = Scopes::TASKS_READ;
/// What a credential needs to change tasks.
const WRITE: Scopes = Scopes::TASKS_WRITE;

/// What MindFlow may be told.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Open tasks of one person: all of them are looked at to find the best. 20,000.
    pub tasks: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self { tasks: 20_000 }
    }
}

/// What handlers of MindFlow need beside the context. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct MindFlow {
    /// What it was told.
    pub config: Config,
    lists: Arc<Lists>,
}

impl MindFlow {
    /// As it was told.
    pub fn new(config: Config) -> Self {
        Self { config, lists: Arc::default() }
    }
}

/// What this crate keeps.
pub const MIGRATIONS: &[Migration] = &[
    Migration::new("mindflow", 1, "tasks", include_str!("../migrations/0001_tasks.sql")),
    Migration::new("mindflow", 2, "recurrence", include_str!("../migrations/0002_recurrence.sql")),
    Migration::new("mindflow", 3, "import", include_str!("../migrations/0003_import.sql")),
    Migration::new("mindflow", 4, "reminders", include_str!("../migrations/0004_reminders.sql")),
    Migration::new("mindflow", 5, "days", include_str!("../migrations/0005_days.sql")),
    Migration::new("mindflow", 6, "list", include_str!("../migrations/0006_list.sql")),
];

/// MindFlow, for the house.
pub fn part(app: &MindFlow) -> Part {
    let routes = OpenApiRouter::new()
        .routes(routes!(tasks::http::list, tasks::http::create))
        .routes(routes!(quick_add::http::create))
        .routes(routes!(quick_add::http::parse))
        .routes(routes!(scoring::http::best))
        .routes(routes!(scoring::http::next))
        .routes(routes!(tasks::names::tags))
        .routes(routes!(tasks::names::rename_tag))
        .routes(routes!(tasks::names::projects))
        .routes(routes!(tasks::names::rename_project))
        .routes(routes!(import::http::import))
        .routes(routes!(export::http::export))
        .routes(routes!(feeds::http::list, feeds::http::create))
        .routes(routes!(feeds::http::revoke))
        .routes(routes!(feeds::http::feed))
        .routes(routes!(settings::http::show, settings::http::change))
        .routes(routes!(tasks::http::show, tasks::http::edit, tasks::http::remove))
        .routes(routes!(tasks::http::restore))
        .routes(routes!(reminders::http::list))
        .routes(routes!(tasks::http::complete))
        .routes(routes!(tasks::http::reopen))
        .routes(routes!(tasks::http::start))
        .routes(routes!(tasks::http::snooze))
        .layer(Extension(app.clone()));
    Part {
        migrations: MIGRATIONS,
        routes,
        tools: tools::toolbox(app),
        // The form around the file takes some bytes too.
        rules: vec![
            Rule::new("POST /tasks/import").rate(UPLOAD).body(import::http::FILE as u64 + (64 << 10)),
            Rule::new("GET /tasks/feed.ics").basic(),
        ],
        jobs: vec![handler::<Sweep>(()), handler::<Remind>(())],
        schedules: vec![Sweep::schedule(), Remind::schedule()],
        personal: vec![Arc::new(personal::Tasks)],
        ..Part::new("mindflow")
    }
}
