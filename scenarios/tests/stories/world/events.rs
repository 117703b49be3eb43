//! What a job tells while it runs, as a browser hears it.

use std::{pin::Pin, time::Duration};

use futures::{Stream, StreamExt};
use serde_json::Value;

use super::Asked;

const PATIENCE: Duration = Duration::from_secs(90);

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Told {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) data: Value,
}

impl Told {
    /// Whether it is the last one.
    pub(crate) fn is_the_end(&self) -> bool {
        let state = self.data["state"].as_str().unwrap_or_default();
        self.name == "state" && ["succeeded", "failed", "cancelled"].contains(&state)
    }
}

/// A stream of events that is being read.
pub(crate) struct Telling {
    pub(crate) status: u16,
    bytes: Pin<Box<dyn Stream<Item = reqwest::Result<Vec<u8>>> + Send>>,
    held: Vec<u8>,
}

/// Begins to listen.
pub(crate) async fn told_by(asked: Asked) -> Telling {
    let answer = asked.header("accept", "text/event-stream").0.send().await.unwrap();
    let status = answer.status().as_u16();
    let bytes = answer.bytes_stream().map(|bytes| bytes.map(|bytes| bytes.to_vec()));
    Telling { status, bytes: Box::pin(bytes), held: Vec::new() }
}

impl Telling {
    /// The next event; `None` at the end of the stream. Comments are passed over.
    pub(crate) async fn next(&mut self) -> Option<Told> {
        let next = tokio::time::timeout(PATIENCE, self.hear()).await;
        next.unwrap_or_else(|_| panic!("nothing was told for {PATIENCE:?}"))
    }

    async fn hear(&mut self) -> Option<Told> {
        loop {
            while let Some(end) = self.held.windows(2).position(|two| two == b"\n\n") {
                let text: Vec<u8> = self.held.drain(..end + 2).collect();
                if let Some(told) = read(std::str::from_utf8(&text).unwrap()) {
                    return Some(told);
                }
            }
            // A line that breaks off is an end like any other.
            let bytes = self.bytes.next().await?.ok()?;
            self.held.extend(bytes);
        }
    }
}

fn read(text: &str) -> Option<Told> {
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    let data = field("data")?;
    Some(Told {
        id: field("id").unwrap().parse().unwrap(),
        name: field("event").unwrap().to_owned(),
        data: serde_json::from_str(data).unwrap(),
    })
}
