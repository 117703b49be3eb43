//! The last steps before the stranger's program: everything is given up, nothing can be taken back.

use std::{
    ffi::CString,
    fs::File,
    io::{Read, Write},
    os::fd::AsFd,
};

use nix::{
    fcntl::OFlag,
    libc,
    sys::signal::{SigSet, SigmaskHow, sigprocmask},
    unistd::{Pid, chdir, execve, fexecve, pipe2, setsid},
};

use super::{Named, Outfit, Step, files, filter, sys};
use crate::wire::{Bounds, Failure, Policy, Work};

pub(super) struct Started {
    pub pid: Pid,
    pub landlock: bool,
}

/// A command in the form that the kernel takes.
struct Command {
    /// Nothing: our own binary. It is not in view inside; an open handle starts it.
    path: Option<CString>,
    argv: Vec<CString>,
    env: Vec<CString>,
}

/// Starts the program; returns when it has really started.
pub(super) fn start(outfit: &Outfit, policy: &Policy) -> Step<Started> {
    let command = command(&policy.work)?;
    let filter = filter::filter(policy.bounds.watch.is_none());
    let (read, write) = pipe2(OFlag::O_CLOEXEC).step("make a pipe")?;
    let Some(pid) = sys::fork().step("start the program")? else {
        let mut word = File::from(write);
        let failed = become_program(outfit, policy, command.as_ref(), &filter, &mut word);
        if let Err(failure) = failed
            && let Ok(text) = serde_json::to_vec(&failure)
        {
            let _parent_gone = word.write_all(&text);
        }
        sys::end(0)
    };
    drop(write);
    // The pipe closes itself when the program's own code begins.
    let mut word = Vec::new();
    File::from(read).read_to_end(&mut word).step("start the program")?;
    let landlock = word.first() == Some(&b'L');
    match word.get(1..) {
        Some([]) => Ok(Started { pid, landlock }),
        Some(text) => Err(serde_json::from_slice(text)
            .unwrap_or_else(|_| Failure::new("start the program", nix::errno::Errno::EIO))),
        None => Err(Failure::new("start the program", nix::errno::Errno::EIO)),
    }
}

fn command(work: &Work) -> Step<Option<Command>> {
    let c = |text: &str| CString::new(text).map_err(std::io::Error::from).step("read the command");
    match work {
        Work::Probe => Ok(None),
        Work::Tool { name } => Ok(Some(Command {
            path: None,
            argv: vec![c("stoa")?, c("sandbox-tool")?, c(name)?],
            env: vec![c("LANG=C.UTF-8")?, c("TZ=UTC")?],
        })),
        Work::Command { argv, env } => Ok(Some(Command {
            path: Some(c(argv.first().map_or("", String::as_str))?),
            argv: argv.iter().map(|arg| c(arg)).collect::<Step<_>>()?,
            env: env.iter().map(|(name, value)| c(&format!("{name}={value}"))).collect::<Step<_>>()?,
        })),
    }
}

/// Runs in the child. Every step that fails is told through `word`; a byte first, for Landlock.
fn become_program(
    outfit: &Outfit,
    policy: &Policy,
    command: Option<&Command>,
    filter: &[libc::sock_filter],
    word: &mut File,
) -> Step<()> {
    let prepared = give_up_everything(outfit, policy, filter, word);
    if prepared.is_err() {
        let _parent_gone = word.write_all(b"-");
    }
    prepared?;
    let Some(command) = command else { return Ok(()) };
    let Command { path, argv, env } = command;
    let never = match path {
        Some(path) => execve(path, argv, env),
        None => fexecve(&outfit.binary, argv, env),
    };
    never.map(drop).step("start the program")
}

fn give_up_everything(
    outfit: &Outfit,
    policy: &Policy,
    filter: &[libc::sock_filter],
    word: &mut File,
) -> Step<()> {
    setsid().step("make a session")?;
    sys::place(outfit.stdin.as_fd(), 0).step("connect stdin")?;
    // stdout and stderr are 1 and 2 already; all others close themselves on exec.
    sys::default_signals();
    sigprocmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::empty()), None).step("clear the signal mask")?;
    chdir(c"/work").step("enter the work folder")?;
    limit(&policy.bounds)?;
    drop_privileges()?;
    let binary = matches!(policy.work, Work::Tool { .. }).then(|| outfit.binary.as_fd());
    let landlock = files::restrict(binary);
    word.write_all(if landlock { b"L" } else { b"-" }).step("tell about Landlock")?;
    sys::install(filter).step("install the system call filter")
}

fn limit(bounds: &Bounds) -> Step<()> {
    const MIB: u64 = 1024 * 1024;
    let mut limits = vec![
        (libc::RLIMIT_CPU, bounds.cpu_seconds),
        (libc::RLIMIT_FSIZE, bounds.file_bytes),
        (libc::RLIMIT_NOFILE, bounds.open_files),
        (libc::RLIMIT_NPROC, bounds.processes + 1), // the first process counts too
        // Not 0: where a program of the machine takes core dumps, only 1 keeps the kernel from starting it.
        (libc::RLIMIT_CORE, 1),
        (libc::RLIMIT_STACK, 8 * MIB),
        (libc::RLIMIT_MEMLOCK, 64 * 1024),
        (libc::RLIMIT_MSGQUEUE, MIB),
        (libc::RLIMIT_SIGPENDING, 1024),
        (libc::RLIMIT_NICE, 0),
        (libc::RLIMIT_RTPRIO, 0),
    ];
    limits.extend(bounds.address_bytes.map(|most| (libc::RLIMIT_AS, most)));
    limits.extend(bounds.data_bytes.map(|most| (libc::RLIMIT_DATA, most)));
    limits.into_iter().try_for_each(|(resource, most)| sys::limit(resource, most)).step("set the limits")
}

fn drop_privileges() -> Step<()> {
    /// A process with id 0 gets nothing either, and none of this can be changed back.
    const NO_ROOT_LOCKED: libc::c_ulong = 0b1110_1111;
    let step = "drop the privileges";
    for capability in 0..64 {
        // The kernel says EINVAL after the last one it knows.
        if sys::prctl(libc::PR_CAPBSET_DROP, capability, 0).is_err() {
            break;
        }
    }
    sys::prctl(libc::PR_SET_SECUREBITS, NO_ROOT_LOCKED, 0).step(step)?;
    sys::prctl(libc::PR_CAP_AMBIENT, libc::PR_CAP_AMBIENT_CLEAR_ALL as libc::c_ulong, 0).step(step)?;
    sys::keep_capabilities(&[]).step(step)?;
    sys::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0).step(step)
}
