//! Everything of LabMate that happens in a cell: reading a document, running a program, drawing a picture,
//! writing a report. The same for the server and for the command line.

use std::{sync::Arc, time::Duration};

use stoa_core::{Error, Kind, Result};
use stoa_documents::{Document, Format, Png, Report, Shot};
use stoa_sandbox::{Config, Language, Limits, Program, Run, Sandbox, Stream};
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

const MIB: u64 = 1 << 20;

/// The way to the sandbox, which is opened when it is first needed: a server answers before that. Cheap to
/// clone.
#[derive(Clone, Debug)]
pub struct Cells(Arc<Inside>);

#[derive(Debug)]
struct Inside {
    config: Config,
    limits: Limits,
    sandbox: OnceCell<Sandbox>,
}

impl Cells {
    /// Cells of a sandbox that is set up like this, in which a program may use this much.
    pub fn new(config: Config, limits: Limits) -> Self {
        Self(Arc::new(Inside { config, limits, sandbox: OnceCell::new() }))
    }

    /// What a program may use at most.
    pub fn limits(&self) -> &Limits {
        &self.0.limits
    }

    /// The sandbox.
    ///
    /// # Errors
    /// `unavailable` where this machine cannot isolate well enough; it says what is missing.
    pub async fn sandbox(&self) -> Result<&Sandbox> {
        self.0.sandbox.get_or_try_init(|| Sandbox::open(self.0.config.clone())).await
    }

    /// Reads a document and finds what it says.
    ///
    /// # Errors
    /// `invalid`, `unsupported`, `too_large`, with a sentence for the person who sent it.
    pub async fn read(
        &self,
        name: &str,
        format: Option<Format>,
        bytes: &[u8],
        stop: CancellationToken,
    ) -> Result<Document> {
        let ask = stoa_documents::ask_read(name, format, bytes)?;
        let answer = self.tool("read", ask, Duration::from_secs(10), 512 * MIB, stop).await?;
        stoa_documents::answered_read(&answer)
    }

    /// Draws a picture of code and output.
    ///
    /// # Errors
    /// `invalid` when it would take too much.
    pub async fn draw(&self, shot: &Shot, stop: CancellationToken) -> Result<Png> {
        let ask = stoa_documents::ask_picture(shot)?;
        let answer = self.tool("picture", ask, Duration::from_secs(20), 512 * MIB, stop).await?;
        stoa_documents::answered_picture(&answer)
    }

    /// Writes a report.
    ///
    /// # Errors
    /// As [`Cells::read`].
    pub async fn write(&self, report: &Report, stop: CancellationToken) -> Result<Vec<u8>> {
        let ask = stoa_documents::ask_report(report)?;
        let answer = self.tool("report", ask, Duration::from_secs(60), 1024 * MIB, stop).await?;
        stoa_documents::answered_report(&answer)
    }

    async fn tool(
        &self,
        name: &str,
        ask: Vec<u8>,
        wall: Duration,
        memory_bytes: u64,
        stop: CancellationToken,
    ) -> Result<Vec<u8>> {
        let limits = Limits { wall, cpu: wall, memory_bytes, output_bytes: 64 * MIB, ..Limits::default() };
        self.sandbox().await?.tool(&limits, name, ask, stop).await.map_err(|error| match error.kind() {
            Kind::Timeout | Kind::TooLarge | Kind::Limited => {
                Error::invalid("the document takes too much time or memory to handle; simplify it")
                    .because(error.cause().unwrap_or_else(|| error.said().to_owned()))
            }
            _ => error,
        })
    }

    /// Runs a program.
    ///
    /// # Errors
    /// When it could not be started. How it ended is no error.
    pub async fn run(
        &self,
        limits: &Limits,
        language: Language,
        code: &str,
        stdin: &str,
        stop: CancellationToken,
        output: impl FnMut(Stream, &[u8]) + Send,
    ) -> Result<Run> {
        let program = Program { stdin: stdin.as_bytes().to_vec(), ..Program::new(language, code) };
        self.sandbox().await?.run(limits, &program, stop, output).await
    }
}
