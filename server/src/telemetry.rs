//! What the running server tells: one line an event, JSON unless a person reads it.
//!
//! Every line has `time`, `level`, `target` and `message`; a line of a request or job has `req`, its id. Other fields
//! are the event's own. Lines go to the standard streams, never to a file that nobody bounds.

mod json;

use std::io::{self, IsTerminal};

use stoa_core::{Clock, Error, Result};
use tracing_subscriber::{EnvFilter, Layer, layer::SubscriberExt, util::SubscriberInitExt};

use crate::config::{LogConfig, LogFormat};

/// Where lines go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    /// A server's own output.
    Stdout,
    /// Beside a command's answer.
    Stderr,
}

/// Silent unless the level names them. `webauthn_rs_core` writes ERROR for what a stranger's browser answered; that is no
/// fault of the house's, and the refusal is on record without it.
const QUIET: &str = "webauthn_rs_core=off";

/// What is told. What the configuration names comes later, and wins.
fn filter(level: &str) -> Result<EnvFilter> {
    EnvFilter::builder().parse(format!("{QUIET},{level}")).map_err(|cause| {
        Error::invalid(format!("`log.level` is `{level}`; write `info`, or `info,stoa_jobs=debug`"))
            .because(cause)
    })
}

/// Starts telling. Once in a process.
///
/// # Errors
/// When the level is none.
pub(crate) fn start(config: &LogConfig, stream: Stream) -> Result<()> {
    let filter = filter(&config.level)?;
    let terminal = match stream {
        Stream::Stdout => io::stdout().is_terminal(),
        Stream::Stderr => io::stderr().is_terminal(),
    };
    let text = config.format == LogFormat::Text || (config.format == LogFormat::Auto && terminal);
    let layer = match (text, stream) {
        (false, stream) => json::Lines::new(stream, Clock::system()).boxed(),
        (true, Stream::Stdout) => tracing_subscriber::fmt::layer().compact().with_ansi(terminal).boxed(),
        (true, Stream::Stderr) => {
            tracing_subscriber::fmt::layer().compact().with_ansi(terminal).with_writer(io::stderr).boxed()
        }
    };
    tracing_subscriber::registry().with(filter).with(layer).init();
    Ok(())
}

#[cfg(test)]
mod tests {
    use tracing_subscriber::registry;

    use super::*;

    fn tells(level: &str) -> (bool, bool, bool) {
        tracing::subscriber::with_default(registry().with(filter(level).unwrap()), || {
            (
                tracing::enabled!(target: "webauthn_rs_core::core", tracing::Level::ERROR),
                tracing::enabled!(target: "stoa_identity", tracing::Level::INFO),
                tracing::enabled!(target: "stoa_identity", tracing::Level::DEBUG),
            )
        })
    }

    /// mv_h3: nobody fills the log with our faults by sending malformed answers.
    #[test]
    fn mv_h3_a_library_is_not_heard_about_what_strangers_send_unless_asked_for() {
        assert_eq!(tells("info"), (false, true, false));
        assert_eq!(tells("debug"), (false, true, true));
        assert_eq!(tells("info,webauthn_rs_core=error"), (true, true, false));
        assert_eq!(tells("warn"), (false, false, false));
        assert!(filter("info,=").is_err() || filter("nonsense=loud").is_err());
    }
}
