//! The network both ways.
//!
//! Inward: an HTTP server with one pipeline in front of all routes (who, from where, how much, how often), one
//! error format, and the doors that every house has: health, documents, the web app. Outward: one guarded client.
//!
//! Owns the listeners and the tables `edge_*`. Crates that bring a [`Part`] may enter; so may whoever calls
//! out. Not here: what a credential means (that is behind [`Authenticator`]), and any operation of an app.

mod admin;
mod answer;
mod assets;
mod authenticator;
mod body;
mod config;
mod connection;
mod csp;
mod documents;
mod door;
mod edge;
mod health;
mod house;
mod idempotency;
mod jobs;
mod json;
mod mcp;
mod multipart;
mod network;
mod object;
mod openapi;
mod out;
mod pages;
mod part;
mod personal;
mod pipeline;
mod problem;
mod query;
mod rate;
mod raw_body;
mod serve;
mod sse;
mod telemetry;

pub use answer::{Accepted, Created, ETag, IfMatch, List};
pub use authenticator::{Authenticator, Bound, Caller, Presented, SharedAuthenticator, Visitor};
pub use config::{ConnectionConfig, EdgeConfig, RateConfig, RequestConfig};
pub use door::{Door, doors};
pub use edge::Edge;
pub use health::{Check, CheckReport, CheckState, HealthReport};
pub use house::House;
pub use json::Json;
pub use mcp::{
    APP_PAGE, LegacyMcp, McpResource, Prompt, PromptArgument, ResourceBody, ResourceTemplate, Revision,
    RpcError, Told, Tool, ToolCall, ToolFailure, ToolHints, ToolOutcome, Toolbox,
};
pub use multipart::{FormField, Multipart};
pub use network::Network;
pub use object::object;
pub use out::{Call, Out, OutConfig, Reply};
pub use part::{Part, Rule};
pub use personal::{Files, Personal, put_document, put_list};
pub use problem::{Answer, ForeignFormat, Problem};
pub use query::{PageQuery, Paged, Path, Query};
pub use rate::{AUTH, CHALLENGE, CountBy, GENERAL, MFA, REPORT, RESET, RateClass, SIGNUP, UPLOAD};
pub use raw_body::RawBody;
pub use sse::{Event, LastEventId, Sse};
pub use telemetry::Metrics;

use stoa_store::Migration;

/// What this crate keeps of its own.
pub const MIGRATIONS: &[Migration] =
    &[Migration::new("edge", 1, "idempotency", include_str!("../migrations/0001_idempotency.sql"))];
