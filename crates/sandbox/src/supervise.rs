//! Starting a cell and attending it from outside: feeds it, reads it, keeps the limits, and says why it ended.

use std::time::{Duration, Instant};

use stoa_core::{Error, Result};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    net::unix::{OwnedWriteHalf, pipe},
    process::Child,
    time::{MissedTickBehavior, interval, sleep, sleep_until},
};
use tokio_util::sync::CancellationToken;

use crate::{
    groups::Group,
    limits::Limits,
    run::{Artefact, Reason, Stream},
    spare::{Cell, message},
    wire::{Frame, LONGEST, Policy, Report, STOP},
};

/// How often sums are looked at.
const LOOK: Duration = Duration::from_millis(20);
/// How long a cell that was told to stop may take to hand its files back.
const GRACE: Duration = Duration::from_secs(3);
const PART: usize = 64 * 1024;

/// What is to be started.
pub(crate) struct Launch<'a> {
    pub cell: Cell,
    pub policy: &'a Policy,
    pub inputs: Vec<&'a [u8]>,
    pub stdin: &'a [u8],
    pub limits: &'a Limits,
}

/// All that was seen of a cell from start to end.
#[derive(Default)]
pub(crate) struct Seen {
    /// What the cell said at its end; nothing if it could not.
    pub report: Option<Report>,
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    pub truncated: bool,
    pub files: Vec<Artefact>,
    /// The limit that was hit first.
    pub limit: Option<Reason>,
    pub wall: Duration,
    pub cpu: Option<Duration>,
    pub peak_memory_bytes: u64,
    pub processes: u64,
}

/// Runs a cell from start to end. Dropping the future ends the cell.
pub(crate) async fn attend(
    launch: Launch<'_>,
    cancel: &CancellationToken,
    mut output: impl FnMut(Stream, &[u8]) + Send,
) -> Result<Seen> {
    let begun = Instant::now();
    let Cell { mut child, stdin, mut stdout, mut stderr, mut control, talk, group } = launch.cell;
    let mut keeper = Keeper { seen: Seen::default(), limits: launch.limits, talk: None, stop_by: None };
    let mut frames = Frames::default();
    let (mut out_part, mut err_part, mut control_part) = (vec![0; PART], vec![0; PART], vec![0; PART]);
    let (mut out_open, mut err_open, mut control_open) = (true, true, true);
    let told = tell(talk, launch.policy, &launch.inputs);
    let fed = feed(stdin, launch.stdin);
    tokio::pin!(told, fed);
    let mut feeding = true;
    let wall = sleep_until((begun + launch.limits.wall).into());
    tokio::pin!(wall);
    let mut look = interval(LOOK);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut waiting = true;

    while out_open || err_open || control_open {
        tokio::select! {
            n = read(&mut stdout, &mut out_part), if out_open => match n {
                0 => out_open = false,
                n => keeper.heard(Stream::Stdout, &out_part[..n], &mut output),
            },
            n = read(&mut stderr, &mut err_part), if err_open => match n {
                0 => err_open = false,
                n => keeper.heard(Stream::Stderr, &err_part[..n], &mut output),
            },
            n = read(&mut control, &mut control_part), if control_open => match n {
                0 => control_open = false,
                n => frames.take(&control_part[..n], &mut keeper.seen, launch.limits)?,
            },
            talk = &mut told, if keeper.talk.is_none() => keeper.listen(talk),
            () = &mut fed, if feeding => feeding = false,
            () = &mut wall, if waiting => { waiting = false; keeper.stop(Reason::Timeout); }
            () = cancel.cancelled(), if keeper.seen.limit.is_none() => keeper.stop(Reason::Cancelled),
            _ = look.tick() => keeper.look(group.as_ref(), &mut child),
        }
    }
    child.wait().await?;
    let mut seen = keeper.seen;
    seen.wall = begun.elapsed();
    if let Some(group) = group {
        last_look(group, &mut seen).await;
    }
    Ok(seen)
}

/// What the group has counted, and its end.
async fn last_look(mut group: Group, seen: &mut Seen) {
    if group.oom_kills() > 0 {
        seen.limit = seen.limit.or(Some(Reason::Memory));
    }
    seen.cpu = group.cpu();
    seen.peak_memory_bytes = group.peak_memory_bytes();
    for _ in 0..200 {
        if group.remove() {
            return;
        }
        // The kernel lets go of a group a moment after its last process.
        sleep(Duration::from_millis(1)).await;
    }
}

/// Sends the policy and the files; gives back the way to say more. Nothing if the cell is gone.
async fn tell(mut talk: OwnedWriteHalf, policy: &Policy, inputs: &[&[u8]]) -> Option<OwnedWriteHalf> {
    talk.write_all(&message(policy).ok()?).await.ok()?;
    for bytes in inputs {
        talk.write_all(bytes).await.ok()?;
    }
    Some(talk)
}

