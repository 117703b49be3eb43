//! The headers of a request, which must say what its body says: whoever routes by the one must not be led astray by
//! the other (MCP streamable HTTP, Server Validation).

use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderMap, HeaderValue, header};
use serde_json::{Map, Value};

use super::{
    Revision,
    message::{Request, RpcError},
};

const VERSION: &str = "mcp-protocol-version";
const METHOD: &str = "mcp-method";
const NAME: &str = "mcp-name";
const PARAM: &str = "mcp-param-";
/// Names the parameter's header, in a tool's schema.
const ANNOTATION: &str = "x-mcp-header";

/// `_meta`: the revision of a request.
pub(crate) const META_VERSION: &str = "io.modelcontextprotocol/protocolVersion";
/// `_meta`: what the client can do.
pub(crate) const META_CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";

/// Which revision the header names.
///
/// # Errors
/// `-32022` for one that is not spoken here.
pub(crate) fn revision(headers: &HeaderMap) -> Result<Revision, RpcError> {
    match only(headers, VERSION)? {
        None => Ok(Revision::UNSAID),
        Some(date) => Revision::of_date(date).ok_or_else(|| RpcError::unsupported_revision(date)),
    }
}

/// Which revision a request speaks, and whether it says so as that revision asks.
///
/// # Errors
/// `-32020` if header and body differ, `-32022` for a revision that is not spoken here, `-32602` if the modern one
/// is spoken without what must be said in it.
pub(crate) fn revision_of(headers: &HeaderMap, request: &Request) -> Result<Revision, RpcError> {
    let named = only(headers, VERSION)?;
    let told = request.meta(META_VERSION).and_then(Value::as_str);
    let is_modern = named.and_then(Revision::of_date).is_some_and(Revision::is_modern);
    match (named, told) {
        (Some(named), Some(told)) if named != told => Err(RpcError::header_mismatch(format!(
            "`MCP-Protocol-Version` says `{}`, and the body `{}`",
            named.escape_default(),
            told.escape_default()
        ))),
        (None, Some(_)) => Err(RpcError::header_mismatch("there is no `MCP-Protocol-Version` header")),
        (_, None) if is_modern || request.method == "server/discover" => {
            Err(RpcError::incomplete_meta(META_VERSION))
        }
        _ => revision(headers),
    }
}

/// Holds the headers of a modern request against its body.
///
/// # Errors
/// `-32020` for a header that is missing, comes twice, has characters it must not have, or says something else.
pub(crate) fn check(headers: &HeaderMap, request: &Request, schema: Option<&Value>) -> Result<(), RpcError> {
    match only(headers, METHOD)? {
        Some(method) if method == request.method => {}
        Some(_) => return Err(differs("Mcp-Method")),
        None => return Err(missing("Mcp-Method")),
    }
    if let Some(name) = request.named() {
        match only(headers, NAME)? {
            Some(said) if decoded("Mcp-Name", said)? == name => {}
            Some(_) => return Err(differs("Mcp-Name")),
            None => return Err(missing("Mcp-Name")),
        }
    }
    let Some(schema) = schema else { return Ok(()) };
    let none = Map::new();
    let arguments = request.params.get("arguments").and_then(Value::as_object).unwrap_or(&none);
    check_params(headers, arguments, schema)
}

/// The parameters that a schema wants to see in headers too, wherever `properties` alone lead to them.
fn check_params(headers: &HeaderMap, arguments: &Map<String, Value>, schema: &Value) -> Result<(), RpcError> {
    let none = Map::new();
    for (name, property) in schema["properties"].as_object().unwrap_or(&none) {
        let value = arguments.get(name).filter(|value| !value.is_null());
        if let Some(header) = property[ANNOTATION].as_str() {
            check_param(headers, header, value)?;
        }
        if property["properties"].is_object() {
            check_params(headers, value.and_then(Value::as_object).unwrap_or(&none), property)?;
        }
    }
    Ok(())
}

fn check_param(headers: &HeaderMap, header: &str, value: Option<&Value>) -> Result<(), RpcError> {
    let name = format!("Mcp-Param-{header}");
    let said = only(headers, &format!("{PARAM}{}", header.to_ascii_lowercase()))?;
    match (said, value) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(missing(&name)),
        (Some(_), None) => Err(differs(&name)),
        (Some(said), Some(value)) if says(&decoded(&name, said)?, value) => Ok(()),
        (Some(_), Some(_)) => Err(differs(&name)),
    }
}

/// Whether a header's text means a value; numbers are compared as numbers.
fn says(text: &str, value: &Value) -> bool {
    match value {
        Value::String(value) => text == value,
        Value::Bool(value) => text == if *value { "true" } else { "false" },
        Value::Number(value) => text.parse::<f64>().ok().is_some_and(|said| Some(said) == value.as_f64()),
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    }
}

/// The one value of a header.
fn only<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>, RpcError> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(RpcError::header_mismatch(format!("`{name}` comes more than once")));
    }
    let text = HeaderValue::to_str(value).map(str::trim);
    text.map(Some).map_err(|_| RpcError::header_mismatch(format!("`{name}` has characters it must not have")))
}

