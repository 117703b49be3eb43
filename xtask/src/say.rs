//! Everything that xtask itself prints. What the tools print goes through unchanged (`process`).
//! Who closed the other end (`cargo x | head`) does not want to hear more; that is no failure.

use std::io::{IsTerminal, Write, stderr, stdout};
use std::time::Duration;

/// Whether colours may be used.
pub(crate) fn colours() -> bool {
    stdout().is_terminal()
}

pub(crate) fn line(text: &str) {
    let _ = writeln!(stdout(), "{text}");
}

/// Begins a part of the output, so that an eye finds it again.
pub(crate) fn heading(text: &str) {
    if colours() {
        line(&format!("\n\x1b[1;36m── {text} ──\x1b[0m"));
    } else {
        line(&format!("\n── {text} ──"));
    }
}

/// The last words of a command that did not work. They come after everything else.
pub(crate) fn failed(text: &str) {
    let failed = if colours() { "\x1b[1;31mfailed:\x1b[0m" } else { "failed:" };
    let _ = writeln!(stderr(), "\n{failed} {text}");
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
