//! One connection, with patience that ends: for the first request's head, and for silence.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep},
};

use crate::config::ConnectionConfig;

/// What the requests of a connection are doing, for its patience.
#[derive(Default)]
pub(crate) struct Activity {
    begun: AtomicBool,
    running: AtomicUsize,
}

impl Activity {
    /// A request is being worked on until the guard is dropped; silence is no fault of the caller meanwhile.
    pub(crate) fn working(self: &Arc<Self>) -> Working {
        self.begun.store(true, Ordering::Relaxed);
        self.running.fetch_add(1, Ordering::Relaxed);
        Working(self.clone())
    }
}

/// Held while a request is worked on.
pub(crate) struct Working(Arc<Activity>);

impl Drop for Working {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A socket that gives up on silence.
pub(crate) struct Patient {
    stream: TcpStream,
    activity: Arc<Activity>,
    timer: Pin<Box<Sleep>>,
    head_until: Instant,
    idle: Duration,
    moved: Instant,
}

impl Patient {
    pub(crate) fn new(stream: TcpStream, config: &ConnectionConfig, activity: Arc<Activity>) -> Self {
        let now = Instant::now();
        let head_until = now + config.head_seconds;
        let timer = Box::pin(tokio::time::sleep_until(head_until));
        Self { stream, activity, timer, head_until, idle: config.idle_seconds, moved: now }
    }

    /// Called whenever the socket has nothing for us. The timer is only moved when it rings, so that bytes in
    /// motion cost nothing but a look at the clock.
    fn poll_patience(&mut self, cx: &mut Context<'_>) -> Poll<io::Error> {
        while self.timer.as_mut().poll(cx).is_ready() {
            let now = Instant::now();
            let until = if !self.activity.begun.load(Ordering::Relaxed) {
                self.head_until
            } else if self.activity.running.load(Ordering::Relaxed) > 0 {
                now + self.idle
            } else {
                self.moved + self.idle
            };
            if now >= until {
                return Poll::Ready(io::Error::new(
                    io::ErrorKind::TimedOut,
                    "the other side was silent for too long",
                ));
            }
            self.timer.as_mut().reset(until);
        }
        Poll::Pending
    }

    fn settle<T>(&mut self, cx: &mut Context<'_>, done: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        match done {
            Poll::Ready(done) => {
                self.moved = Instant::now();
                Poll::Ready(done)
            }
            Poll::Pending => self.poll_patience(cx).map(Err),
        }
    }
}

impl AsyncRead for Patient {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let done = Pin::new(&mut self.stream).poll_read(cx, into);
        self.settle(cx, done)
    }
}

impl AsyncWrite for Patient {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.settle(cx, done)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.settle(cx, done)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
