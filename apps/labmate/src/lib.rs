//! LabMate: upload a lab assignment, get its tasks, run the code, get a report.
//!
//! Owns the tables `labmate_*` and the blobs they name. Three slices: `assignments` (a document and its tasks),
//! `runs` (a task's code in a cell), `reports` (the document with the answers in it). `alone` does the same job
//! without a server. Not here: how a cell is made (`sandbox`), how a document is read (`documents`).

pub mod alone;
pub mod assignments;
mod cells;
mod example;
mod personal;
pub mod reports;
pub mod runs;

use std::{sync::Arc, time::Duration};

use axum::Extension;
use serde::Deserialize;
use stoa_edge::{Part, Rule, UPLOAD};
use stoa_jobs::{Handler, handler};
use stoa_store::Migration;
use utoipa_axum::{router::OpenApiRouter, routes};

pub use cells::Cells;

/// What LabMate may be told.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// The largest file that is taken, in bytes. 50 MB.
    pub upload_bytes: u64,
    /// Tasks of one lab.
    pub tasks: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self { upload_bytes: 50 << 20, tasks: 500 }
    }
}

/// What handlers and jobs of LabMate need beside the context. Cheap to clone.
#[derive(Clone, Debug)]
pub struct LabMate {
    /// Where foreign code and foreign documents are handled.
    pub cells: Cells,
    /// What it was told.
    pub config: Config,
}

/// What this crate keeps.
pub const MIGRATIONS: &[Migration] =
    &[Migration::new("labmate", 1, "labs", include_str!("../migrations/0001_labs.sql"))];

/// LabMate, for the house.
pub fn part(app: &LabMate) -> Part {
    let routes = OpenApiRouter::new()
        .routes(routes!(assignments::http::list, assignments::http::upload))
        .routes(routes!(assignments::http::show, assignments::http::rename, assignments::http::remove))
        .routes(routes!(assignments::http::add_task))
        .routes(routes!(assignments::http::edit_task, assignments::http::remove_task))
        .routes(routes!(runs::http::languages))
        .routes(routes!(runs::http::start, runs::http::list))
        .routes(routes!(runs::http::show))
        .routes(routes!(runs::http::screenshot))
        .routes(routes!(runs::http::file))
        .routes(routes!(reports::http::build, reports::http::list))
        .routes(routes!(reports::http::show))
        .routes(routes!(reports::http::file))
        .routes(routes!(reports::http::evidence))
        .layer(Extension(app.clone()));
    // The form around the file takes some bytes too.
    let form = app.config.upload_bytes + (64 << 10);
    Part {
        migrations: MIGRATIONS,
        routes,
        jobs: handlers(app),
        rules: vec![Rule::new("POST /labs").rate(UPLOAD).body(form).deadline(Duration::from_secs(300))],
        personal: vec![Arc::new(personal::Labs)],
        ..Part::new("labmate")
    }
}

fn handlers(app: &LabMate) -> Vec<Handler> {
    vec![
        handler::<assignments::jobs::Parse>(app.clone()),
        handler::<runs::jobs::RunTasks>(app.clone()),
        handler::<reports::jobs::Build>(app.clone()),
    ]
}
