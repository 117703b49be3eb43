//! The OpenAPI 3.1 document: put together from the parts, with what is the same everywhere said once.

use std::collections::HashMap;

use http::Method;
use stoa_core::{Error, Result};
use utoipa::{
    PartialSchema,
    openapi::{
        Components, ContentBuilder, Info, OpenApi, Ref, RefOr, ResponseBuilder, Server,
        path::{Operation, Parameter, ParameterIn},
        security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme},
    },
};

use crate::{
    door::{API, Doors},
    problem::{FieldDocument, ProblemDocument},
};

/// Says once for all operations what holds for all of them.
///
/// # Errors
/// When two operations share an id.
pub(crate) fn finish(mut document: OpenApi, doors: &Doors, cookie: &str, version: &str) -> Result<OpenApi> {
    document.info = Info::new("Stoa", version);
    document.info.description = Some(MANNERS.to_owned());
    document.servers = Some(vec![Server::new("/")]);
    let components = document.components.get_or_insert_with(Components::new);
    components.schemas.insert("Problem".into(), ProblemDocument::schema());
    components.schemas.insert("ProblemField".into(), FieldDocument::schema());
    let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(cookie)));
    components.add_security_scheme("session", cookie);
    components.add_security_scheme("token", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    let mut ids = HashMap::new();
    for (path, item) in &mut document.paths.paths {
        let all = [
            (Method::GET, &mut item.get),
            (Method::PUT, &mut item.put),
            (Method::POST, &mut item.post),
            (Method::DELETE, &mut item.delete),
            (Method::PATCH, &mut item.patch),
        ];
        for (method, operation) in all {
            let Some(operation) = operation else { continue };
            let door = doors.get(path.as_str()).and_then(|plan| plan.door(&method));
            let public = door.is_none_or(|door| door.public);
            complete(operation, path, &method, public);
            let id = operation.operation_id.clone().unwrap_or_default();
            if let Some(other) = ids.insert(id.clone(), path.clone()) {
                return Err(Error::internal(format!("{path} and {other} share the operation id `{id}`")));
            }
        }
    }
    Ok(document)
}

const MANNERS: &str = "Ids are UUIDv7, times RFC 3339 in UTC. Lists are cut with `limit` and `after`. Every failure is \
    `application/problem+json` with a stable `code`, and carries the request's id, as every answer does in \
    `X-Request-Id`. A POST that creates may carry an `Idempotency-Key`.";

/// Which failures an operation can have that is asked like this.
fn failures(path: &str, method: &Method, public: bool, query: bool) -> Vec<(&'static str, &'static str)> {
    let mut all = vec![
        ("400", "The request makes no sense"),
        ("429", "Too often; see `Retry-After`"),
        ("500", "Our fault"),
    ];
    if !public {
        all.push(("401", "No credential, or one that is no longer good"));
    }
    if !public || !method.is_safe() {
        all.push(("403", "Not allowed for this caller, role or scope, or sent by another site"));
    }
    if path.contains('{') {
        all.push(("404", "Not there, or not yours"));
    }
    if !method.is_safe() {
        all.push(("413", "The body is too large"));
        all.push(("415", "A type of content that is not taken here"));
    }
    if !method.is_safe() || query {
        all.push(("422", "Some fields are not acceptable"));
    }
    all
}

fn complete(operation: &mut Operation, path: &str, method: &Method, public: bool) {
    if operation.operation_id.is_none() {
        let words = path.trim_start_matches(API).replace(['/', '{', '}', '.', '-'], "_");
        operation.operation_id = Some(format!("{}{words}", method.as_str().to_ascii_lowercase()));
    }
    let none: [&str; 0] = [];
    operation.security = Some(if public {
        vec![SecurityRequirement::default()]
    } else {
        vec![SecurityRequirement::new("session", none), SecurityRequirement::new("token", none)]
    });
    let query =
        operation.parameters.iter().flatten().any(|parameter| {
            matches!(parameter, RefOr::T(Parameter { parameter_in: ParameterIn::Query, .. }))
        });
    let responses = &mut operation.responses.responses;
    for (status, what) in failures(path, method, public, query) {
        responses
            .entry(status.to_owned())
            .or_insert_with(|| RefOr::T(ResponseBuilder::new().description(what).build()));
    }
    // A handler names its own failures; their form is everybody's.
    let failed = responses.iter_mut().filter(|(status, _)| status.as_str() >= "400");
    for (_, response) in failed {
        if let RefOr::T(response) = response
            && response.content.is_empty()
        {
            let schema = RefOr::Ref(Ref::from_schema_name("Problem"));
            let content = ContentBuilder::new().schema(Some(schema)).build();
            response.content.insert("application/problem+json".to_owned(), RefOr::T(content));
        }
    }
}
