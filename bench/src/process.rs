//! A server as a process of its own, asked by many at once: what it costs and holds.

use std::{
    fs,
    net::{SocketAddr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use stoa_core::{Error, Result};

use crate::{CONNECTIONS, LABS, PATIENCE, REQUESTS, wire::Wire};

#[expect(clippy::disallowed_methods, reason = "a server is measured as a process of its own")]
pub(crate) fn command(program: &Path) -> Command {
    Command::new(program)
}

/// An address that was free a moment ago.
pub(crate) fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?)
}

/// A server as a process; it is asked to end when this is dropped.
pub(crate) struct Server {
    pub(crate) child: Child,
    pub(crate) address: SocketAddr,
}

impl Server {
    /// Starts it and waits for its first good answer.
    pub(crate) fn start(command: &mut Command, address: SocketAddr) -> Result<Self> {
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

    /// The processor time of one page, of many.
    pub(crate) fn cost_of_a_page(&self, cookie: Option<&str>) -> Result<Duration> {
        let cookie = cookie.map_or_else(String::new, |cookie| format!("Cookie: {cookie}\r\n"));
        let asked = Arc::new(format!(
            "GET /api/v1/labs HTTP/1.1\r\nHost: {}\r\nAccept: application/json\r\n{cookie}\r\n",
            self.address
        ));
        self.ask_often(&asked, 500)?;
        let before = self.processor_time()?;
        self.ask_often(&asked, REQUESTS)?;
        Ok((self.processor_time()? - before) / REQUESTS)
    }

    /// So many requests over all connections at once.
    pub(crate) fn ask_often(&self, asked: &Arc<String>, many: u32) -> Result<()> {
        let mut threads = Vec::new();
        for _ in 0..CONNECTIONS {
            let (asked, address) = (asked.clone(), self.address);
            threads.push(thread::spawn(move || ask_in_turn(address, &asked, many / CONNECTIONS)));
        }
        for thread in threads {
            thread.join().map_err(|_panic| Error::internal("a client broke"))??;
        }
        Ok(())
    }

    /// In user and system mode, all threads.
    pub(crate) fn processor_time(&self) -> Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name in brackets may hold anything; the fields after it are counted from the third.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
        let ticks = |at: usize| -> Result<u64> { Ok(fields.get(at).copied().unwrap_or_default().parse()?) };
        // Linux tells programs a hundredth of a second, whatever it counts in itself.
        Ok(Duration::from_millis((ticks(11)? + ticks(12)?) * 10))
    }

    /// What it holds, in MB.
    pub(crate) fn memory(&self) -> Result<f64> {
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

fn ask_in_turn(address: SocketAddr, asked: &str, many: u32) -> Result<()> {
    let mut wire = Wire::open(address)?;
    for _ in 0..many {
        let answer = wire.ask(asked.as_bytes())?;
        if answer.status != 200 || answer.body.len() < LABS * 100 {
            let body = String::from_utf8_lossy(&answer.body).into_owned();
            return Err(Error::internal(format!("{} instead of labs: {body}", answer.status)));
        }
    }
    Ok(())
}
