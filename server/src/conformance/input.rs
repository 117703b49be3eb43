//! Questions to a modern client, which asks again with what it found out (MCP basic/patterns/mrtr).

use std::sync::Arc;

use serde_json::{Map, Value, json};
use stoa_core::{Rng, digest};
use stoa_edge::{RpcError, Tool, ToolCall, ToolFailure, ToolOutcome};

/// A question by its name.
#[derive(Clone)]
pub(super) struct Question {
    name: &'static str,
    /// What a client must be able to do to be asked this.
    capability: &'static str,
    request: Value,
}

impl Question {
    /// A form with one field.
    pub(super) fn form(name: &'static str, message: &str, field: &str, kind: &str) -> Self {
        let schema =
            json!({ "type": "object", "properties": { field: { "type": kind } }, "required": [field] });
        let params = json!({ "mode": "form", "message": message, "requestedSchema": schema });
        Self::of(name, "elicitation", json!({ "method": "elicitation/create", "params": params }))
    }

    /// Something for the client's model.
    fn sample(name: &'static str, words: &str) -> Self {
        let message = json!({ "role": "user", "content": { "type": "text", "text": words } });
        let params = json!({ "messages": [message], "maxTokens": 100 });
        Self::of(name, "sampling", json!({ "method": "sampling/createMessage", "params": params }))
    }

    fn roots(name: &'static str) -> Self {
        Self::of(name, "roots", json!({ "method": "roots/list", "params": {} }))
    }

    fn of(name: &'static str, capability: &'static str, request: Value) -> Self {
        Self { name, capability, request }
    }
}

/// Asks.
pub(super) fn ask(questions: &[Question], state: Option<String>) -> ToolOutcome {
    let requests = questions.iter().map(|question| (question.name.to_owned(), question.request.clone()));
    ToolOutcome::NeedsInput { requests: Map::from_iter(requests), state }
}

/// What came back, if all of it did: each an object. What nobody asked for is left alone.
pub(super) fn answers(call: &ToolCall, questions: &[Question]) -> Option<Vec<Value>> {
    let input = call.input.as_ref()?;
    questions
        .iter()
        .map(|question| input.get(question.name).filter(|answer| answer.is_object()).cloned())
        .collect()
}

/// A state that nobody else can make.
struct Seal([u8; 32]);

impl Seal {
    fn close(&self, state: &str) -> String {
        format!("{state}.{}", self.mark(state))
    }

    fn mark(&self, state: &str) -> String {
        let inner = digest([&self.0[..], state.as_bytes()].concat());
        digest([&self.0[..], inner.as_bytes()].concat()).hex()
    }

    /// The state that came back.
    ///
    /// # Errors
    /// `-32602` for one that is not ours.
    fn open<'a>(&self, call: &'a ToolCall) -> Result<Option<&'a str>, RpcError> {
        let Some(sealed) = call.state.as_deref() else { return Ok(None) };
        let state =
            sealed.rsplit_once('.').map(|(state, _)| state).filter(|state| self.close(state) == sealed);
        state.map(Some).ok_or_else(|| RpcError::invalid_params("`requestState` is not one of ours"))
    }
}

/// A tool that asks all its questions at once, and has a state only if it is told to.
fn asks(name: &'static str, questions: Vec<Question>, seal: Option<Arc<Seal>>) -> Tool {
    let work = move |call: ToolCall| {
        let (questions, seal) = (questions.clone(), seal.clone());
        async move {
            let state = seal.as_deref().map(|seal| seal.open(&call)).transpose()?.flatten();
            let known = seal.is_none() || state == Some(name);
            Ok::<_, ToolFailure>(match answers(&call, &questions).filter(|_| known) {
                None => ask(&questions, seal.map(|seal| seal.close(name))),
                Some(found) => ToolOutcome::text(format!("state-ok: {}", Value::from(found))),
            })
        }
    };
    Tool::bare(name, json!({ "type": "object", "properties": {} }), work)
        .told(name, "A fixture of the conformance suite")
}

/// Asks twice, one thing after the other.
async fn rounds(call: ToolCall, seal: Arc<Seal>) -> Result<ToolOutcome, ToolFailure> {
    let first = Question::form("step1", "Step 1: What is your name?", "name", "string");
    let second = Question::form("step2", "Step 2: What is your favorite color?", "color", "string");
    let state = seal.open(&call)?;
    Ok(match state {
        Some("two") if answers(&call, std::slice::from_ref(&second)).is_some() => {
            ToolOutcome::text("both are known")
        }
        Some("one") if answers(&call, std::slice::from_ref(&first)).is_some() => {
            ask(&[second], Some(seal.close("two")))
        }
        _ => ask(&[first], Some(seal.close("one"))),
    })
}

/// Asks only what the client can do.
async fn capable(call: ToolCall) -> Result<ToolOutcome, ToolFailure> {
    let all = [
        Question::form("user_name", "What is your name?", "name", "string"),
        Question::sample("greeting", "Greet"),
    ];
    let can: Vec<_> =
        all.into_iter().filter(|question| call.capabilities.contains_key(question.capability)).collect();
    Ok(match answers(&call, &can) {
        None => ask(&can, None),
        Some(_) => ToolOutcome::text("all that could be asked is known"),
    })
}

pub(super) fn tools() -> Vec<Tool> {
    let seal = Arc::new(Seal(Rng::system().bytes::<32>()));
    let name = || Question::form("user_name", "What is your name?", "name", "string");
    let confirm = || vec![Question::form("confirm", "Please confirm", "ok", "boolean")];
    let several =
        vec![name(), Question::sample("greeting", "Generate a greeting"), Question::roots("client_roots")];
    let (empty, rounds_seal) = (json!({ "type": "object", "properties": {} }), seal.clone());
    let bare = |tool: Tool| {
        let name = tool.name;
        tool.told(name, "A fixture of the conformance suite")
    };
    vec![
        asks("test_input_required_result_elicitation", vec![name()], None),
        asks(
            "test_input_required_result_sampling",
            vec![Question::sample("capital_question", "What is the capital of France?")],
            None,
        ),
        asks("test_input_required_result_list_roots", vec![Question::roots("client_roots")], None),
        asks("test_input_required_result_request_state", confirm(), Some(seal.clone())),
        asks("test_input_required_result_tampered_state", confirm(), Some(seal.clone())),
        asks("test_input_required_result_multiple_inputs", several, Some(seal)),
        asks("test_streaming_elicitation", vec![name()], None),
        bare(Tool::bare("test_input_required_result_multi_round", empty.clone(), move |call| {
            rounds(call, rounds_seal.clone())
        })),
        bare(Tool::bare("test_input_required_result_capabilities", empty, capable)),
    ]
}
