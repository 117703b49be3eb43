//! JSON-RPC 2.0 as the protocol uses it: what comes in, what goes out, and the errors by number (MCP basic, Error
//! Codes).

use std::borrow::Cow;

use http::StatusCode;
use serde_json::{Map, Value, json};

/// What a client sent.
#[derive(Debug)]
pub(crate) enum Message {
    Request(Request),
    /// Nothing is expected of us.
    Notification,
    /// The answer to a question of ours; only legacy revisions have such.
    Answer {
        id: String,
        answer: Value,
    },
}

/// A request.
#[derive(Debug)]
pub(crate) struct Request {
    /// Text or whole number, as it came.
    pub(crate) id: Value,
    pub(crate) method: String,
    pub(crate) params: Map<String, Value>,
}

impl Message {
    /// Tells what a value is.
    ///
    /// # Errors
    /// `-32600` for what is no message, with the id if there is one.
    pub(crate) fn read(value: Value) -> Result<Self, (Option<Value>, RpcError)> {
        let Value::Object(mut fields) = value else {
            return Err((None, RpcError::invalid_request("a message is a JSON object")));
        };
        let id = fields.remove("id");
        let known = id.clone().filter(is_id);
        let refused = |why: &'static str| (known.clone(), RpcError::invalid_request(why));
        if fields.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
            return Err(refused("`jsonrpc` must be \"2.0\""));
        }
        let Some(method) = fields.remove("method") else {
            let is_answer = fields.contains_key("result") || fields.contains_key("error");
            return match id {
                Some(Value::String(id)) if is_answer => {
                    Ok(Self::Answer { id, answer: Value::Object(fields) })
                }
                _ => Err(refused("there is no `method`")),
            };
        };
        let Value::String(method) = method else { return Err(refused("`method` must be a text")) };
        let params = match fields.remove("params") {
            None => Map::new(),
            Some(Value::Object(params)) => params,
            Some(_) => return Err(refused("`params` must be an object")),
        };
        match (id, known.clone()) {
            (None, _) => Ok(Self::Notification),
            (Some(_), Some(id)) => Ok(Self::Request(Request { id, method, params })),
            (Some(_), None) => Err(refused("`id` must be a text or a whole number")),
        }
    }
}

fn is_id(id: &Value) -> bool {
    id.is_string() || id.is_i64() || id.is_u64()
}

impl Request {
    /// What the client says about this request, beside what it asks.
    pub(crate) fn meta(&self, name: &str) -> Option<&Value> {
        self.params.get("_meta")?.get(name)
    }

    /// What is asked for by name, as `params.name` of `tools/call`.
    pub(crate) fn named(&self) -> Option<&str> {
        let field = match self.method.as_str() {
            "tools/call" | "prompts/get" => "name",
            "resources/read" => "uri",
            _ => return None,
        };
        self.params.get(field)?.as_str()
    }
}

/// A failure of the protocol. What goes wrong inside a tool is a result, so that the model can read it.
#[derive(Clone, Debug)]
pub struct RpcError {
    pub(crate) code: i32,
    pub(crate) said: Cow<'static, str>,
    pub(crate) data: Option<Value>,
    /// With which status the modern revision sends it; legacy ones send what a method says with 200.
    pub(crate) status: StatusCode,
}

impl RpcError {
    fn new(code: i32, status: StatusCode, said: impl Into<Cow<'static, str>>) -> Self {
        Self { code, said: said.into(), data: None, status }
    }

    fn with(self, data: Value) -> Self {
        Self { data: Some(data), ..self }
    }

    pub(crate) fn broken_json(said: impl Into<Cow<'static, str>>) -> Self {
        Self::new(-32700, StatusCode::BAD_REQUEST, said)
    }

    pub(crate) fn invalid_request(said: impl Into<Cow<'static, str>>) -> Self {
        Self::new(-32600, StatusCode::BAD_REQUEST, said)
    }

    pub(crate) fn unknown_method(method: &str) -> Self {
        let said = format!("there is no method `{}` in this revision", method.escape_default());
        Self::new(-32601, StatusCode::NOT_FOUND, said)
    }

    /// The parameters do not fit the method: `-32602`.
    pub fn invalid_params(said: impl Into<Cow<'static, str>>) -> Self {
        Self::new(-32602, StatusCode::OK, said)
    }

    /// What every request of the modern revision must say is missing.
    pub(crate) fn incomplete_meta(field: &'static str) -> Self {
        let said = format!("`params._meta` must say `{field}` with every request");
        Self::new(-32602, StatusCode::BAD_REQUEST, said)
    }

    pub(crate) fn unknown_resource(uri: &str) -> Self {
        Self::invalid_params("there is no such resource").with(json!({ "uri": uri }))
    }

    pub(crate) fn header_mismatch(said: impl Into<Cow<'static, str>>) -> Self {
        Self::new(-32020, StatusCode::BAD_REQUEST, said)
    }

    /// The client did not say that it can do what this needs: `-32021`.
    pub fn missing_capability(name: &str) -> Self {
        let said = format!("this needs a client with the capability `{name}`");
        let needed = json!({ "requiredCapabilities": { name: {} } });
        Self::new(-32021, StatusCode::BAD_REQUEST, said).with(needed)
    }

    pub(crate) fn unsupported_revision(asked: &str) -> Self {
        let said = "this protocol version is not spoken here; `data.supported` lists those that are";
        let data = json!({ "supported": super::Revision::dates(), "requested": asked });
        Self::new(-32022, StatusCode::BAD_REQUEST, said).with(data)
    }

    /// The answer. Where no id is known there is none: the schema has no `null`.
    pub(crate) fn answer(&self, id: Option<&Value>) -> Value {
        let mut error = json!({ "code": self.code, "message": self.said });
        if let Some(data) = &self.data {
            error["data"] = data.clone();
        }
        let mut answer = json!({ "jsonrpc": "2.0", "error": error });
        if let Some(id) = id {
            answer["id"] = id.clone();
        }
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_message_is_refused_with_the_id_if_there_is_one() {
        for (text, id) in [
            ("[]", None),
            ("7", None),
            (r#"{"jsonrpc":"2.0","id":1}"#, Some(json!(1))),
            (r#"{"jsonrpc":"1.0","id":"a","method":"ping"}"#, Some(json!("a"))),
            (r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, None),
            (r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, None),
            (r#"{"jsonrpc":"2.0","id":1,"method":7}"#, Some(json!(1))),
            (r#"{"jsonrpc":"2.0","id":1,"method":"ping","params":[1]}"#, Some(json!(1))),
        ] {
            let (known, error) = Message::read(serde_json::from_str(text).unwrap()).unwrap_err();
            assert_eq!((known, error.code), (id, -32600), "{text}");
        }
    }

    #[test]
    fn a_request_a_notification_and_an_answer_are_told_apart() {
        let read = |value| Message::read(value).unwrap();
        assert!(matches!(
            read(json!({"jsonrpc": "2.0", "id": "a", "method": "ping"})),
            Message::Request(request) if request.method == "ping" && request.id == "a"
        ));
        assert!(matches!(read(json!({"jsonrpc": "2.0", "method": "ping"})), Message::Notification));
        assert!(matches!(
            read(json!({"jsonrpc": "2.0", "id": "a", "result": {}})),
            Message::Answer { id, .. } if id == "a"
        ));
    }
}
