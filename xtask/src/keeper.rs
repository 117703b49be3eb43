//! The keeper outlives us for a moment and tidies up: it ends process groups and removes temporary folders.
//!
//! It is this same program, started as `xtask keep-house`, reading from a pipe what there is to tidy. The pipe ends when
//! we end, whatever the way: success, failure, Ctrl-C, even SIGKILL. No signal handler could promise that.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;
use std::io::{Write, stdin};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::process;
use crate::trouble::{Result, While};

/// The hidden command that is the keeper.
pub(crate) const COMMAND: &str = "keep-house";
/// How long a group has after SIGINT until it gets SIGKILL.
const PATIENCE: Duration = Duration::from_secs(8);

/// Our end of the pipe. Dropping it tidies up, and waits until that is done.
pub(crate) struct Keeper {
    process: RefCell<Option<(Child, ChildStdin)>>,
}

impl Keeper {
    pub(crate) fn start() -> Result<Self> {
        // By this name we find ourselves even when cargo has just removed the file.
        let mut command = process::command("/proc/self/exe");
        // A group of its own: a Ctrl-C at the terminal must not reach it.
        let mut child =
            command.arg(COMMAND).stdin(Stdio::piped()).process_group(0).spawn().cannot("start the keeper")?;
        let pipe = child.stdin.take().ok_or("the keeper has no standard input")?;
        Ok(Self { process: RefCell::new(Some((child, pipe))) })
    }

    /// Tidies nothing: for commands without services, and for tests.
    #[cfg(test)]
    pub(crate) fn none() -> Self {
        Self { process: RefCell::new(None) }
    }

    /// The child leads a process group; the group ends when we end.
    pub(crate) fn watch(&self, child: &Child) -> Result {
        self.tell(&format!("group {}", child.id()))
    }

    /// The child has ended by itself.
    pub(crate) fn release(&self, child: &Child) -> Result {
        self.tell(&format!("ended {}", child.id()))
    }

    /// Makes a folder under the system's temporary folder that goes away when we end.
    pub(crate) fn folder(&self, name: &str) -> Result<PathBuf> {
        let folder = std::env::temp_dir().join(format!("stoa-{name}-{}", random_hex(6)?));
        self.tell(&format!("folder {}", folder.display()))?;
        fs::create_dir(&folder).cannot(&format!("make {}", folder.display()))?;
        Ok(folder)
    }

    fn tell(&self, line: &str) -> Result {
        match self.process.borrow_mut().as_mut() {
            Some((_, pipe)) => writeln!(pipe, "{line}").cannot("talk to the keeper"),
            None => Ok(()),
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        if let Some((mut child, pipe)) = self.process.borrow_mut().take() {
            drop(pipe);
            // It reports nothing; there is nothing to do about a keeper that failed.
            let _ = child.wait();
        }
    }
}

/// That many random bytes, as hexadecimal digits.
pub(crate) fn random_hex(bytes: usize) -> Result<String> {
    let mut raw = vec![0; bytes];
    std::io::Read::read_exact(&mut fs::File::open("/dev/urandom")?, &mut raw)?;
    Ok(raw.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The keeper itself: reads until the pipe ends, then tidies.
pub(crate) fn keep() -> Result {
    let (mut groups, mut folders) = (BTreeSet::new(), Vec::new());
    for line in stdin().lines() {
        match line?.split_once(' ') {
            Some(("group", id)) => _ = groups.insert(id.to_owned()),
            Some(("ended", id)) => _ = groups.remove(id),
            Some(("folder", path)) => folders.push(PathBuf::from(path)),
            _ => {}
        }
    }
    end(&groups);
    for folder in folders {
        remove(&folder);
    }
    Ok(())
}

/// SIGINT is "stop soon" to cargo, npm, Redis and PostgreSQL alike; who does not listen is killed.
fn end(groups: &BTreeSet<String>) {
    signal("INT", &living(groups));
    let asked = Instant::now();
    while !living(groups).is_empty() && asked.elapsed() < PATIENCE {
        sleep(Duration::from_millis(20));
    }
    signal("KILL", &living(groups));
}

/// Those of the groups that still have a process. A zombie, which only waits to be counted, is none.
fn living(groups: &BTreeSet<String>) -> BTreeSet<String> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let group_of = |process: fs::DirEntry| {
        let stat = fs::read_to_string(process.path().join("stat")).ok()?;
        // `pid (name) state parent group …`; the name may hold anything.
        let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
        let (state, group) = (fields.next()?, fields.nth(1)?);
        (state != "Z" && groups.contains(group)).then(|| group.to_owned())
    };
    processes.filter_map(group_of).collect()
}

/// Sends a signal to process groups.
fn signal(name: &str, groups: &BTreeSet<String>) {
    for group in groups {
        // The shell's own `kill`: the program of that name is not on every machine.
        let kill = format!("kill -s {name} -- -{group}");
        process::succeeds(process::command("sh").args(["-c", &kill]).current_dir("/"));
    }
}

/// Removes a folder that `folder` made. Processes that were just killed may still write for a moment.
fn remove(folder: &Path) {
    for _ in 0..20 {
        if fs::remove_dir_all(folder).is_ok() || !folder.exists() {
            return;
        }
        sleep(Duration::from_millis(50));
    }
}
