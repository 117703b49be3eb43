//! Cargo, as every command here calls it: always into the same target folder, and never with another clone's code.

use std::fs::{self, File};
use std::io::{Read, Seek, Write};
use std::path::PathBuf;
use std::time::SystemTime;

use crate::keeper::Keeper;
use crate::trouble::{Result, While};
use crate::{paths, process, say};

/// Unit tests: those beside the code. They need no service.
pub(crate) const UNIT_TESTS: &[&str] = &["test", "--workspace", "--lib", "--bins"];

/// How the server is compiled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    /// Ready soon, shared with the tests.
    Dev,
    /// What one would install.
    Release,
}

/// Our claim on the target folder. While it lives, no other clone builds there.
pub(crate) struct Clone {
    _lock: File,
}

/// Takes the target folder for this clone.
///
/// Cargo recognises our crates by their path *within* the work tree, and sees a change by the time of a file. So in a
/// target folder shared by two clones it takes one clone's crates for the other's. Dependencies may be shared, our
/// own crates may not: when the last build came from elsewhere, they are removed first.
pub(crate) fn claim_target() -> Result<Clone> {
    let target = paths::target();
    fs::create_dir_all(&target).cannot(&format!("make {}", target.display()))?;
    make_web_folder()?;
    let here = paths::root().display().to_string();
    let mut lock = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(target.join("last-clone"))?;
    loop {
        if lock.try_lock_shared().is_err() {
            say::line("another clone is building; waiting for it");
            lock.lock_shared()?;
        }
        if written(&mut lock)? == here {
            return Ok(Clone { _lock: lock });
        }
        lock.unlock()?;
        if lock.try_lock().is_err() {
            say::line("another clone is building; waiting for it");
            lock.lock()?;
        }
        if written(&mut lock)? != here {
            remove_our_crates()?;
            lock.set_len(0)?;
            lock.rewind()?;
            lock.write_all(here.as_bytes())?;
        }
        lock.unlock()?;
    }
}

/// Another clone's xtask was started here: builds this clone's, and becomes it.
pub(crate) fn rebuild_ourselves(words: &[String]) -> Result {
    let main = paths::at("xtask/src/main.rs");
    // A newer time is what makes cargo look.
    let touched = File::options().append(true).open(&main).and_then(|file| file.set_modified(now()));
    touched.cannot(&format!("touch {}", main.display()))?;
    let mut cargo = process::command("cargo");
    process::become_it(cargo.args(["run", "--quiet", "--package", "xtask", "--"]).args(words))
}

#[expect(clippy::disallowed_methods, reason = "the time of a file is the real time")]
fn now() -> SystemTime {
    SystemTime::now()
}

fn written(file: &mut File) -> Result<String> {
    let mut text = String::new();
    file.rewind()?;
    file.read_to_string(&mut text)?;
    Ok(text)
}

fn remove_our_crates() -> Result {
    for profile in ["dev", "release"] {
        process::read(command().args(["clean", "--quiet", "--workspace", "--profile", profile]))?;
    }
    Ok(())
}

/// The server embeds this folder, so it must be there before the web app was ever built.
fn make_web_folder() -> Result {
    let web = paths::at("web");
    if web.is_dir() {
        fs::create_dir_all(web.join("dist")).cannot("make web/dist")?;
    }
    Ok(())
}

/// Cargo with our target folder.
pub(crate) fn command() -> std::process::Command {
    let mut command = process::command("cargo");
    command.env("CARGO_TARGET_DIR", paths::target());
    command
}

/// Runs cargo. In CI the lock file must already be right.
pub(crate) fn run(keeper: &Keeper, clone: &Clone, words: &[&str]) -> Result {
    run_with(keeper, clone, words, &[])
}

/// Runs cargo with these variables set.
pub(crate) fn run_with(keeper: &Keeper, _: &Clone, words: &[&str], variables: &[(&str, String)]) -> Result {
    let (what, rest) = words.split_first().ok_or("cargo needs a word")?;
    let mut command = command();
    command.arg(what).envs(variables.iter().cloned());
    if paths::in_ci() && *what != "fmt" {
        command.arg("--locked");
    }
    command.args(rest);
    process::run(keeper, &mut command)
}

/// Every target of every crate, warnings are errors.
pub(crate) fn clippy(keeper: &Keeper, clone: &Clone) -> Result {
    run(keeper, clone, &["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])
}

/// Builds the server; gives back the program.
pub(crate) fn server(keeper: &Keeper, clone: &Clone, profile: Profile) -> Result<PathBuf> {
    // `--examples` adds next to nothing, but makes cargo choose the same features of the dependencies as for the
    // tests; without it tokio and all above it would be compiled twice.
    let mut words = vec!["build", "--workspace", "--bin", "stoa"];
    let folder = match profile {
        Profile::Dev => {
            words.push("--examples");
            "debug"
        }
        Profile::Release => {
            words.push("--release");
            "release"
        }
    };
    run(keeper, clone, &words)?;
    Ok(paths::target().join(folder).join("stoa"))
}
