//! The door to tools: every revision of the protocol, and everybody who does not keep to it. The ids in names and
//! comments are lines of the checklists for resources (R) and for this transport (M).

#![expect(clippy::needless_pass_by_value, reason = "literals are handed over as they are written")]

mod calls;
mod challenges;
mod legacy;
mod transport;

use axum::{
    body::Body,
    http::{Request, StatusCode},
};
use serde_json::{Value, json};

use crate::house::{Seen, World, ask};

const MODERN: &str = "2026-07-28";
const LEGACY: [&str; 3] = ["2025-11-25", "2025-06-18", "2025-03-26"];
const BOTH: (&str, &str) = ("accept", "application/json, text/event-stream");
const ANNA: (&str, &str) = ("authorization", "Bearer anna");
const AT: &str = "resource_metadata=\"http://127.0.0.1:8080/.well-known/oauth-protected-resource/mcp\"";

/// A message of the modern revision with all that belongs to it, as its client writes it.
struct Modern {
    headers: Vec<(&'static str, String)>,
    body: Value,
}

impl Modern {
    fn new(method: &str, params: Value) -> Self {
        let mut params = params;
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": MODERN,
            "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let mut headers = vec![
            ("authorization", "Bearer anna".to_owned()),
            ("accept", "application/json, text/event-stream".to_owned()),
            ("mcp-protocol-version", MODERN.to_owned()),
            ("mcp-method", method.to_owned()),
        ];
        let name = params["name"].as_str().or(params["uri"].as_str());
        headers.extend(name.map(|name| ("mcp-name", name.to_owned())));
        Self { headers, body: json!({ "jsonrpc": "2.0", "id": 7, "method": method, "params": params }) }
    }

    fn call(tool: &str, arguments: Value) -> Self {
        Self::new("tools/call", json!({ "name": tool, "arguments": arguments }))
    }

    fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        if !value.is_empty() {
            self.headers.push((name, value.to_owned()));
        }
        self
    }

    fn meta(mut self, name: &str, value: Value) -> Self {
        let meta = self.body["params"]["_meta"].as_object_mut().unwrap();
        meta.remove(name);
        if !value.is_null() {
            meta.insert(name.to_owned(), value);
        }
        self
    }

    fn param(mut self, name: &str, value: Value) -> Self {
        self.body["params"][name] = value;
        self
    }

    fn request(self) -> Request<Body> {
        let headers: Vec<_> = self.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        ask("POST", "/mcp", &headers, Some(self.body))
    }

    async fn sent(self, world: &World) -> Seen {
        world.send(self.request()).await
    }

    /// The result of a request that must go well.
    async fn done(self, world: &World) -> Value {
        let seen = self.sent(world).await;
        assert_eq!(seen.status, StatusCode::OK, "{seen:?}");
        let mut answer = seen.json();
        assert_eq!((&answer["jsonrpc"], &answer["id"]), (&json!("2.0"), &json!(7)));
        let mut result = answer["result"].take();
        let info =
            result["_meta"].as_object_mut().unwrap().remove("io.modelcontextprotocol/serverInfo").unwrap();
        assert_eq!(info["name"], "stoa", "M11: who answers");
        if result["_meta"] == json!({}) {
            result.as_object_mut().unwrap().remove("_meta");
        }
        result
    }

    /// Status and number of a failure; the id is that of the request.
    async fn fails(self, world: &World) -> (u16, i64) {
        let seen = self.sent(world).await;
        assert_eq!(seen.json()["id"], 7, "{seen:?}");
        (seen.status.as_u16(), seen.json()["error"]["code"].as_i64().unwrap())
    }
}

/// A message of a legacy revision.
async fn legacy(world: &World, version: &str, body: Value) -> Seen {
    let mut headers = vec![ANNA, BOTH];
    if !version.is_empty() {
        headers.push(("mcp-protocol-version", version));
    }
    world.send(ask("POST", "/mcp", &headers, Some(body))).await
}

fn asks(method: &str, params: Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": "a", "method": method, "params": params })
}
