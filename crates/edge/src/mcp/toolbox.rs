//! What parts bring for models, and all of it together in a fixed order.

use std::{future::Future, sync::Arc};

use futures::FutureExt;
use serde_json::{Map, Value, json};
use stoa_core::{Error, Result, Scopes};

use super::{Tool, ToolCall, ToolFailure, ToolOutcome, tool::Run};

/// What one part brings.
#[derive(Default)]
pub struct Toolbox {
    /// What a model is told about all of it, once.
    pub instructions: &'static str,
    /// What a client asks for at first, before any tool has wanted more.
    pub base: Scopes,
    /// What a model may do.
    pub tools: Vec<Tool>,
    /// What it may read; pages among it (MCP Apps).
    pub resources: Vec<McpResource>,
    /// What it may read by addresses of a form.
    pub templates: Vec<ResourceTemplate>,
    /// What a person may begin with.
    pub prompts: Vec<Prompt>,
    /// What only legacy revisions have.
    pub legacy: Option<Arc<dyn LegacyMcp>>,
    /// Whether it opens without a caller. Then nothing else is offered at this door.
    pub open: bool,
}

/// A page for the results of tools (MCP Apps).
pub const APP_PAGE: &str = "text/html;profile=mcp-app";

/// Something to read that is always the same.
#[derive(Clone, Debug)]
pub struct McpResource {
    /// Its address.
    pub uri: &'static str,
    /// Its name for programs.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// What it is.
    pub description: &'static str,
    /// Its type of content.
    pub mime: &'static str,
    /// What it says.
    pub body: ResourceBody,
    /// `_meta`, beside its entry in the list and beside its content.
    pub meta: Map<String, Value>,
}

/// What a resource says.
#[derive(Clone, Copy, Debug)]
pub enum ResourceBody {
    /// A text.
    Text(&'static str),
    /// Bytes in Base64.
    Base64(&'static str),
}

impl McpResource {
    /// A page that needs nothing from anywhere: no address at all may be loaded from, connected to or framed.
    pub fn page(uri: &'static str, name: &'static str, title: &'static str, html: &'static str) -> Self {
        let nowhere: [&str; 0] = [];
        let csp = json!({
            "connectDomains": nowhere, "resourceDomains": nowhere, "frameDomains": nowhere, "baseUriDomains": nowhere,
        });
        let meta = Map::from_iter([("ui".to_owned(), json!({ "csp": csp, "prefersBorder": true }))]);
        Self { uri, name, title, description: "", mime: APP_PAGE, body: ResourceBody::Text(html), meta }
    }

    fn listed(&self) -> Value {
        let mut shown =
            json!({ "uri": self.uri, "name": self.name, "title": self.title, "mimeType": self.mime });
        if !self.description.is_empty() {
            shown["description"] = self.description.into();
        }
        with_meta(shown, &self.meta)
    }

    fn content(&self) -> Value {
        let mut content = json!({ "uri": self.uri, "mimeType": self.mime });
        match self.body {
            ResourceBody::Text(text) => content["text"] = text.into(),
            ResourceBody::Base64(bytes) => content["blob"] = bytes.into(),
        }
        with_meta(content, &self.meta)
    }
}

fn with_meta(mut value: Value, meta: &Map<String, Value>) -> Value {
    if !meta.is_empty() {
        value["_meta"] = meta.clone().into();
    }
    value
}

/// Addresses of one form (RFC 6570), and what they lead to.
#[derive(Clone, Debug)]
pub struct ResourceTemplate {
    /// The form: `test://{id}`.
    pub form: &'static str,
    /// Its name for programs.
    pub name: &'static str,
    /// What it leads to.
    pub description: &'static str,
    /// The type of content.
    pub mime: &'static str,
    /// The text at an address, if the address is of this form.
    pub read: fn(&str) -> Option<String>,
}

/// Something a person may begin with.
pub struct Prompt {
    /// By which it is asked for.
    pub name: &'static str,
    /// What people read.
    pub title: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// What it takes, all of it text.
    pub arguments: Vec<PromptArgument>,
    pub(crate) run: Run,
}

/// What a prompt takes.
#[derive(Clone, Copy, Debug)]
pub struct PromptArgument {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub description: &'static str,
    /// Whether it must be there.
    pub required: bool,
    /// What is often meant, for completion.
    pub often: &'static [&'static str],
}

impl Prompt {
    /// A prompt. The work gives `messages`.
    pub fn new<Work, Going>(
        name: &'static str,
        title: &'static str,
        description: &'static str,
        arguments: Vec<PromptArgument>,
        work: Work,
    ) -> Self
    where
        Work: Fn(ToolCall) -> Going + Send + Sync + 'static,
        Going: Future<Output = std::result::Result<ToolOutcome, ToolFailure>> + Send + 'static,
    {
        Self { name, title, description, arguments, run: Arc::new(move |call| work(call).boxed()) }
    }

