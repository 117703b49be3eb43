//! The first process in the cell: builds it, starts the program, reaps, watches, ends all, hands back files.
//!
//! The program cannot reach it: signals from inside do nothing to a first process, its memory is closed, it is
//! not even visible in `/proc`.

use std::{
    fs,
    io::{Read, Write},
    os::{
        fd::{AsFd, BorrowedFd},
        unix::net::UnixStream,
    },
};

use nix::{
    errno::Errno,
    libc,
    poll::{PollFd, PollFlags, PollTimeout, poll},
    sys::{
        resource::{UsageWho, getrusage},
        signal::{SigSet, SigmaskHow, Signal, kill, sigprocmask},
        signalfd::{SfdFlags, SignalFd},
        wait::{WaitPidFlag, WaitStatus, waitpid},
    },
    unistd::{Gid, Pid, Uid, close, sethostname},
};

use super::{Named, Outfit, Step, artefacts, receive, root, start, sys, watch};
use crate::{
    layers::Layer,
    wire::{Failure, Frame, Policy, Report, STOP, Watch, Work},
};

/// The id inside. Not 0: programs behave as they do for a person.
const INSIDE: u32 = 1000;
/// How often the watchdog looks.
const LOOK_MS: u16 = 25;

/// The order: what to run, with which files.
pub(super) struct Job {
    pub policy: Policy,
    pub inputs: Vec<Vec<u8>>,
}

/// The life of the cell.
pub(super) fn live(control: &UnixStream, outfit: &Outfit) -> ! {
    match run(control, outfit) {
        Ok(report) => send(control, &report),
        Err(failure) => give_up(control, failure),
    }
    // The last process of the namespace: the kernel ends whatever were left.
    sys::end(0)
}

/// Says which step failed.
pub(super) fn give_up(control: &UnixStream, failure: Failure) {
    send(control, &Report { failed: Some(failure), ..Report::default() });
}

fn send(control: &UnixStream, report: &Report) {
    if let Ok(text) = serde_json::to_vec(report) {
        // A server that is gone needs no report, and the cell ends either way.
        let _gone = frame(control, Frame::Report, &text);
    }
}

/// Sends one frame.
pub(super) fn frame(mut control: &UnixStream, kind: Frame, bytes: &[u8]) -> std::io::Result<()> {
    let mut head = [kind as u8, 0, 0, 0, 0];
    head[1..].copy_from_slice(&(bytes.len() as u32).to_le_bytes());
    control.write_all(&head)?;
    control.write_all(bytes)
}

fn run(control: &UnixStream, outfit: &Outfit) -> Step<Report> {
    sys::prctl(libc::PR_SET_PDEATHSIG, Signal::SIGKILL as libc::c_ulong, 0)
        .step("tie the cell to its helper")?;
    map_ids(outfit.outside).step("map the user ids")?;
    sethostname("cell").step("name the host")?;
    sys::loopback_up().step("start the loopback")?;
    root::build(outfit)?;
    // Up to here nothing depended on the order: a cell can wait here, made ahead.
    let job = receive_job(control)?;
    root::size(&job.policy.bounds)?;
    artefacts::place(&job.policy.inputs, &job.inputs).step("write the files")?;
    close_to_strangers()?;

    let mut watched = SigSet::empty();
    watched.add(Signal::SIGCHLD);
    sigprocmask(SigmaskHow::SIG_BLOCK, Some(&watched), None).step("block signals")?;
    let children = SignalFd::with_flags(&watched, SfdFlags::SFD_CLOEXEC | SfdFlags::SFD_NONBLOCK)
        .step("listen to signals")?;

    let started = start::start(outfit, &job.policy)?;
    for pipe in 0..3 {
        close(pipe).step("close the program's pipes")?;
    }
    let mut report = Report { layers: layers(started.landlock), processes: 1, ..Report::default() };
    let ended = attend(control, &children, started.pid, job.policy.bounds.watch, &mut report)?;
    sweep(started.pid, ended, &mut report);
    if !matches!(job.policy.work, Work::Probe) {
        artefacts::hand_back(control, &job, &mut report.skipped).step("hand the files back")?;
    }
    Ok(report)
}

fn receive_job(mut control: &UnixStream) -> Step<Job> {
    let policy: Policy = receive(control)?;
    let mut inputs = Vec::with_capacity(policy.inputs.len());
    for input in &policy.inputs {
        let mut bytes = vec![0; input.bytes];
        control.read_exact(&mut bytes).step("read the files")?;
        inputs.push(bytes);
    }
    Ok(Job { policy, inputs })
}

