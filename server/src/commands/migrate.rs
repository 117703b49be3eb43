//! `stoa migrate`: the schema, brought up to date or only looked at. `stoa serve` does the same when it starts.

use std::process::ExitCode;

use clap::Args;
use serde_json::json;
use stoa_core::{Clock, Result};
use stoa_store::{Db, MigrationReport, migrate};

use super::{memory, scratch::Scratch};
use crate::{config::Loaded, data_folder, screen, wiring::Wiring};

/// Bring the database's schema up to date.
#[derive(Args)]
#[command(
    after_help = "Example:\n  stoa migrate --dry-run\n\n`stoa serve` does this by itself when it starts. Any number may do it at once."
)]
pub(super) struct Migrate {
    /// Only say what would be done
    #[arg(long)]
    dry_run: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

impl Migrate {
    pub(super) async fn run(self, loaded: Loaded) -> Result<ExitCode> {
        let report = if self.dry_run { look(&loaded).await? } else { carry_out(&loaded).await? };
        if self.json {
            let MigrationReport { applied, present } = &report;
            screen::json(&json!({ "dry_run": self.dry_run, "applied": applied, "present": present }))?;
            return Ok(ExitCode::SUCCESS);
        }
        let word = if self.dry_run { "would apply" } else { "applied" };
        for step in &report.applied {
            screen::line(format!("{word} {step}"))?;
        }
        if report.applied.is_empty() {
            screen::line(format!("the schema is up to date ({} steps)", report.present))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn carry_out(loaded: &Loaded) -> Result<MigrationReport> {
    data_folder::make(&loaded.config.data)?;
    let migrations = Wiring::new(&loaded.config)?.migrations();
    let db = Db::open(&loaded.config.database, &loaded.config.data).await?;
    let report = migrate(&db, &migrations, &Clock::system(), false).await?;
    db.close().await?;
    Ok(report)
}

/// What would be done. Where there is no database yet, to an empty one.
pub(super) async fn look(loaded: &Loaded) -> Result<MigrationReport> {
    let config = &loaded.config;
    let scratch = Scratch::new()?;
    let folder = if memory::exists(config).is_ok() { config.data.as_path() } else { scratch.path() };
    let migrations = Wiring::new(config)?.migrations();
    let db = Db::open(&config.database, folder).await?;
    let report = migrate(&db, &migrations, &Clock::system(), true).await?;
    db.close().await?;
    Ok(report)
}
