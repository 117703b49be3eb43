//! The same key, the same answer, the work once.

use std::{sync::atomic::Ordering, time::Duration};

use axum::http::StatusCode;
use serde_json::json;
use stoa_edge::{EdgeConfig, RequestConfig};

use crate::house::{Seen, World, ask};

async fn make(world: &World, who: &str, key: &str, name: &str) -> Seen {
    let headers = [("authorization", who), ("idempotency-key", key)];
    world.send(ask("POST", "/api/v1/toys", &headers, Some(json!({"name": name})))).await
}

#[tokio::test]
async fn the_same_key_and_body_give_the_same_answer_once() {
    let world = World::new().await;
    let first = make(&world, "Bearer anna", "k", "bear").await;
    let again = make(&world, "Bearer anna", "k", "bear").await;
    assert_eq!((first.status, first.header("idempotency-replayed")), (StatusCode::CREATED, ""));
    assert_eq!((again.status, again.header("idempotency-replayed")), (StatusCode::CREATED, "true"));
    assert_eq!(again.body, first.body);
    assert_eq!(again.header("location"), "/api/v1/toys/bear");
    assert_ne!(again.header("x-request-id"), first.header("x-request-id"));
    assert_eq!(world.toys.made.load(Ordering::SeqCst), 1);
    // The key is Anna's own, and this door's own.
    assert_eq!(make(&world, "Bearer boris", "k", "bear").await.header("idempotency-replayed"), "");
    assert_eq!(make(&world, "Bearer anna", "l", "bear").await.header("idempotency-replayed"), "");
    assert_eq!(world.toys.made.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn the_same_key_with_another_body_is_refused() {
    let world = World::new().await;
    make(&world, "Bearer anna", "k", "bear").await;
    let other = make(&world, "Bearer anna", "k", "ball").await;
    assert_eq!(
        other.problem(),
        json!({
            "type": "/problems/idempotency_key_reused", "title": "Unprocessable Entity", "status": 422,
            "code": "idempotency_key_reused", "detail": "this `Idempotency-Key` was used for another request"
        })
    );
    assert_eq!(world.toys.made.load(Ordering::SeqCst), 1);
    world.time.advance(Duration::from_secs(24 * 3600 + 1));
    assert_eq!(make(&world, "Bearer anna", "k", "ball").await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn of_many_at_once_one_works_and_all_get_its_answer() {
    let world = World::new().await;
    let all = futures::future::join_all((0..8).map(|_| make(&world, "Bearer anna", "k", "bear"))).await;
    assert!(all.iter().all(|seen| seen.status == StatusCode::CREATED && seen.body == all[0].body), "{all:?}");
    assert_eq!(all.iter().filter(|seen| seen.header("idempotency-replayed") == "true").count(), 7);
    assert_eq!(world.toys.made.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn what_failed_may_be_tried_again_under_the_same_key() {
    let world = World::new().await;
    assert_eq!(make(&world, "Bearer anna", "k", "unlucky").await.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(make(&world, "Bearer anna", "k", "bear").await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_kept_answer_survives_a_restart_and_is_no_secret_in_the_rows() {
    let world = World::new().await;
    let first = make(&world, "Bearer anna", "k", "bear").await;
    let world = world.restarted().await;
    let again = make(&world, "Bearer anna", "k", "bear").await;
    assert_eq!((again.header("idempotency-replayed"), &again.body), ("true", &first.body));
    assert_eq!(world.toys.made.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_try_that_was_cut_off_is_not_repeated() {
    let requests = RequestConfig { deadline_seconds: Duration::from_millis(20), ..RequestConfig::default() };
    let world = World::with(EdgeConfig { requests, ..EdgeConfig::default() }).await;
    let slow = make(&world, "Bearer anna", "k", "slow").await;
    assert_eq!(slow.status, StatusCode::GATEWAY_TIMEOUT);
    let again = make(&world, "Bearer anna", "k", "slow").await;
    assert_eq!((again.status, &again.problem()["code"]), (StatusCode::CONFLICT, &json!("outcome_unknown")));
}

#[tokio::test]
async fn an_insane_key_is_refused() {
    let world = World::new().await;
    assert_eq!(make(&world, "Bearer anna", &"k".repeat(256), "bear").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(make(&world, "Bearer anna", "", "bear").await.status, StatusCode::BAD_REQUEST);
}
