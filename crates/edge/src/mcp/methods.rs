//! The methods: what a request asks, and its result.

use http::HeaderMap;
use serde_json::{Map, Value, json};
use stoa_core::{Actor, Kind};
use stoa_store::Ctx;

use super::{
    Offer, Revision, RpcError, ToolCall, ToolFailure, ToolOutcome,
    account::Account,
    call::Voice,
    challenge::step_up,
    headers::{self, META_CAPABILITIES},
    message::Request,
    tool::Run,
};
use crate::{House, Problem};

/// How long a client may take a list for fresh: what is offered changes only with the program.
const FRESH_MS: u64 = 300_000;
/// Most texts of one completion (MCP completion).
const COMPLETIONS: usize = 100;

/// What a method ends with, short of a failure that the door itself answers (401, 403).
pub(crate) type Ended = Result<Result<Map<String, Value>, RpcError>, Problem>;

/// A request, with what is needed to do it.
pub(crate) struct Asked {
    pub(crate) house: House,
    pub(crate) ctx: Ctx,
    pub(crate) offer: std::sync::Arc<Offer>,
    pub(crate) revision: Revision,
    pub(crate) request: Request,
    pub(crate) voice: Voice,
}

/// Which revision a request speaks, after all that must hold of it before it is looked at.
///
/// # Errors
/// As the protocol says, by number.
pub(crate) fn admitted(offer: &Offer, headers: &HeaderMap, request: &Request) -> Result<Revision, RpcError> {
    let revision = headers::revision_of(headers, request)?;
    if !revision.is_modern() {
        return Ok(revision);
    }
    if !request.meta(META_CAPABILITIES).is_some_and(Value::is_object) {
        return Err(RpcError::incomplete_meta(META_CAPABILITIES));
    }
    let tool = request.named().filter(|_| request.method == "tools/call").and_then(|name| offer.tool(name));
    headers::check(headers, request, tool.map(|tool| &tool.input))?;
    Ok(revision)
}

impl Asked {
    /// Does what is asked.
    pub(crate) async fn answer(self) -> Ended {
        let modern = self.revision.is_modern();
        let done = match self.request.method.as_str() {
            "server/discover" if modern => Ok(self.discover()),
            "initialize" if !modern => Ok(self.initialize()),
            "ping" if !modern => Ok(Map::new()),
            "tools/list" => self.list("tools", self.offer.tools()),
            "resources/list" => self.list("resources", self.offer.resources()),
            "resources/templates/list" => self.list("resourceTemplates", self.offer.templates()),
            "prompts/list" => self.list("prompts", self.offer.prompts()),
            "resources/read" => self.read(),
            "completion/complete" => self.complete(),
            "tools/call" => return self.call().await,
            "prompts/get" => return self.prompt().await,
            _ => self.legacy(),
        };
        Ok(done)
    }

    fn discover(&self) -> Map<String, Value> {
        let mut found = Map::new();
        found.insert("supportedVersions".into(), json!(Revision::dates()));
        found.insert("capabilities".into(), self.offer.capabilities().into());
        found.insert("instructions".into(), self.offer.instructions.clone().into());
        cached(found)
    }

    fn initialize(&self) -> Map<String, Value> {
        let asked = self.request.params.get("protocolVersion").and_then(Value::as_str);
        let agreed = asked.and_then(Revision::of_date).filter(|revision| !revision.is_modern());
        let mut capabilities = self.offer.capabilities();
        if let Some(legacy) = &self.offer.legacy {
            capabilities.extend(legacy.capabilities());
        }
        let mut found = Map::new();
        found.insert("protocolVersion".into(), agreed.unwrap_or(Revision::NEWEST_LEGACY).date().into());
        found.insert("capabilities".into(), capabilities.into());
        found.insert("serverInfo".into(), server_info());
        found.insert("instructions".into(), self.offer.instructions.clone().into());
        found
    }

    /// A list in one page: no cursor is ever given.
    fn list(&self, name: &str, items: Value) -> Result<Map<String, Value>, RpcError> {
        if self.request.params.get("cursor").is_some_and(|cursor| !cursor.is_null()) {
            return Err(RpcError::invalid_params("there is no such cursor: the list has one page"));
        }
        Ok(cached(Map::from_iter([(name.to_owned(), items)])))
    }

