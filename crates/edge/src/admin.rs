//! What the admin listener answers. It stands on an address of its own, loopback by default; no pipeline, no
//! people.

use axum::{
    Router,
    extract::State,
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};

use crate::{Metrics, health, health::Health};

pub(crate) fn router(health: &Health, metrics: &Metrics) -> Router {
    let metrics = metrics.clone();
    Router::new()
        .route(
            "/metrics",
            get(async move || ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], metrics.render())),
        )
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(readyz))
        .with_state(health.clone())
}

async fn readyz(State(health): State<Health>) -> Response {
    health::ready(&health).await.into_response()
}