/// What a value stands for: as it is, or between markers in Base64 (Value Encoding).
fn decoded(name: &str, text: &str) -> Result<String, RpcError> {
    match text.strip_prefix("=?base64?").and_then(|rest| rest.strip_suffix("?=")) {
        None => Ok(text.to_owned()),
        Some(inner) => BASE64_STANDARD
            .decode(inner)
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .ok_or_else(|| RpcError::header_mismatch(format!("`{name}` is no Base64 of a text"))),
    }
}

fn missing(name: &str) -> RpcError {
    RpcError::header_mismatch(format!("there is no `{name}` header, and the body needs one"))
}

fn differs(name: &str) -> RpcError {
    RpcError::header_mismatch(format!("`{name}` says something else than the body"))
}

/// Which kinds of answer a client takes. One that says nothing takes JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Accepts {
    pub(crate) json: bool,
    pub(crate) stream: bool,
}

impl Accepts {
    pub(crate) fn read(headers: &HeaderMap) -> Self {
        let mut values = headers.get_all(header::ACCEPT).iter().peekable();
        if values.peek().is_none() {
            return Self { json: true, stream: false };
        }
        let mut accepts = Self { json: false, stream: false };
        for range in values.filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(',')) {
            match range.split(';').next().unwrap_or(range).trim().to_ascii_lowercase().as_str() {
                "*/*" => accepts = Self { json: true, stream: true },
                "application/*" | "application/json" => accepts.json = true,
                "text/*" | "text/event-stream" => accepts.stream = true,
                _ => {}
            }
        }
        accepts
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderName;
    use serde_json::json;

    use super::*;

    fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
        let line = |(name, value): &(&'static str, &str)| {
            (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
        };
        lines.iter().map(line).collect()
    }

    fn call(arguments: &Value) -> Request {
        let params = json!({ "name": "grüße", "arguments": arguments });
        Request { id: json!(1), method: "tools/call".into(), params: params.as_object().unwrap().clone() }
    }

    /// G16 M7
    #[test]
    fn the_name_is_compared_after_decoding_and_every_difference_is_refused() {
        let checked = |lines: &[(&'static str, &str)]| check(&headers(lines), &call(&json!({})), None);
        let name = "=?base64?Z3LDvMOfZQ==?=";
        assert!(checked(&[(METHOD, "tools/call"), (NAME, name)]).is_ok());
        for wrong in [
            &[(NAME, name)][..],
            &[(METHOD, "tools/call")],
            &[(METHOD, "TOOLS/CALL"), (NAME, name)],
            &[(METHOD, "tools/list"), (NAME, name)],
            &[(METHOD, "tools/call"), (METHOD, "tools/call"), (NAME, name)],
            &[(METHOD, "tools/call"), (NAME, "gruesse")],
            &[(METHOD, "tools/call"), (NAME, "=?base64?Z3LDvMOfZQ?=")],
            &[(METHOD, "tools/call"), (NAME, "=?base64?/w==?=")],
        ] {
            let lines: HeaderMap = {
                let mut all = HeaderMap::new();
                for (name, value) in wrong {
                    all.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
                }
                all
            };
            let error = check(&lines, &call(&json!({})), None).unwrap_err();
            assert_eq!((error.code, error.status.as_u16()), (-32020, 400), "{wrong:?}");
        }
    }

    /// G16 M8
    #[test]
    fn a_parameter_that_is_annotated_stands_in_its_header_too() {
        let schema = json!({ "properties": {
            "region": { "type": "string", "x-mcp-header": "Region" },
            "deep": { "properties": { "count": { "type": "integer", "x-mcp-header": "Count" } } },
        }});
        let checked = |arguments: Value, lines: &[(&'static str, &str)]| {
            let mut all = vec![(METHOD, "tools/call"), (NAME, "=?base64?Z3LDvMOfZQ==?=")];
            all.extend_from_slice(lines);
            check(&headers(&all), &call(&arguments), Some(&schema)).map_err(|error| error.code)
        };
        let west = ("mcp-param-region", "west");
        assert_eq!(checked(json!({ "region": "west" }), &[west]), Ok(()));
        assert_eq!(checked(json!({ "region": null }), &[]), Ok(()));
        assert_eq!(checked(json!({ "deep": { "count": 42 } }), &[("mcp-param-count", "42.0")]), Ok(()));
        assert_eq!(checked(json!({ "region": "east" }), &[west]), Err(-32020));
        assert_eq!(checked(json!({ "region": "west" }), &[]), Err(-32020));
        assert_eq!(checked(json!({}), &[west]), Err(-32020));
        assert_eq!(checked(json!({ "deep": { "count": 41 } }), &[("mcp-param-count", "42")]), Err(-32020));
    }

    #[test]
    fn a_client_says_what_it_takes() {
        let accepts = |text: &str| Accepts::read(&headers(&[("accept", text)]));
        assert_eq!(accepts("application/json, text/event-stream"), Accepts { json: true, stream: true });
        assert_eq!(accepts("Text/Event-Stream;q=0.9"), Accepts { json: false, stream: true });
        assert_eq!(accepts("image/png"), Accepts { json: false, stream: false });
        assert_eq!(Accepts::read(&HeaderMap::new()), Accepts { json: true, stream: false });
    }
}
