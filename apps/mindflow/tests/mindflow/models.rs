//! MindFlow as models see it: the list of tools, and what each does, for whom.

use serde_json::{Value, json};

use crate::house::{Seen, World, id, request, titles};

/// The tools as they are published. A difference is a change of the contract: look at it, then write it down.
const PUBLISHED: &str = include_str!("tools.json");

async fn asks(world: &World, who: &str, method: &str, params: Value) -> Seen {
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    let bearer = format!("Bearer {who}");
    let mut request = request("", "POST", "", &[("authorization", &bearer)], Some(body));
    *request.uri_mut() = "/mcp".parse().unwrap();
    request.headers_mut().remove("sec-fetch-site");
    world.send(request).await
}

async fn result(world: &World, who: &str, method: &str, params: Value) -> Value {
    asks(world, who, method, params).await.done(200)["result"].take()
}

async fn call(world: &World, who: &str, tool: &str, arguments: Value) -> Value {
    result(world, who, "tools/call", json!({ "name": tool, "arguments": arguments })).await
}

/// What a tool gave Anna, which must have gone well: its text, and its value.
async fn done(world: &World, tool: &str, arguments: Value) -> (String, Value) {
    let mut told = call(world, "anna", tool, arguments).await;
    assert_eq!(told.get("isError"), None, "{told}");
    (told["content"][0]["text"].as_str().unwrap().to_owned(), told["structuredContent"].take())
}

#[tokio::test]
async fn the_list_of_tools_is_the_published_one() {
    let world = World::new().await;
    let list = result(&world, "anna", "tools/list", json!({})).await;
    let shown = serde_json::to_string_pretty(&list["tools"]).unwrap() + "\n";
    if shown != PUBLISHED {
        let file = std::env::temp_dir().join("mindflow-tools.json");
        std::fs::write(&file, &shown).unwrap();
        panic!("the tools differ from tests/mindflow/tools.json; they are in {}", file.display());
    }
    for tool in list["tools"].as_array().unwrap() {
        let name = tool["name"].as_str().unwrap();
        assert!(tool["description"].as_str().is_some_and(|text| text.len() > 40), "{name}");
        for schema in [&tool["inputSchema"], &tool["outputSchema"]] {
            assert_eq!(schema["type"], "object", "{name}");
        }
        assert_eq!(tool["inputSchema"]["additionalProperties"], false, "{name}");
    }
}

#[tokio::test]
async fn a_model_leads_a_task_through_its_life() {
    let world = World::new().await;
    let (text, added) =
        done(&world, "quick_add_task", json!({ "text": "call Ana tomorrow 3pm !4 ~15m #phone" })).await;
    let call = added["task"].clone();
    let line = format!(
        "\"call Ana\" (pending, priority 4, due 2026-01-06T15:00:00.000000Z, 15 min, #phone) id {}",
        id(&call)
    );
    assert_eq!(text, format!("Added {line}"));
    // The same operation as in the REST API: the same task.
    assert_eq!(world.get(&format!("/tasks/{}", id(&call))).await, call);
    world.tick();
    let (_, second) =
        done(&world, "add_task", json!({ "title": "Frame it", "depends_on": [id(&call)] })).await;
    let second = second["task"].clone();
    assert_eq!(second["blocked"], true);

    let (text, best) = done(&world, "what_next", json!({})).await;
    assert_eq!(titles(&best), ["call Ana"]);
    assert_eq!(best["left_out"], json!({ "blocked": 1, "snoozed": 0 }));
    assert_eq!(best["time_zone"], "UTC");
    assert_eq!(best["items"][0]["reasons"], world.get("/tasks/best").await["reasons"]);
    assert!(text.starts_with(&format!("Do this now: {line}\nScore 80: ")), "{text}");
    assert!(text.ends_with("Left out: 1 blocked, 0 snoozed.\nTime zone: UTC."), "{text}");

    let (text, _) =
        done(&world, "edit_task", json!({ "id": id(&call), "changes": { "due_at": null, "priority": 5 } }))
            .await;
    assert_eq!(text, format!("Changed \"call Ana\" (pending, priority 5, 15 min, #phone) id {}", id(&call)));
    let (_, began) = done(&world, "start_task", json!({ "id": id(&call) })).await;
    assert_eq!(began["task"]["status"], "in_progress");
    let (_, later) = done(&world, "snooze_task", json!({ "id": id(&call), "hours": 3 })).await;
    assert_eq!(later["task"]["snoozed_until"], "2026-01-05T12:00:00.001000Z");
    assert_eq!(done(&world, "what_next", json!({})).await.1["items"], json!([]));
    let (_, awake) = done(&world, "reopen_task", json!({ "id": id(&call) })).await;
    assert_eq!(awake["task"]["status"], "pending");
    for _ in 0..2 {
        let (_, over) = done(&world, "complete_task", json!({ "id": id(&call) })).await;
        assert_eq!(over["task"]["status"], "completed", "twice is as once");
    }

    let (text, found) = done(&world, "list_tasks", json!({})).await;
    assert_eq!(
        (titles(&found), text.lines().count()),
        (vec!["Frame it"], 1),
        "open ones, unless asked otherwise"
    );
    let search = json!({ "query": "ANA call", "status": "completed", "tag": "phone" });
    assert_eq!(titles(&done(&world, "list_tasks", search).await.1), ["call Ana"]);
    let (text, gone) = done(&world, "delete_task", json!({ "id": id(&second) })).await;
    assert_eq!(gone, json!({ "id": id(&second) }));
    assert!(text.contains("restore_task"), "{text}");
    assert_eq!(done(&world, "list_tasks", json!({})).await.0, "No such tasks.");
    assert_eq!(titles(&done(&world, "list_tasks", json!({ "deleted": true })).await.1), ["Frame it"]);
    let (_, back) = done(&world, "restore_task", json!({ "id": id(&second) })).await;
    assert_eq!((&back["task"]["id"], &back["task"]["deleted_at"]), (&second["id"], &Value::Null));
    let (text, _) = done(&world, "get_task", json!({ "id": id(&second) })).await;
    assert_eq!(text, format!("\"Frame it\" (pending, priority 3) id {}", id(&second)));
}

