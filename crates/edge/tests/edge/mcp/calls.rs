//! What is offered, and what happens when it is asked for.

use axum::body::Body;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

use super::{LEGACY, MODERN, Modern};
use crate::house::World;

#[tokio::test]
async fn m10_to_m13_what_is_offered_is_told_in_one_order_and_may_be_kept() {
    let world = World::new().await;
    let kept = |mut result: Value| {
        let fields = result.as_object_mut().unwrap();
        let told = ["resultType", "ttlMs", "cacheScope"].map(|name| fields.remove(name).unwrap());
        assert_eq!(told, [json!("complete"), json!(300_000), json!("public")]);
        result
    };
    let found = kept(Modern::new("server/discover", json!({})).done(&world).await);
    let page = "text/html;profile=mcp-app";
    let capabilities = json!({
        "tools": {}, "resources": {}, "prompts": {}, "completions": {},
        "extensions": { "io.modelcontextprotocol/ui": { "mimeTypes": [page] } },
    });
    assert_eq!(
        found,
        json!({
            "supportedVersions": [MODERN, LEGACY[0], LEGACY[1], LEGACY[2]],
            "capabilities": capabilities, "instructions": "Toys to play with.",
        })
    );
    let tools = kept(Modern::new("tools/list", json!({})).done(&world).await);
    let names: Vec<_> = tools["tools"].as_array().unwrap().iter().map(|tool| tool["name"].clone()).collect();
    assert_eq!(names, ["make_toy", "wait_for_gate", "ask", "route"]);
    assert_eq!(
        tools["tools"][0],
        json!({
            "name": "make_toy", "title": "Make a toy", "description": "Makes a toy with a name.",
            "inputSchema": {
                "type": "object", "description": "A wish for a toy.", "required": ["name"],
                "additionalProperties": false,
                "properties": { "name": {
                    "type": "string", "description": "Its name.", "minLength": 1, "examples": ["ball"] } },
            },
            "outputSchema": {
                "type": "object", "description": "A toy that was made.", "required": ["name", "of"],
                "properties": {
                    "name": { "type": "string", "description": "Its name." },
                    "of": { "type": "string", "description": "Whose it is." },
                },
            },
            "annotations": {
                "title": "Make a toy", "readOnlyHint": false, "destructiveHint": false, "idempotentHint": false,
                "openWorldHint": false,
            },
            "_meta": {
                "ui": { "resourceUri": "ui://toys/card", "visibility": ["model", "app"] },
                "openai/outputTemplate": "ui://toys/card",
            },
        })
    );
    // Another caller sees the same.
    let others =
        Modern::new("tools/list", json!({})).header("authorization", "Bearer reader").done(&world).await;
    assert_eq!(kept(others), tools);
    let read = kept(Modern::new("resources/read", json!({ "uri": "ui://toys/card" })).done(&world).await);
    let csp =
        json!({ "connectDomains": [], "resourceDomains": [], "frameDomains": [], "baseUriDomains": [] });
    let content = json!({
        "uri": "ui://toys/card", "mimeType": page, "text": "<!doctype html><title>Toy</title>",
        "_meta": { "ui": { "csp": csp, "prefersBorder": true } },
    });
    assert_eq!(read["contents"], json!([content]));
    let listed = kept(Modern::new("resources/list", json!({})).done(&world).await);
    assert_eq!(listed["resources"][0]["uri"], "ui://toys/card");
    assert_eq!(
        kept(Modern::new("resources/templates/list", json!({})).done(&world).await)["resourceTemplates"],
        json!([])
    );
    assert_eq!(kept(Modern::new("prompts/list", json!({})).done(&world).await)["prompts"][0]["name"], "play");
}

#[tokio::test]
async fn m26_a_tool_takes_what_fits_and_says_what_does_not() {
    let world = World::new().await;
    let made = Modern::call("make_toy", json!({ "name": "ball" })).done(&world).await;
    let of = format!("user:{}", world.anna.id);
    assert_eq!(
        made,
        json!({
            "resultType": "complete", "content": [{ "type": "text", "text": "Made ball." }],
            "structuredContent": { "name": "ball", "of": of },
        })
    );
    for (arguments, text) in [
        (json!({}), "name: is missing"),
        (json!({ "name": 7 }), "name: invalid type: integer `7`, expected a string"),
        (json!({ "name": "a", "colour": "red" }), "colour: is not a field here, expected `name`"),
        (json!({ "name": "unlucky" }), "name: brings no luck"),
    ] {
        let refused = Modern::call("make_toy", arguments).done(&world).await;
        let text = format!("some fields are not acceptable\n{text}");
        assert_eq!(
            refused,
            json!({
                "resultType": "complete", "isError": true, "content": [{ "type": "text", "text": text }],
                "_meta": { "stoa/problem": { "status": 422, "code": "invalid" } },
            })
        );
    }
    let broken = Modern::call("make_toy", json!({ "name": "broken" })).done(&world).await;
    assert_eq!(broken["_meta"]["stoa/problem"]["status"], 500);
    assert!(!broken.to_string().contains("hunter2"), "mv_m5: {broken}");
    assert_eq!(Modern::call("no_tool", json!({})).fails(&world).await, (200, -32602));
    assert_eq!(
        Modern::new("tools/call", json!({ "name": "ask", "arguments": [] })).fails(&world).await,
        (200, -32602)
    );
}

