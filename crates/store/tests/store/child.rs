//! Real processes: this test program, started again and told what to do.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdout, Command, Stdio},
};

use bytes::Bytes;
use futures::StreamExt;
use stoa_core::{Clock, Rng, Secret, TestClock};
use stoa_store::{Ctx, S3Config, Store, StoreConfig};

use crate::world::{World, migrations};

const ORDER: &str = "STOA_TEST_CHILD";

/// A process of this program. Killed with its handle.
pub(crate) struct Process {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Process {
    pub(crate) fn start(world: &World, order: &str) -> Self {
        let mut command = program();
        command
            .args(["--exact", "child::does_as_it_is_told", "--nocapture", "--test-threads=1"])
            .env(ORDER, order)
            .env("STOA_TEST_CHILD_FOLDER", &world.config.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        if let Some(url) = &world.config.database.url {
            command.env("STOA_TEST_CHILD_DATABASE", url.expose());
        }
        if let Some(s3) = &world.config.blobs.s3 {
            command
                .env("STOA_TEST_CHILD_S3", s3.endpoint.as_str())
                .env("STOA_TEST_CHILD_S3_BUCKET", &s3.bucket)
                .env("STOA_TEST_CHILD_S3_SECRET", s3.secret_access_key.expose());
        }
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Self { child, lines }
    }

    /// Waits for a line that begins with `said:`, and gives back the rest of it.
    pub(crate) fn hears(&mut self) -> String {
        let mut line = String::new();
        loop {
            line.clear();
            assert!(self.lines.read_line(&mut line).unwrap() > 0, "the process ended without a word");
            if let Some((_, said)) = line.split_once("said:") {
                return said.trim().to_owned();
            }
        }
    }

    /// SIGKILL, and waits until it is gone.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

#[expect(clippy::disallowed_methods, reason = "tests kill real processes")]
fn program() -> Command {
    Command::new(env::current_exe().unwrap())
}

#[expect(clippy::disallowed_methods, reason = "how a test speaks to a process it started")]
fn told(name: &str) -> Option<String> {
    env::var(name).ok()
}

fn say(what: &str) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "\nsaid:{what}").unwrap();
    out.flush().unwrap();
}

/// Nothing unless this process was started by another test.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn does_as_it_is_told() {
    let Some(order) = told(ORDER) else { return };
    let mut config =
        StoreConfig { folder: told("STOA_TEST_CHILD_FOLDER").unwrap().into(), ..StoreConfig::default() };
    config.database.url = told("STOA_TEST_CHILD_DATABASE").map(Secret::new);
    config.blobs.s3 = told("STOA_TEST_CHILD_S3").map(|endpoint| S3Config {
        endpoint: endpoint.parse().unwrap(),
        bucket: told("STOA_TEST_CHILD_S3_BUCKET").unwrap(),
        region: "us-east-1".into(),
        access_key_id: "test".into(),
        secret_access_key: Secret::new(told("STOA_TEST_CHILD_S3_SECRET").unwrap()),
    });
    if order == "migrate" {
        let db = stoa_store::Db::open(&config.database, &config.folder).await.unwrap();
        // All begin at once: when the test says so.
        say("ready");
        std::io::stdin().read_line(&mut String::new()).unwrap();
        let report = stoa_store::migrate(&db, &migrations(), &Clock::system(), false).await.unwrap();
        return say(&format!("{} applied, {} present", report.applied.len(), report.present));
    }
    let clock = if order.ends_with("at the tests' time") { TestClock::new().0 } else { Clock::system() };
    let store = Store::open(&config, &migrations(), clock, Rng::system()).await.unwrap();
    match order.as_str() {
        "serve" | "serve at the tests' time" => {
            store.keep_house();
            while store.epoch.current().is_none() {
                tokio::task::yield_now().await;
            }
            say("serving");
        }
        upload => receive(&store, upload).await,
    }
    std::future::pending::<()>().await;
}

/// Takes a file in and stops at the place where it is to be killed.
async fn receive(store: &std::sync::Arc<Store>, until: &str) {
    let ctx = Ctx::house(store);
    let parts = match until {
        "before the first byte" => 0,
        "between parts" => 20,
        _ => 2,
    };
    let sent = futures::stream::iter(0..parts).map(|_| Ok(Bytes::from(vec![7; 1 << 20])));
    if until == "before it is kept" {
        let _upload = store.blobs.receive(&ctx, "text/plain", 1 << 30, sent).await.unwrap();
        return say("there");
    }
    let stop = futures::stream::once(async {
        say("there");
        std::future::pending().await
    });
    let _never = store.blobs.receive(&ctx, "text/plain", 1 << 30, sent.chain(stop)).await;
}

impl Process {
    /// Lets it go on after it said that it is ready.
    pub(crate) fn go(&mut self) {
        self.child.stdin.take().unwrap().write_all(b"go\n").unwrap();
    }
}
