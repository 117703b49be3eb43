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

/// Starts telling. Once in a process.
///
/// # Errors
/// When the level is none.
pub(crate) fn start(config: &LogConfig, stream: Stream) -> Result<()> {
    let filter = EnvFilter::builder().parse(&config.level).map_err(|cause| {
        Error::invalid(format!("`log.level` is `{}`; write `info`, or `info,stoa_jobs=debug`", config.level))
            .because(cause)
    })?;
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
