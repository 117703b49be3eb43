//! JSON in and out. What is wrong with a body is said field by field.

use std::borrow::Cow;

use axum::{
    body::Body,
    extract::{FromRequest, Request},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, header};
use http_body_util::BodyExt;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use serde_path_to_error::{Path, Segment};
use stoa_core::{Error, Result};

use crate::{Problem, body::BodyFault, config::RequestConfig, object::Whole};

/// A JSON body: an argument of a handler, or its answer.
#[derive(Clone, Copy, Debug)]
pub struct Json<T>(pub T);

/// How deep and how long JSON may be; put into each request by the pipeline.
#[derive(Clone, Copy)]
pub(crate) struct JsonLimits {
    depth: usize,
    string: usize,
}

impl From<&RequestConfig> for JsonLimits {
    fn from(config: &RequestConfig) -> Self {
        Self { depth: config.json_depth, string: config.json_string_bytes }
    }
}

impl JsonLimits {
    /// Outside the pipeline.
    pub(crate) fn usual() -> Self {
        Self::from(&RequestConfig::default())
    }
}

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = Problem;
    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            return Err(Error::unsupported("send JSON, with `Content-Type: application/json`").into());
        }
        let limits = request.extensions().get().copied().unwrap_or_else(JsonLimits::usual);
        let bytes = whole(request.into_body()).await?;
        // Every body of ours is an object.
        let Whole(value) = read(&bytes, limits)?;
        Ok(Self(value))
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        let mut bytes = Vec::with_capacity(256);
        match serde_json::to_writer(&mut bytes, &self.0) {
            Ok(()) => {
                let mut response = Response::new(Body::from(bytes));
                response
                    .headers_mut()
                    .insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
                response
            }
            Err(cause) => Problem::from(Error::internal(cause)).into_response(),
        }
    }
}

/// The whole of a guarded body.
pub(crate) async fn whole(body: Body) -> Result<Bytes> {
    Ok(body.collect().await.map_err(|error| body_failed(&error))?.to_bytes())
}

/// Why a guarded body could not be read, as the caller is told.
#[track_caller]
pub(crate) fn body_failed(error: &axum::Error) -> Error {
    BodyFault::behind(error).unwrap_or(BodyFault::Broken).error()
}

pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    let Some(text) = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()) else {
        return false;
    };
    let essence = text.split(';').next().unwrap_or(text).trim();
    let Some((kind, subtype)) = essence.split_once('/') else { return false };
    let subtype = subtype.to_ascii_lowercase();
    kind.eq_ignore_ascii_case("application") && (subtype == "json" || subtype.ends_with("+json"))
}

/// Reads a value out of JSON text within limits.
pub(crate) fn read<T: DeserializeOwned>(bytes: &[u8], limits: JsonLimits) -> Result<T> {
    measure(bytes, limits)?;
    let mut from = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut from).map_err(|error| {
        let pointer = pointer(error.path());
        if error.inner().is_data() { wrong_shape(pointer, error.inner()) } else { broken(error.inner()) }
    })?;
    from.end().map_err(|error| broken(&error))?;
    Ok(value)
}

/// Reads a value out of another, which must be an object.
pub(crate) fn from_value<T: DeserializeOwned>(value: Value) -> Result<T> {
    let Whole(value) = serde_path_to_error::deserialize(value)
        .map_err(|error| wrong_shape(pointer(error.path()), error.inner()))?;
    Ok(value)
}

#[track_caller]
fn broken(error: &serde_json::Error) -> Error {
    Error::malformed(format!("the body is not JSON (line {}, column {})", error.line(), error.column()))
        .code("broken_json")
}

