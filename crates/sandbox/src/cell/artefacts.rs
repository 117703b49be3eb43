//! Files in and out of the work folder.
//!
//! In: before the program exists. Out: after the last process of the cell is dead, so nobody can swap a file
//! between the look and the read; and even then only regular files are opened, and no link is followed.

use std::{
    collections::HashMap,
    fs::{self, OpenOptions},
    io::{self, Read},
    os::unix::{fs::OpenOptionsExt, net::UnixStream},
    path::{Path, PathBuf},
};

use nix::libc;

use super::init::{Job, frame};
use crate::{
    run::Skipped,
    wire::{Frame, Input},
};

const WORK: &str = "/work";
const DEEPEST: usize = 8;
const MOST_LOOKED_AT: usize = 10_000;
const MOST_SKIPPED: usize = 100;

/// Writes the job's files.
pub(super) fn place(inputs: &[Input], contents: &[Vec<u8>]) -> io::Result<()> {
    for (input, bytes) in inputs.iter().zip(contents) {
        let path = Path::new(WORK).join(&input.name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(path, bytes)?;
    }
    Ok(())
}

/// Sends what the program left, without what it was given and did not change.
pub(super) fn hand_back(control: &UnixStream, job: &Job, skipped: &mut Vec<Skipped>) -> io::Result<()> {
    let given: HashMap<&str, &[u8]> = (job.policy.inputs.iter().zip(&job.inputs))
        .map(|(input, bytes)| (input.name.as_str(), bytes.as_slice()))
        .collect();
    let bounds = &job.policy.bounds;
    let (mut count, mut left) = (0, bounds.artefact_bytes);
    let mut found = Vec::new();
    walk(Path::new(WORK), 0, &mut found, skipped);
    found.sort();
    for path in found {
        let name = name_of(&path);
        let why = match take(&path, given.get(name.as_str()).copied(), left, count < bounds.artefacts) {
            Ok(Taken::Same) => continue,
            Ok(Taken::File(file, size)) => {
                send(control, &name, file, size)?;
                count += 1;
                left -= size;
                continue;
            }
            Ok(Taken::No(why)) => why,
            Err(_) => "unreadable",
        };
        skip(skipped, &path, why);
    }
    Ok(())
}

/// Every plain file below a folder; what is none is noted.
fn walk(folder: &Path, depth: usize, found: &mut Vec<PathBuf>, skipped: &mut Vec<Skipped>) {
    let Ok(entries) = fs::read_dir(folder) else { return skip(skipped, folder, "unreadable") };
    for entry in entries.flatten() {
        let path = entry.path();
        let Ok(kind) = entry.file_type() else { continue };
        let why = match () {
            () if kind.is_symlink() => "link",
            () if !kind.is_dir() && !kind.is_file() => "special",
            () if entry.file_name().to_str().is_none_or(|name| !crate::program::is_plain(name)) => "name",
            () if found.len() >= MOST_LOOKED_AT => "too_many",
            () if kind.is_file() => {
                found.push(path);
                continue;
            }
            () if depth + 1 < DEEPEST => {
                walk(&path, depth + 1, found, skipped);
                continue;
            }
            () => "too_deep",
        };
        skip(skipped, &path, why);
    }
}

enum Taken {
    /// It is what was given.
    Same,
    File(fs::File, u64),
    No(&'static str),
}

fn take(path: &Path, given: Option<&[u8]>, left: u64, room: bool) -> io::Result<Taken> {
    let flags = libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_CLOEXEC;
    let mut file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    let about = file.metadata()?;
    if !about.is_file() {
        return Ok(Taken::No("special"));
    }
    if let Some(given) = given.filter(|given| given.len() as u64 == about.len()) {
        let mut is = Vec::new();
        file.read_to_end(&mut is)?;
        if is == given {
            return Ok(Taken::Same);
        }
        file = OpenOptions::new().read(true).custom_flags(flags).open(path)?;
    }
    if !room {
        return Ok(Taken::No("too_many"));
    }
    if about.len() > left {
        return Ok(Taken::No("too_large"));
    }
    Ok(Taken::File(file, about.len()))
}

fn send(control: &UnixStream, name: &str, file: fs::File, size: u64) -> io::Result<()> {
    frame(control, Frame::Name, name.as_bytes())?;
    let mut file = file.take(size);
    let mut part = vec![0; 64 * 1024];
    loop {
        match file.read(&mut part)? {
            0 => return Ok(()),
            n => frame(control, Frame::Bytes, &part[..n])?,
        }
    }
}

fn name_of(path: &Path) -> String {
    path.strip_prefix(WORK).unwrap_or(path).to_string_lossy().into_owned()
}

fn skip(skipped: &mut Vec<Skipped>, path: &Path, why: &str) {
    if skipped.len() < MOST_SKIPPED {
        let name: String = name_of(path).chars().take(300).collect();
        skipped.push(Skipped { name, why: why.to_owned() });
    }
}
