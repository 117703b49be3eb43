//! Pages: the web app and the API for people, under a strict content policy.

use axum::http::StatusCode;
use serde_json::json;

use crate::house::{Seen, World, ask};

async fn page(world: &World, path: &str) -> Seen {
    world.send(ask("GET", path, &[("accept", "text/html,*/*;q=0.8")], None)).await
}

fn nonce(seen: &Seen) -> String {
    let policy = seen.header("content-security-policy");
    let after = policy.split_once("'nonce-").unwrap().1;
    after.split_once('\'').unwrap().0.to_owned()
}

#[tokio::test]
async fn mv_h3_pages_have_a_strict_content_policy_with_a_nonce_for_each_answer() {
    let world = World::new().await;
    let mut nonces = Vec::new();
    for path in ["/", "/labs", "/setup", "/docs", "/docs"] {
        let seen = page(&world, path).await;
        assert_eq!(
            (seen.status, seen.header("content-type")),
            (StatusCode::OK, "text/html; charset=utf-8"),
            "{path}"
        );
        let nonce = nonce(&seen);
        assert_eq!(
            seen.header("content-security-policy"),
            format!(
                "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' blob:; \
                 font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; \
                 frame-ancestors 'none'; report-uri /csp-report"
            )
        );
        assert_eq!(seen.header("cache-control"), "no-store", "{path}");
        let text = String::from_utf8(seen.body).unwrap();
        assert!(text.contains(&nonce) && !text.contains("%NONCE%"), "{path}");
        assert!(
            !text.contains("onclick=") && !text.contains("style=\"") && !text.contains("<script>"),
            "{path}"
        );
        nonces.push(nonce);
    }
    nonces.sort();
    nonces.dedup();
    assert_eq!(nonces.len(), 5);
}

#[tokio::test]
async fn the_app_does_not_stand_in_for_what_is_not_there() {
    let world = World::new().await;
    for path in [
        "/api/v1/nothing",
        "/assets/nothing.js",
        "/.well-known/nothing",
        "/.env",
        "/..%2f..%2fetc/passwd.txt",
    ] {
        let seen = page(&world, path).await;
        assert_eq!(seen.status, StatusCode::NOT_FOUND, "{path}");
        seen.problem();
    }
    let posted = world.send(ask("POST", "/labs", &[("accept", "text/html")], None)).await;
    assert_eq!(posted.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_page_for_people_brings_its_own_program() {
    let world = World::new().await;
    let docs = page(&world, "/docs").await;
    assert!(String::from_utf8(docs.body).unwrap().contains("src=\"/docs/docs.js\""));
    let script = world.send(ask("GET", "/docs/docs.js", &[], None)).await;
    assert_eq!(script.header("content-type"), "text/javascript; charset=utf-8");
}

#[tokio::test]
async fn mv_h3_violations_are_collected() {
    let world = World::new().await;
    let report = |kind: &'static str, body: serde_json::Value| {
        let mut request = ask("POST", "/csp-report", &[("sec-fetch-site", "same-origin")], Some(body));
        request.headers_mut().insert("content-type", kind.parse().unwrap());
        world.send(request)
    };
    let old = json!({"csp-report": {"effective-directive": "script-src", "blocked-uri": "https://evil.example/x?y"}});
    assert_eq!(report("application/csp-report", old.clone()).await.status, StatusCode::NO_CONTENT);
    let new =
        json!([{"type": "csp-violation", "body": {"effectiveDirective": "img-src", "blockedURL": "inline"}}]);
    assert_eq!(report("application/reports+json", new).await.status, StatusCode::NO_CONTENT);
    assert_eq!(report("text/plain", old).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(
        report("application/csp-report", json!({"x": 1})).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    let large = json!({"csp-report": {"blocked-uri": "x".repeat(70_000)}});
    assert_eq!(report("application/csp-report", large).await.status, StatusCode::PAYLOAD_TOO_LARGE);
}