/// G16 M26
#[tokio::test]
async fn arguments_that_do_not_fit_are_told_to_the_model_field_by_field() {
    let world = World::new().await;
    let nobodys = "019cade2-11c0-7b41-9c55-3f0a6d2e8b17";
    for (tool, arguments, field, status) in [
        ("add_task", json!({}), "title: is missing", 422),
        ("add_task", json!({ "title": "a", "priority": 9 }), "priority: must be from 1", 422),
        ("add_task", json!({ "title": "a", "user_id": nobodys }), "user_id: is not a field here", 422),
        ("quick_add_task", json!({ "text": "" }), "text: ", 422),
        ("list_tasks", json!({ "limit": 51 }), "limit: must be from 1 to 50", 422),
        ("list_tasks", json!({ "status": "lost" }), "status: unknown variant", 422),
        ("what_next", json!({ "limit": 0 }), "limit: must be from 1 to 10", 422),
        ("get_task", json!({ "id": "7" }), "id: ", 422),
        ("snooze_task", json!({ "id": nobodys }), "until: is missing; or send `hours`", 422),
        ("edit_task", json!({ "id": nobodys, "changes": [] }), "changes: invalid type", 422),
        ("complete_task", json!({ "id": nobodys }), "no such task", 404),
    ] {
        let told = call(&world, "anna", tool, arguments).await;
        assert_eq!(
            (&told["isError"], &told["_meta"]["stoa/problem"]["status"]),
            (&json!(true), &json!(status))
        );
        let text = told["content"][0]["text"].as_str().unwrap();
        assert!(text.contains(field), "{tool}: {text}");
    }
}

#[tokio::test]
async fn lm_02_lm_10_another_persons_task_is_none_for_every_tool() {
    let world = World::new().await;
    let hers = world.task(json!({ "title": "Call Ana" })).await;
    let nobodys = "019cade2-11c0-7b41-9c55-3f0a6d2e8b17";
    for tool in [
        "get_task",
        "edit_task",
        "complete_task",
        "start_task",
        "snooze_task",
        "reopen_task",
        "delete_task",
        "restore_task",
    ] {
        let mut arguments = match tool {
            "edit_task" => json!({ "changes": { "title": "Mine" } }),
            "snooze_task" => json!({ "hours": 3 }),
            _ => json!({}),
        };
        arguments["id"] = hers["id"].clone();
        let found = call(&world, "boris", tool, arguments.clone()).await;
        arguments["id"] = nobodys.into();
        assert_eq!(found, call(&world, "boris", tool, arguments).await, "{tool}");
        assert_eq!(found["_meta"]["stoa/problem"]["status"], 404, "{tool}");
    }
    let waits = json!({ "title": "Wait", "depends_on": [hers["id"]] });
    assert_eq!(call(&world, "boris", "add_task", waits).await["_meta"]["stoa/problem"]["status"], 422);
    assert_eq!(call(&world, "boris", "list_tasks", json!({})).await["structuredContent"]["items"], json!([]));
    assert_eq!(world.get(&format!("/tasks/{}", id(&hers))).await, hers, "nothing of hers was touched");
}

#[tokio::test]
async fn a_credential_reaches_as_far_with_tools_as_without() {
    let world = World::new().await;
    let reads = ["what_next", "list_tasks", "get_task"];
    let list = result(&world, "anna", "tools/list", json!({})).await;
    for tool in list["tools"].as_array().unwrap() {
        let (name, looks) = (tool["name"].as_str().unwrap(), tool["annotations"]["readOnlyHint"] == true);
        assert_eq!(looks, reads.contains(&name), "{name}");
        for (who, may) in [("reader", looks), ("writer", !looks), ("narrow", false)] {
            let seen = asks(&world, who, "tools/call", json!({ "name": name, "arguments": {} })).await;
            assert_eq!(seen.status.as_u16(), if may { 200 } else { 403 }, "{who} {name}");
            let needed = if looks { "scope=\"tasks:read\"" } else { "scope=\"tasks:write\"" };
            assert_eq!(seen.header("www-authenticate").contains(needed), !may, "{who} {name}");
        }
    }
    // A browser's session opens nothing here.
    let body = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
    let mut session = request("anna", "POST", "", &[], Some(body));
    *session.uri_mut() = "/mcp".parse().unwrap();
    assert_eq!(world.send(session).await.status, 401);
}

/// N4
#[tokio::test]
async fn the_page_of_a_task_is_there_for_every_tool_that_names_it() {
    let world = World::new().await;
    let list = result(&world, "anna", "tools/list", json!({})).await;
    let pages: Vec<_> = list["tools"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|tool| tool["_meta"]["ui"]["resourceUri"].as_str())
        .collect();
    assert!(pages.len() >= 8 && pages.iter().all(|page| *page == pages[0]), "{pages:?}");
    let read = result(&world, "anna", "resources/read", json!({ "uri": pages[0] })).await;
    let content = &read["contents"][0];
    assert_eq!(content["mimeType"], "text/html;profile=mcp-app");
    assert!(content["text"].as_str().unwrap().starts_with("<!doctype html>"));
    let nowhere: [&str; 0] = [];
    assert_eq!(content["_meta"]["ui"]["csp"]["connectDomains"], json!(nowhere));
}
