//! A process of the real program, and everything it says.

use std::{
    path::Path,
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use stoa_store::Tasks;
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWriteExt, BufReader},
    process::{Child, Command},
    sync::watch,
};

use super::{
    Book, Person,
    ending::{Process, descendants},
    place::needed,
};

/// A debug build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Node {
    /// `http://127.0.0.1:…`, without a slash at the end.
    pub(crate) url: String,
    /// Where metrics and health are.
    pub(crate) admin: String,
    /// What makes its bearer the owner, if nobody is yet.
    pub(crate) claim: Option<String>,
    pub(crate) pid: i32,
    child: tokio::sync::Mutex<Child>,
    pub(crate) log: Log,
    pub(crate) book: Arc<Book>,
    /// How it ended, once it has.
    pub(crate) ended: Mutex<Option<ExitStatus>>,
    /// What it had started when it was killed.
    pub(crate) below: Mutex<Vec<Process>>,
    _tasks: Tasks,
}

/// The lines that a process wrote, to both streams.
#[derive(Clone, Default)]
pub(crate) struct Log {
    lines: Arc<Mutex<Vec<String>>>,
    grown: watch::Sender<usize>,
}

#[expect(clippy::disallowed_methods, reason = "a story starts the program as a person does")]
fn program(data: &Path, settings: &[(String, String)], words: &[&str]) -> Command {
    let mut command = Command::new(needed("STOA_TEST_SERVER"));
    command.args(words).arg("--data").arg(data).current_dir(data.parent().unwrap());
    // Settings of whoever runs the stories are not ours.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("STOA_")) {
        command.env_remove(name);
    }
    command.envs(settings.iter().map(|(name, value)| (name, value))).kill_on_drop(true);
    command
}

/// Runs a command to its end.
pub(crate) async fn command(
    data: &Path,
    settings: &[(String, String)],
    words: &[&str],
    stdin: &str,
) -> (Option<i32>, String, String) {
    let mut command = program(data, settings, words);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(stdin.as_bytes()).await.unwrap();
    let output = tokio::time::timeout(PATIENCE, child.wait_with_output()).await.unwrap().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

impl Node {
    pub(crate) async fn start(
        data: &Path,
        settings: &[(String, String)],
        words: &[&str],
        book: &Arc<Book>,
    ) -> Self {
        let usual = ["serve", "--admin-listen", "127.0.0.1:0"];
        // Anywhere, unless the story says where.
        let anywhere: &[&str] = if words.contains(&"--listen") { &[] } else { &["--listen", "127.0.0.1:0"] };
        let mut command = program(data, settings, &[&usual[..], anywhere, words].concat());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (log, tasks) = (Log::default(), Tasks::default());
        tasks.spawn("stdout", log.clone().gather(child.stdout.take().unwrap()));
        tasks.spawn("stderr", log.clone().gather(child.stderr.take().unwrap()));
        log.until(r#""message":"serving""#).await;
        let lines = log.lines();
        let after =
            |word: &str| lines.iter().find_map(|line| Some(line.split_once(word)?.1.trim().to_owned()));
        let claim = after("/setup#claim=");
        if let Some(claim) = &claim {
            book.secret("the claim", claim);
        }
        Self {
            url: lines
                .iter()
                .find_map(|line| Some(line.strip_prefix("Stoa ")?.split_once(" on ")?.1.to_owned()))
                .unwrap(),
            admin: after("metrics: ").unwrap().trim_end_matches("/metrics").to_owned(),
            claim,
            pid: i32::try_from(child.id().unwrap()).unwrap(),
            child: tokio::sync::Mutex::new(child),
            log,
            book: book.clone(),
            ended: Mutex::default(),
            below: Mutex::default(),
            _tasks: tasks,
        }
    }

    /// Somebody without an account.
    pub(crate) fn nobody(&self) -> Person {
        Person::nobody(self)
    }

    /// The most memory that it has held, in bytes.
    pub(crate) fn most_memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid)).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
    }

    /// Ends it from one moment to the next.
    pub(crate) async fn is_killed(&self) {
        self.below.lock().unwrap().extend(descendants(self.pid));
        kill(Pid::from_raw(self.pid), Signal::SIGKILL).unwrap();
        self.waits().await;
    }

    /// Asks it to end.
    pub(crate) fn is_asked_to_stop(&self) {
        kill(Pid::from_raw(self.pid), Signal::SIGTERM).unwrap();
    }

    /// Waits until it has ended.
    pub(crate) async fn waits(&self) -> ExitStatus {
        let mut child = self.child.lock().await;
        let Ok(status) = tokio::time::timeout(PATIENCE, child.wait()).await else {
            panic!("the server does not end:\n{}", self.log.lines().join("\n"));
        };
        let status = status.unwrap();
        *self.ended.lock().unwrap() = Some(status);
        status
    }

    /// Asks it to end, and waits until it has.
    pub(crate) async fn stops(&self) -> ExitStatus {
        if let Some(status) = *self.ended.lock().unwrap() {
            return status;
        }
        self.is_asked_to_stop();
        self.waits().await
    }
}

impl Log {
    async fn gather(self, stream: impl AsyncRead + Unpin) {
        let mut lines = BufReader::new(stream).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            let mut all = self.lines.lock().unwrap();
            all.push(line);
            self.grown.send_replace(all.len());
        }
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    /// Waits until a line says this, and gives the line.
    pub(crate) async fn until(&self, text: &str) -> String {
        let mut grown = self.grown.subscribe();
        let said = async {
            loop {
                if let Some(line) = self.lines().into_iter().find(|line| line.contains(text)) {
                    return line;
                }
                grown.changed().await.unwrap();
            }
        };
        let said = tokio::time::timeout(PATIENCE, said).await;
        said.unwrap_or_else(|_| panic!("the log never says {text}:\n{}", self.lines().join("\n")))
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let lines = self.log.lines();
            let last = &lines[lines.len().saturating_sub(40)..];
            // The test's output is shown when it fails.
            #[expect(clippy::print_stderr, reason = "what the server said explains what went wrong")]
            {
                eprintln!("--- the server at {} said last:\n{}", self.url, last.join("\n"));
            }
        }
    }
}
