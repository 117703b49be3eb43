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

const CHALLENGE: &str = "Bearer realm=\"stoa\", resource_metadata=\"http://127.0.0.1:8080/.well-known/oauth-protected-resource/api/v1\"";

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
        assert_eq!(seen.header("www-authenticate"), CHALLENGE);
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

#[tokio::test]
async fn mv_c4_every_change_made_with_a_cookie_must_come_from_our_own_page() {
    let world = World::new().await;
    let cookie = ("cookie", "stoa=anna");
    let csrf = json!({
        "type": "/problems/csrf", "title": "Forbidden", "status": 403, "code": "csrf",
        "detail": "the request does not come from a page of this address"
    });
    for headers in [
        vec![cookie],
        vec![cookie, ("origin", "https://evil.example")],
        vec![cookie, ("origin", "null")],
        vec![cookie, ("sec-fetch-site", "cross-site")],
        vec![cookie, ("sec-fetch-site", "same-site")],
        vec![cookie, ("sec-fetch-site", "none")],
        vec![cookie, ("sec-fetch-site", "cross-site"), ("origin", "http://127.0.0.1:8080")],
        vec![cookie, ("authorization", "Basic eDp5")],
        vec![cookie, ("x-requested-with", "XMLHttpRequest")],
    ] {
        let made = world.send(ask("POST", "/api/v1/toys", &headers, Some(json!({"name": "a"})))).await;
        assert_eq!(made.problem(), csrf, "{headers:?}");
    }
    for ours in [("sec-fetch-site", "same-origin"), ("origin", "http://127.0.0.1:8080")] {
        let made = world.send(ask("POST", "/api/v1/toys", &[cookie, ours], Some(json!({"name": "a"})))).await;
        assert_eq!(made.status, StatusCode::CREATED, "{ours:?}");
    }
    // Reading is no change; a token is no cookie, and with one the cookie does not count.
    assert_eq!(world.send(ask("GET", "/api/v1/toys", &[cookie], None)).await.status, StatusCode::OK);
    let both = [cookie, ("authorization", "Bearer boris"), ("origin", "https://evil.example")];
    let made = world.send(ask("POST", "/api/v1/toys", &both, Some(json!({"name": "a"})))).await;
    assert_eq!(made.status, StatusCode::CREATED);
    let read = world.send(ask("GET", "/api/v1/toys", &[("authorization", "Bearer anna")], None)).await;
    assert_eq!(
        read.json()[0]["of"],
        world.send(ask("GET", "/api/v1/toys", &[cookie], None)).await.json()[0]["of"]
    );
    assert_ne!(made.json()["of"], read.json()[0]["of"]);
}

#[tokio::test]
async fn a_foreign_page_cannot_sign_anyone_in_either() {
    let world = World::new().await;
    let open = |headers: &'static [(&str, &str)]| world.send(ask("POST", "/api/v1/toys/open", headers, None));
    assert_eq!(open(&[("sec-fetch-site", "cross-site")]).await.problem()["code"], "csrf");
    assert_eq!(open(&[("origin", "https://evil.example")]).await.problem()["code"], "csrf");
    assert_eq!(open(&[]).await.json()["of"], "nobody");
    // A cookie that is no good makes nobody of its bearer where nobody is enough.
    assert_eq!(
        open(&[("cookie", "stoa=old"), ("sec-fetch-site", "same-origin")]).await.json()["of"],
        "nobody"
    );
}

#[tokio::test]
async fn mv_c5_lm_20_every_failure_has_its_true_status_and_one_format() {
    let world = World::new().await;
    for (method, path, body, status, code) in [
        ("GET", "/api/v1/nothing", None, 404, "not_found"),
        ("GET", "/nothing.js", None, 404, "not_found"),
        ("GET", "/api/v1/toys/missing", None, 404, "not_found"),
        ("DELETE", "/api/v1/toys", None, 405, "method_not_allowed"),
        ("OPTIONS", "/api/v1/toys", None, 405, "method_not_allowed"),
        ("GET", "/api/v1/toys?limit=0", None, 422, "invalid"),
        ("GET", "/api/v1/toys?limit=x", None, 422, "invalid"),
        ("POST", "/api/v1/toys", None, 415, "unsupported_type"),
        ("POST", "/api/v1/toys", Some(json!([])), 422, "invalid"),
        ("POST", "/api/v1/toys", Some(json!({})), 422, "invalid"),
        ("GET", "/api/v1/toys/foreign", None, 400, "malformed"),
        ("GET", "/api/v1/toys/broken", None, 500, "internal"),
        ("GET", "/api/v1/toys/panics", None, 500, "internal"),
    ] {
        let seen = world.anna(method, path, body).await;
        assert_eq!(
            (seen.status.as_u16(), &seen.problem()["code"]),
            (status, &json!(code)),
            "{method} {path}"
        );
        assert_eq!(seen.problem()["type"], format!("/problems/{code}"));
        assert!(!String::from_utf8_lossy(&seen.body).contains("hunter2"), "{seen:?}");
    }
    let wrong = world.anna("DELETE", "/api/v1/toys", None).await;
    assert_eq!(wrong.header("allow"), "GET, HEAD, POST");
}

