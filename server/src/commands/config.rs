//! `stoa config`: the settings as they stand, and whether they can stand.

use std::{collections::BTreeMap, process::ExitCode};

use clap::{Args, Subcommand};
use serde_json::json;
use stoa_core::Result;

use super::Place;
use crate::{screen, wiring::Wiring};

/// Settings: check, show.
#[derive(Subcommand)]
pub(super) enum Config {
    /// Say whether the settings can be served with
    #[command(after_help = "Example:\n  stoa config check --config /etc/stoa.toml")]
    Check,
    /// Print the settings and where each came from; secrets are masked
    #[command(after_help = "Example:\n  stoa config show\n  stoa config show --reference > stoa.toml")]
    Show(Show),
}

#[derive(Args)]
pub(super) struct Show {
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Print every setting there is, explained, with its default
    #[arg(long, conflicts_with = "json")]
    reference: bool,
}

impl Config {
    pub(super) fn run(self, place: Place) -> Result<ExitCode> {
        match self {
            Self::Check => check(place)?,
            Self::Show(show) => show.run(place)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn check(place: Place) -> Result<()> {
    let loaded = place.read(Vec::new())?;
    loaded.config.check()?;
    Wiring::new(&loaded.config)?;
    let chosen = loaded.settings.keys().filter(|key| loaded.chosen(key)).count();
    screen::line(format!("the settings can be served with ({chosen} chosen, the others are defaults)"))
}

impl Show {
    fn run(self, place: Place) -> Result<()> {
        if self.reference {
            return screen::bytes(crate::config::REFERENCE.as_bytes());
        }
        let loaded = place.read(Vec::new())?;
        if self.json {
            let all: BTreeMap<_, _> = loaded
                .settings
                .iter()
                .map(|(key, setting)| {
                    let secret = setting.shown(key) != setting.value.to_string();
                    let value = if secret { json!(setting.shown(key)) } else { json!(setting.value) };
                    (key, json!({ "value": value, "from": setting.origin.to_string() }))
                })
                .collect();
            return screen::json(&all);
        }
        let rows: Vec<[String; 3]> = loaded
            .settings
            .iter()
            .map(|(key, setting)| [key.clone(), setting.origin.to_string(), setting.shown(key)])
            .collect();
        screen::line(screen::table(["SETTING", "FROM", "VALUE"], &rows))
    }
}
