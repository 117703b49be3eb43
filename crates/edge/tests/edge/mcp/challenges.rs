//! Who may come in, and what everybody else is told.

use axum::http::StatusCode;
use serde_json::json;

use super::{ANNA, AT, Modern, asks};
use crate::house::{World, ask};

#[tokio::test]
async fn r1_to_r10_what_tokens_are_for_is_told_to_everybody() {
    let world = World::new().await;
    let root = "http://127.0.0.1:8080";
    let tools = json!({
        "resource": format!("{root}/mcp"), "authorization_servers": [root], "scopes_supported": ["tasks:read"],
        "bearer_methods_supported": ["header"], "resource_name": "Stoa tools",
        "resource_documentation": format!("{root}/docs"),
    });
    let mut api = tools.clone();
    api["resource"] = json!(format!("{root}/api/v1"));
    api["resource_name"] = json!("Stoa API");
    api["scopes_supported"] = json!(["labs:read", "labs:write", "tasks:read", "tasks:write"]);
    for (path, document) in [("", &tools), ("/mcp", &tools), ("/api/v1", &api)] {
        // D18: nothing of it comes from the request.
        let headers = [("x-forwarded-host", "evil.example"), ("origin", "https://elsewhere.example")];
        let path = format!("/.well-known/oauth-protected-resource{path}");
        let seen = world.send(ask("GET", &path, &headers, None)).await;
        assert_eq!((seen.status, seen.header("content-type")), (StatusCode::OK, "application/json"), "R6");
        assert_eq!(seen.json(), *document, "{path}");
        assert_eq!(seen.header("access-control-allow-origin"), "*", "D17");
        assert_eq!(seen.header("access-control-allow-credentials"), "", "D17");
    }
}

#[tokio::test]
async fn r12_r16_to_r20_whoever_shows_no_good_token_learns_where_to_get_one() {
    let world = World::new().await;
    let message = asks("tools/list", json!({}));
    let page = ("origin", "http://127.0.0.1:8080");
    for (headers, status, challenge) in [
        (vec![], 401, format!("Bearer realm=\"stoa\", scope=\"tasks:read\", {AT}")),
        (
            vec![("authorization", "Bearer nobodys")],
            401,
            format!("Bearer realm=\"stoa\", error=\"invalid_token\", scope=\"tasks:read\", {AT}"),
        ),
        // A browser's session is none here: no page may reach what is made for programs.
        (
            vec![("cookie", "stoa=anna"), page],
            401,
            format!("Bearer realm=\"stoa\", scope=\"tasks:read\", {AT}"),
        ),
        (vec![ANNA, ("authorization", "Bearer boris")], 400, String::new()),
    ] {
        let seen = world.send(ask("POST", "/mcp", &headers, Some(message.clone()))).await;
        assert_eq!(
            (seen.status.as_u16(), seen.header("www-authenticate")),
            (status, &*challenge),
            "{headers:?}"
        );
        assert!(seen.headers.get_all("www-authenticate").iter().count() <= 1, "R17");
    }
    // R18: in a query it is worse than none.
    let seen = world.send(ask("POST", "/mcp?access_token=anna", &[], Some(message))).await;
    assert_eq!(seen.problem()["code"], "token_in_url");
}

#[tokio::test]
async fn r13_r14_a_token_that_reaches_less_far_is_told_how_far_a_tool_reaches() {
    let world = World::new().await;
    let step_up = format!("Bearer error=\"insufficient_scope\", scope=\"tasks:write\", {AT}");
    // `weak`: the operation itself finds out.
    for (who, toy) in [("Bearer reader", "ball"), ("Bearer anna", "weak")] {
        let call = Modern::call("make_toy", json!({ "name": toy })).header("authorization", who);
        let seen = call.sent(&world).await;
        assert_eq!((seen.status.as_u16(), seen.header("www-authenticate")), (403, &*step_up), "{seen:?}");
        assert_eq!(seen.problem()["code"], "insufficient_scope");
    }
    assert_eq!(world.toys.made.load(std::sync::atomic::Ordering::SeqCst), 0);
    // What needs no scope is open to it.
    let call = Modern::call("route", json!({})).header("authorization", "Bearer reader");
    assert_eq!(call.done(&world).await["content"][0]["text"], "nowhere");
}

