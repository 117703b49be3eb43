//! How a report comes together from tasks and their runs: entries, pictures, evidence. The server and the
//! command line share it.

use serde_json::{Value, json};
use stoa_core::{Digest, Timestamp, digest};
use stoa_documents::{Entry, Png, Verdict};

use crate::{
    assignments::model::{Source, Task},
    runs::model::{Run, verdict},
};

/// One answer: the task, the run that shows it, the picture of that.
pub(crate) struct Answered {
    pub(crate) task: Task,
    pub(crate) run: Option<Run>,
    pub(crate) picture: Option<Png>,
}

/// What the document shows of an answer.
pub(crate) fn entry(answered: Answered) -> Entry {
    let Answered { task, run, picture } = answered;
    let shown = run.as_ref().filter(|run| run.exit.is_some());
    Entry {
        number: task.number,
        question: task.question,
        after_block: task.after_block,
        // The code that ran, not what the task may have become since: output and code belong together.
        code: run.as_ref().map_or(task.code, |run| run.code.clone()),
        language: task.language,
        output: shown.map(|run| run.stdout.clone()),
        errors: shown.map(|run| run.stderr.clone()).unwrap_or_default(),
        verdict: shown.and_then(|run| {
            let (good, line) = verdict(run.exit.as_ref()?, &run.usage, &run.limits);
            Some(Verdict { good, line })
        }),
        ran_at: shown.and_then(|run| run.finished_at),
        picture,
    }
}

/// The evidence: what ran, under which limits and walls, and the hashes of everything, so that anyone can
/// check it again.
pub(crate) fn evidence(source: &Source, answers: &[Answered], made_at: Timestamp) -> Value {
    let tasks: Vec<Value> = answers.iter().map(one).collect();
    json!({
        "version": 1,
        "made_at": made_at,
        "made_by": concat!("stoa ", env!("CARGO_PKG_VERSION")),
        "source": { "name": source.name, "size": source.size, "sha256": source.sha256 },
        "tasks": tasks,
    })
}

fn one(answered: &Answered) -> Value {
    let Answered { task, run, picture } = answered;
    let run = run.as_ref().map(|run| {
        json!({
            "id": run.id,
            "language": run.language,
            "code_sha256": run.code_sha256,
            "stdin_sha256": digest(&run.stdin).hex(),
            "stdout_sha256": digest(&run.raw.stdout).hex(),
            "stderr_sha256": digest(&run.raw.stderr).hex(),
            "truncated": run.truncated,
            "exit": run.exit,
            "usage": run.usage,
            "limits": run.limits,
            "isolation": run.isolation,
            "files": run.files.iter().map(|file| json!({ "name": file.name, "size": file.size })).collect::<Vec<_>>(),
            "started_at": run.started_at,
            "finished_at": run.finished_at,
        })
    });
    json!({
        "task_id": task.id,
        "number": task.number,
        "question_sha256": digest(&task.question).hex(),
        "picture_sha256": picture.as_ref().map(|picture| digest(&picture.bytes).hex()),
        "run": run,
    })
}

/// The lines that stand at the end of a report.
pub(crate) fn notes(source: &Source, answers: &[Answered]) -> Vec<String> {
    let mut notes = vec![format!("Assignment: {}, SHA-256 {}", source.name, source.sha256)];
    for (at, answered) in answers.iter().enumerate() {
        if let Some(run) = &answered.run {
            let number = answered.task.number.clone().unwrap_or_else(|| (at + 1).to_string());
            notes.push(format!(
                "Task {number}: code SHA-256 {}, output SHA-256 {}",
                run.code_sha256,
                digest(&run.raw.stdout).hex()
            ));
        }
    }
    let layers = answers.iter().filter_map(|answered| answered.run.as_ref()).map(|run| &run.isolation.layers);
    if let Some(layers) = layers.into_iter().find(|layers| !layers.is_empty()) {
        notes.push(format!(
            "Programs ran without network in a sandbox of these layers: {}.",
            layers.join(", ")
        ));
    }
    notes
}

/// Completes the evidence with the report it belongs to.
pub(crate) fn seal(mut evidence: Value, filename: &str, sha256: Digest, size: u64) -> Value {
    evidence["report"] = json!({ "filename": filename, "sha256": sha256.hex(), "size": size });
    evidence
}
