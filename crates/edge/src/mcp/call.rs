//! One call, as a tool or a prompt that reads it itself sees it, and what it may say before it ends.

use serde_json::{Map, Value, json};
use stoa_core::{Error, Result};
use stoa_store::Ctx;
use tokio::sync::mpsc;

use super::{Revision, RpcError};

/// Something that a model or a person asks for, with all that the client said about it.
pub struct ToolCall {
    /// Who asks.
    pub ctx: Ctx,
    /// What it was given.
    pub arguments: Map<String, Value>,
    /// In which revision it is asked.
    pub revision: Revision,
    /// What the client said it can do. A legacy one said so in another request: nothing is known of it here.
    pub capabilities: Map<String, Value>,
    /// What was found out since the last time, by the names of the questions.
    pub input: Option<Map<String, Value>>,
    /// The state that came back with it. It is the client's word.
    pub state: Option<String>,
    pub(crate) progress_token: Option<Value>,
    pub(crate) log_level: Option<String>,
    pub(crate) voice: Voice,
}

/// The way to the client while a call is going on: nowhere, if it does not take a stream.
#[derive(Clone, Debug, Default)]
pub(crate) struct Voice(pub(crate) Option<mpsc::Sender<Value>>);

impl Voice {
    async fn says(&self, message: Value) {
        if let Some(to) = &self.0 {
            // Nobody listens any more: the call is being given up.
            let _gone = to.send(message).await;
        }
    }
}

impl ToolCall {
    /// Tells how far it has come, if the client wants to know.
    pub async fn progress(&self, done: f64, total: f64, note: &str) {
        let Some(token) = &self.progress_token else { return };
        let params = json!({ "progressToken": token, "progress": done, "total": total, "message": note });
        self.voice.says(notification("notifications/progress", &params)).await;
    }

    /// Tells something on the side. A modern client hears it only if it asked for it with this request.
    pub async fn log(&self, level: &str, data: Value) {
        if self.revision.is_modern() && self.log_level.is_none() {
            return;
        }
        self.voice
            .says(notification("notifications/message", &json!({ "level": level, "data": data })))
            .await;
    }

    /// Sends a request to a legacy client; its answer comes with another request, to whom the toolbox has
    /// [`LegacyMcp`](super::LegacyMcp). A modern client is asked by [`ToolOutcome::NeedsInput`](super::ToolOutcome).
    ///
    /// # Errors
    /// When there is no stream to send it on.
    pub async fn asks(&self, id: &str, method: &str, params: &Value) -> Result<()> {
        if self.revision.is_modern() || self.voice.0.is_none() {
            return Err(Error::invalid("this needs a client that takes requests on a stream"));
        }
        let request = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        self.voice.says(request).await;
        Ok(())
    }

    /// Refuses a client that does not say that it can do something.
    ///
    /// # Errors
    /// `-32021` if it does not.
    pub fn needs(&self, capability: &str) -> std::result::Result<(), RpcError> {
        if self.capabilities.contains_key(capability) {
            Ok(())
        } else {
            Err(RpcError::missing_capability(capability))
        }
    }
}

fn notification(method: &str, params: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "method": method, "params": params })
}
