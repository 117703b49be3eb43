//! What the admin listener answers. It stands on an address of its own, loopback by default; no pipeline, no
//! people.

use axum::{
    Router,
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};

use crate::{
    Metrics, health,
    health::Health,
    pipeline::{Peer, is_local_name},
};

pub(crate) fn router(health: &Health, metrics: &Metrics) -> Router {
    let metrics = metrics.clone();
    Router::new()
        .route(
            "/metrics",
            get(async move || ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], metrics.render())),
        )
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(readyz))
        .layer(middleware::from_fn(no_browser_under_a_foreign_name))
        .with_state(health.clone())
}

async fn readyz(State(health): State<Health>) -> Response {
    health::ready(&health).await.into_response()
}

/// A page in a browser on this machine could reach us under a name of its own (DNS rebinding). Others ask from
/// elsewhere, by whatever name they know.
async fn no_browser_under_a_foreign_name(request: Request, next: Next) -> Response {
    let local =
        request.extensions().get::<Peer>().is_none_or(|peer| peer.0.ip().to_canonical().is_loopback());
    if local && !is_local_name(request.uri(), request.headers()) {
        return StatusCode::MISDIRECTED_REQUEST.into_response();
    }
    next.run(request).await
}