    fn read(&self) -> Result<Map<String, Value>, RpcError> {
        let uri = self.request.named().ok_or_else(|| RpcError::invalid_params("`uri` must be a text"))?;
        let content = self.offer.read(uri).ok_or_else(|| RpcError::unknown_resource(uri))?;
        Ok(cached(Map::from_iter([("contents".to_owned(), json!([content]))])))
    }

    /// What is often meant by an argument of a prompt.
    fn complete(&self) -> Result<Map<String, Value>, RpcError> {
        let params = &self.request.params;
        let text = |pointer: [&str; 2]| params.get(pointer[0])?.get(pointer[1])?.as_str();
        let begun = text(["argument", "value"]);
        let begun = begun.ok_or_else(|| RpcError::invalid_params("`argument.value` must be a text"))?;
        let begun = begun.to_lowercase();
        let argument = text(["ref", "name"]).and_then(|name| self.offer.prompt(name)).and_then(|prompt| {
            let name = text(["argument", "name"])?;
            prompt.arguments.iter().find(|argument| argument.name == name)
        });
        let often = argument.map_or(&[][..], |argument| argument.often);
        let values: Vec<_> =
            often.iter().filter(|value| value.to_lowercase().starts_with(&begun)).take(COMPLETIONS).collect();
        let found = json!({ "values": values, "total": values.len(), "hasMore": false });
        Ok(Map::from_iter([("completion".to_owned(), found)]))
    }

    fn legacy(&self) -> Result<Map<String, Value>, RpcError> {
        let Request { method, params, .. } = &self.request;
        let extra = self.offer.legacy.as_ref().filter(|_| !self.revision.is_modern());
        match extra.and_then(|legacy| legacy.request(method, params)) {
            Some(Value::Object(result)) => Ok(result),
            _ => Err(RpcError::unknown_method(method)),
        }
    }

    async fn call(self) -> Ended {
        let Some(tool) = self.request.named().and_then(|name| self.offer.tool(name)) else {
            return Ok(Err(RpcError::invalid_params("there is no such tool; `tools/list` shows all")));
        };
        if !self.offer.open
            && let Err(error) = self.ctx.actor.user(tool.scopes)
        {
            return Err(step_up(&self.house, Problem::from(error), tool.scopes));
        }
        let (run, scopes, account) = (tool.run.clone(), tool.scopes, Account::open(tool.name, &self.ctx));
        let (house, revision) = (self.house.clone(), self.revision);
        let outcome = run_with(self, run).await;
        account.close(revision, &outcome);
        match outcome {
            Ok(outcome) => Ok(Ok(shown(outcome))),
            Err(ToolFailure::Protocol(error)) => Ok(Err(error)),
            Err(ToolFailure::Refused(error)) if error.stable_code() == "insufficient_scope" => {
                Err(step_up(&house, Problem::from(error), scopes))
            }
            Err(ToolFailure::Refused(error)) if error.kind() == Kind::Unauthenticated => Err(error.into()),
            Err(ToolFailure::Refused(error)) => Ok(Ok(refusal(&Problem::from(error)))),
        }
    }

    async fn prompt(self) -> Ended {
        let Some(prompt) = self.request.named().and_then(|name| self.offer.prompt(name)) else {
            return Ok(Err(RpcError::invalid_params("there is no such prompt; `prompts/list` shows all")));
        };
        let given = self.request.params.get("arguments").and_then(Value::as_object);
        let has = |name: &str| given.is_some_and(|given| given.get(name).is_some_and(Value::is_string));
        if let Some(missing) = prompt.arguments.iter().find(|wanted| wanted.required && !has(wanted.name)) {
            let said = format!("the argument `{}` is missing, or no text", missing.name);
            return Ok(Err(RpcError::invalid_params(said)));
        }
        let run = prompt.run.clone();
        match run_with(self, run).await {
            Ok(outcome) => Ok(Ok(shown(outcome))),
            Err(ToolFailure::Protocol(error)) => Ok(Err(error)),
            Err(ToolFailure::Refused(error)) => Err(error.into()),
        }
    }
}

