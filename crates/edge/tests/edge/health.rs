//! Health and metrics: one word for strangers, all of it for those who look after the house.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::http::StatusCode;
use serde_json::json;
use stoa_core::{Error, TestClock};
use stoa_edge::{Check, EdgeConfig, Metrics};
use tokio::net::TcpListener;

use crate::house::{Line, World, ask};

#[tokio::test]
async fn lm_16_readiness_looks_at_what_the_house_depends_on() {
    let broken = Arc::new(AtomicBool::new(true));
    let switch = broken.clone();
    let check = Check::new("printer", move || {
        let broken = switch.load(Ordering::SeqCst);
        async move { if broken { Err(Error::unavailable("out of paper")) } else { Ok(()) } }
    });
    let stuck = Check::new("stuck", std::future::pending);
    let world = World::of(EdgeConfig::default(), vec![check, stuck], TestClock::new()).await;
    tokio::time::pause();
    let ready = world.send(ask("GET", "/readyz", &[], None)).await;
    assert_eq!(
        (ready.status, ready.json()),
        (StatusCode::SERVICE_UNAVAILABLE, json!({"status": "unavailable"}))
    );
    let health =
        world.send(ask("GET", "/api/v1/admin/health", &[("cookie", "stoa=anna")], None)).await.json();
    assert_eq!(health["status"], "failing");
    assert_eq!(health["checks"][0]["name"], "printer");
    assert_eq!(health["checks"][0]["detail"], "out of paper");
    assert_eq!(health["checks"][0]["since"], "2026-01-05T09:00:00.000000Z");
    assert_eq!(health["checks"][1]["detail"], "no answer within 2 s");
}

#[tokio::test]
async fn lm_16_what_is_late_is_shown_and_takes_nobody_out_of_service() {
    let late = Check::advice("queue", async || Err(Error::unavailable("a job waits")));
    let world = World::of(EdgeConfig::default(), vec![late], TestClock::new()).await;
    assert_eq!(world.send(ask("GET", "/readyz", &[], None)).await.json(), json!({"status": "ok"}));
    let health =
        world.send(ask("GET", "/api/v1/admin/health", &[("cookie", "stoa=anna")], None)).await.json();
    assert_eq!(health["status"], "degraded");
    assert_eq!(health["checks"][0]["status"], "degraded");
    assert_eq!(health["checks"][0]["detail"], "a job waits");
}

#[tokio::test]
async fn all_is_well_where_memory_is() {
    let world = World::new().await;
    let (checks, clock) = (Check::of_store(&world.store), TestClock::new());
    let world = World::of(EdgeConfig::default(), checks, clock).await;
    assert_eq!(world.send(ask("GET", "/readyz", &[], None)).await.json(), json!({"status": "ok"}));
    let health =
        world.send(ask("GET", "/api/v1/admin/health", &[("cookie", "stoa=anna")], None)).await.json();
    let names: Vec<_> = health["checks"].as_array().unwrap().iter().map(|check| &check["name"]).collect();
    assert_eq!((&health["status"], names), (&json!("ok"), vec![&json!("database"), &json!("files")]));
}

#[tokio::test]
async fn mf_o4_metrics_are_on_their_own_listener() {
    let world = World::new().await;
    let metrics = Metrics::install().unwrap();
    world.anna("GET", "/api/v1/toys", None).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let (address, edge) = (listener.local_addr().unwrap(), world.edge.clone());
    world.store.tasks.spawn("test.admin", async move { edge.serve_admin(listener, &metrics).await.unwrap() });
    let mut line = Line::to(address).await;
    line.write("GET /metrics HTTP/1.1\r\nhost: rebound.example\r\nconnection: close\r\n\r\n").await;
    assert!(line.rest().await.starts_with("HTTP/1.1 421 "));
    let mut line = Line::to(address).await;
    line.write("GET /metrics HTTP/1.1\r\nhost: 127.0.0.1:9090\r\nconnection: close\r\n\r\n").await;
    let text = line.rest().await;
    assert!(text.contains("stoa_http_requests_total{door=\"GET /api/v1/toys\",status=\"2xx\"}"), "{text}");
    assert!(
        text.contains("stoa_http_request_seconds_bucket{door=\"GET /api/v1/toys\",le=\"0.0005\"}"),
        "{text}"
    );
    assert!(world.store.tasks.stop(Duration::from_secs(20)).await);
}
