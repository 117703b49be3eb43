//! How much and how often.

use std::time::Duration;

use axum::{body::Body, http::StatusCode};
use bytes::Bytes;
use futures::stream;
use http_body_util::StreamBody;
use serde_json::json;
use stoa_edge::{EdgeConfig, RateConfig};

use crate::house::{World, ask};

#[tokio::test]
async fn lm_12_rates_are_limited_without_any_setting() {
    let world = World::new().await;
    for left in (0..5).rev() {
        let seen = world.send(ask("POST", "/api/v1/toys/guess", &[], None)).await;
        assert_eq!(seen.status, StatusCode::NO_CONTENT);
        assert_eq!(seen.header("ratelimit-policy"), "\"auth\";q=5;w=60");
        assert!(seen.header("ratelimit").starts_with(&format!("\"auth\";r={left};")), "{seen:?}");
    }
    let refused = world.send(ask("POST", "/api/v1/toys/guess", &[], None)).await;
    assert_eq!(refused.header("retry-after"), "12");
    assert_eq!(
        refused.problem(),
        json!({
            "type": "/problems/rate_limited", "title": "Too Many Requests", "status": 429, "code": "rate_limited",
            "detail": "too many requests; wait a little"
        })
    );
    world.time.advance(Duration::from_secs(12));
    assert_eq!(world.send(ask("POST", "/api/v1/toys/guess", &[], None)).await.status, StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn people_do_not_use_up_each_others_rate_and_strangers_share_an_address() {
    let rates = [("general".to_owned(), RateConfig { limit: 3, seconds: Duration::from_secs(60) })].into();
    let world = World::with(EdgeConfig { rates, ..EdgeConfig::default() }).await;
    let ask_as = |who: &'static str| world.send(ask("GET", "/api/v1/toys", &[("authorization", who)], None));
    for _ in 0..3 {
        assert_eq!(ask_as("Bearer anna").await.status, StatusCode::OK);
    }
    assert_eq!(ask_as("Bearer anna").await.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(ask_as("Bearer boris").await.status, StatusCode::OK);
    for _ in 0..3 {
        assert_eq!(ask_as("Bearer mallory").await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(ask_as("Bearer mallory").await.status, StatusCode::TOO_MANY_REQUESTS);
    // No header lets a stranger become another address.
    let elsewhere = [("authorization", "Bearer mallory"), ("x-forwarded-for", "198.51.100.7")];
    assert_eq!(
        world.send(ask("GET", "/api/v1/toys", &elsewhere, None)).await.status,
        StatusCode::TOO_MANY_REQUESTS
    );
}

#[tokio::test]
async fn a_rate_cannot_be_switched_off_or_misspelt() {
    for (name, limit) in [("general", 0), ("genral", 5)] {
        let rates = [(name.to_owned(), RateConfig { limit, seconds: Duration::from_secs(60) })].into();
        let built = World::try_with(EdgeConfig { rates, ..EdgeConfig::default() }).await;
        assert!(built.is_err(), "{name}");
    }
}

#[tokio::test]
async fn mv_m8_a_body_that_is_too_large_is_refused_before_it_is_read() {
    let world = World::new().await;
    let large = || json!({"name": "x".repeat(1 << 20)});
    let seen = world.anna("POST", "/api/v1/toys", Some(large())).await;
    assert_eq!(
        seen.problem(),
        json!({
            "type": "/problems/too_large", "title": "Payload Too Large", "status": 413, "code": "too_large",
            "detail": "the body may have 1 MB at most"
        })
    );
    // A stranger is told the same of his own body, and no more.
    let stranger = world.send(ask("POST", "/api/v1/toys", &[], Some(large()))).await;
    assert_eq!(stranger.status, StatusCode::PAYLOAD_TOO_LARGE);
}

/// A body whose length nobody declared.
fn streamed(pieces: usize) -> Body {
    let pieces = (0..pieces)
        .map(|_| Ok::<_, std::io::Error>(http_body::Frame::data(Bytes::from(vec![b'x'; 64 << 10]))));
    Body::new(StreamBody::new(stream::iter(pieces)))
}

#[tokio::test]
async fn mv_m8_a_body_of_unknown_length_is_cut_off_at_its_own_limit() {
    let world = World::new().await;
    let upload = |pieces| {
        let mut request = ask("POST", "/api/v1/toys/upload", &[("authorization", "Bearer anna")], None);
        *request.body_mut() = streamed(pieces);
        world.send(request)
    };
    let fits = upload(32).await;
    assert_eq!((fits.status, &fits.json()["name"]), (StatusCode::OK, &json!((2 << 20).to_string())));
    let seen = upload(33).await;
    assert_eq!(seen.status, StatusCode::PAYLOAD_TOO_LARGE);
    seen.problem();
}

#[tokio::test]
async fn work_that_takes_too_long_is_given_up() {
    let world = World::new().await;
    tokio::time::pause();
    let seen = world.anna("GET", "/api/v1/toys/slow", None).await;
    assert_eq!(seen.status, StatusCode::GATEWAY_TIMEOUT);
    assert_eq!(seen.problem()["code"], "timeout");
}

#[tokio::test]
async fn a_body_that_stops_coming_is_given_up() {
    let world = World::new().await;
    let mut request = ask("POST", "/api/v1/toys", &[("authorization", "Bearer anna")], Some(json!({})));
    let never = stream::pending::<Result<http_body::Frame<Bytes>, std::io::Error>>();
    *request.body_mut() = Body::new(StreamBody::new(never));
    tokio::time::pause();
    let seen = world.send(request).await;
    assert_eq!((seen.status.as_u16(), &seen.problem()["code"]), (408, &json!("body_timeout")));
}
