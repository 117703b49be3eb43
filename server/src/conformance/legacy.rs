//! What only legacy revisions have: questions on a stream, levels of logging, and subscriptions.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde_json::{Map, Value, json};
use stoa_core::{Error, Result};
use stoa_edge::{LegacyMcp, Tool, ToolCall, ToolOutcome};
use tokio::sync::oneshot;

/// How long a client may take for its answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Questions that wait for their answers. One process serves the suite, so it may keep them itself.
#[derive(Default)]
pub(super) struct Asking(Mutex<HashMap<String, oneshot::Sender<Value>>>);

impl Asking {
    async fn ask(&self, call: &ToolCall, method: &str, params: &Value) -> Result<Value> {
        let id = call.ctx.rng().token::<16>();
        let (tell, told) = oneshot::channel();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), tell);
        call.asks(&id, method, params).await?;
        match tokio::time::timeout(PATIENCE, told).await {
            Ok(Ok(answer)) => Ok(answer),
            _ => Err(Error::timeout("the client did not answer")),
        }
    }
}

impl LegacyMcp for Asking {
    fn capabilities(&self) -> Map<String, Value> {
        Map::from_iter([
            ("logging".to_owned(), json!({})),
            ("resources".to_owned(), json!({ "subscribe": true })),
        ])
    }

    fn request(&self, method: &str, _: &Map<String, Value>) -> Option<Value> {
        ["logging/setLevel", "resources/subscribe", "resources/unsubscribe"]
            .contains(&method)
            .then(|| json!({}))
    }

    fn answered(&self, id: &str, answer: Value) -> bool {
        let waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
        waiting.is_some_and(|waiting| waiting.send(answer).is_ok())
    }
}

/// A tool that asks the client, and tells what it said.
fn asks(
    asking: &Arc<Asking>,
    name: &'static str,
    input: Value,
    method: &'static str,
    params: fn(&Map<String, Value>) -> Value,
) -> Tool {
    let asking = asking.clone();
    Tool::bare(name, input, move |call: ToolCall| {
        let asking = asking.clone();
        async move {
            let answer = asking.ask(&call, method, &params(&call.arguments)).await?;
            let result = answer.get("result").ok_or_else(|| Error::invalid("the client refused"))?;
            Ok(ToolOutcome::text(format!("The client said: {result}")))
        }
    })
    .told(name, "A fixture of the conformance suite")
}

pub(super) fn tools(asking: &Arc<Asking>) -> Vec<Tool> {
    let empty = json!({ "type": "object", "properties": {} });
    let words = |name: &str| json!({ "type": "object", "properties": { name: { "type": "string" } }, "required": [name] });
    let form = |name, input, params| asks(asking, name, input, "elicitation/create", params);
    vec![
        asks(asking, "test_sampling", words("prompt"), "sampling/createMessage", sampling),
        form("test_elicitation", words("message"), elicitation),
        form("test_elicitation_sep1034_defaults", empty.clone(), |_| defaults()),
        form("test_elicitation_sep1330_enums", empty, |_| choices()),
    ]
}

fn sampling(arguments: &Map<String, Value>) -> Value {
    let content = json!({ "type": "text", "text": arguments.get("prompt") });
    json!({ "messages": [{ "role": "user", "content": content }], "maxTokens": 100 })
}

fn elicitation(arguments: &Map<String, Value>) -> Value {
    let response = json!({ "type": "string", "description": "User's response" });
    let schema =
        json!({ "type": "object", "properties": { "response": response }, "required": ["response"] });
    json!({ "message": arguments.get("message"), "requestedSchema": schema })
}

fn defaults() -> Value {
    let fields = json!({
        "name": { "type": "string", "default": "John Doe" },
        "age": { "type": "integer", "default": 30 },
        "score": { "type": "number", "default": 95.5 },
        "status": { "type": "string", "enum": ["active", "inactive", "pending"], "default": "active" },
        "verified": { "type": "boolean", "default": true },
    });
    json!({ "message": "Please review the defaults", "requestedSchema": { "type": "object", "properties": fields } })
}

fn choices() -> Value {
    let named = json!([
        { "const": "value1", "title": "First Option" },
        { "const": "value2", "title": "Second Option" },
        { "const": "value3", "title": "Third Option" },
    ]);
    let plain = json!(["option1", "option2", "option3"]);
    let fields = json!({
        "untitledSingle": { "type": "string", "enum": plain },
        "titledSingle": { "type": "string", "oneOf": named },
        "legacyEnum": {
            "type": "string", "enum": ["opt1", "opt2", "opt3"],
            "enumNames": ["Option One", "Option Two", "Option Three"],
        },
        "untitledMulti": { "type": "array", "minItems": 1, "maxItems": 3, "items": { "type": "string", "enum": plain } },
        "titledMulti": { "type": "array", "minItems": 1, "maxItems": 3, "items": { "anyOf": named } },
    });
    json!({ "message": "Please choose", "requestedSchema": { "type": "object", "properties": fields } })
}