#[tokio::test]
async fn a_field_that_is_wrong_is_named() {
    let world = World::new().await;
    let seen = world.anna("POST", "/api/v1/toys", Some(json!({"name": 5}))).await;
    let detail = "invalid type: integer `5`, expected a string";
    assert_eq!(
        seen.problem(),
        json!({
            "type": "/problems/invalid", "title": "Unprocessable Entity", "status": 422, "code": "invalid",
            "detail": "some fields are not acceptable", "errors": [{"pointer": "/name", "detail": detail}]
        })
    );
}

#[tokio::test]
async fn mv_m5_lm_11_our_own_faults_keep_their_text_to_themselves() {
    let world = World::new().await;
    for fault in ["/api/v1/toys/broken", "/api/v1/toys/panics"] {
        let seen = world.anna("GET", fault, None).await;
        assert_eq!(
            seen.problem(),
            json!({
                "type": "/problems/internal", "title": "Internal Server Error", "status": 500, "code": "internal",
                "detail": "something went wrong on our side"
            })
        );
    }
}

#[tokio::test]
async fn lm_19_mf_o3_every_answer_names_its_request() {
    let world = World::new().await;
    let named = world.send(ask("GET", "/healthz", &[("x-request-id", "abc-123.DEF")], None)).await;
    assert_eq!(named.header("x-request-id"), "abc-123.DEF");
    for insane in ["short", "has space in it", "semi;colon-12", ""] {
        let seen = world.send(ask("GET", "/nothing", &[("x-request-id", insane)], None)).await;
        assert_ne!(seen.header("x-request-id"), insane);
        assert!(seen.header("x-request-id").len() >= 8, "{seen:?}");
        seen.problem();
    }
}

#[tokio::test]
async fn every_answer_carries_the_headers_that_protect_a_browser() {
    let world = World::new().await;
    for path in ["/api/v1/toys", "/api/v1/toys/broken", "/nothing", "/healthz"] {
        let seen = world.anna("GET", path, None).await;
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
            ("cache-control", "no-store"),
        ] {
            assert_eq!(seen.header(name), value, "{path}");
        }
        assert!(seen.header("content-security-policy").starts_with("default-src 'none';"), "{path}");
        assert!(seen.header("permissions-policy").contains("camera=()"));
        assert_eq!(seen.header("strict-transport-security"), "", "plain http must not promise https");
        for cors in ["access-control-allow-origin", "access-control-allow-credentials"] {
            assert_eq!(seen.header(cors), "", "{path}");
        }
    }
}

