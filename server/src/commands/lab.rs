//! `stoa lab`: the whole LabMate job without a server. Parse, run in the sandbox, report.

use std::{
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use serde_json::json;
use stoa_core::{Error, Result, Rng};
use stoa_documents::{Placement, Theme};
use stoa_labmate::{
    Cells, LabMate,
    alone::{self, Done, Options, Step},
};
use tokio_util::sync::CancellationToken;

use super::scratch::Scratch;
use crate::{config::Loaded, screen};

/// Do a lab assignment: find its tasks, run their code in the sandbox, write the report.
#[derive(Args)]
#[command(after_help = "\
Examples:
  stoa lab assignment.docx --out report.docx
  stoa lab assignment.md --out report.docx --evidence evidence.json --theme terminal_dark

Needs no server and no data folder. Exit code 0 only if every task ran.")]
pub(super) struct Lab {
    /// The assignment: DOCX, Markdown or text
    file: PathBuf,
    /// Where the report goes
    #[arg(long, value_name = "REPORT.docx")]
    out: PathBuf,
    /// Where the evidence goes: hashes, limits, outputs
    #[arg(long, value_name = "F.json")]
    evidence: Option<PathBuf>,
    /// The look of the pictures: editor_light, editor_dark, terminal_light, terminal_dark
    #[arg(long, default_value = "editor_light", value_parser = named::<Theme>)]
    theme: Theme,
    /// Where answers stand: below_question, end
    #[arg(long, default_value = "below_question", value_parser = named::<Placement>)]
    placement: Placement,
    /// Print what came of each task as JSON in place of lines
    #[arg(long)]
    json: bool,
}

/// A value by the name that it has in the API.
fn named<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_value(json!(text.replace('-', "_"))).map_err(|error| error.to_string())
}

impl Lab {
    pub(super) async fn run(self, loaded: Loaded) -> Result<ExitCode> {
        if self.out.extension().is_none_or(|end| !end.eq_ignore_ascii_case("docx")) {
            return Err(Error::invalid("the report is a DOCX file; let its name end with .docx"));
        }
        let bytes = fs::read(&self.file)
            .map_err(|error| Error::invalid(format!("{} cannot be read: {error}", self.file.display())))?;
        // Dropped after the cells, which clean up their notes in it.
        let notes = Scratch::new()?;
        let cells = Cells::new(loaded.config.sandbox.below(notes.path()), loaded.config.sandbox.limits.all());
        let app = LabMate { cells, config: loaded.config.labmate };
        let options = Options { theme: self.theme, placement: self.placement, filename: name(&self.out) };
        let (mut steps, live) = (Vec::new(), !self.json);
        let step = |step: Step| {
            if live {
                let _nobody_listens = screen::line(line(&step));
            }
            steps.push(json!({ "question": step.question, "ran": step.good, "detail": step.line }));
        };
        let (file, stop) = (name(&self.file), CancellationToken::new());
        // What is wrong with the file is an answer, not a wrong question.
        let done = match alone::report(&app, &file, bytes, &options, &stop, step).await {
            Ok(done) => done,
            Err(error) => {
                screen::failed(&error);
                return Ok(ExitCode::FAILURE);
            }
        };
        save(&self.out, &done.docx)?;
        if let Some(path) = &self.evidence {
            save(path, &serde_json::to_vec_pretty(&done.evidence)?)?;
        }
        if self.json {
            let (tasks, ran, out) = (done.tasks, done.good, self.out.display().to_string());
            screen::json(&json!({ "tasks": tasks, "ran": ran, "report": out, "steps": steps }))?;
        } else {
            screen::line(format!("{}: {}", self.out.display(), summary(&done)))?;
        }
        let all = done.tasks > 0 && done.good == done.tasks;
        Ok(if all { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// One task's line of progress.
fn line(step: &Step) -> String {
    const LONGEST: usize = 60;
    let mut question: String = step.question.chars().take(LONGEST).collect();
    if step.question.chars().nth(LONGEST).is_some() {
        question.push('…');
    }
    let mark = if step.good { "ok" } else { "NO" };
    format!("{}/{} {mark}  {question} — {}", step.at, step.of, step.line)
}

fn summary(done: &Done) -> String {
    match (done.tasks, done.good) {
        (0, _) => "no task was found in the file; number them, or mark them as `Task 1`".into(),
        (1, 1) => "its one task ran".into(),
        (tasks, good) if tasks == good => format!("all {tasks} tasks ran"),
        (tasks, good) => format!("{good} of {tasks} tasks ran"),
    }
}

/// Whole or not at all: a report cut off in the middle would look like one.
fn save(path: &Path, bytes: &[u8]) -> Result<()> {
    let beside = path.with_file_name(format!(".{}.{}", name(path), Rng::system().token::<6>()));
    let written = fs::write(&beside, bytes).and_then(|()| fs::rename(&beside, path));
    written.map_err(|cause: io::Error| {
        let _perhaps_never_made = fs::remove_file(&beside);
        Error::unavailable(format!("{} cannot be written: {cause}", path.display()))
    })
}
