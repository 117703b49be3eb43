//! What a browser is told about pages of other sites (the Fetch standard, CORS): some doors are for programs from
//! anywhere, and any page may read what they answer, never with a cookie. All other doors say nothing, which means no.

use axum::{
    body::Body,
    extract::{MatchedPath, Request},
    response::Response,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};

use stoa_core::Audience;

use crate::House;

const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PUT, DELETE");
const ASKED: HeaderValue = HeaderValue::from_static(
    "authorization, content-type, accept, dpop, last-event-id, mcp-method, mcp-name, mcp-protocol-version, \
     mcp-session-id, x-request-id",
);
const TOLD: HeaderValue = HeaderValue::from_static(
    "dpop-nonce, mcp-session-id, ratelimit, ratelimit-policy, retry-after, www-authenticate, x-request-id",
);
/// How long a browser may remember the answer to a preflight: an hour, in seconds.
const REMEMBERED: HeaderValue = HeaderValue::from_static("3600");

/// The answer to a browser that asks beforehand, if the door is for pages from anywhere.
pub(super) fn preflight(house: &House, request: &Request) -> Option<Response> {
    let wanted = request.headers().get(header::ACCESS_CONTROL_REQUEST_METHOD)?;
    if request.method() != Method::OPTIONS {
        return None;
    }
    let method = Method::from_bytes(wanted.as_bytes()).ok()?;
    let path = request.extensions().get::<MatchedPath>()?;
    let door = house.doors().get(path.as_str())?.door(&method)?;
    let page = house.names().named_page(request.headers()).filter(|_| door.resource == Audience::MCP);
    let mut answer = Response::new(Body::empty());
    *answer.status_mut() = StatusCode::NO_CONTENT;
    let headers = answer.headers_mut();
    match page {
        _ if door.foreign => allow(headers),
        Some(page) => allow_page(headers, page.clone()),
        None => return None,
    }
    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, ASKED);
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, REMEMBERED);
    Some(answer)
}

/// This page may read this answer, and no other: a cache must keep them apart.
pub(super) fn allow_page(headers: &mut HeaderMap, page: HeaderValue) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, page);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, TOLD);
    headers.append(header::VARY, HeaderValue::from_static("origin"));
}

/// Any page may read this answer.
pub(super) fn allow(headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, TOLD);
}
