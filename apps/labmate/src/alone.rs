//! The whole job without a server: read, run, draw, write. What `stoa lab` does.

use serde_json::Value;
use stoa_core::{Clock, Error, Id, JobTag, Result, Rng, digest};
use stoa_documents::{Placement, Report as Document, Theme};
use stoa_sandbox::{Language, Reason};
use tokio_util::sync::CancellationToken;

use crate::{
    LabMate,
    assignments::{
        find::{self, Found},
        model::{LabTag, Origin, Source, Task, file_name, title_of_file},
    },
    reports::build::{self, Answered},
    runs::{
        model::{AskedLimits, Isolation, Raw, Run, RunExit, RunLimits, RunState, verdict},
        ops::shot,
    },
};

/// How the report is to be.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The look of the pictures.
    pub theme: Theme,
    /// Where the answers go.
    pub placement: Placement,
    /// The name of the report, for the evidence.
    pub filename: String,
}

/// How one task ended.
#[derive(Clone, Debug)]
pub struct Step {
    /// Which one, from 1.
    pub at: usize,
    /// Of how many.
    pub of: usize,
    /// The question's first line.
    pub question: String,
    /// Whether its program ended by itself with code 0.
    pub good: bool,
    /// How it ended, for people.
    pub line: String,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Done {
    /// The report.
    pub docx: Vec<u8>,
    /// The evidence.
    pub evidence: Value,
    /// How many tasks there are.
    pub tasks: usize,
    /// How many of them ran and ended well.
    pub good: usize,
}

/// Does the whole job for one file. `step` is told as each task ends.
///
/// # Errors
/// `unsupported`, `invalid`, `too_large` for the file; `unavailable` when this machine cannot isolate.
pub async fn report(
    app: &LabMate,
    name: &str,
    bytes: Vec<u8>,
    options: &Options,
    stop: &CancellationToken,
    mut step: impl FnMut(Step),
) -> Result<Done> {
    let (clock, rng) = (Clock::system(), Rng::system());
    if bytes.len() as u64 > app.config.upload_bytes {
        return Err(Error::too_large(format!(
            "the file is larger than {} MB",
            app.config.upload_bytes >> 20
        )));
    }
    let name = file_name(Some(name));
    let format = stoa_documents::sniff(&name, &bytes)?;
    let document = app.cells.read(&name, Some(format), &bytes, stop.clone()).await?;
    let found = find::find(&document);
    let source =
        Source { name: name.clone(), format, size: bytes.len() as u64, sha256: digest(&bytes).hex() };
    let limits = AskedLimits::default().within(app.cells.limits())?;
    let (of, mut good) = (found.len(), 0);
    let mut answers = Vec::with_capacity(of);
    for (at, found) in found.into_iter().enumerate() {
        let task = task(found, at, &clock, &rng)?;
        let (answered, done, line) = answer(app, task, &limits, options.theme, stop, &clock, &rng).await?;
        good += usize::from(done);
        let question = answered.task.question.lines().next().unwrap_or_default().to_owned();
        step(Step { at: at + 1, of, question, good: done, line });
        answers.push(answered);
    }
    let made_at = clock.now();
    let evidence = build::evidence(&source, &answers, made_at);
    let document = Document {
        title: title_of_file(&name),
        placement: options.placement,
        notes: build::notes(&source, &answers),
        entries: answers.into_iter().map(build::entry).collect(),
        source: Some((format, bytes)),
        made_at,
    };
    let docx = app.cells.write(&document, stop.clone()).await?;
    let evidence = build::seal(evidence, &options.filename, digest(&docx), docx.len() as u64);
    Ok(Done { docx, evidence, tasks: of, good })
}

fn task(found: Found, at: usize, clock: &Clock, rng: &Rng) -> Result<Task> {
    Ok(Task {
        id: Id::new(clock, rng),
        position: u32::try_from(at)?,
        number: found.number,
        question: found.question,
        code: found.code,
        language: found.language,
        stdin: String::new(),
        included: true,
        origin: Origin::Found,
        last_run: None,
        updated_at: clock.now(),
        after_block: found.after_block,
    })
}

/// Runs a task if it can run, and draws what came of it.
async fn answer(
    app: &LabMate,
    task: Task,
    limits: &RunLimits,
    theme: Theme,
    stop: &CancellationToken,
    clock: &Clock,
    rng: &Rng,
) -> Result<(Answered, bool, String)> {
    let skipped = |task, why: String| Ok((Answered { task, run: None, picture: None }, false, why));
    if task.code.trim().is_empty() {
        return skipped(task, "has no code to run".into());
    }
    let Some(language) = Language::by_id(&task.language) else {
        let why = format!("is in {}, which cannot run here", task.language);
        return skipped(task, why);
    };
    let started_at = clock.now();
    let ran = app
        .cells
        .run(&limits.of_sandbox(app.cells.limits()), language, &task.code, "", stop.clone(), |_, _| {})
        .await?;
    if ran.exit.reason == Reason::Cancelled {
        return Err(Error::conflict("stopped"));
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let exit = RunExit { code: ran.exit.code, signal: ran.exit.signal, reason: ran.exit.reason };
    let (good, line) = verdict(&exit, &ran.usage.into(), limits);
    let run = Run {
        id: Id::new(clock, rng),
        lab_id: Id::<LabTag>::new(clock, rng),
        task_id: task.id,
        job_id: Id::<JobTag>::new(clock, rng),
        language: task.language.clone(),
        state: if good { RunState::Succeeded } else { RunState::Failed },
        exit: Some(exit),
        stdout: text(&ran.stdout),
        stderr: text(&ran.stderr),
        truncated: ran.truncated,
        files: Vec::new(),
        usage: ran.usage.into(),
        isolation: Isolation { layers: ran.layers.iter().map(stoa_sandbox::Layer::name).collect() },
        limits: limits.clone(),
        code_sha256: digest(&task.code).hex(),
        started_at: Some(started_at),
        finished_at: Some(clock.now()),
        code: task.code.clone(),
        stdin: String::new(),
        raw: Raw { stdout: ran.stdout, stderr: ran.stderr },
    };
    let picture = app.cells.draw(&shot(&run, theme), stop.clone()).await?;
    Ok((Answered { task, run: Some(run), picture: Some(picture) }, good, line))
}
