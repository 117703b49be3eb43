//! A folder of its own for each test, and `stoa` in it.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

/// A folder in which `stoa` is run; removed at the end.
pub(crate) struct House {
    pub(crate) folder: PathBuf,
}

static COUNT: AtomicU32 = AtomicU32::new(0);

impl House {
    pub(crate) fn new() -> Self {
        let name = format!("house-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&folder).unwrap();
        Self { folder }
    }

    /// With this `stoa.toml`.
    pub(crate) fn with(settings: &str) -> Self {
        let house = Self::new();
        fs::write(house.folder.join("stoa.toml"), settings).unwrap();
        house
    }

    #[expect(clippy::disallowed_methods, reason = "the program itself is what is tested")]
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stoa"));
        // Nothing of whoever runs the tests.
        command.args(args).current_dir(&self.folder).env_clear().env("TMPDIR", &self.folder);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, args: &[&str]) -> Said {
        self.command(args).output().unwrap().into()
    }

    /// Runs a command that reads this.
    pub(crate) fn run_with(&self, args: &[&str], stdin: &str) -> Said {
        let mut child = self.command(args).stdin(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(stdin.as_bytes()).unwrap();
        child.wait_with_output().unwrap().into()
    }

    /// Adds somebody.
    pub(crate) fn add(&self, email: &str, password: &str, more: &[&str]) -> Said {
        let args = [&["user", "add", email, "--password-stdin"], more].concat();
        self.run_with(&args, password)
    }

    /// Starts a server and waits until it says where it is.
    pub(crate) fn serve(&self, more: &[&str]) -> Server {
        let usual = ["serve", "--listen", "127.0.0.1:0", "--admin-listen", "127.0.0.1:0"];
        let mut child = self.command(&[&usual, more].concat()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        let mut server = Server { child, said: Vec::new(), lines };
        while !server.said.last().is_some_and(|line| line.contains(r#""message":"serving""#)) {
            let mut line = String::new();
            if server.lines.read_line(&mut line).unwrap() == 0 {
                panic!("it ended: {:?}", server.wait());
            }
            server.said.push(line.trim_end().to_owned());
        }
        server
    }
}

impl Drop for House {
    fn drop(&mut self) {
        let _left_for_the_next_clean = fs::remove_dir_all(&self.folder);
    }
}

/// What a command said and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

/// A server that runs; killed if the test forgets it.
pub(crate) struct Server {
    child: Child,
    /// What it has said.
    pub(crate) said: Vec<String>,
    lines: BufReader<ChildStdout>,
}

impl Server {
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What stands after this word on one of the first lines.
    pub(crate) fn after(&self, word: &str) -> Option<&str> {
        self.said.iter().find_map(|line| Some(line.split_once(word)?.1.trim()))
    }

    /// `127.0.0.1:…` of the door for people.
    pub(crate) fn address(&self) -> &str {
        self.after(" on http://").unwrap()
    }

    /// `127.0.0.1:…` of the door for whoever looks after the machine.
    pub(crate) fn admin(&self) -> &str {
        self.after("metrics: http://").unwrap().strip_suffix("/metrics").unwrap()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill(Pid::from_raw(self.pid().try_into().unwrap()), signal).unwrap();
    }

    /// Waits for its end; everything it said from first to last, and what it said to stderr.
    pub(crate) fn wait(mut self) -> (ExitStatus, Vec<String>, String) {
        let mut rest = String::new();
        self.lines.read_to_string(&mut rest).unwrap();
        let mut err = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        let mut said = std::mem::take(&mut self.said);
        said.extend(rest.lines().map(str::to_owned));
        (self.child.wait().unwrap(), said, err)
    }

    /// Asks it to end, and waits.
    pub(crate) fn stop(self) -> (ExitStatus, Vec<String>, String) {
        self.signal(Signal::SIGTERM);
        self.wait()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended_before = self.child.kill().and_then(|()| self.child.wait());
    }
}

/// An answer: status, head, body.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(": ")?;
            key.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

/// One request over a connection of its own.
pub(crate) fn ask(address: &str, method: &str, path: &str, body: &str) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nOrigin: http://{address}\r\n\
         Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}

pub(crate) fn get(address: &str, path: &str) -> Answer {
    ask(address, "GET", path, "")
}
