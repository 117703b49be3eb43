//! Another process: this test program, started once more with a worker in it, to be killed.

use std::{path::PathBuf, process::Stdio, time::Duration};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use stoa_core::{Clock, Result, Rng, TestClock};
use stoa_jobs::{Run, events};
use stoa_store::Store;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

use crate::{
    house::{House, Kept, effect, migrations, settings, soon, worker},
    script::{Act, Patient, does},
};

const TOLD: &str = "STOA_TEST_OTHER_PROCESS";
/// What the other process says begins so; the test harness writes there too.
const SAYS: &str = "the other process: ";

#[derive(Serialize, Deserialize)]
struct Told {
    kept: Kept,
    folder: PathBuf,
    database: Option<String>,
    ahead_seconds: u64,
}

/// The other process, as the test sees it.
pub(crate) struct Other {
    child: Child,
    says: Lines<BufReader<ChildStdout>>,
    hears: ChildStdin,
}

impl Other {
    /// Starts one whose clock is ahead by so much.
    pub(crate) fn start(house: &House, ahead: Duration) -> Self {
        let told = Told {
            kept: house.kept,
            folder: house.folder.clone(),
            database: house.database.clone(),
            ahead_seconds: ahead.as_secs(),
        };
        #[expect(clippy::disallowed_methods, reason = "no sandbox: it is this program again")]
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "process::the_other_process", "--nocapture", "--test-threads=1"])
            .env(TOLD, serde_json::to_string(&told).unwrap())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let says = BufReader::new(child.stdout.take().unwrap()).lines();
        let hears = child.stdin.take().unwrap();
        Self { child, says, hears }
    }

    /// What it says next; nothing when it is gone.
    pub(crate) async fn says(&mut self) -> Option<String> {
        soon("the other process speaks", async {
            while let Some(line) = self.says.next_line().await.unwrap() {
                // The harness may have begun the line with the name of the test.
                if let Some((_, said)) = line.split_once(SAYS) {
                    return Some(said.to_owned());
                }
            }
            None
        })
        .await
    }

    pub(crate) async fn tell(&mut self, line: &str) {
        self.hears.write_all(format!("{line}\n").as_bytes()).await.unwrap();
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id().unwrap()).unwrap();
        kill(Pid::from_raw(id), signal).unwrap();
    }

    pub(crate) async fn is_gone(&mut self) {
        soon("the other process ends", self.child.wait()).await.unwrap();
    }
}

#[expect(clippy::print_stdout, reason = "it speaks to the test that started it")]
fn say(text: &str) {
    println!("{SAYS}{text}");
}

/// Does nothing unless a test of this program started it.
#[test]
fn the_other_process() {
    #[expect(clippy::disallowed_methods, reason = "a test tells it so what it is")]
    let Ok(told) = std::env::var(TOLD) else { return };
    let told: Told = serde_json::from_str(&told).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let (clock, time) = TestClock::at(Clock::system().now());
        time.advance(Duration::from_secs(told.ahead_seconds));
        let config = settings(told.kept, told.folder, told.database.as_deref());
        let store = Store::open(&config, &migrations(), clock, Rng::system()).await.unwrap();
        let worker = worker(&store, vec![does::<Act, _>(hesitate), does::<Patient, _>(|_, _| die())]);
        worker.tend().await.unwrap();
        std::future::pending::<()>().await;
    });
}

/// Writes one effect, says so, and finishes only when it is told to.
async fn hesitate(_: i64, run: Run) -> Result<serde_json::Value> {
    run.tell("step", &"begun").await?;
    run.ctx
        .db
        .write(async |tx| {
            run.hold(tx).await?;
            effect(tx, run.job, "other, step 1").await
        })
        .await?;
    say("begun");
    let go_on = tokio::task::spawn_blocking(|| std::io::stdin().lines().next());
    go_on.await?.transpose()?;
    let told = run.tell("step", &"late").await;
    let finished = run
        .ctx
        .db
        .write(async |tx| {
            effect(tx, run.job, "other, step 2").await?;
            run.finish(tx, &json!("other")).await
        })
        .await;
    let kinds = [told, finished].map(|outcome| outcome.map_or_else(|error| error.kind().code(), |()| "done"));
    say(&kinds.join(", "));
    Ok(json!("other"))
}

async fn die() -> Result<serde_json::Value> {
    say("dying");
    std::process::abort()
}

/// What a second run does that finds the work of the first: it goes on after the last step.
pub(crate) async fn go_on(_: i64, run: Run) -> Result<serde_json::Value> {
    let before = events(&run.ctx, run.job, 0).await?;
    run.tell("step", &"resumed").await?;
    run.ctx
        .db
        .write(async |tx| {
            effect(tx, run.job, "ours, step 2").await?;
            run.finish(tx, &json!({"after": before.len(), "attempt": run.attempt})).await
        })
        .await?;
    Ok(json!(null))
}
