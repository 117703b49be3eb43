//! One answer: JSON if nothing is told before it, else a stream of events that ends with it.

use std::{collections::VecDeque, future::Future, time::Duration};

use axum::response::{IntoResponse, Response};
use futures::{FutureExt, Stream, future::BoxFuture, stream};
use http::StatusCode;
use serde_json::Value;
use stoa_core::Result;
use stoa_store::Ctx;
use tokio::sync::mpsc;

use super::{
    Revision, RpcError,
    call::Voice,
    door::with_status,
    headers::Accepts,
    methods::{self, Ended},
};
use crate::{Event, Problem, Sse};

/// Messages that wait for a slow reader; then the call waits with them.
const WAITING: usize = 16;
/// How long a call may go on once it streams. It cannot outlive its reader either.
const LONGEST: Duration = Duration::from_secs(300);

type Work = BoxFuture<'static, Ended>;

/// Runs the work and answers. Where the client takes a stream, what is told on the way comes first.
pub(crate) async fn answer<Going>(
    accepts: Accepts,
    ctx: &Ctx,
    revision: Revision,
    id: Value,
    work: impl FnOnce(Voice) -> Going,
) -> Result<Response, Problem>
where
    Going: Future<Output = Ended> + Send + 'static,
{
    let (voice, mut heard) = mpsc::channel(WAITING);
    let mut work = work(Voice(accepts.stream.then_some(voice))).boxed();
    let first = tokio::select! {
        biased;
        Some(first) = heard.recv() => first,
        ended = &mut work => {
            let ended = ended?;
            let status = status(revision, &ended);
            let answer = methods::answer(revision, &id, ended);
            let told: VecDeque<Value> = std::iter::from_fn(|| heard.try_recv().ok()).collect();
            if told.is_empty() && accepts.json {
                return Ok(with_status(status, answer));
            }
            let events = told.into_iter().chain([answer]).map(|message| Event::message(&message));
            return Ok(Sse::new(ctx, stream::iter(events.collect::<Vec<_>>())).into_response());
        }
    };
    let telling = Telling { work: Some(work), heard, left: VecDeque::new(), revision, id };
    Ok(Sse::new(ctx, events(first, telling)).into_response())
}

/// In the modern revision the status says what kind of failure it is; before, what a method says comes with 200.
fn status<T>(revision: Revision, ended: &Result<T, RpcError>) -> StatusCode {
    match ended {
        Err(error) if revision.is_modern() => error.status,
        _ => StatusCode::OK,
    }
}

/// A call that is going on. Dropped with the stream, it ends: a reader who goes away has cancelled it.
struct Telling {
    work: Option<Work>,
    heard: mpsc::Receiver<Value>,
    /// What is still to be told when the work has ended: the answer comes last.
    left: VecDeque<Value>,
    revision: Revision,
    id: Value,
}

impl Telling {
    async fn next(&mut self) -> Option<Value> {
        if let Some(work) = &mut self.work {
            let ended = tokio::select! {
                biased;
                Some(told) = self.heard.recv() => return Some(told),
                ended = work => ended,
            };
            self.work = None;
            // A failure that has a status of its own comes too late for that.
            let ended = ended
                .unwrap_or_else(|problem| Err(RpcError::invalid_request(problem.error().said().to_owned())));
            // What was told in the same breath in which the work ended comes before its answer.
            self.left.extend(std::iter::from_fn(|| self.heard.try_recv().ok()));
            self.left.push_back(methods::answer(self.revision, &self.id, ended));
        }
        self.left.pop_front()
    }
}

fn events(first: Value, telling: Telling) -> impl Stream<Item = Result<Event>> + Send {
    let until = tokio::time::Instant::now() + LONGEST;
    stream::unfold((Some(first), telling), move |(first, mut telling)| async move {
        let message = match first {
            Some(first) => first,
            None => tokio::time::timeout_at(until, telling.next()).await.ok().flatten()?,
        };
        Some((Event::message(&message), (None, telling)))
    })
}
