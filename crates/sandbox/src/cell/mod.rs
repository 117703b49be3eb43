//! The small program inside: from the server's own binary, started again, to the stranger's program.
//!
//! Three processes, each with less than the one before: the *helper* (this file) on the machine, under an id
//! that owns nothing; `init`, the first process in the cell, which builds the root, watches and reports; and
//! the program (`start`). All have one thread. Not here: verdicts; those are the server's (`supervise`).

mod artefacts;
mod files;
mod filter;
mod init;
mod root;
mod start;
mod sys;
mod watch;

use std::{
    fs::{self, File, OpenOptions},
    io::{self, IoSliceMut, Read},
    os::{
        fd::{AsFd, AsRawFd, OwnedFd},
        unix::{fs::OpenOptionsExt, net::UnixStream},
    },
    process::ExitCode,
};

use nix::{
    errno::Errno,
    libc,
    poll::{PollFd, PollFlags, PollTimeout, poll},
    sys::{
        signal::{SigSet, SigmaskHow, Signal, kill, sigprocmask},
        socket::{ControlMessageOwned, MsgFlags, recvmsg},
        stat::{Mode, umask},
        wait::waitpid,
    },
    unistd::{Gid, Pid, Uid, close, getegid, geteuid, setgroups, setresgid, setresuid},
};

use serde::de::DeserializeOwned;

use crate::wire::{Failure, LONGEST_POLICY, Outset, STDIN};

type Step<T> = Result<T, Failure>;

/// Names the step that failed.
trait Named<T> {
    fn step(self, name: &str) -> Step<T>;
}

impl<T> Named<T> for Result<T, Errno> {
    fn step(self, name: &str) -> Step<T> {
        self.map_err(|errno| Failure::new(name, errno))
    }
}

impl<T> Named<T> for io::Result<T> {
    fn step(self, name: &str) -> Step<T> {
        let errno = |error: io::Error| error.raw_os_error().map_or(Errno::EIO, Errno::from_raw);
        self.map_err(|error| Failure::new(name, errno(error)))
    }
}

/// What the helper hands on to the first process of the cell.
struct Outfit {
    /// The program's stdin.
    stdin: OwnedFd,
    outset: Outset,
    /// Our own binary: a handle that can be shown inside, not read.
    binary: File,
    /// The ids on the machine that the cell's only id stands for.
    outside: (Uid, Gid),
}

/// What the hidden command `sandbox-cell` does. Call it first in `main`, before any thread exists.
pub fn cell_main() -> ExitCode {
    let Ok(control) = sys::close_from(3).and_then(|()| sys::take(0)).map(UnixStream::from) else {
        return ExitCode::from(70);
    };
    match serve(&control) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            init::give_up(&control, failure);
            ExitCode::from(70)
        }
    }
}

fn serve(control: &UnixStream) -> Step<()> {
    let outfit = prepare(control)?;
    match sys::fork_inside().step("make the namespaces")? {
        None => init::live(control, &outfit),
        Some((cell, ended)) => {
            drop(outfit);
            guard(control, cell, &ended)
        }
    }
}

fn prepare(control: &UnixStream) -> Step<Outfit> {
    sigprocmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::empty()), None).step("clear the signal mask")?;
    umask(Mode::from_bits_truncate(0o022));
    let stdin = receive_stdin(control)?;
    let outset: Outset = receive(control)?;
    for group in &outset.join {
        fs::write(group, "0").step("join the control group")?;
    }
    let binary = OpenOptions::new()
        .read(true)
        .custom_flags(libc::O_PATH)
        .open("/proc/self/exe")
        .step("open our own binary")?;
    if let Some(id) = outset.host_id {
        become_nobody(id)?;
    }
    Ok(Outfit { stdin, outset, binary, outside: (geteuid(), getegid()) })
}

/// One value: its length, then JSON.
fn receive<T: DeserializeOwned>(mut control: &UnixStream) -> Step<T> {
    let step = "read the policy";
    let mut length = [0; 4];
    control.read_exact(&mut length).step(step)?;
    let length = u32::from_le_bytes(length) as usize;
    if length > LONGEST_POLICY {
        return Err(Failure::new(step, Errno::EMSGSIZE));
    }
    let mut text = vec![0; length];
    control.read_exact(&mut text).step(step)?;
    serde_json::from_slice(&text).map_err(io::Error::from).step(step)
}

/// The program's stdin travels as a descriptor: nothing of the program then passes through the helper.
fn receive_stdin(control: &UnixStream) -> Step<OwnedFd> {
    let mut byte = [0];
    let mut space = nix::cmsg_space!([std::os::fd::RawFd; 1]);
    let mut parts = [IoSliceMut::new(&mut byte)];
    let flags = MsgFlags::MSG_CMSG_CLOEXEC;
    let message =
        recvmsg::<()>(control.as_raw_fd(), &mut parts, Some(&mut space), flags).step("receive stdin")?;
    let mut found = None;
    for part in message.cmsgs().step("receive stdin")? {
        if let ControlMessageOwned::ScmRights(fds) = part {
            found = fds.first().copied();
        }
    }
    let fd =
        found.filter(|_| byte == [STDIN]).ok_or_else(|| Failure::new("receive stdin", Errno::EBADMSG))?;
    let stdin = sys::take(fd).step("receive stdin")?;
    close(fd).step("receive stdin")?;
    Ok(stdin)
}

/// From root to an id that owns nothing on the machine. One capability is kept until the namespaces are made:
/// systems that allow user namespaces to root alone ask for it.
fn become_nobody(id: u32) -> Step<()> {
    const CAP_SYS_ADMIN: u32 = 21;
    let (uid, gid) = (Uid::from_raw(id), Gid::from_raw(id));
    setgroups(&[]).step("drop the groups")?;
    sys::prctl(libc::PR_SET_KEEPCAPS, 1, 0).step("keep a capability")?;
    setresgid(gid, gid, gid).step("drop the group id")?;
    setresuid(uid, uid, uid).step("drop the user id")?;
    sys::keep_capabilities(&[CAP_SYS_ADMIN]).step("keep one capability")?;
    // Without this the files of /proc/self belong to root, and the id map could not be written.
    sys::prctl(libc::PR_SET_DUMPABLE, 1, 0).step("own /proc/self")
}

/// Waits for the cell's end. Ends it if the server is gone; the kernel ends it if this process is gone.
fn guard(control: &UnixStream, cell: Pid, ended: &OwnedFd) -> Step<()> {
    sys::keep_capabilities(&[]).step("drop the capabilities")?;
    for pipe in 0..3 {
        close(pipe).step("close the program's pipes")?;
    }
    let mut watched = vec![
        PollFd::new(ended.as_fd(), PollFlags::POLLIN),
        PollFd::new(control.as_fd(), PollFlags::empty()), // a hang-up is always reported
    ];
    loop {
        match poll(&mut watched, PollTimeout::NONE) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => return Err(Failure::new("wait for the cell", errno)),
        }
        if watched[0].any().unwrap_or(true) {
            return waitpid(cell, None).map(drop).step("wait for the cell");
        }
        if watched.len() > 1 && watched[1].any().unwrap_or(true) {
            kill(cell, Signal::SIGKILL).step("end the cell")?;
            watched.truncate(1);
        }
    }
}
