//! The listeners: accept, speak HTTP/1.1 or HTTP/2, and leave in good order.
//!
//! Every connection is a task of the store, so that stopping the store's tasks stops the house: listeners close
//! first, idle connections at once, the others after the answer they are giving.

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body, response::Response};
use http::Request;
use hyper::{body::Incoming, service::service_fn};
use hyper_util::{
    rt::{TokioExecutor, TokioIo, TokioTimer},
    server::conn::auto::Builder,
};
use stoa_core::Result;
use stoa_store::Tasks;
use tokio::{
    net::{TcpListener, TcpStream},
    pin,
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tower::Service;

use crate::{
    config::ConnectionConfig,
    connection::{Activity, Patient},
    pipeline::Peer,
};

/// Serves until the tasks are asked to stop. Returns when nothing new is accepted; what is in progress goes on
/// as tasks, which [`Tasks::stop`] waits for.
///
/// # Errors
/// When the socket itself breaks.
pub(crate) async fn serve(
    listener: TcpListener,
    router: Router,
    config: &ConnectionConfig,
    tasks: &Tasks,
) -> Result<()> {
    let slots = Arc::new(Semaphore::new(config.most.max(1)));
    let config = Arc::new(config.clone());
    let speaker = Arc::new(speaker(&config));
    loop {
        let next = async {
            let slot = slots.clone().acquire_owned().await?;
            Ok::<_, stoa_core::Error>((accept(&listener).await?, slot))
        };
        let ((stream, peer), slot) = tokio::select! {
            () = tasks.stopping().cancelled() => return Ok(()),
            next = next => next?,
        };
        let connection = Connection {
            speaker: speaker.clone(),
            router: router.clone(),
            config: config.clone(),
            tasks: tasks.clone(),
            peer,
            slot,
        };
        tasks.spawn("edge.connection", connection.run(stream));
    }
}

/// The next connection. Being out of file descriptors passes; giving up would not help.
async fn accept(listener: &TcpListener) -> io::Result<(TcpStream, SocketAddr)> {
    loop {
        match listener.accept().await {
            Ok(accepted) => return Ok(accepted),
            Err(error) if is_of_the_other_side(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted; trying again");
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

fn is_of_the_other_side(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

fn speaker(config: &ConnectionConfig) -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(config.idle_seconds)
        .max_headers(config.headers)
        .max_buf_size(config.head_bytes.max(8 << 10))
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(config.streams)
        .max_header_list_size(u32::try_from(config.head_bytes).unwrap_or(u32::MAX))
        .max_pending_accept_reset_streams(Some(32))
        .keep_alive_interval(Some(config.idle_seconds / 2))
        .keep_alive_timeout(config.head_seconds);
    builder
}

/// Counted in the metrics for as long as it lives.
struct Open;

impl Open {
    fn count() -> Self {
        metrics::gauge!("stoa_http_connections").increment(1);
        Self
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        metrics::gauge!("stoa_http_connections").decrement(1);
    }
}

struct Connection {
    speaker: Arc<Builder<TokioExecutor>>,
    router: Router,
    config: Arc<ConnectionConfig>,
    tasks: Tasks,
    peer: SocketAddr,
    slot: OwnedSemaphorePermit,
}

impl Connection {
    async fn run(self, stream: TcpStream) {
        let Self { speaker, router, config, tasks, peer, slot } = self;
        // Without this, small pieces of a stream wait 40 ms for each other (Nagle and delayed acknowledgement).
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "the connection is gone already");
            return;
        }
        let _counted = Open::count();
        let activity = Arc::new(Activity::default());
        let io = TokioIo::new(Patient::new(stream, &config, activity.clone()));
        let service = service_fn(move |request: Request<Incoming>| {
            let (mut router, working) = (router.clone(), activity.working());
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(Peer(peer));
            async move {
                let answer: Result<Response, Infallible> = router.call(request).await;
                drop(working);
                answer
            }
        });
        let connection = speaker.serve_connection_with_upgrades(io, service);
        pin!(connection);
        let ended = tokio::select! {
            ended = connection.as_mut() => ended,
            () = tasks.stopping().cancelled() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection broke");
        }
        drop(slot);
    }
}