#[tokio::test]
async fn mv_m3_cors_is_off_and_https_is_promised_where_it_is_spoken() {
    let config = stoa_edge::EdgeConfig {
        public_url: Some("https://stoa.example".parse().unwrap()),
        ..stoa_edge::EdgeConfig::default()
    };
    let world = World::with(config).await;
    let asked = [
        ("host", "stoa.example"),
        ("origin", "https://evil.example"),
        ("access-control-request-method", "POST"),
    ];
    let seen = world.send(ask("OPTIONS", "/api/v1/toys/open", &asked[1..], None)).await;
    assert_eq!(seen.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(!seen.headers.keys().any(|name| name.as_str().starts_with("access-control")), "{seen:?}");
    assert_eq!(seen.header("strict-transport-security"), "max-age=63072000");
    // The weak cookie name counts for nothing here.
    let weak = world.send(ask("GET", "/api/v1/toys", &[("cookie", "stoa=anna")], None)).await;
    assert_eq!(weak.status, StatusCode::UNAUTHORIZED);
    let strong = world.send(ask("GET", "/api/v1/toys", &[("cookie", "__Host-stoa=anna")], None)).await;
    assert_eq!(strong.status, StatusCode::OK);
    let cookie = world.edge.house().session_cookie("t0ken", std::time::Duration::from_secs(60)).unwrap();
    assert_eq!(cookie[0].1, "__Host-stoa=t0ken; Path=/; HttpOnly; SameSite=Lax; Max-Age=60; Secure");
}

#[tokio::test]
async fn a_name_that_is_not_ours_is_not_answered() {
    let world = World::new().await;
    let mut request = ask("GET", "/api/v1/toys", &[("authorization", "Bearer anna")], None);
    request.headers_mut().insert("host", "rebound.example".parse().unwrap());
    assert_eq!(world.send(request).await.problem()["code"], "unknown_host");
    // A probe asks by address.
    let mut probe = ask("GET", "/healthz", &[], None);
    probe.headers_mut().insert("host", "10.1.2.3:8080".parse().unwrap());
    assert_eq!(world.send(probe).await.status, StatusCode::OK);
}

#[tokio::test]
async fn mv_h6_a_token_in_a_url_is_refused_on_every_route() {
    let world = World::new().await;
    for path in ["/api/v1/toys?access_token=anna", "/healthz?token=x", "/?q=stoa_pat_x", "/nothing?Token=x"] {
        assert_eq!(world.anna("GET", path, None).await.problem()["code"], "token_in_url", "{path}");
    }
}

#[tokio::test]
async fn mv_h1_strangers_learn_one_word_about_health() {
    let world = World::new().await;
    let seen = world.send(ask("GET", "/healthz", &[], None)).await;
    assert_eq!((seen.status, seen.json()), (StatusCode::OK, json!({"status": "ok"})));
    for secret in ["/metrics", "/api/v1/metrics", "/debug", "/api/v1/debug"] {
        assert_eq!(world.anna("GET", secret, None).await.status, StatusCode::NOT_FOUND, "{secret}");
    }
    let health =
        |headers: &'static [(&str, &str)]| world.send(ask("GET", "/api/v1/admin/health", headers, None));
    assert_eq!(health(&[]).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(health(&[("cookie", "stoa=boris")]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(health(&[("cookie", "stoa=anna")]).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_document_lists_every_door_once_with_its_failures() {
    let world = World::new().await;
    let seen = world.send(ask("GET", "/api/v1/openapi.json", &[], None)).await;
    let document = seen.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    for door in world.edge.doors() {
        let operation = &document["paths"][&door.path][door.method.to_lowercase()];
        assert!(operation["operationId"].is_string(), "{door:?}");
        let security = operation["security"].as_array().unwrap();
        assert_eq!(security == &vec![json!({})], door.public, "{door:?}");
        assert_eq!(operation["responses"]["401"].is_object(), !door.public, "{door:?}");
        let problem = &operation["responses"]["500"]["content"]["application/problem+json"]["schema"]["$ref"];
        assert_eq!(problem, "#/components/schemas/Problem", "{door:?}");
    }
    assert!(document["components"]["schemas"]["Problem"]["properties"]["code"].is_object());
    let known = [("if-none-match", seen.header("etag"))];
    let again = world.send(ask("GET", "/api/v1/openapi.json", &known, None)).await;
    assert_eq!((again.status, again.body.len()), (StatusCode::NOT_MODIFIED, 0));
}

#[tokio::test]
async fn mv_h6_a_socket_is_opened_from_our_own_page_only() {
    let world = World::new().await;
    let upgrade = [("cookie", "stoa=anna"), ("connection", "upgrade"), ("upgrade", "websocket")];
    let foreign = [&upgrade[..], &[("origin", "https://evil.example")]].concat();
    assert_eq!(world.send(ask("GET", "/api/v1/toys", &foreign, None)).await.problem()["code"], "csrf");
    let ours = [&upgrade[..], &[("origin", "http://127.0.0.1:8080")]].concat();
    assert_eq!(world.send(ask("GET", "/api/v1/toys", &ours, None)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_probe_is_answered_whatever_it_brings() {
    let world = World::new().await;
    world.store.db.close().await.unwrap();
    let headers = [("authorization", "Bearer mallory"), ("cookie", "stoa=old"), ("host", "10.1.2.3")];
    let seen = world.send(ask("GET", "/healthz", &headers, None)).await;
    assert_eq!((seen.status, seen.header("ratelimit")), (StatusCode::OK, ""));
}