    fn listed(&self) -> Value {
        let argument = |argument: &PromptArgument| json!({ "name": argument.name, "description": argument.description, "required": argument.required });
        json!({
            "name": self.name, "title": self.title, "description": self.description,
            "arguments": self.arguments.iter().map(argument).collect::<Vec<_>>(),
        })
    }
}

/// What only legacy revisions have: more methods, and answers to questions of the server.
pub trait LegacyMcp: Send + Sync + 'static {
    /// What `initialize` tells of it.
    fn capabilities(&self) -> Map<String, Value>;
    /// The result of a method that is not spoken otherwise.
    fn request(&self, method: &str, params: &Map<String, Value>) -> Option<Value>;
    /// Takes an answer; false if nothing was asked under this id.
    fn answered(&self, id: &str, answer: Value) -> bool;
}

/// Everything that is offered, in the order of the parts.
pub(crate) struct Offer {
    pub(crate) instructions: String,
    pub(crate) base: Scopes,
    pub(crate) open: bool,
    pub(crate) legacy: Option<Arc<dyn LegacyMcp>>,
    tools: Vec<Tool>,
    resources: Vec<McpResource>,
    templates: Vec<ResourceTemplate>,
    prompts: Vec<Prompt>,
}

impl Offer {
    /// Puts the boxes together. One that is open is offered alone: whoever enters without a name must not find
    /// what belongs to somebody.
    ///
    /// # Errors
    /// When two things share a name, or a tool's types do not fit.
    pub(crate) fn of(mut boxes: Vec<Toolbox>) -> Result<Self> {
        let open = boxes.iter().any(|toolbox| toolbox.open);
        boxes.retain(|toolbox| toolbox.open == open);
        let mut all = Self {
            instructions: String::new(),
            base: Scopes::NONE,
            open,
            legacy: None,
            tools: Vec::new(),
            resources: Vec::new(),
            templates: Vec::new(),
            prompts: Vec::new(),
        };
        for toolbox in boxes {
            if !toolbox.instructions.is_empty() {
                let gap = if all.instructions.is_empty() { "" } else { "\n\n" };
                all.instructions = format!("{}{gap}{}", all.instructions, toolbox.instructions);
            }
            all.base = all.base.and(toolbox.base);
            all.legacy = all.legacy.or(toolbox.legacy);
            all.tools.extend(toolbox.tools);
            all.resources.extend(toolbox.resources);
            all.templates.extend(toolbox.templates);
            all.prompts.extend(toolbox.prompts);
        }
        all.checked()
    }

    fn checked(mut self) -> Result<Self> {
        if let Some(fault) = self.tools.iter_mut().find_map(|tool| tool.fault.take()) {
            return Err(fault);
        }
        let names: [Vec<&str>; 3] = [
            self.tools.iter().map(|tool| tool.name).collect(),
            self.resources.iter().map(|resource| resource.uri).collect(),
            self.prompts.iter().map(|prompt| prompt.name).collect(),
        ];
        for mut names in names {
            names.sort_unstable();
            if let Some(twice) = names.windows(2).find(|pair| pair[0] == pair[1]) {
                return Err(Error::internal(format!("two things for models are called `{}`", twice[0])));
            }
        }
        Ok(self)
    }

    pub(crate) fn tool(&self, name: &str) -> Option<&Tool> {
        self.tools.iter().find(|tool| tool.name == name)
    }

    pub(crate) fn prompt(&self, name: &str) -> Option<&Prompt> {
        self.prompts.iter().find(|prompt| prompt.name == name)
    }

    /// What is at an address.
    pub(crate) fn read(&self, uri: &str) -> Option<Value> {
        if let Some(resource) = self.resources.iter().find(|resource| resource.uri == uri) {
            return Some(resource.content());
        }
        self.templates.iter().find_map(|template| {
            let text = (template.read)(uri)?;
            Some(json!({ "uri": uri, "mimeType": template.mime, "text": text }))
        })
    }

    pub(crate) fn tools(&self) -> Value {
        self.tools.iter().map(Tool::listed).collect()
    }

    pub(crate) fn resources(&self) -> Value {
        self.resources.iter().map(McpResource::listed).collect()
    }

    pub(crate) fn templates(&self) -> Value {
        let listed = |template: &ResourceTemplate| {
            json!({
                "uriTemplate": template.form, "name": template.name,
                "description": template.description, "mimeType": template.mime,
            })
        };
        self.templates.iter().map(listed).collect()
    }

    pub(crate) fn prompts(&self) -> Value {
        self.prompts.iter().map(Prompt::listed).collect()
    }

    /// What there is, as capabilities. Nothing of it changes while the house stands: no list is announced anew.
    pub(crate) fn capabilities(&self) -> Map<String, Value> {
        let mut all = Map::new();
        let mut tell = |name: &str, there: bool, how: Value| {
            if there {
                all.insert(name.to_owned(), how);
            }
        };
        tell("tools", !self.tools.is_empty(), json!({}));
        tell("resources", !self.resources.is_empty(), json!({}));
        tell("prompts", !self.prompts.is_empty(), json!({}));
        tell("completions", self.prompts.iter().any(|prompt| !prompt.arguments.is_empty()), json!({}));
        let pages = self.resources.iter().any(|resource| resource.mime == APP_PAGE);
        tell("extensions", pages, json!({ "io.modelcontextprotocol/ui": { "mimeTypes": [APP_PAGE] } }));
        all
    }
}
