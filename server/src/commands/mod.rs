//! What people type. One file for each command; here they are listed, and each is carried out and ended cleanly.
//!
//! Exit codes: 0 done, 1 the thing asked about failed, 2 asked wrongly, 130 stopped by Ctrl-C.

mod ask;
mod config;
mod doctor;
mod lab;
mod memory;
mod migrate;
mod openapi;
mod sandbox;
mod scratch;
mod serve;
mod token;
mod user;

use std::{future::Future, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use stoa_core::{Kind, Result};
use tokio::runtime::{Builder, Runtime};

use crate::{
    config::{Flag, Loaded},
    screen,
    telemetry::{self, Stream},
};

const EXAMPLES: &str = "\
Examples:
  stoa serve                      serve on http://127.0.0.1:8080, data in ./data
  stoa doctor                     what this machine can and cannot do
  stoa lab lab.docx --out r.docx  do a lab assignment, no server needed
  stoa sandbox run hello.py       run a program in the sandbox

Settings come from stoa.toml, then STOA_… variables, then flags; `stoa config show` prints them.";

/// Asked wrongly.
const WRONG: u8 = 2;
/// Ended by Ctrl-C, as shells say it.
const INTERRUPTED: u8 = 130;

/// One hardened server for AI apps.
#[derive(Parser)]
#[command(name = "stoa", version, after_help = EXAMPLES, arg_required_else_help = true, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

/// Which house is meant.
#[derive(clap::Args)]
pub(crate) struct Place {
    /// The file with the settings (default: stoa.toml, if it is here)
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The data folder (default: ./data)
    #[arg(long, global = true, value_name = "DIR")]
    data: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve people, and run their jobs
    Serve(serve::Serve),
    /// People: add, list, disable, enable, reset
    #[command(subcommand)]
    User(user::User),
    /// Personal access tokens
    #[command(subcommand)]
    Token(token::Token),
    /// Do a lab assignment without a server
    Lab(lab::Lab),
    /// Run programs that nobody trusts
    #[command(subcommand)]
    Sandbox(sandbox::Sandbox),
    /// Tell what this machine and configuration can and cannot do
    Doctor(doctor::Doctor),
    /// Settings: check, show
    #[command(subcommand)]
    Config(config::Config),
    /// Bring the database's schema up to date
    Migrate(migrate::Migrate),
    /// Print the OpenAPI document
    #[command(hide = true)]
    Openapi,
}

/// Carries out what was typed.
pub(crate) fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _nobody_listens = error.print();
            return ExitCode::from(if error.use_stderr() { WRONG } else { 0 });
        }
    };
    match carry_out(cli) {
        Ok(code) => code,
        Err(error) => {
            screen::failed(&error);
            match error.kind() {
                Kind::Malformed | Kind::Invalid => ExitCode::from(WRONG),
                _ => ExitCode::FAILURE,
            }
        }
    }
}

fn carry_out(cli: Cli) -> Result<ExitCode> {
    // One crypto library for everything; whoever speaks TLS later finds it in place.
    let _already_there = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let place = cli.place;
    match cli.command {
        Command::Serve(serve) => serve.run(place),
        Command::User(user) => {
            let loaded = place.read_quietly()?;
            to_the_end(user.run(loaded))
        }
        Command::Token(token) => {
            let loaded = place.read_quietly()?;
            to_the_end(token.run(loaded))
        }
        Command::Lab(lab) => {
            let loaded = place.read_quietly()?;
            to_the_end(lab.run(loaded))
        }
        Command::Sandbox(sandbox) => {
            let loaded = place.read_quietly()?;
            to_the_end(sandbox.run(loaded))
        }
        Command::Doctor(doctor) => to_the_end(doctor.run(place)),
        Command::Config(config) => config.run(place),
        Command::Migrate(migrate) => {
            let loaded = place.read_quietly()?;
            to_the_end(migrate.run(loaded))
        }
        Command::Openapi => to_the_end(openapi::run()),
    }
}

impl Place {
    /// The settings, with these flags on top.
    fn read(self, mut flags: Vec<Flag>) -> Result<Loaded> {
        if let Some(data) = self.data {
            flags.push(Flag { name: "--data", key: "data", value: data.display().to_string() });
        }
        Loaded::read(self.config.as_deref(), flags)
    }

    /// The settings for a command that answers and ends: its log is for trouble, beside the answer.
    fn read_quietly(self) -> Result<Loaded> {
        let mut loaded = self.read(Vec::new())?;
        if !loaded.chosen("log.level") {
            loaded.config.log.level = "warn".into();
        }
        telemetry::start(&loaded.config.log, Stream::Stderr)?;
        Ok(loaded)
    }
}

/// Runs a command until it ends or somebody presses Ctrl-C. What it held is let go in order either way.
fn to_the_end(command: impl Future<Output = Result<ExitCode>>) -> Result<ExitCode> {
    runtime()?.block_on(async {
        tokio::select! {
            done = command => done,
            pressed = tokio::signal::ctrl_c() => {
                pressed?;
                screen::note("stopped");
                Ok(ExitCode::from(INTERRUPTED))
            }
        }
    })
}

fn runtime() -> Result<Runtime> {
    Ok(Builder::new_multi_thread().enable_all().thread_name("stoa").build()?)
}