/// Reads the call out of the request, and runs it.
async fn run_with(asked: Asked, run: Run) -> Result<ToolOutcome, ToolFailure> {
    let Asked { ctx, revision, mut request, voice, .. } = asked;
    let meta = |name: &str| request.meta(name).cloned();
    let (progress_token, log_level) = (meta("progressToken"), meta("io.modelcontextprotocol/logLevel"));
    let capabilities = meta(META_CAPABILITIES);
    let mut take = |name: &str| request.params.remove(name);
    let arguments = object("arguments", take("arguments"))?.unwrap_or_default();
    let input = match take("inputResponses") {
        Some(Value::Null) => {
            return Err(RpcError::invalid_params("`inputResponses` must be an object").into());
        }
        given => object("inputResponses", given)?,
    };
    let call = ToolCall {
        ctx,
        arguments,
        revision,
        capabilities: object("capabilities", capabilities)?.unwrap_or_default(),
        input,
        state: take("requestState").as_ref().and_then(Value::as_str).map(ToOwned::to_owned),
        progress_token,
        log_level: log_level.as_ref().and_then(Value::as_str).map(ToOwned::to_owned),
        voice,
    };
    run(call).await
}

fn object(name: &str, value: Option<Value>) -> Result<Option<Map<String, Value>>, RpcError> {
    match value {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Object(fields)) => Ok(Some(fields)),
        Some(_) => Err(RpcError::invalid_params(format!("`{name}` must be an object"))),
    }
}

/// The result of a call.
fn shown(outcome: ToolOutcome) -> Map<String, Value> {
    match outcome {
        ToolOutcome::Done(fields) => fields,
        ToolOutcome::NeedsInput { requests, state } => {
            let mut fields = Map::new();
            fields.insert("resultType".into(), "input_required".into());
            fields.insert("inputRequests".into(), requests.into());
            fields.extend(state.map(|state| ("requestState".to_owned(), state.into())));
            fields
        }
    }
}

/// What went wrong inside a tool, for the model to read; and beside it what the REST API would have said.
fn refusal(problem: &Problem) -> Map<String, Value> {
    let error = problem.error();
    let mut text = error.said().to_owned();
    for field in error.fields() {
        let name = field.pointer.trim_start_matches('/');
        text.push_str(&format!("\n{name}: {}", field.detail));
    }
    let problem = json!({ "status": problem.status().as_u16(), "code": error.stable_code() });
    let mut fields = Map::new();
    fields.insert("content".into(), json!([{ "type": "text", "text": text }]));
    fields.insert("isError".into(), true.into());
    fields.insert("_meta".into(), json!({ "stoa/problem": problem }));
    fields
}

/// What may be kept for a while, by anybody: it is the same for all.
fn cached(mut result: Map<String, Value>) -> Map<String, Value> {
    result.insert("ttlMs".into(), FRESH_MS.into());
    result.insert("cacheScope".into(), "public".into());
    result
}

/// Who answers.
fn server_info() -> Value {
    json!({ "name": "stoa", "title": "Stoa", "version": env!("CARGO_PKG_VERSION") })
}

/// The whole answer to a request. A modern result says what it is and who gives it; a legacy one says nothing that
/// its revision does not know.
pub(crate) fn answer(revision: Revision, id: &Value, ended: Result<Map<String, Value>, RpcError>) -> Value {
    let mut result = match ended {
        Err(error) => return error.answer(Some(id)),
        Ok(result) => result,
    };
    if revision.is_modern() {
        if !result.contains_key("resultType") {
            result.insert("resultType".into(), "complete".into());
        }
        let meta = result.entry("_meta").or_insert_with(|| json!({}));
        meta["io.modelcontextprotocol/serverInfo"] = server_info();
    } else {
        result.remove("ttlMs");
        result.remove("cacheScope");
    }
    json!({ "jsonrpc": "2.0", "id": id, "result": result })
}

/// Whether somebody came with a token. A browser's session is none: a page must not reach what is made for programs.
pub(crate) fn has_token(actor: &Actor) -> bool {
    matches!(actor, Actor::User(user) if !matches!(user.via, stoa_core::Credential::Session(_)))
}
