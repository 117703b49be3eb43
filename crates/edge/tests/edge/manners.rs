//! Who may come in, what is said to whom, and in which form.

use axum::http::StatusCode;
use serde_json::json;

use crate::house::{World, ask};

fn unauthenticated() -> serde_json::Value {
    json!({
        "type": "/problems/unauthenticated", "title": "Unauthorized", "status": 401,
        "detail": "sign in first", "code": "unauthenticated"
    })
}

#[tokio::test]
async fn mv_c1_mv_c2_no_header_but_a_verified_credential_lets_anyone_in() {
    let world = World::new().await;
    for headers in [
        vec![],
        vec![("x-auth-uid", "anna"), ("x-user-id", "anna")],
        vec![("x-forwarded-user", "anna"), ("remote-user", "anna")],
        vec![("authorization", "Basic YW5uYTphbm5h")],
        vec![("cookie", "anna=anna; user=anna")],
    ] {
        let seen = world.send(ask("GET", "/api/v1/toys", &headers, None)).await;
        assert_eq!(seen.status, StatusCode::UNAUTHORIZED, "{headers:?}");
        assert_eq!(seen.problem(), unauthenticated(), "{headers:?}");
        assert_eq!(seen.header("www-authenticate"), "Bearer realm=\"stoa\"");
    }
}

#[tokio::test]
async fn a_credential_that_is_no_good_is_never_nobody() {
    let world = World::new().await;
    let seen = world.send(ask("GET", "/api/v1/toys", &[("authorization", "Bearer mallory")], None)).await;
    assert_eq!(seen.problem()["code"], "invalid_token");
    assert!(seen.header("www-authenticate").contains("invalid_token"));
    let seen = world.send(ask("GET", "/api/v1/toys", &[("cookie", "stoa=mallory")], None)).await;
    assert_eq!(seen.problem()["detail"], "the session has ended; sign in again");
    // The good cookie does not help the bad token.
    let both = [("authorization", "Bearer mallory"), ("cookie", "stoa=anna")];
    assert_eq!(world.send(ask("GET", "/api/v1/toys", &both, None)).await.status, StatusCode::UNAUTHORIZED);
}
