//! `stoa doctor`: what this machine and configuration can and cannot do, each with what to do about it.
//!
//! It looks and changes nothing: no schema is migrated, no data folder made.

mod machine;
mod memory;

use std::{fmt, process::ExitCode};

use clap::Args;
use serde::Serialize;
use stoa_core::{Error, Result};

use super::Place;
use crate::{
    config::Loaded,
    screen,
    telemetry::{self, Stream},
};

/// Tell what this machine and configuration can and cannot do.
#[derive(Args)]
#[command(after_help = "\
Example:
  stoa doctor --config /etc/stoa.toml

Exit code 1 if there is a problem; a note alone is none.")]
pub(super) struct Doctor {
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// How well something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
enum Health {
    /// As it should be.
    Ok,
    /// It works; it could be better.
    Note,
    /// It does not work.
    Problem,
}

/// What was found about one thing.
#[derive(Debug, Serialize)]
struct Finding {
    name: &'static str,
    health: Health,
    /// What is so.
    detail: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
}

impl Finding {
    fn ok(name: &'static str, detail: impl Into<String>) -> Self {
        Self { name, health: Health::Ok, detail: detail.into(), advice: None }
    }

    fn note(name: &'static str, detail: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { name, health: Health::Note, detail: detail.into(), advice: Some(advice.into()) }
    }

    fn problem(name: &'static str, detail: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { name, health: Health::Problem, detail: detail.into(), advice: Some(advice.into()) }
    }

    /// A failure: our sentences say what to do after `;`.
    fn failed(name: &'static str, error: &Error) -> Self {
        let (what, advice) = match error.said().split_once("; ") {
            Some((what, advice)) => (what, Some(advice.to_owned())),
            None => (error.said(), None),
        };
        let cause = error.cause().map_or_else(String::new, |cause| format!(" ({cause})"));
        Self { name, health: Health::Problem, detail: format!("{what}{cause}"), advice }
    }
}

impl Doctor {
    pub(super) async fn run(self, place: Place) -> Result<ExitCode> {
        let findings = match place.read(Vec::new()) {
            Ok(mut loaded) => {
                // The findings speak; the log would say the same again.
                loaded.config.log.level = "off".into();
                telemetry::start(&loaded.config.log, Stream::Stderr)?;
                examine(&loaded).await
            }
            Err(error) => vec![Finding::failed("settings", &error)],
        };
        let worst = findings.iter().map(|finding| finding.health).max().unwrap_or(Health::Ok);
        if self.json {
            screen::json(&serde_json::json!({ "health": worst, "findings": findings }))?;
        } else {
            for finding in &findings {
                screen::line(finding.to_string())?;
            }
            screen::line(match worst {
                Health::Ok => "\nall is well",
                Health::Note => "\nit works; the notes say what could be better",
                Health::Problem => "\nthere are problems",
            })?;
        }
        Ok(if worst == Health::Problem { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}

async fn examine(loaded: &Loaded) -> Vec<Finding> {
    let mut findings = vec![machine::settings(loaded)];
    findings.push(machine::public_url(loaded));
    findings.extend(machine::data_folder(loaded));
    findings.push(machine::address(loaded).await);
    findings.extend(memory::rows(loaded).await);
    findings.push(memory::files_and_signals(loaded).await);
    findings.extend(machine::sandbox(loaded).await);
    findings.push(machine::clock(loaded));
    findings
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = match self.health {
            Health::Ok => "ok",
            Health::Note => "note",
            Health::Problem => "PROBLEM",
        };
        write!(f, "{mark:8} {:12} {}", self.name, self.detail)?;
        match &self.advice {
            Some(advice) => write!(f, "\n{:21} → {advice}", ""),
            None => Ok(()),
        }
    }
}