#[tokio::test]
async fn m2_a_page_of_another_address_is_refused_whatever_it_shows() {
    let world = World::new().await;
    for origin in ["https://evil.example", "http://127.0.0.1:8081", "null"] {
        let seen = Modern::new("tools/list", json!({})).header("origin", origin).sent(&world).await;
        assert_eq!(
            (seen.status.as_u16(), seen.problem()["code"].clone()),
            (403, json!("foreign_origin")),
            "{origin}"
        );
    }
    Modern::new("tools/list", json!({})).header("origin", "http://127.0.0.1:8080").done(&world).await;
    let mut rebound = Modern::new("tools/list", json!({})).request();
    rebound.headers_mut().insert("host", "evil.example".parse().unwrap());
    assert_eq!(world.send(rebound).await.problem()["code"], "unknown_host");
}

/// G16 M2: what a page may do that is named, and that a name is an origin and nothing more.
#[tokio::test]
async fn m2_a_page_that_is_named_reads_the_tools_and_no_other_does() {
    let named = |origin: &str| stoa_edge::EdgeConfig {
        mcp_origins: vec![origin.parse().unwrap()],
        ..stoa_edge::EdgeConfig::default()
    };
    let inspector = "https://inspector.example";
    let world = World::with(named(inspector)).await;
    let asked = [("access-control-request-method", "POST"), ("access-control-request-headers", "mcp-method")];
    for (origin, path, status, allowed) in [
        (inspector, "/mcp", 204, inspector),
        ("https://evil.example", "/mcp", 405, ""),
        ("https://inspector.example.evil.example", "/mcp", 405, ""),
        ("http://inspector.example", "/mcp", 405, ""),
        (inspector, "/api/v1/toys", 405, ""),
    ] {
        let headers = [&asked[..], &[("origin", origin)]].concat();
        let seen = world.send(ask("OPTIONS", path, &headers, None)).await;
        let found = (seen.status.as_u16(), seen.header("access-control-allow-origin"));
        assert_eq!(found, (status, allowed), "{origin} {path}");
        assert_eq!(seen.header("access-control-allow-credentials"), "", "{origin} {path}");
    }
    let list = || Modern::new("tools/list", json!({})).header("origin", inspector);
    let seen = list().sent(&world).await;
    assert_eq!((seen.status.as_u16(), seen.header("access-control-allow-origin")), (200, inspector));
    assert!(seen.header("vary").contains("origin"), "{seen:?}");
    // Without a token it learns where to get one, as any client; a session is none from there either.
    let site = ("sec-fetch-site", "cross-site");
    let bare =
        world.send(ask("POST", "/mcp", &[("origin", inspector), site], Some(asks("ping", json!({}))))).await;
    assert_eq!((bare.status.as_u16(), bare.header("access-control-allow-origin")), (401, inspector));
    assert!(bare.header("www-authenticate").ends_with(AT), "{bare:?}");
    let session = [("origin", inspector), site, ("cookie", "stoa=anna")];
    let session = world.send(ask("POST", "/mcp", &session, Some(asks("ping", json!({}))))).await;
    assert_eq!(session.status.as_u16(), 403);
    let evil = list().header("origin", "https://evil.example").sent(&world).await;
    assert_eq!((evil.status.as_u16(), evil.header("access-control-allow-origin")), (403, ""));
    // The API is no part of it.
    let seen = world.send(ask("GET", "/api/v1/toys", &[ANNA, ("origin", inspector)], None)).await;
    assert_eq!(seen.header("access-control-allow-origin"), "");
    for wrong in
        ["https://inspector.example/app", "http://inspector.example", "ftp://inspector.example", "data:x"]
    {
        let refused = World::try_with(named(wrong)).await.err().unwrap();
        assert!(refused.said().contains("`edge.mcp_origins`"), "{wrong}: {refused:?}");
    }
}

/// G8 A7
#[tokio::test]
async fn a_token_opens_the_resource_that_it_was_issued_for_and_no_other() {
    let world = World::new().await;
    let list =
        |who: &str| Modern::new("tools/list", json!({})).header("authorization", &format!("Bearer {who}"));
    assert!(list("for-mcp").done(&world).await["tools"].is_array());
    let seen = list("for-api").sent(&world).await;
    assert_eq!((seen.status.as_u16(), seen.problem()["code"].clone()), (401, json!("invalid_token")));
    assert!(seen.header("www-authenticate").ends_with(AT), "{seen:?}");
    for (who, status) in [("for-api", 200), ("for-mcp", 401)] {
        let bearer = format!("Bearer {who}");
        let seen = world.send(ask("GET", "/api/v1/toys", &[("authorization", &bearer)], None)).await;
        assert_eq!(seen.status.as_u16(), status, "{who}");
    }
}
