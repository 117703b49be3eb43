//! When the process shall end: SIGTERM, or Ctrl-C in a terminal.

use std::time::Duration;

use stoa_core::Result;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Two wishes within this time are one.
const MOMENT: Duration = Duration::from_millis(500);

/// Hears when somebody asks the process to end.
pub(super) struct Ending {
    terminate: Signal,
    interrupt: Signal,
}

impl Ending {
    /// Begins to listen; from now on the process does not end by itself.
    ///
    /// # Errors
    /// When the system has no room for a handler.
    pub(super) fn listen() -> Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits until somebody asks.
    pub(super) async fn asked(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    /// Waits until somebody asks once more. Terminals, shells and `timeout` like to send one wish twice; what comes
    /// within a moment counts as the same.
    ///
    /// # Errors
    /// As [`Ending::listen`].
    pub(super) async fn asked_again() -> Result<()> {
        tokio::time::sleep(MOMENT).await;
        Self::listen()?.asked().await;
        Ok(())
    }
}
