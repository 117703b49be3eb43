//! Tools for models: the Model Context Protocol at `/mcp`, in the revisions 2025-03-26, 2025-06-18, 2025-11-25 and
//! 2026-07-28, all without a session.
//!
//! Owns the door `/mcp`, the documents about what tokens are for, and the challenges that lead to them. Whoever has a
//! token may enter; a browser's session is none here. Not here: what a tool does (each part brings its own), and
//! where tokens come from.

mod account;
mod call;
mod challenge;
mod door;
mod headers;
mod message;
mod metadata;
mod methods;
mod revision;
mod schema;
mod stream;
mod tool;
mod toolbox;

pub use call::ToolCall;
pub use message::RpcError;
pub use revision::Revision;
pub use tool::{Told, Tool, ToolFailure, ToolHints, ToolOutcome};
pub use toolbox::{
    APP_PAGE, LegacyMcp, McpResource, Prompt, PromptArgument, ResourceBody, ResourceTemplate, Toolbox,
};

pub(crate) use challenge::{Challenges, completed};
pub(crate) use door::part;
pub(crate) use metadata::part as metadata_part;
pub(crate) use toolbox::Offer;
