//! A tool: what a model may do here. A plain value; the work is the same operation that the REST API has.

use std::{fmt, future::Future, sync::Arc};

use futures::{FutureExt, future::BoxFuture};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use stoa_core::{Error, Result, Scopes};
use stoa_store::Ctx;
use utoipa::ToSchema;

use super::{RpcError, ToolCall, schema};
use crate::json;

/// What a model may do here.
pub struct Tool {
    /// By which it is called: small letters and `_`, unique in the house.
    pub name: &'static str,
    /// What people read.
    pub title: &'static str,
    /// What the model reads: what it does and when to use it.
    pub description: &'static str,
    /// What the credential must allow.
    pub scopes: Scopes,
    /// What it takes: JSON Schema 2020-12 of an object.
    pub input: Value,
    /// What it gives beside text, if anything: JSON Schema 2020-12 of an object.
    pub output: Option<Value>,
    /// What a client may expect of it before it asks anyone.
    pub hints: ToolHints,
    /// `_meta` of the tool: where extensions look.
    pub meta: Map<String, Value>,
    pub(crate) run: Run,
    /// A mistake in its types; the house does not start with it.
    pub(crate) fault: Option<Error>,
}

pub(crate) type Run =
    Arc<dyn Fn(ToolCall) -> BoxFuture<'static, std::result::Result<ToolOutcome, ToolFailure>> + Send + Sync>;

/// What a tool does to the world (MCP tools, Annotations). ToolHints, not promises; a client may ask its person by them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ToolHints {
    /// It changes nothing.
    pub read_only: bool,
    /// It may take something away.
    pub destructive: bool,
    /// Twice is as once.
    pub idempotent: bool,
    /// It reaches beyond this house.
    pub open_world: bool,
}

impl ToolHints {
    /// It only looks.
    pub const READS: Self = Self { read_only: true, destructive: false, idempotent: true, open_world: false };
    /// It makes something new each time.
    pub const ADDS: Self =
        Self { read_only: false, destructive: false, idempotent: false, open_world: false };
    /// It changes something, and twice is as once.
    pub const CHANGES: Self =
        Self { read_only: false, destructive: false, idempotent: true, open_world: false };
    /// It takes something away, and twice is as once.
    pub const REMOVES: Self =
        Self { read_only: false, destructive: true, idempotent: true, open_world: false };

    fn shown(self, title: &str) -> Value {
        json!({
            "title": title,
            "readOnlyHint": self.read_only,
            "destructiveHint": self.destructive,
            "idempotentHint": self.idempotent,
            "openWorldHint": self.open_world,
        })
    }
}

/// What a tool with typed input gives: a text for whoever reads only that, and the same as a value.
#[derive(Clone, Debug)]
pub struct Told<T> {
    /// Short, and complete enough to go on with: with the ids.
    pub text: String,
    /// What the output schema says.
    pub value: T,
}

/// How a call ended.
#[derive(Clone, Debug)]
pub enum ToolOutcome {
    /// The fields of the result: `content`, `structuredContent`, or `messages` of a prompt.
    Done(Map<String, Value>),
    /// The client is to find something out and to ask again (MCP basic/patterns/mrtr). Only a modern one can.
    NeedsInput {
        /// The questions by name, each a request with `method` and `params`.
        requests: Map<String, Value>,
        /// Comes back as it is, or as an attacker likes it: whoever sets it must be able to tell.
        state: Option<String>,
    },
}

impl ToolOutcome {
    /// Some content.
    pub fn content(items: impl Into<Vec<Value>>) -> Self {
        Self::Done(Map::from_iter([("content".to_owned(), Value::from(items.into()))]))
    }

    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self::content([json!({ "type": "text", "text": text.into() })])
    }
}

/// Why a call failed.
#[derive(Debug)]
pub enum ToolFailure {
    /// As the operation says. The model reads it and may do better.
    Refused(Error),
    /// The protocol itself was not kept.
    Protocol(RpcError),
}

impl From<Error> for ToolFailure {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl From<RpcError> for ToolFailure {
    fn from(error: RpcError) -> Self {
        Self::Protocol(error)
    }
}

impl Tool {
    /// A tool over types: what comes in is held against the input's type, field by field. Both types must be objects.
    pub fn new<In, Out, Work, Going>(name: &'static str, scopes: Scopes, work: Work) -> Self
    where
        In: DeserializeOwned + ToSchema + Send + 'static,
        Out: Serialize + ToSchema + 'static,
        Work: Fn(Ctx, In) -> Going + Send + Sync + 'static,
        Going: Future<Output = Result<Told<Out>>> + Send + 'static,
    {
        let work = Arc::new(work);
        let run: Run = Arc::new(move |call| {
            let work = work.clone();
            async move {
                let input: In = json::from_value(Value::Object(call.arguments))?;
                let Told { text, value } = work(call.ctx, input).await?;
                let ToolOutcome::Done(mut fields) = ToolOutcome::text(text) else {
                    return Err(Error::internal("a text is an outcome").into());
                };
                fields.insert("structuredContent".into(), serde_json::to_value(value).map_err(Error::from)?);
                Ok(ToolOutcome::Done(fields))
            }
            .boxed()
        });
        let (input, output, fault) = match (schema::taken::<In>(), schema::given::<Out>()) {
            (Ok(input), Ok(output)) => (input, Some(output), None),
            (Err(fault), _) | (_, Err(fault)) => (schema::nothing(), None, Some(fault)),
        };
        Self { scopes, output, fault, ..Self::raw(name, input, run) }
    }

    /// A tool over bare JSON, which reads its call itself.
    pub fn bare<Work, Going>(name: &'static str, input: Value, work: Work) -> Self
    where
        Work: Fn(ToolCall) -> Going + Send + Sync + 'static,
        Going: Future<Output = std::result::Result<ToolOutcome, ToolFailure>> + Send + 'static,
    {
        Self::raw(name, input, Arc::new(move |call| work(call).boxed()))
    }

    fn raw(name: &'static str, input: Value, run: Run) -> Self {
        Self {
            name,
            title: name,
            description: "",
            scopes: Scopes::NONE,
            input,
            output: None,
            hints: ToolHints::READS,
            meta: Map::new(),
            run,
            fault: None,
        }
    }

    /// What people and the model read.
    pub fn told(self, title: &'static str, description: &'static str) -> Self {
        Self { title, description, ..self }
    }

    /// What it does to the world.
    pub fn hints(self, hints: ToolHints) -> Self {
        Self { hints, ..self }
    }

    /// Shows its results with this page (MCP Apps), which may call it too. ChatGPT reads the second name as well.
    pub fn shown_by(mut self, uri: &'static str) -> Self {
        let ui = json!({ "resourceUri": uri, "visibility": ["model", "app"] });
        self.meta.insert("ui".into(), ui);
        self.meta.insert("openai/outputTemplate".into(), uri.into());
        self
    }

    /// May be called by a page too, which ChatGPT must be told.
    pub fn open_to_pages(mut self) -> Self {
        self.meta.insert("openai/widgetAccessible".into(), true.into());
        self
    }

    /// The tool as a list shows it.
    pub(crate) fn listed(&self) -> Value {
        let mut tool = json!({
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "inputSchema": self.input,
            "annotations": self.hints.shown(self.title),
        });
        if let Some(output) = &self.output {
            tool["outputSchema"] = output.clone();
        }
        if !self.meta.is_empty() {
            tool["_meta"] = self.meta.clone().into();
        }
        tool
    }
}

impl fmt::Debug for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tool").field("name", &self.name).finish_non_exhaustive()
    }
}
