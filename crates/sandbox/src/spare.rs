//! Cells made ahead. Joining a control group makes the kernel wait ten milliseconds or more for all processors,
//! and namespaces take one: a cell that waits for its order has that behind it. Each serves one run and is gone.

use std::{
    io::IoSlice,
    os::{
        fd::{AsRawFd, OwnedFd},
        unix::net::UnixStream as StdStream,
    },
    path::Path,
    process::Stdio,
    sync::{Mutex, PoisonError},
};

use nix::sys::socket::{ControlMessage, MsgFlags, sendmsg};
use serde::Serialize;
use stoa_core::{Error, Result};
use tokio::{
    net::{
        UnixStream,
        unix::{OwnedReadHalf, OwnedWriteHalf, pipe},
    },
    process::{Child, ChildStderr, ChildStdout},
};

use crate::{
    groups::Group,
    wire::{Outset, STDIN},
};

/// A cell that waits for its order. Dropping it ends it.
pub(crate) struct Cell {
    pub child: Child,
    pub stdin: pipe::Sender,
    pub stdout: ChildStdout,
    pub stderr: ChildStderr,
    pub control: OwnedReadHalf,
    pub talk: OwnedWriteHalf,
    pub group: Option<Group>,
}

impl Cell {
    /// Starts the helper. Plain start of a program, no code of ours between fork and exec: this process has
    /// many threads. The socket is the helper's descriptor 0; through it goes the program's stdin.
    pub(crate) fn start(helper: &Path, outset: &Outset, group: Option<Group>) -> Result<Self> {
        let (ours, theirs) = StdStream::pair()?;
        let (read, write) = std::io::pipe()?;
        let fds = [read.as_raw_fd()];
        let stdin = [ControlMessage::ScmRights(&fds)];
        sendmsg::<()>(ours.as_raw_fd(), &[IoSlice::new(&[STDIN])], &stdin, MsgFlags::empty(), None)?;
        drop(read);
        // A kilobyte into an empty socket: never waits.
        std::io::Write::write_all(&mut &ours, &message(outset)?)?;
        #[expect(clippy::disallowed_methods, reason = "this is the one place that starts processes")]
        let mut command = tokio::process::Command::new(helper);
        let mut child = command
            .arg("sandbox-cell")
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::from(OwnedFd::from(theirs)))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| {
                Error::unavailable("the sandbox's helper could not be started").because(error)
            })?;
        let lost = || Error::internal("the helper has no pipes");
        let stdout = child.stdout.take().ok_or_else(lost)?;
        let stderr = child.stderr.take().ok_or_else(lost)?;
        ours.set_nonblocking(true)?;
        let (control, talk) = UnixStream::from_std(ours)?.into_split();
        let stdin = pipe::Sender::from_owned_fd(write.into())?;
        Ok(Self { child, stdin, stdout, stderr, control, talk, group })
    }
}

/// A value as it goes over the socket: its length, then JSON.
pub(crate) fn message(value: &impl Serialize) -> Result<Vec<u8>> {
    let text = serde_json::to_vec(value)?;
    let mut bytes = (text.len() as u32).to_le_bytes().to_vec();
    bytes.extend(text);
    Ok(bytes)
}

/// The cells that wait.
pub(crate) struct Spares {
    most: usize,
    waiting: Mutex<Vec<Cell>>,
}

impl Spares {
    pub(crate) fn new(most: usize) -> Self {
        Self { most, waiting: Mutex::new(Vec::new()) }
    }

    /// One that is alive, if there is one.
    pub(crate) fn take(&self) -> Option<Cell> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let mut cell = waiting.pop()?;
            if matches!(cell.child.try_wait(), Ok(None)) {
                return Some(cell);
            }
        }
    }

    /// Makes up for one that was taken.
    pub(crate) fn restock(&self, make: impl Fn() -> Result<Cell>) {
        let full = || self.waiting.lock().unwrap_or_else(PoisonError::into_inner).len() >= self.most;
        // A failure here is no run's failure: the next run makes its own cell, and says what is wrong.
        if !full()
            && let Ok(cell) = make()
        {
            self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push(cell);
        }
    }
}

impl Drop for Spares {
    /// Waits for the cells to be gone: after this the process may end, and nobody else would clean up.
    fn drop(&mut self) {
        let waiting = std::mem::take(self.waiting.get_mut().unwrap_or_else(PoisonError::into_inner));
        for mut cell in waiting {
            let _already_gone = cell.child.start_kill();
            if let Some(group) = cell.group.take() {
                group.end();
            }
        }
    }
}
