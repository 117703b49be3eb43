//! Clients of the revisions that shake hands.

use serde_json::{Value, json};

use super::{LEGACY, MODERN, asks, legacy};
use crate::house::World;

#[tokio::test]
async fn m30_older_clients_shake_hands_and_are_remembered_by_nothing() {
    let world = World::new().await;
    for (asked, agreed) in LEGACY
        .map(|version| (version, version))
        .into_iter()
        .chain([("1900-01-01", LEGACY[0]), (MODERN, LEGACY[0])])
    {
        let hello =
            asks("initialize", json!({ "protocolVersion": asked, "capabilities": {}, "clientInfo": {} }));
        let seen = legacy(&world, "", hello).await;
        let result = seen.json()["result"].clone();
        assert_eq!((seen.status.as_u16(), &result["protocolVersion"]), (200, &json!(agreed)), "{asked}");
        assert_eq!(result["serverInfo"]["name"], "stoa");
        assert_eq!(result["instructions"], "Toys to play with.");
        assert_eq!((seen.header("mcp-session-id"), result.get("resultType")), ("", None));
    }
    for version in ["", LEGACY[0], LEGACY[1], LEGACY[2]] {
        assert_eq!(legacy(&world, version, asks("ping", json!({}))).await.json()["result"], json!({}));
        let list = legacy(&world, version, asks("tools/list", json!({}))).await.json()["result"].clone();
        assert_eq!(list["tools"][0]["name"], "make_toy");
        assert_eq!(list.as_object().unwrap().len(), 1, "nothing that it does not know: {list}");
        let call = asks("tools/call", json!({ "name": "make_toy", "arguments": { "name": "bear" } }));
        assert_eq!(legacy(&world, version, call).await.json()["result"]["structuredContent"]["name"], "bear");
    }
    let discover = asks("server/discover", json!({}));
    let seen = legacy(&world, LEGACY[0], discover).await;
    assert_eq!((seen.status.as_u16(), &seen.json()["error"]["code"]), (400, &json!(-32602)));
}

#[tokio::test]
async fn m30_only_the_first_revision_takes_batches_and_they_have_an_end() {
    let world = World::new().await;
    let ping = |id: &str| json!({ "jsonrpc": "2.0", "id": id, "method": "ping" });
    let note = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    let batch = json!([ping("a"), note, asks("initialize", json!({})), 7, ping("b")]);
    for version in ["", LEGACY[2]] {
        let seen = legacy(&world, version, batch.clone()).await.json();
        let seen: Vec<_> =
            seen.as_array().unwrap().iter().map(|one| (&one["id"], &one["error"]["code"])).collect();
        let null = &Value::Null;
        let expected =
            [(&json!("a"), null), (&json!("a"), &json!(-32600)), (null, &json!(-32600)), (&json!("b"), null)];
        assert_eq!(seen, expected);
    }
    assert_eq!(legacy(&world, "", json!([note])).await.status.as_u16(), 202);
    let many: Vec<_> = (0..11).map(|id| ping(&id.to_string())).collect();
    for (version, wrong) in
        [(LEGACY[0], &batch), (LEGACY[1], &batch), (MODERN, &batch), ("", &json!([])), ("", &json!(many))]
    {
        let seen = legacy(&world, version, wrong.clone()).await;
        assert_eq!((seen.status.as_u16(), &seen.json()["error"]["code"]), (400, &json!(-32600)), "{version}");
    }
}
