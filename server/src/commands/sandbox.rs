//! `stoa sandbox`: one program in a cell, from the command line.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use stoa_core::{Clock, Error, Result, Timestamp, digest};
use stoa_sandbox::{Language, Program, Reason, Sandbox as Cells, Stream, languages};
use tokio_util::sync::CancellationToken;

use super::scratch::Scratch;
use crate::{config::Loaded, screen};

/// What an ended program's exit code is where it had none, as `timeout` and shells have it.
const TIMED_OUT: u8 = 124;
const SIGNALLED: i32 = 128;

/// Run programs that nobody trusts.
#[derive(Subcommand)]
pub(super) enum Sandbox {
    /// Run one program; its output and exit code become this command's
    #[command(
        after_help = "Examples:\n  stoa sandbox run hello.py\n  stoa sandbox run sum.py --stdin numbers.txt -- --fast\n\nLimits stand in the settings under [sandbox.limits]. A program that a limit ended: 124 for time, else 1."
    )]
    Run(Run),
}

#[derive(Args)]
pub(super) struct Run {
    /// The program
    file: PathBuf,
    /// Its language (default: by the end of its name)
    #[arg(long)]
    language: Option<String>,
    /// A file it reads on stdin (default: nothing)
    #[arg(long, value_name = "FILE")]
    stdin: Option<PathBuf>,
    /// Print the run as JSON in place of the program's output
    #[arg(long)]
    json: bool,
    /// Its arguments
    #[arg(last = true, value_name = "ARGS")]
    args: Vec<String>,
}

impl Sandbox {
    pub(super) async fn run(self, loaded: Loaded) -> Result<ExitCode> {
        let Self::Run(run) = self;
        run.carry_out(&loaded).await
    }
}

impl Run {
    async fn carry_out(self, loaded: &Loaded) -> Result<ExitCode> {
        let language = self.language()?;
        let source = String::from_utf8(read(&self.file)?)
            .map_err(|_| Error::invalid(format!("{} is no text in UTF-8", self.file.display())))?;
        let stdin = self.stdin.as_deref().map(read).transpose()?.unwrap_or_default();
        let program = Program { args: self.args, stdin, ..Program::new(language, source) };
        let config = &loaded.config.sandbox;
        // Not below the data folder: there need not be one.
        let notes = Scratch::new()?;
        let mut setup = config.below(notes.path());
        (setup.at_once, setup.spare) = (1, 0);
        let cells = Cells::open(setup).await?;
        let (clock, live) = (Clock::system(), !self.json);
        let began = clock.now();
        let run = cells
            .run(&config.limits.all(), &program, CancellationToken::new(), |stream, bytes| {
                if live {
                    show(stream, bytes);
                }
            })
            .await?;
        if self.json {
            screen::json(&view(&program, &run, began, clock.now()))?;
        } else if run.exit.reason != Reason::Exited {
            screen::note(format!("stoa: {}", ended(run.exit.reason)));
        }
        Ok(code(&run.exit))
    }

    fn language(&self) -> Result<Language> {
        if let Some(id) = &self.language {
            return Language::by_id(id)
                .ok_or_else(|| Error::invalid(format!("there is no language `{id}`; there is {}", known())));
        }
        let end = self.file.extension().and_then(|end| end.to_str()).unwrap_or_default();
        languages().iter().find(|entry| entry.extension == end).map(|entry| entry.language).ok_or_else(|| {
            let file = self.file.display();
            Error::invalid(format!(
                "the name {file} does not tell the language; add `--language`: {}",
                known()
            ))
        })
    }
}

fn known() -> String {
    languages().iter().map(|entry| entry.id).collect::<Vec<_>>().join(", ")
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| Error::invalid(format!("{} cannot be read: {error}", path.display())))
}

/// What the program writes, while it writes.
fn show(stream: Stream, bytes: &[u8]) {
    let _nobody_listens = match stream {
        Stream::Stdout => screen::bytes(bytes),
        Stream::Stderr => std::io::stderr().write_all(bytes).map_err(Into::into),
    };
}

/// Why a program ended that did not end by itself.
fn ended(reason: Reason) -> &'static str {
    match reason {
        Reason::Exited => "the program ended by itself",
        Reason::Timeout => {
            "the program took too long and was ended; see sandbox.limits.wall_seconds and cpu_seconds"
        }
        Reason::Memory => "the program took too much memory and was ended; see sandbox.limits.memory_bytes",
        Reason::Output => "the program wrote too much and was ended; see sandbox.limits.output_bytes",
        Reason::Signal => "the program crashed",
        Reason::Refused => "the program asked the system for something that is not allowed, and was ended",
        Reason::Cancelled => "the program was stopped",
    }
}

fn code(exit: &stoa_sandbox::Exit) -> ExitCode {
    let code = match (exit.reason, exit.code, exit.signal) {
        (Reason::Timeout, ..) => return ExitCode::from(TIMED_OUT),
        (Reason::Exited, Some(code), _) => code,
        (Reason::Signal | Reason::Refused, _, Some(signal)) => SIGNALLED + signal,
        _ => 1,
    };
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}

/// The run as the door `GET /runs/{id}` shows one, without what only a server has: ids and links.
fn view(program: &Program, run: &stoa_sandbox::Run, began: Timestamp, ended: Timestamp) -> Value {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let files: Vec<Value> =
        run.files.iter().map(|file| json!({ "name": file.name, "size": file.bytes.len() })).collect();
    json!({
        "language": program.language,
        "state": if run.exit.reason == Reason::Exited && run.exit.code == Some(0) { "succeeded" } else { "failed" },
        "exit": run.exit,
        "stdout": text(&run.stdout),
        "stderr": text(&run.stderr),
        "truncated": run.truncated,
        "files": files,
        "skipped": run.skipped,
        "usage": run.usage,
        "isolation": { "layers": run.layers },
        "code_sha256": digest(&program.source).hex(),
        "started_at": began,
        "finished_at": ended,
    })
}
