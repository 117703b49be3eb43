//! The one place of xtask that starts processes.
//!
//! A step's process runs in a process group of its own that the keeper knows: whatever way xtask ends, the whole
//! group ends too.

use std::collections::VecDeque;
use std::env;
use std::ffi::OsStr;
use std::io::{PipeReader, Read, Write, pipe, stdout};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use crate::keeper::Keeper;
use crate::trouble::{Result, While};
use crate::{paths, say};

/// How many of the last lines are repeated when a step fails.
const TAIL_LINES: usize = 25;
/// How much of the output is kept to take those lines from, in bytes.
const TAIL_BYTES: usize = 8 * 1024;

/// A command in the work tree, without standard input and without what `cargo run` told *us* about ourselves.
#[expect(clippy::disallowed_methods, reason = "starting tools is what xtask is for")]
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(paths::root()).stdin(Stdio::null());
    for (name, _) in env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") || name == "CARGO" {
            command.env_remove(name);
        }
    }
    if say::colours() {
        command.env("CARGO_TERM_COLOR", "always").env("FORCE_COLOR", "1");
    }
    command
}

/// Runs to the end, showing what it prints as it comes. A failure repeats the last lines.
pub(crate) fn run(keeper: &Keeper, command: &mut Command) -> Result {
    let shown = shown(command);
    let (output, writer) = pipe().cannot("make a pipe")?;
    command.stdout(writer.try_clone()?).stderr(writer).process_group(0);
    let mut child = command.spawn().cannot(&format!("start `{shown}`"))?;
    // The command holds the writing end of the pipe; as long as it does, reading never ends.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    keeper.watch(&child)?;
    let tail = show(output)?;
    let status = child.wait()?;
    keeper.release(&child)?;
    if status.success() {
        return Ok(());
    }
    let why: String = tail.iter().map(|line| format!("\n  {line}")).collect();
    Err(format!("`{shown}` ended with {status}; its last lines:{why}").into())
}

/// Runs to the end and gives back what it wrote to its standard output.
pub(crate) fn read(command: &mut Command) -> Result<String> {
    let shown = shown(command);
    let output = command.output().cannot(&format!("start `{shown}`"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let why = String::from_utf8_lossy(&output.stderr);
    Err(format!("`{shown}` ended with {}: {}", output.status, why.trim()).into())
}

/// Whether it ran and succeeded. Prints nothing.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Starts something that stays, in a process group that the keeper ends.
pub(crate) fn stay(keeper: &Keeper, command: &mut Command) -> Result<Child> {
    let shown = shown(command);
    let child = command.process_group(0).spawn().cannot(&format!("start `{shown}`"))?;
    keeper.watch(&child)?;
    Ok(child)
}

/// Becomes that program: the terminal, its signals and its exit code are the program's own.
pub(crate) fn become_it(command: &mut Command) -> Result {
    let shown = shown(command);
    Err(command.stdin(Stdio::inherit()).exec()).cannot(&format!("start `{shown}`"))
}

/// Copies to our standard output; gives back the last lines.
fn show(mut from: PipeReader) -> Result<Vec<String>> {
    let mut kept: VecDeque<u8> = VecDeque::with_capacity(2 * TAIL_BYTES);
    let mut part = [0; 4096];
    loop {
        let read = from.read(&mut part)?;
        if read == 0 {
            break;
        }
        let mut out = stdout().lock();
        out.write_all(&part[..read])?;
        out.flush()?;
        kept.extend(&part[..read]);
        kept.drain(..kept.len().saturating_sub(TAIL_BYTES));
    }
    let kept: Vec<u8> = kept.into();
    Ok(last_lines(&String::from_utf8_lossy(&kept)))
}

/// The last lines of a text, empty ones left out.
pub(crate) fn last_lines(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().map(str::trim_end).filter(|line| !line.is_empty()).collect();
    lines[lines.len().saturating_sub(TAIL_LINES)..].iter().map(ToString::to_string).collect()
}

/// The command as a person would type it.
fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_step_repeats_its_last_lines() {
        let keeper = Keeper::none();
        let failed = run(&keeper, command("sh").args(["-c", "echo one; echo two >&2; exit 3"]));
        let said = failed.expect_err("exit code 3").to_string();
        assert_eq!(
            said,
            "`sh -c echo one; echo two >&2; exit 3` ended with exit status: 3; its last lines:\n  one\n  two"
        );
    }

    #[test]
    fn only_the_last_lines_are_kept() {
        let text: String = (0..100).map(|n| format!("{n}\n\n")).collect();
        let last = last_lines(&text);
        assert_eq!(last.len(), TAIL_LINES);
        assert_eq!(last.last().map(String::as_str), Some("99"));
    }
}
