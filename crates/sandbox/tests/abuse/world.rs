//! One sandbox for one test, and the look around afterwards.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use stoa_core::Result;
use stoa_sandbox::{Config, Language, Layer, Limits, Program, Reason, Run, Sandbox};
use tokio_util::sync::CancellationToken;

static COUNT: AtomicU32 = AtomicU32::new(0);

pub(crate) struct World {
    pub sandbox: Sandbox,
    pub folder: PathBuf,
    /// Stands in the command line of every process of this world, and in no other.
    pub token: String,
    mounts: usize,
}

/// Limits that a loaded machine does not reach by accident.
pub(crate) fn roomy() -> Limits {
    Limits { wall: Duration::from_secs(60), cpu: Duration::from_secs(30), ..Limits::default() }
}

/// The wall is meant to be hit.
pub(crate) fn brief() -> Limits {
    Limits { wall: Duration::from_secs(2), ..roomy() }
}

/// The helper beside the test binary, where an ordinary user finds both; else where cargo put it.
pub(crate) fn helper() -> PathBuf {
    let beside = std::env::current_exe().unwrap().with_file_name("stoa-cell");
    if beside.exists() { beside } else { PathBuf::from(env!("CARGO_BIN_EXE_stoa-cell")) }
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let (config, token) = config();
        Self::open(config, token, change).await
    }

    pub(crate) async fn open(mut config: Config, token: String, change: impl FnOnce(&mut Config)) -> Self {
        change(&mut config);
        let folder = config.folder.clone();
        let sandbox = Sandbox::open(config).await.unwrap();
        Self { sandbox, folder, token, mounts: mounts() }
    }

    /// Whether control groups count here.
    pub(crate) fn counted(&self) -> bool {
        let layers = self.sandbox.layers();
        layers.has(Layer::CgroupV1) || layers.has(Layer::CgroupV2)
    }

    pub(crate) fn program(&self, source: &str) -> Program {
        Program { args: vec![self.token.clone()], ..Program::new(Language::Python, source) }
    }

    pub(crate) async fn run(&self, limits: &Limits, source: &str) -> Run {
        self.run_program(limits, &self.program(source)).await.unwrap()
    }

    pub(crate) async fn run_program(&self, limits: &Limits, program: &Program) -> Result<Run> {
        self.sandbox.run(limits, program, CancellationToken::new(), |_, _| {}).await
    }

    /// Runs what must end well, and gives what it said.
    pub(crate) async fn said(&self, source: &str) -> String {
        let run = self.run(&roomy(), source).await;
        let (out, err) = (text(&run.stdout), text(&run.stderr));
        assert_eq!((run.exit.reason, run.exit.code), (Reason::Exited, Some(0)), "{out}{err}");
        out
    }

    /// Nothing is left, and the next job runs normally.
    pub(crate) async fn leaves_nothing(self) {
        assert_eq!(self.processes(), Vec::<String>::new(), "processes are left");
        assert_eq!(self.said("print('the next job')").await, "the next job\n");
        self.closes_clean().await;
    }

    /// No group, mount or file is left, and the sandbox itself goes without a trace.
    pub(crate) async fn closes_clean(self) {
        let groups = self.groups();
        for group in &groups {
            let cells = fs::read_dir(group).unwrap().flatten().filter(|entry| entry.path().is_dir()).count();
            assert_eq!(cells, 0, "{} has cells left", group.display());
        }
        let Self { sandbox, folder, token, mounts: before } = self;
        drop(sandbox);
        eventually("the world's processes to end", || processes_with(&token).is_empty()).await;
        for group in &groups {
            assert!(!group.exists(), "{} is left", group.display());
        }
        assert_eq!(mounts(), before, "mounts are left");
        fs::remove_file(folder.join("helper")).unwrap();
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0, "files are left");
        fs::remove_dir(folder).unwrap();
    }

    pub(crate) fn processes(&self) -> Vec<String> {
        processes_with(&self.token)
    }

    pub(crate) fn pids(&self) -> Vec<i32> {
        found(&self.token).into_iter().map(|(pid, _)| pid).collect()
    }

    /// The folders of the control groups, as the sandbox wrote them down for its successor.
    pub(crate) fn groups(&self) -> Vec<PathBuf> {
        groups_in(&self.folder)
    }
}

pub(crate) fn groups_in(folder: &Path) -> Vec<PathBuf> {
    let notes = fs::read_dir(folder).unwrap().flatten().map(|entry| entry.path());
    let notes = notes.filter(|path| path.extension().is_some_and(|extension| extension == "owner"));
    notes.flat_map(|note| lines(&note)).map(PathBuf::from).collect()
}

pub(crate) fn config() -> (Config, String) {
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let process = std::process::id();
    let token = format!("stoa-abuse-{process}-{number}-end");
    let folder = std::env::temp_dir().join(&token);
    fs::create_dir(&folder).unwrap();
    let program = folder.join("helper");
    symlink(helper(), &program).unwrap();
    let uid = 1_000_000_000 + (process % 5_000) * 200_000 + number * 1_000;
    (Config { program, uid, spare: 0, at_once: 4, ..Config::new(folder) }, token)
}

fn lines(path: &Path) -> Vec<String> {
    fs::read_to_string(path).unwrap_or_default().lines().map(str::to_owned).collect()
}

pub(crate) fn processes_with(token: &str) -> Vec<String> {
    found(token).into_iter().map(|(_, command)| command).collect()
}

/// Ids and command lines of the processes with this token. Those that are dead and not yet reaped have none.
fn found(token: &str) -> Vec<(i32, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let command = fs::read_to_string(entry.path().join("cmdline")).unwrap_or_default();
        if command.contains(token) {
            let pid = entry.file_name().to_str().and_then(|pid| pid.parse().ok()).unwrap();
            found.push((pid, command.replace('\0', " ")));
        }
    }
    found
}

fn mounts() -> usize {
    fs::read_to_string("/proc/self/mountinfo").unwrap().lines().count()
}

/// Waits for something that the kernel does in its own time.
pub(crate) async fn eventually(what: &str, holds: impl Fn() -> bool) {
    let patience = tokio::time::Instant::now() + Duration::from_secs(20);
    while !holds() {
        assert!(tokio::time::Instant::now() < patience, "waited in vain for {what}");
        tokio::task::yield_now().await;
    }
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