fn map_ids((uid, gid): (Uid, Gid)) -> std::io::Result<()> {
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("{INSIDE} {uid} 1"))?;
    fs::write("/proc/self/gid_map", format!("{INSIDE} {gid} 1"))
}

/// The program runs under the same id: without this it could read and write this process's memory.
/// What is kept is needed to see every process and to read every file it left.
fn close_to_strangers() -> Step<()> {
    const DAC_OVERRIDE: u32 = 1;
    const DAC_READ_SEARCH: u32 = 2;
    const KILL: u32 = 5;
    const SETPCAP: u32 = 8;
    const SYS_PTRACE: u32 = 19;
    sys::keep_capabilities(&[DAC_OVERRIDE, DAC_READ_SEARCH, KILL, SETPCAP, SYS_PTRACE])
        .step("drop capabilities")?;
    sys::prctl(libc::PR_SET_DUMPABLE, 0, 0).step("close the memory")
}

fn layers(landlock: bool) -> Vec<Layer> {
    use Layer::{
        Capabilities, CgroupNamespace, Ipc, Landlock, Mount, Network, NoNewPrivs, Pid, Rlimits, Seccomp,
        User, Uts,
    };
    let mut layers = vec![
        User,
        Mount,
        Pid,
        Network,
        Ipc,
        Uts,
        CgroupNamespace,
        NoNewPrivs,
        Capabilities,
        Rlimits,
        Seccomp,
    ];
    if landlock {
        layers.push(Landlock);
    }
    layers
}

/// Until the program ends, the server says stop or is gone, or the watchdog has seen enough.
fn attend(
    control: &UnixStream,
    children: &SignalFd,
    program: Pid,
    bounds: Option<Watch>,
    report: &mut Report,
) -> Step<Option<WaitStatus>> {
    let timeout = if bounds.is_some() { PollTimeout::from(LOOK_MS) } else { PollTimeout::NONE };
    loop {
        if let Some(ended) = reap(program) {
            return Ok(Some(ended));
        }
        if let Some(bounds) = bounds
            && watch::over(bounds, report)
        {
            return Ok(None);
        }
        if wait(control.as_fd(), children.as_fd(), timeout)? {
            let mut byte = [0];
            let mut reader = control;
            return match reader.read(&mut byte) {
                Ok(1) if byte[0] == STOP => Ok(None),
                // The server is gone.
                _ => sys::end(1),
            };
        }
        while let Ok(Some(_)) = children.read_signal() {}
    }
}

/// True if the server has something to say.
fn wait(control: BorrowedFd<'_>, children: BorrowedFd<'_>, timeout: PollTimeout) -> Step<bool> {
    let mut both = [PollFd::new(control, PollFlags::POLLIN), PollFd::new(children, PollFlags::POLLIN)];
    match poll(&mut both, timeout) {
        Ok(_) => Ok(both[0].any().unwrap_or(true)),
        Err(Errno::EINTR) => Ok(false),
        Err(errno) => Err(Failure::new("wait for the program", errno)),
    }
}

/// Reaps whoever has ended; the program's own end, if it is among them.
fn reap(program: Pid) -> Option<WaitStatus> {
    let mut ended = None;
    while let Ok(status) = waitpid(None, Some(WaitPidFlag::WNOHANG)) {
        match status.pid() {
            None => break,
            Some(pid) if pid == program => ended = Some(status),
            Some(_) => {}
        }
    }
    ended
}

/// Ends and reaps every process that is left, and writes down what they used.
fn sweep(program: Pid, mut ended: Option<WaitStatus>, report: &mut Report) {
    loop {
        // Everybody in the namespace but this process; nobody else exists here.
        let _nobody_left = kill(Pid::from_raw(-1), Signal::SIGKILL);
        match waitpid(None, None) {
            Ok(status) if status.pid() == Some(program) => ended = Some(status),
            Ok(_) | Err(Errno::EINTR) => {}
            Err(_) => break,
        }
    }
    match ended {
        Some(WaitStatus::Exited(_, code)) => report.code = Some(code),
        Some(WaitStatus::Signaled(_, signal, _)) => report.signal = Some(signal as i32),
        _ => {}
    }
    if let Ok(usage) = getrusage(UsageWho::RUSAGE_CHILDREN) {
        let micros = |time: nix::sys::time::TimeVal| time.tv_sec() * 1_000_000 + time.tv_usec();
        let total = micros(usage.user_time()) + micros(usage.system_time());
        report.cpu_ms = (total / 1000) as u64;
        report.peak_memory_bytes = report.peak_memory_bytes.max(usage.max_rss() as u64 * 1024);
    }
}
