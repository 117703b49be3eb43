//! Failures as the caller sees them: `application/problem+json` (RFC 9457), one mapping for the whole house.
//!
//! A handler's failure travels as a value to the end of the pipeline, which knows the request id, writes the
//! document and logs the cause once. `type` is `/problems/CODE`; `code` is the stable name.

use std::sync::Arc;

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::{HeaderName, HeaderValue, StatusCode, header};
use serde::Serialize;
use stoa_core::{Error, Kind, RequestId};
use utoipa::ToSchema;

/// What a handler returns when it fails. `?` makes it from the house's [`Error`].
#[derive(Debug)]
pub struct Problem {
    error: Error,
    status: StatusCode,
    header: Option<(HeaderName, HeaderValue)>,
}

/// What a handler returns.
pub type Answer<T> = Result<T, Problem>;

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let status = match error.stable_code() {
            // The one code whose status no kind stands for.
            BODY_TIMEOUT => StatusCode::REQUEST_TIMEOUT,
            _ => status(error.kind()),
        };
        Self { status, error, header: None }
    }
}

/// The caller stopped sending: 408.
pub(crate) const BODY_TIMEOUT: &str = "body_timeout";

impl Problem {
    /// The same failure under a status that no kind stands for (405, 408, …).
    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// With a header that belongs to the failure (`Allow`, `WWW-Authenticate`).
    pub(crate) fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.header = Some((name, value));
        self
    }

    pub(crate) fn error(&self) -> &Error {
        &self.error
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.status
    }
}

/// The status of a kind.
const fn status(kind: Kind) -> StatusCode {
    match kind {
        Kind::Malformed => StatusCode::BAD_REQUEST,
        Kind::Unauthenticated => StatusCode::UNAUTHORIZED,
        Kind::Forbidden => StatusCode::FORBIDDEN,
        Kind::NotFound => StatusCode::NOT_FOUND,
        Kind::Conflict => StatusCode::CONFLICT,
        Kind::Stale => StatusCode::PRECONDITION_FAILED,
        Kind::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Kind::Unsupported => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Kind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        Kind::Limited => StatusCode::TOO_MANY_REQUESTS,
        Kind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        Kind::Upstream => StatusCode::BAD_GATEWAY,
        Kind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        Kind::Timeout => StatusCode::GATEWAY_TIMEOUT,
    }
}

/// A failure on its way to the end of the pipeline.
#[derive(Clone)]
pub(crate) struct Travelling(pub(crate) Arc<Problem>);

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.status;
        response.extensions_mut().insert(Travelling(Arc::new(self)));
        response
    }
}

/// Marks an answer whose error format belongs to another contract (OAuth, the model gateway).
#[derive(Clone, Copy, Debug)]
pub struct ForeignFormat;

impl ForeignFormat {
    /// To put beside a body: `(status, ForeignFormat::mark(), body)`.
    pub fn mark() -> axum::Extension<Self> {
        axum::Extension(Self)
    }
}

/// An error document.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemDocument<'a> {
    /// Names the kind of problem: `/problems/` and the code.
    #[serde(rename = "type")]
    #[schema(example = "/problems/invalid")]
    r#type: String,
    /// The status in words.
    #[schema(example = "Unprocessable Entity")]
    title: &'a str,
    /// The status, as in the answer's first line.
    #[schema(example = 422)]
    status: u16,
    /// What happened and what to do now.
    #[schema(example = "some fields are not acceptable")]
    detail: &'a str,
    /// The stable name of the problem.
    #[schema(example = "invalid")]
    code: &'a str,
    /// Under this name the log knows more.
    #[schema(example = "q3Zk1vB7xTn0aWcE")]
    request_id: &'a str,
    /// What is wrong with which field.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<FieldDocument<'a>>,
}

/// What is wrong with one field.
#[derive(Serialize, ToSchema)]
#[schema(as = ProblemField)]
pub(crate) struct FieldDocument<'a> {
    /// A JSON pointer into the body, or the name of a parameter.
    #[schema(example = "/title")]
    pointer: &'a str,
    /// What is wrong and what would be right.
    #[schema(example = "must have 1 to 200 characters, none of them control characters")]
    detail: &'a str,
}

/// Writes the document.
pub(crate) fn render(problem: &Problem, id: &RequestId) -> Response {
    let Problem { error, status, header } = problem;
    let document = ProblemDocument {
        r#type: format!("/problems/{}", error.stable_code()),
        title: status.canonical_reason().unwrap_or("Error"),
        status: status.as_u16(),
        detail: error.said(),
        code: error.stable_code(),
        request_id: id.as_str(),
        errors: error
            .fields()
            .iter()
            .map(|field| FieldDocument { pointer: &field.pointer, detail: &field.detail })
            .collect(),
    };
    let mut response = Response::new(Body::from(serde_json::to_vec(&document).unwrap_or_default()));
    *response.status_mut() = *status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if let Some(wait) = error.retry_in() {
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    }
    if *status == StatusCode::UNAUTHORIZED {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"stoa\""));
    }
    if let Some((name, value)) = header {
        headers.insert(name, value.clone());
    }
    response
}

/// What an answer of an unknown maker with an error status means: its text is not ours to send.
pub(crate) fn from_status(status: StatusCode) -> Problem {
    let error = match status {
        StatusCode::NOT_FOUND => Error::not_found("there is nothing here"),
        StatusCode::METHOD_NOT_ALLOWED => {
            Error::malformed("this method does not work here").code("method_not_allowed")
        }
        StatusCode::PAYLOAD_TOO_LARGE => Error::too_large("the body is too large"),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Error::unsupported("this type of content is not taken here"),
        StatusCode::UNPROCESSABLE_ENTITY => Error::invalid("the input is not acceptable"),
        status if status.is_client_error() => Error::malformed("the request makes no sense here"),
        status => Error::internal(format!("an answer came with the bare status {status}")),
    };
    Problem::from(error).with_status(status)
}
