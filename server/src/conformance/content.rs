//! One of each kind of content.

use std::time::Duration;

use serde_json::{Map, Value, json};
use stoa_core::Error;
use stoa_edge::{McpResource, ResourceBody, ResourceTemplate, Tool, ToolCall, ToolFailure, ToolOutcome};

/// One red pixel.
pub(super) const PNG: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==";
/// A sound without samples.
const WAV: &str = "UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=";
/// The suite wants to see that steps take time.
const STEP: Duration = Duration::from_millis(50);

type Ended = Result<ToolOutcome, ToolFailure>;

fn object() -> Value {
    json!({ "type": "object", "properties": {} })
}

fn tool<Work, Going>(name: &'static str, work: Work) -> Tool
where
    Work: Fn(ToolCall) -> Going + Send + Sync + 'static,
    Going: Future<Output = Ended> + Send + 'static,
{
    Tool::bare(name, object(), work).told(name, "A fixture of the conformance suite")
}

/// A tool that always gives the same.
fn always(name: &'static str, content: Vec<Value>) -> Tool {
    tool(name, move |_| {
        let content = content.clone();
        async move { Ok(ToolOutcome::content(content)) }
    })
}

pub(super) fn text(text: &str) -> Value {
    json!({ "type": "text", "text": text })
}

pub(super) fn image() -> Value {
    json!({ "type": "image", "data": PNG, "mimeType": "image/png" })
}

fn embedded(uri: &str, mime: &str, text: &str) -> Value {
    json!({ "type": "resource", "resource": { "uri": uri, "mimeType": mime, "text": text } })
}

pub(super) fn tools() -> Vec<Tool> {
    let schema = Tool::bare("json_schema_2020_12_tool", schema_2020_12(), |call: ToolCall| async move {
        Ok(ToolOutcome::text(format!("called with {}", Value::Object(call.arguments))))
    });
    let region = json!({ "type": "object", "properties": { "region": { "type": "string", "x-mcp-header": "Region" } } });
    let region = Tool::bare("test_x_mcp_header", region, |call: ToolCall| async move {
        Ok(ToolOutcome::text(call.arguments.get("region").map_or_else(String::new, Value::to_string)))
    });
    vec![
        always("test_simple_text", vec![text("This is a simple text response for testing.")]),
        always("test_image_content", vec![image()]),
        always("test_audio_content", vec![json!({ "type": "audio", "data": WAV, "mimeType": "audio/wav" })]),
        always(
            "test_embedded_resource",
            vec![embedded("test://embedded-resource", "text/plain", "This is an embedded resource content.")],
        ),
        always(
            "test_multiple_content_types",
            vec![
                text("Multiple content types test:"),
                image(),
                embedded(
                    "test://mixed-content-resource",
                    "application/json",
                    r#"{"test":"data","value":123}"#,
                ),
            ],
        ),
        tool("test_error_handling", |_| async {
            Err(Error::invalid("This tool intentionally returns an error for testing").into())
        }),
        tool("test_tool_with_logging", logging),
        tool("test_logging_tool", logging),
        tool("test_tool_with_progress", progress),
        tool("test_missing_capability", |call: ToolCall| async move {
            call.needs("sampling")?;
            Ok(ToolOutcome::text("the client can sample"))
        }),
        schema.told("JSON Schema", "Tool with JSON Schema 2020-12 features"),
        region.told("Headers", "Tool with a parameter that stands in a header too"),
    ]
}

async fn logging(call: ToolCall) -> Ended {
    for (step, note) in
        ["Tool execution started", "Tool processing data", "Tool execution completed"].into_iter().enumerate()
    {
        if step > 0 {
            tokio::time::sleep(STEP).await;
        }
        call.log("info", note.into()).await;
    }
    Ok(ToolOutcome::text("Tool with logging executed successfully"))
}

async fn progress(call: ToolCall) -> Ended {
    for done in [0.0, 50.0, 100.0] {
        if done > 0.0 {
            tokio::time::sleep(STEP).await;
        }
        call.progress(done, 100.0, &format!("Completed step {done} of 100")).await;
    }
    Ok(ToolOutcome::text("Tool with progress executed successfully"))
}

/// Words of the schema language that must come through as they are.
fn schema_2020_12() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "$defs": { "address": {
            "$anchor": "addressDef", "type": "object",
            "properties": { "street": { "type": "string" }, "city": { "type": "string" } },
        }},
        "properties": {
            "name": { "type": "string" }, "address": { "$ref": "#/$defs/address" },
            "contactMethod": { "type": "string", "enum": ["phone", "email"] },
            "phone": { "type": "string" }, "email": { "type": "string" },
        },
        "allOf": [{ "anyOf": [{ "required": ["phone"] }, { "required": ["email"] }] }],
        "if": { "properties": { "contactMethod": { "const": "phone" } }, "required": ["contactMethod"] },
        "then": { "required": ["phone"] },
        "else": { "required": ["email"] },
        "additionalProperties": false,
    })
}

pub(super) fn resources() -> Vec<McpResource> {
    let resource = |uri, name, mime, body| McpResource {
        uri,
        name,
        title: name,
        description: "A fixture of the conformance suite",
        mime,
        body,
        meta: Map::new(),
    };
    vec![
        resource(
            "test://static-text",
            "static-text",
            "text/plain",
            ResourceBody::Text("This is the content of the static text resource."),
        ),
        resource("test://static-binary", "static-binary", "image/png", ResourceBody::Base64(PNG)),
        resource(
            "test://watched-resource",
            "watched-resource",
            "text/plain",
            ResourceBody::Text("Watched resource content"),
        ),
    ]
}

pub(super) fn templates() -> Vec<ResourceTemplate> {
    let read = |uri: &str| {
        let id = uri.strip_prefix("test://template/")?.strip_suffix("/data")?;
        Some(json!({ "id": id, "templateTest": true, "data": format!("Data for ID: {id}") }).to_string())
    };
    vec![ResourceTemplate {
        form: "test://template/{id}/data",
        name: "template",
        description: "A fixture of the conformance suite",
        mime: "application/json",
        read,
    }]
}