/// The depth and the longest string, before anything is built from them.
fn measure(bytes: &[u8], limits: JsonLimits) -> Result<()> {
    let (mut depth, mut string, mut escaped) = (0_usize, None, false);
    for (at, byte) in bytes.iter().enumerate() {
        if let Some(begin) = string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => {
                    if at - begin > limits.string {
                        let most = limits.string >> 10;
                        return Err(Error::invalid(format!("a text in the body is longer than {most} KB")));
                    }
                    string = None;
                }
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => string = Some(at),
            b'[' | b'{' => {
                depth += 1;
                if depth > limits.depth {
                    let most = limits.depth;
                    return Err(Error::invalid(format!("the body nests deeper than {most} levels")));
                }
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

/// A JSON pointer (RFC 6901).
pub(crate) fn pointer(path: &Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => pointer.push_str(&format!("/{index}")),
            Segment::Map { key } => pointer.push_str(&format!("/{}", escaped(key))),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}

fn escaped(key: &str) -> Cow<'_, str> {
    if key.contains(['~', '/']) { key.replace('~', "~0").replace('/', "~1").into() } else { key.into() }
}

/// 422, with what serde says about the field, which speaks of the caller's own input and of our field names.
#[track_caller]
fn wrong_shape(pointer: String, error: &serde_json::Error) -> Error {
    let text = error.to_string();
    let text = text.rfind(" at line ").map_or(text.as_str(), |end| &text[..end]);
    let named = |prefix: &str| text.strip_prefix(prefix).and_then(|rest| rest.split('`').next());
    if let Some(name) = named("missing field `") {
        return Error::field(format!("{pointer}/{}", escaped(name)), "is missing");
    }
    if let Some(name) = named("unknown field `") {
        let known = text.split_once(", ").map_or("", |(_, known)| known);
        let name = format!("/{}", escaped(name));
        let pointer = if pointer.ends_with(&name) { pointer } else { pointer + &name };
        return Error::field(pointer, format!("is not a field here, {known}"));
    }
    Error::field(pointer, text.to_owned())
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use stoa_core::Kind;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its shape is of interest")]
    struct Shelf {
        name: String,
        #[serde(default)]
        books: Vec<Book>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only its shape is of interest")]
    struct Book {
        pages: u16,
    }

    fn limits() -> JsonLimits {
        JsonLimits { depth: 4, string: 16 }
    }

    fn refused(text: &str) -> Error {
        read::<Shelf>(text.as_bytes(), limits()).unwrap_err()
    }

    fn field(text: &str) -> (String, String) {
        let error = refused(text);
        assert_eq!(error.kind(), Kind::Invalid);
        let field = &error.fields()[0];
        (field.pointer.to_string(), field.detail.to_string())
    }

    #[test]
    fn what_is_wrong_is_said_field_by_field() {
        assert_eq!(field("{}"), ("/name".into(), "is missing".into()));
        assert_eq!(
            field(r#"{"name":"a","books":[{"pages":1},{"pages":"x"}]}"#),
            ("/books/1/pages".into(), "invalid type: string \"x\", expected u16".into())
        );
        assert_eq!(
            field(r#"{"name":"a","x/y":1}"#),
            ("/x~1y".into(), "is not a field here, expected `name` or `books`".into())
        );
        assert_eq!(field(r#"{"name":"a","books":[{}]}"#), ("/books/0/pages".into(), "is missing".into()));
    }

    #[test]
    fn text_that_is_no_json_is_told_where() {
        for broken in ["", "{", "{\"name\":\"a\"} x", "{\"name\":nul}", "\u{0}"] {
            let error = refused(broken);
            assert_eq!((error.kind(), error.stable_code()), (Kind::Malformed, "broken_json"), "{broken:?}");
        }
    }

    #[test]
    fn mv_m8_depth_and_length_have_limits() {
        let deep = format!("{}{}", "[".repeat(5), "]".repeat(5));
        assert!(refused(&deep).said().contains("deeper than 4"));
        let bomb = "[".repeat(1_000_000);
        assert!(refused(&bomb).said().contains("deeper than 4"));
        let long = format!(r#"{{"name":"{}"}}"#, "a".repeat(17));
        assert!(refused(&long).said().contains("longer than"));
        let quoted = format!(r#"{{"name":"{}"}}"#, "[\\\"".repeat(4));
        assert!(read::<Shelf>(quoted.as_bytes(), limits()).is_ok());
    }

    #[test]
    fn only_json_is_taken_for_json() {
        let says =
            |value| is_json(&HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(value))]));
        assert!(
            says("application/json")
                && says("Application/JSON; charset=utf-8")
                && says("application/csp+json")
        );
        assert!(!says("text/plain") && !says("text/json") && !says("application/x-www-form-urlencoded"));
        assert!(!is_json(&HeaderMap::new()));
    }
}
