//! Everything that xtask itself prints. What the tools print goes through unchanged (`process`).
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is what a person reads")]

use std::io::{IsTerminal, stdout};
use std::time::Duration;

/// Whether colours may be used.
pub(crate) fn colours() -> bool {
    stdout().is_terminal()
}

pub(crate) fn line(text: &str) {
    println!("{text}");
}

/// Begins a part of the output, so that an eye finds it again.
pub(crate) fn heading(text: &str) {
    if colours() {
        println!("\n\x1b[1;36m── {text} ──\x1b[0m");
    } else {
        println!("\n── {text} ──");
    }
}

/// The last words of a command that did not work. They come after everything else.
pub(crate) fn failed(text: &str) {
    if colours() {
        eprintln!("\n\x1b[1;31mfailed:\x1b[0m {text}");
    } else {
        eprintln!("\nfailed: {text}");
    }
}

/// `3.2 s` or `4 min 05 s`.
pub(crate) fn time(spent: Duration) -> String {
    let seconds = spent.as_secs();
    if seconds < 60 {
        format!("{:.1} s", spent.as_secs_f64())
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_for_people() {
        assert_eq!(time(Duration::from_millis(3_240)), "3.2 s");
        assert_eq!(time(Duration::from_secs(245)), "4 min 05 s");
    }
}
