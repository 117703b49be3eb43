//! What a message must be, and what is said to those that are not.

use axum::{body::Body, http::Request};
use serde_json::{Value, json};

use super::{ANNA, BOTH, LEGACY, MODERN, Modern, asks, legacy};
use crate::house::{World, ask};

#[tokio::test]
async fn m4_a_message_without_an_answer_is_accepted_and_strange_bodies_are_not() {
    let world = World::new().await;
    let note = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    for version in ["", MODERN, LEGACY[0]] {
        let seen = legacy(&world, version, note.clone()).await;
        assert_eq!((seen.status.as_u16(), &seen.body[..]), (202, &b""[..]), "{version}");
    }
    assert_eq!(legacy(&world, "1900-01-01", note).await.json()["error"]["code"], -32022);
    // Nothing was asked of the client.
    let answer = json!({ "jsonrpc": "2.0", "id": "a", "result": {} });
    for version in [MODERN, LEGACY[0]] {
        let seen = legacy(&world, version, answer.clone()).await;
        assert_eq!((seen.status.as_u16(), &seen.json()["error"]["code"]), (400, &json!(-32600)));
    }
    let picture = Modern::new("tools/list", json!({})).header("accept", "image/png");
    assert_eq!(picture.sent(&world).await.problem()["code"], "not_acceptable");
    let form = Modern::new("tools/list", json!({})).request();
    let (mut parts, body) = form.into_parts();
    parts.headers.insert("content-type", "text/plain".parse().unwrap());
    assert_eq!(world.send(Request::from_parts(parts, body)).await.problem()["code"], "unsupported_type");
}

#[tokio::test]
async fn mv_m8_what_is_broken_too_deep_or_too_large_goes_no_further() {
    let world = World::new().await;
    let send = async |text: String| {
        let mut request = ask("POST", "/mcp", &[ANNA, BOTH, ("content-type", "application/json")], None);
        *request.body_mut() = Body::from(text);
        let seen = world.send(request).await;
        let code = seen.json()["error"]["code"].clone();
        assert_eq!(seen.json().get("id"), None, "no id is known: {seen:?}");
        (seen.status.as_u16(), code)
    };
    assert_eq!(send("{\"jsonrpc\":".into()).await, (400, json!(-32700)));
    assert_eq!(send("{}".into()).await, (400, json!(-32600)));
    assert_eq!(send(format!("{{\"a\":{}1{}}}", "[".repeat(64), "]".repeat(64))).await, (400, json!(-32600)));
    assert_eq!(send(format!("{{\"a\":\"{}\"}}", "a".repeat(600 << 10))).await, (400, json!(-32600)));
    assert_eq!(send(format!("\"{}\"", "a".repeat(2 << 20))).await, (413, Value::Null));
}

#[tokio::test]
async fn m5_m6_every_request_says_its_revision_twice_and_alike() {
    let world = World::new().await;
    let version = "io.modelcontextprotocol/protocolVersion";
    let list = || Modern::new("tools/list", json!({}));
    for (request, why) in [
        (list().header("mcp-protocol-version", ""), -32020),
        (list().header("mcp-protocol-version", "2025-11-25"), -32020),
        (list().meta(version, json!("2025-11-25")), -32020),
        (list().header("mcp-protocol-version", "1900-01-01").meta(version, json!("1900-01-01")), -32022),
        (list().meta(version, Value::Null), -32602),
        (list().meta("io.modelcontextprotocol/clientCapabilities", Value::Null), -32602),
        (list().meta("io.modelcontextprotocol/clientCapabilities", json!("all")), -32602),
    ] {
        let what = format!("{:?} {}", request.headers, request.body);
        assert_eq!(request.fails(&world).await, (400, why), "{what}");
    }
    // Who the client is need not be said.
    list().meta("io.modelcontextprotocol/clientInfo", Value::Null).done(&world).await;
    let unknown = list().header("mcp-protocol-version", "v9").meta(version, json!("v9")).sent(&world).await;
    let all = json!({ "supported": [MODERN, LEGACY[0], LEGACY[1], LEGACY[2]], "requested": "v9" });
    assert_eq!(unknown.json()["error"]["data"], all, "M6: the list");
}

#[tokio::test]
async fn m7_m8_headers_and_body_say_the_same_or_nothing_is_done() {
    let world = World::new().await;
    let route = || Modern::call("route", json!({ "region": "west" })).header("mcp-param-region", "west");
    for wrong in [
        route().header("mcp-method", ""),
        route().header("mcp-method", "tools/list"),
        route().header("mcp-method", "Tools/Call"),
        route().header("mcp-name", ""),
        route().header("mcp-name", "make_toy"),
        route().header("mcp-param-region", ""),
        route().header("mcp-param-region", "east"),
        route().header("mcp-param-region", "=?base64?d2V?="),
        Modern::call("route", json!({})).header("mcp-param-region", "west"),
        Modern::new("resources/read", json!({ "uri": "ui://toys/card" }))
            .header("mcp-name", "ui://toys/other"),
    ] {
        let what = format!("{:?}", wrong.headers);
        assert_eq!(wrong.fails(&world).await, (400, -32020), "{what}");
    }
    let encoded =
        route().header("mcp-param-region", "=?base64?d2VzdA==?=").header("mcp-name", "=?base64?cm91dGU=?=");
    assert_eq!(encoded.done(&world).await["content"][0]["text"], "west");
}

#[tokio::test]
async fn m9_m21_m22_m25_what_is_not_spoken_is_said_by_the_right_number() {
    let world = World::new().await;
    for method in [
        "nothing/such",
        "initialize",
        "ping",
        "logging/setLevel",
        "resources/subscribe",
        "subscriptions/listen",
    ] {
        assert_eq!(Modern::new(method, json!({})).fails(&world).await, (404, -32601), "{method}");
    }
    let seen = legacy(&world, LEGACY[0], asks("nothing/such", json!({}))).await;
    assert_eq!((seen.status.as_u16(), &seen.json()["error"]["code"]), (200, &json!(-32601)));
    // M25: never -32002, in no revision.
    let none = Modern::new("resources/read", json!({ "uri": "ui://none" })).sent(&world).await.json();
    let error =
        json!({ "code": -32602, "message": "there is no such resource", "data": { "uri": "ui://none" } });
    assert_eq!(none["error"], error);
    let seen = legacy(&world, LEGACY[0], asks("resources/read", json!({ "uri": "ui://none" }))).await;
    assert_eq!(seen.json()["error"], error);
    assert_eq!(Modern::new("tools/list", json!({ "cursor": "x" })).fails(&world).await, (200, -32602));
    for method in ["GET", "DELETE"] {
        let seen = world.send(ask(method, "/mcp", &[ANNA, BOTH], None)).await;
        assert_eq!((seen.status.as_u16(), seen.header("allow")), (405, "POST"), "{method}");
    }
    let known = Modern::new("tools/list", json!({}));
    let seen = known.header("mcp-session-id", "old").header("last-event-id", "7").sent(&world).await;
    assert_eq!((seen.status.as_u16(), seen.header("mcp-session-id")), (200, ""));
}
