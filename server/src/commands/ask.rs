//! What is read from stdin: a password, from a pipe or typed in without being shown.

use std::io::{self, BufRead, IsTerminal};

use stoa_core::{Error, Result, Secret};

use crate::screen;

/// Longer than any password that is taken; whoever pipes a film in gets an answer soon.
const MOST: u64 = 4096;

/// The first line of stdin, without its end.
///
/// # Errors
/// `invalid` where there is none.
pub(super) fn password(flag_given: bool) -> Result<Secret> {
    if !flag_given {
        return Err(Error::invalid(
            "a password is never an argument, where other users could see it; add `--password-stdin` and pipe it in",
        ));
    }
    let quiet = io::stdin().is_terminal().then(Quiet::please).transpose()?;
    let mut line = String::new();
    io::BufReader::new(io::Read::take(io::stdin().lock(), MOST)).read_line(&mut line)?;
    if quiet.is_some() {
        screen::note("");
    }
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(Error::invalid("there is no password on stdin; pipe it in, as one line"));
    }
    Ok(Secret::new(password))
}

/// The terminal, not showing what is typed, until this is dropped.
struct Quiet(nix::sys::termios::Termios);

impl Quiet {
    fn please() -> Result<Self> {
        use nix::sys::termios::{LocalFlags, SetArg, tcgetattr, tcsetattr};
        screen::note("Password (not shown):");
        let before = tcgetattr(io::stdin())?;
        let mut silent = before.clone();
        silent.local_flags.remove(LocalFlags::ECHO);
        tcsetattr(io::stdin(), SetArg::TCSAFLUSH, &silent)?;
        Ok(Self(before))
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        use nix::sys::termios::{SetArg, tcsetattr};
        let _the_terminal_is_gone = tcsetattr(io::stdin(), SetArg::TCSAFLUSH, &self.0);
    }
}