/// Feeds stdin, and closes it. A program that does not read it keeps nobody waiting: this is one wait of many.
async fn feed(mut stdin: pipe::Sender, bytes: &[u8]) {
    let _not_read_to_the_end = stdin.write_all(bytes).await;
}

/// The end and an error are the same here: nothing more will come.
async fn read(from: &mut (impl AsyncRead + Unpin), into: &mut [u8]) -> usize {
    from.read(into).await.unwrap_or(0)
}

/// Keeps the limits.
struct Keeper<'a> {
    seen: Seen,
    limits: &'a Limits,
    /// The way to the cell, once it has its policy. `Some(None)`: it is gone.
    talk: Option<Option<OwnedWriteHalf>>,
    /// When patience ends.
    stop_by: Option<Instant>,
}

impl Keeper<'_> {
    fn heard(&mut self, stream: Stream, bytes: &[u8], output: &mut impl FnMut(Stream, &[u8])) {
        let kept = match stream {
            Stream::Stdout => &mut self.seen.stdout,
            Stream::Stderr => &mut self.seen.stderr,
        };
        let room = usize::try_from(self.limits.output_bytes).unwrap_or(usize::MAX) - kept.len();
        let bytes_kept = &bytes[..bytes.len().min(room)];
        if !bytes_kept.is_empty() {
            kept.extend_from_slice(bytes_kept);
            output(stream, bytes_kept);
        }
        if bytes_kept.len() < bytes.len() {
            self.seen.truncated = true;
            self.stop(Reason::Output);
        }
    }

    fn listen(&mut self, talk: Option<OwnedWriteHalf>) {
        self.talk = Some(talk);
        if self.seen.limit.is_some() {
            self.say_stop();
        }
    }

    fn look(&mut self, group: Option<&Group>, child: &mut Child) {
        if let Some(group) = group {
            self.seen.processes = self.seen.processes.max(group.processes());
            if group.oom_kills() > 0 {
                self.stop(Reason::Memory);
            } else if group.cpu().is_some_and(|used| used > self.limits.cpu) {
                self.stop(Reason::Timeout);
            }
        }
        if self.stop_by.is_some_and(|by| Instant::now() > by) {
            self.stop_by = None;
            let _already_gone = child.start_kill();
            if let Some(group) = group {
                group.end_all();
            }
        }
    }

    /// Ends the program for the first reason given; later ones change nothing.
    fn stop(&mut self, reason: Reason) {
        if self.seen.limit.is_some() || self.seen.report.is_some() {
            return;
        }
        self.seen.limit = Some(reason);
        self.stop_by = Some(Instant::now() + GRACE);
        self.say_stop();
    }

    fn say_stop(&self) {
        if let Some(Some(talk)) = &self.talk {
            let _already_gone = talk.try_write(&[STOP]);
        }
    }
}

/// Puts the cell's frames together.
#[derive(Default)]
struct Frames {
    rest: Vec<u8>,
    file_bytes: u64,
}

impl Frames {
    fn take(&mut self, bytes: &[u8], seen: &mut Seen, limits: &Limits) -> Result<()> {
        self.rest.extend_from_slice(bytes);
        let mut at = 0;
        while let Some((head, rest)) = self.rest[at..].split_first_chunk::<5>() {
            let length = u32::from_le_bytes([head[1], head[2], head[3], head[4]]) as usize;
            let kind = Frame::from_byte(head[0]).filter(|_| length <= LONGEST);
            let kind = kind.ok_or_else(|| Error::internal("the cell sent a broken frame"))?;
            let Some(payload) = rest.get(..length) else { break };
            self.file_bytes += frame(kind, payload, seen)?;
            if self.file_bytes > limits.artefact_bytes || seen.files.len() as u64 > limits.artefacts {
                return Err(Error::internal("the cell sent more than it may"));
            }
            at += 5 + length;
        }
        self.rest.drain(..at);
        Ok(())
    }
}

/// Takes one frame; the number of file bytes in it.
fn frame(kind: Frame, payload: &[u8], seen: &mut Seen) -> Result<u64> {
    match kind {
        Frame::Name => {
            let name = String::from_utf8(payload.to_vec())?;
            seen.files.push(Artefact { name, bytes: Vec::new() });
        }
        Frame::Bytes => {
            let file = seen.files.last_mut().ok_or_else(|| Error::internal("bytes without a name"))?;
            file.bytes.extend_from_slice(payload);
            return Ok(payload.len() as u64);
        }
        Frame::Report => seen.report = Some(serde_json::from_slice(payload)?),
    }
    Ok(0)
}
