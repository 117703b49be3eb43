//! What a caller is told who came without a credential that is good here, or with one that does not reach far enough
//! (RFC 6750 §3, RFC 9728 §5.1; MCP authorization, Scope Selection).

use http::{HeaderValue, StatusCode, header};
use stoa_core::{Audience, Scopes};

use super::metadata::{API_METADATA, MCP_METADATA};
use crate::{House, Problem, door::DoorPlan};

/// What the challenges of a house say of it.
pub(crate) struct Challenges {
    base: Scopes,
}

impl Challenges {
    pub(crate) const fn new(base: Scopes) -> Self {
        Self { base }
    }

    /// What a client asks for at first at `/mcp`.
    pub(crate) fn base(&self) -> Scopes {
        self.base
    }
}

/// The failure for want of a scope, with all that this operation needs.
pub(crate) fn step_up(house: &House, problem: Problem, needed: Scopes) -> Problem {
    let text =
        format!("Bearer error=\"insufficient_scope\", scope=\"{needed}\", {}", metadata(house, MCP_METADATA));
    match HeaderValue::try_from(text) {
        Ok(value) if problem.status() == StatusCode::FORBIDDEN => {
            problem.with_header(header::WWW_AUTHENTICATE, value)
        }
        _ => problem,
    }
}

/// The whole challenge of a failure at a door: what it says already, and where to learn more.
pub(crate) fn completed(
    house: &House,
    door: &DoorPlan,
    problem: &Problem,
    said: Option<&HeaderValue>,
) -> Option<HeaderValue> {
    let metadata = match door.resource {
        _ if door.public => return None,
        Audience::MCP => metadata(house, MCP_METADATA),
        Audience::API => metadata(house, API_METADATA),
        _ => return None,
    };
    let said = said.and_then(|said| said.to_str().ok());
    let text = match (problem.status(), said) {
        (_, Some(said)) if said.contains("resource_metadata") => return None,
        // A program that knows only a name and a password finds no authorization server.
        (_, Some(said)) if said.starts_with("Basic ") => return None,
        (StatusCode::UNAUTHORIZED, said) => {
            let (said, base) = (said.unwrap_or("Bearer realm=\"stoa\""), house.challenges().base());
            let at_first =
                if door.resource == Audience::MCP { format!(", scope=\"{base}\"") } else { String::new() };
            format!("{said}{at_first}, {metadata}")
        }
        (StatusCode::FORBIDDEN, None) if problem.error().stable_code() == "insufficient_scope" => {
            format!("Bearer error=\"insufficient_scope\", {metadata}")
        }
        _ => return None,
    };
    HeaderValue::try_from(text).ok()
}

fn metadata(house: &House, path: &str) -> String {
    format!("resource_metadata=\"{}{path}\"", house.issuer())
}
