//! A server as a process of its own, asked by many at once: what it costs and holds.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use stoa_core::{Error, Result};

use crate::wire::{Wire, request};

/// A start that takes longer is none.
const PATIENCE: Duration = Duration::from_secs(30);
/// Requests before anything is measured.
const WARM: u32 = 500;

/// What a server is asked, by how many at once, and how often in all.
#[derive(Clone, Copy, Debug)]
pub struct Load<'a> {
    /// Below `/api/v1`.
    pub path: &'a str,
    /// A header that says who asks, with its end: `Cookie: …\r\n`.
    pub who: &'a str,
    /// How many ask at once.
    pub connections: u32,
    /// How often in all.
    pub requests: u32,
    /// A shorter answer is not the one that is meant, in bytes.
    pub least: usize,
}

/// What one connection asks, again and again.
pub type Ask<'a> = Box<dyn FnMut(&mut Wire) -> Result<()> + Send + 'a>;

/// What the requests of a load cost and took.
#[derive(Debug)]
pub struct Cost {
    /// Processor time of the server for one request.
    pub each: Duration,
    /// How long each took, seen from the client.
    pub took: Vec<Duration>,
}

#[expect(clippy::disallowed_methods, reason = "a server is measured as a process of its own")]
/// A program to be started.
pub fn command(program: &Path) -> Command {
    Command::new(program)
}

/// An address that was free a moment ago.
///
/// # Errors
/// When there is none.
pub fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// A server as a process; it is asked to end when this is dropped.
#[derive(Debug)]
pub struct Server {
    /// The process.
    pub child: Child,
    /// Where it listens.
    pub address: SocketAddr,
}

impl Server {
    /// Starts it and waits for its first good answer.
    ///
    /// # Errors
    /// When it does not come.
    pub fn start(command: &mut Command, address: SocketAddr) -> Result<Self> {
        let child = command.stdin(Stdio::null()).spawn()?;
        let mut server = Self { child, address };
        let asked = format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\n\r\n");
        let began = Instant::now();
        while began.elapsed() < PATIENCE && server.child.try_wait()?.is_none() {
            if Wire::open(address)
                .and_then(|mut wire| wire.ask(asked.as_bytes()))
                .is_ok_and(|it| it.status == 200)
            {
                return Ok(server);
            }
            thread::sleep(Duration::from_millis(1));
        }
        Err(Error::internal("a server does not start"))
    }

    /// Asks, after a warm-up, and judges the server by its processor time.
    ///
    /// # Errors
    /// When an answer is not the one that is meant.
    pub fn under(&self, load: &Load<'_>) -> Result<Cost> {
        let asked = request("GET", &format!("/api/v1{}", load.path), self.address, load.who, "");
        let mut asks: Vec<Ask<'_>> = (0..load.connections)
            .map(|_| -> Ask<'_> { Box::new(|wire| wire.ask(asked.as_bytes())?.is(200, load.least)) })
            .collect();
        self.cost(&mut asks, load.requests)
    }

    /// Does what each of `asks` says over a connection of its own, so often in all, after a warm-up.
    ///
    /// # Errors
    /// When one of them fails.
    pub fn cost(&self, asks: &mut [Ask<'_>], requests: u32) -> Result<Cost> {
        let connections = u32::try_from(asks.len())?;
        self.in_turn(asks, WARM.min(requests).div_ceil(connections))?;
        let before = self.processor_time()?;
        let each = requests.div_ceil(connections);
        let took = self.in_turn(asks, each)?;
        Ok(Cost { each: (self.processor_time()? - before) / (each * connections), took })
    }

    /// Each of `asks` over a connection of its own, all at once, each so often one after the other.
    ///
    /// # Errors
    /// When one of them fails.
    pub fn in_turn(&self, asks: &mut [Ask<'_>], each: u32) -> Result<Vec<Duration>> {
        thread::scope(|scope| {
            let threads: Vec<_> =
                asks.iter_mut().map(|ask| scope.spawn(|| one_by_one(self.address, ask, each))).collect();
            let mut took = Vec::new();
            for thread in threads {
                took.extend(thread.join().map_err(|_panic| Error::internal("a client broke"))??);
            }
            Ok(took)
        })
    }

    /// In user and system mode, all threads.
    fn processor_time(&self) -> Result<Duration> {
        processor_time_of(&self.child.id().to_string())
    }

    /// What it holds, in MB.
    ///
    /// # Errors
    /// When it has ended.
    pub fn memory(&self) -> Result<f64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? / 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Ok(pid) = i32::try_from(self.child.id()) {
            // One that has ended by itself is not there any more.
            let _gone = kill(Pid::from_raw(pid), Signal::SIGTERM);
        }
        let _ended = self.child.wait();
    }
}

fn one_by_one(address: SocketAddr, ask: &mut Ask<'_>, many: u32) -> Result<Vec<Duration>> {
    let mut wire = Wire::open(address)?;
    let mut took = Vec::new();
    for _ in 0..many {
        let began = Instant::now();
        ask(&mut wire)?;
        took.push(began.elapsed());
    }
    Ok(took)
}

/// The processor time of this program so far.
///
/// # Errors
/// When the system does not tell.
pub fn own_processor_time() -> Result<Duration> {
    processor_time_of("self")
}

fn processor_time_of(process: &str) -> Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name in brackets may hold anything; the fields after it are counted from the third.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| -> Result<u64> { Ok(fields.get(at).copied().unwrap_or_default().parse()?) };
    // Linux tells programs a hundredth of a second, whatever it counts in itself.
    Ok(Duration::from_millis((ticks(11)? + ticks(12)?) * 10))
}