#[tokio::test]
async fn m15_to_m17_a_client_is_asked_only_what_it_can_do() {
    let world = World::new().await;
    let capable = || {
        let can = json!({ "elicitation": {} });
        Modern::call("ask", json!({})).meta("io.modelcontextprotocol/clientCapabilities", can)
    };
    let seen = Modern::call("ask", json!({})).sent(&world).await;
    assert_eq!(seen.status.as_u16(), 400);
    assert_eq!(seen.json()["error"]["code"], -32021);
    assert_eq!(seen.json()["error"]["data"], json!({ "requiredCapabilities": { "elicitation": {} } }));
    let asked = capable().done(&world).await;
    let questions = json!({ "who": { "method": "elicitation/create" } });
    assert_eq!(
        asked,
        json!({ "resultType": "input_required", "inputRequests": questions, "requestState": "first" })
    );
    let again = capable().param("inputResponses", json!({ "who": {} })).param("requestState", json!("first"));
    assert_eq!(again.done(&world).await["content"][0]["text"], "{\"who\": Object {}} Some(\"first\")");
    assert_eq!(capable().param("inputResponses", Value::Null).fails(&world).await, (200, -32602));
}

/// Reads a stream until it has told this.
async fn until(body: &mut Body, wanted: &str) -> String {
    let mut told = String::new();
    while !told.contains(wanted) {
        let frame = body.frame().await.unwrap().unwrap();
        told.push_str(std::str::from_utf8(&frame.into_data().unwrap()).unwrap());
    }
    told
}

#[tokio::test]
async fn m14_m19_m20_m27_a_call_tells_how_far_it_is_and_ends_when_nobody_listens() {
    let world = World::new().await;
    let wait = || Modern::call("wait_for_gate", json!({})).meta("progressToken", json!("t"));
    let answer = world.router().oneshot(wait().request()).await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    assert_eq!(answer.headers()["x-accel-buffering"], "no");
    let mut body = answer.into_body();
    let told = until(&mut body, "half way").await;
    assert!(!told.contains("on the side"), "M27: it was not asked for: {told}");
    // The reader goes away: the call is given up, though nobody opened the gate.
    drop(body);
    world.toys.through.notified().await;

    let listening = wait().meta("io.modelcontextprotocol/logLevel", json!("info")).request();
    let mut body = world.router().oneshot(listening).await.unwrap().into_body();
    let mut told = until(&mut body, "half way").await;
    world.toys.gate.notify_one();
    told.push_str(std::str::from_utf8(&body.collect().await.unwrap().to_bytes()).unwrap());
    let events: Vec<Value> = told
        .lines()
        .filter_map(|line| line.strip_prefix("data: ").map(|data| serde_json::from_str(data).unwrap()))
        .collect();
    let methods: Vec<_> = events.iter().map(|event| event["method"].as_str().unwrap_or("-")).collect();
    assert_eq!(methods, ["notifications/message", "notifications/progress", "notifications/progress", "-"]);
    let progress = json!({ "progressToken": "t", "progress": 1.0, "total": 2.0, "message": "half way" });
    assert_eq!(events[1]["params"], progress);
    assert_eq!((&events[3]["id"], &events[3]["result"]["resultType"]), (&json!(7), &json!("complete")));
    // Who takes no stream gets the answer alone.
    world.toys.gate.notify_one();
    let alone = wait().header("accept", "application/json").sent(&world).await;
    assert_eq!(alone.json()["result"]["content"][0]["text"], "through");
}

#[tokio::test]
async fn a_prompt_wants_its_arguments_and_helps_to_find_them() {
    let world = World::new().await;
    let got = Modern::new("prompts/get", json!({ "name": "play", "arguments": { "toy": "kite" } }))
        .done(&world)
        .await;
    assert_eq!(got["messages"][0]["content"]["text"], "Play with kite.");
    assert_eq!(Modern::new("prompts/get", json!({ "name": "play" })).fails(&world).await, (200, -32602));
    assert_eq!(Modern::new("prompts/get", json!({ "name": "work" })).fails(&world).await, (200, -32602));
    let complete = |begun: &str| {
        let params = json!({
            "ref": { "type": "ref/prompt", "name": "play" }, "argument": { "name": "toy", "value": begun },
        });
        Modern::new("completion/complete", params)
    };
    let found = complete("B").done(&world).await;
    assert_eq!(found["completion"], json!({ "values": ["ball", "bear"], "total": 2, "hasMore": false }));
}
