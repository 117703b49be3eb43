//! Server-sent events (HTML §9.2): numbered, kept alive, resumed by number, ended in good order.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::{
    body::Body,
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use bytes::{BufMut, Bytes, BytesMut};
use futures::{Stream, stream::BoxStream};
use http::{HeaderName, HeaderValue, header, request::Parts};
use http_body::Frame;
use serde::Serialize;
use stoa_core::{Error, Result};
use stoa_store::{Ctx, Epoch};
use tokio::time::{Instant, Sleep};
use tokio_util::sync::WaitForCancellationFutureOwned;

use crate::Problem;

/// A comment goes out after this much silence, so that nobody between takes the line for dead.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
/// A silent stream looks this often whether its caller may still listen.
const LOOK: Duration = Duration::from_secs(1);

/// One event, written once.
#[derive(Clone, Debug)]
pub struct Event(Bytes);

impl Event {
    /// An event with its number and its name.
    ///
    /// # Errors
    /// When the data is no JSON.
    pub fn new(id: i64, name: &str, data: &impl Serialize) -> Result<Self> {
        let mut text = BytesMut::with_capacity(256);
        text.extend_from_slice(format!("id: {id}\nevent: {name}\ndata: ").as_bytes());
        let mut writer = text.writer();
        // JSON has no line breaks outside of strings, and none inside: one `data` line is always enough.
        serde_json::to_writer(&mut writer, data)?;
        let mut text = writer.into_inner();
        text.extend_from_slice(b"\n\n");
        Ok(Self(text.freeze()))
    }
}

impl Event {
    /// A message without number or name: a stream of such is not resumed.
    pub(crate) fn message(data: &impl Serialize) -> Result<Self> {
        Ok(Self(format!("event: message\ndata: {}\n\n", serde_json::to_string(data)?).into()))
    }
}

/// One event, as the contract tells of it.
#[derive(utoipa::ToSchema)]
#[schema(as = StreamEvent)]
#[expect(dead_code, reason = "it describes what `Event` writes")]
pub(crate) struct EventDocument {
    /// Its number, for `Last-Event-ID`.
    #[schema(example = "7")]
    id: String,
    /// Its name.
    #[schema(example = "progress")]
    event: String,
    /// JSON.
    #[schema(example = "{\"done\":1,\"total\":3,\"note\":\"running task 2 of 3\"}")]
    data: String,
}

/// Where a stream goes on, as the contract tells of it.
#[derive(utoipa::IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it describes what `LastEventId` reads")]
pub(crate) struct Resumed {
    /// The number of the last event that was heard.
    #[param(rename = "Last-Event-ID", minimum = 0, required = false, example = 7)]
    last_event_id: i64,
}

/// The number of the last event that the caller has, from `Last-Event-ID`; `None` from the beginning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastEventId(pub Option<i64>);

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

impl<S: Sync> FromRequestParts<S> for LastEventId {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let Some(value) = parts.headers.get(LAST_EVENT_ID) else { return Ok(Self(None)) };
        let number = value.to_str().ok().map(str::trim).filter(|text| !text.is_empty()).map(str::parse);
        match number {
            None if value.is_empty() => Ok(Self(None)),
            Some(Ok(number)) if number >= 0 => Ok(Self(Some(number))),
            _ => Err(Error::malformed("`Last-Event-ID` is not a number of ours").into()),
        }
    }
}

/// An answer of events. It ends when the stream does, when the stream fails, when the house stops, and when
/// somebody's credentials changed: the caller comes again, is looked at anew, and resumes. So nothing is told to
/// a session that was revoked.
pub struct Sse {
    events: BoxStream<'static, Result<Event>>,
    stopping: Pin<Box<WaitForCancellationFutureOwned>>,
    look: Pin<Box<Sleep>>,
    spoke: Instant,
    epoch: Epoch,
    began_in: Option<i64>,
    begun: bool,
    done: bool,
}

impl Sse {
    /// Events for a caller. End the stream after the terminal event.
    pub fn new(ctx: &Ctx, events: impl Stream<Item = Result<Event>> + Send + 'static) -> Self {
        Self {
            events: Box::pin(events),
            stopping: Box::pin(ctx.store.tasks.stopping().clone().cancelled_owned()),
            look: Box::pin(tokio::time::sleep(LOOK)),
            spoke: Instant::now(),
            epoch: ctx.store.epoch.clone(),
            began_in: ctx.store.epoch.current(),
            begun: false,
            done: false,
        }
    }

    fn poll_text(&mut self, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if self.done {
            return Poll::Ready(None);
        }
        if !self.begun {
            // The head of the answer leaves at once, not with the first event.
            self.begun = true;
            return self.say(b": here\n\n");
        }
        loop {
            // First, or a flood of events would hide it. Nothing is lost: the caller resumes by number.
            if self.stopping.as_mut().poll(cx).is_ready() {
                self.done = true;
                return self.say(b": the server is going away; come again\nretry: 1000\n\n");
            }
            if self.epoch.current() != self.began_in {
                self.done = true;
                return self.say(b": credentials changed; come again\nretry: 100\n\n");
            }
            match self.events.as_mut().poll_next(cx) {
                Poll::Ready(Some(Ok(event))) => {
                    self.spoke = Instant::now();
                    return Poll::Ready(Some(event.0));
                }
                Poll::Ready(Some(Err(error))) => {
                    tracing::error!(code = error.stable_code(), ?error, "a stream of events failed");
                    self.done = true;
                    return Poll::Ready(None);
                }
                Poll::Ready(None) => {
                    self.done = true;
                    return Poll::Ready(None);
                }
                Poll::Pending => ready!(self.look.as_mut().poll(cx)),
            }
            self.look.as_mut().reset(Instant::now() + LOOK);
            if self.spoke.elapsed() >= KEEP_ALIVE {
                return self.say(b": still here\n\n");
            }
        }
    }

    fn say(&mut self, text: &'static [u8]) -> Poll<Option<Bytes>> {
        self.spoke = Instant::now();
        Poll::Ready(Some(Bytes::from_static(text)))
    }
}

impl http_body::Body for Sse {
    type Data = Bytes;
    type Error = std::convert::Infallible;
    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.poll_text(cx).map(|text| text.map(|text| Ok(Frame::data(text))))
    }
}

impl IntoResponse for Sse {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::new(self));
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
        // Proxies that gather answers would hold events back.
        headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_of_data_whatever_is_in_it() {
        let event = Event::new(7, "output", &serde_json::json!({"text": "a\nb\r\n\nid: 9"})).unwrap();
        assert_eq!(&event.0[..], b"id: 7\nevent: output\ndata: {\"text\":\"a\\nb\\r\\n\\nid: 9\"}\n\n");
    }
}
