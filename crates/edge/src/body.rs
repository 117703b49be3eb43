//! The body of a request, bounded in bytes and in patience while it is read.

use std::{
    error, fmt,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use axum::body::Body;
use bytes::Bytes;
use futures::future::poll_fn;
use http::{HeaderMap, header};
use http_body::{Body as _, Frame, SizeHint};
use stoa_core::{Error, Result};
use stoa_store::Tasks;
use tokio::time::{Instant, Sleep};

use crate::problem::BODY_TIMEOUT;

/// Of a body that nobody wants to read, this much is taken in so that the sender reads our answer and does not
/// just see a closed connection.
const DRAINED: u64 = 64 << 20;
const DRAINING: Duration = Duration::from_secs(10);

/// Why a body could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyFault {
    TooLarge(u64),
    Idle,
    Broken,
}

impl fmt::Display for BodyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge(limit) => write!(f, "the body is larger than {limit} bytes"),
            Self::Idle => f.write_str("the body stopped coming"),
            Self::Broken => f.write_str("the body broke off"),
        }
    }
}

impl error::Error for BodyFault {}

impl BodyFault {
    /// The fault behind an error that came out of a body, however deep libraries wrapped it.
    pub(crate) fn behind(error: &(dyn error::Error + 'static)) -> Option<Self> {
        let mut next = Some(error);
        while let Some(error) = next {
            if let Some(fault) = error.downcast_ref::<Self>() {
                return Some(*fault);
            }
            next = error.source();
        }
        None
    }

    /// What the caller is told.
    #[track_caller]
    pub(crate) fn error(self) -> Error {
        match self {
            Self::TooLarge(limit) => too_large(limit),
            Self::Idle => Error::malformed("the body took too long to arrive").code(BODY_TIMEOUT),
            Self::Broken => Error::malformed("the body broke off").code("body_incomplete"),
        }
    }
}

#[track_caller]
fn too_large(limit: u64) -> Error {
    let text = if limit >= 1 << 20 { format!("{} MB", limit >> 20) } else { format!("{limit} bytes") };
    Error::too_large(format!("the body may have {text} at most"))
}

/// Puts the guard around a body. A length that is known to be too large is refused at once.
pub(crate) fn guard(
    body: Body,
    headers: &HeaderMap,
    limit: u64,
    idle: Duration,
    tasks: &Tasks,
) -> (Body, Result<()>) {
    if body.is_end_stream() {
        return (body, Ok(()));
    }
    let declared = body.size_hint().exact();
    let fits = match declared {
        Some(length) if length > limit => Err(too_large(limit)),
        _ => Ok(()),
    };
    let guarded = Guarded {
        body,
        limit,
        left: limit,
        idle,
        timer: None,
        done: false,
        // Whoever waits for `100 Continue` has not begun to send.
        waits: headers.contains_key(header::EXPECT),
        tasks: tasks.clone(),
    };
    (Body::new(guarded), fits)
}

struct Guarded {
    body: Body,
    limit: u64,
    left: u64,
    idle: Duration,
    timer: Option<Pin<Box<Sleep>>>,
    done: bool,
    waits: bool,
    tasks: Tasks,
}

impl Guarded {
    /// Arms the timer at the first wait and moves it at each later one.
    fn poll_idle(&mut self, cx: &mut Context<'_>, fresh: bool) -> Poll<()> {
        let until = Instant::now() + self.idle;
        let timer = self.timer.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(until)));
        if fresh {
            timer.as_mut().reset(until);
        }
        timer.as_mut().poll(cx)
    }
}

impl http_body::Body for Guarded {
    type Data = Bytes;
    type Error = BodyFault;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        let this = &mut *self;
        if this.done {
            return Poll::Ready(None);
        }
        this.waits = false;
        let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(cx) else {
            ready!(this.poll_idle(cx, false));
            return Poll::Ready(Some(Err(BodyFault::Idle)));
        };
        match frame {
            Some(Ok(frame)) => {
                let bytes = frame.data_ref().map_or(0, |data| data.len() as u64);
                match this.left.checked_sub(bytes) {
                    Some(left) => this.left = left,
                    None => return Poll::Ready(Some(Err(BodyFault::TooLarge(this.limit)))),
                }
                if this.timer.is_some() {
                    this.timer = None;
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Some(Err(_)) => {
                this.done = true;
                Poll::Ready(Some(Err(BodyFault::Broken)))
            }
            None => {
                this.done = true;
                Poll::Ready(None)
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.done || self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        if self.done || self.waits || self.body.is_end_stream() {
            return;
        }
        let body = std::mem::take(&mut self.body);
        self.tasks.spawn("edge.drain", async move {
            // Whether it ended or was cut off makes no difference to anyone.
            let _ended = tokio::time::timeout(DRAINING, drain(body)).await;
        });
    }
}

async fn drain(mut body: Body) {
    let mut left = DRAINED;
    while let Some(Ok(frame)) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let bytes = frame.data_ref().map_or(0, |data| data.len() as u64);
        let Some(less) = left.checked_sub(bytes) else { return };
        left = less;
    }
}
