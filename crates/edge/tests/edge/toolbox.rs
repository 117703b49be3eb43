//! Tools over toys, for the tests of the door to models.

use std::sync::atomic::Ordering;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use stoa_core::{Error, Scopes};
use stoa_edge::{
    McpResource, Prompt, PromptArgument, Told, Tool, ToolCall, ToolFailure, ToolHints, ToolOutcome, Toolbox,
};
use utoipa::ToSchema;

use crate::house::Toys;

/// A wish for a toy.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ToyWish)]
struct Wish {
    /// Its name.
    #[schema(min_length = 1, example = "ball")]
    name: String,
}

/// A toy that was made.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ToyMade)]
struct Made {
    /// Its name.
    #[schema(example = "ball")]
    name: String,
    /// Whose it is.
    #[schema(example = "user:1")]
    of: String,
}

/// A toy is made by whoever may change things.
fn make(toys: Toys) -> Tool {
    Tool::new("make_toy", Scopes::TASKS_WRITE, move |ctx, Wish { name }| {
        let toys = toys.clone();
        async move {
            match name.as_str() {
                "unlucky" => return Err(Error::field("/name", "brings no luck")),
                "broken" => return Err(Error::internal("password=hunter2 at line 7")),
                "weak" => return Err(Error::forbidden("no").code("insufficient_scope")),
                _ => toys.made.fetch_add(1, Ordering::SeqCst),
            };
            let of = ctx.actor.to_string();
            Ok(Told { text: format!("Made {name}."), value: Made { name, of } })
        }
    })
    .told("Make a toy", "Makes a toy with a name.")
    .hints(ToolHints::ADDS)
}

/// Tells what it does, then waits at the gate; says when it is given up.
fn waits(toys: Toys) -> Tool {
    Tool::bare("wait_for_gate", json!({ "type": "object" }), move |call: ToolCall| {
        let toys = toys.clone();
        async move {
            struct GivenUp(Toys);
            impl Drop for GivenUp {
                fn drop(&mut self) {
                    self.0.through.notify_one();
                }
            }
            let _given_up = GivenUp(toys.clone());
            call.log("info", json!("on the side")).await;
            call.progress(1.0, 2.0, "half way").await;
            toys.gate.notified().await;
            call.progress(2.0, 2.0, "through").await;
            Ok(ToolOutcome::text("through"))
        }
    })
}

/// Asks whoever can be asked.
async fn ask(call: ToolCall) -> Result<ToolOutcome, ToolFailure> {
    call.needs("elicitation")?;
    match &call.input {
        Some(input) => Ok(ToolOutcome::text(format!("{input:?} {:?}", call.state))),
        None => {
            let requests = Map::from_iter([("who".to_owned(), json!({ "method": "elicitation/create" }))]);
            Ok(ToolOutcome::NeedsInput { requests, state: Some("first".into()) })
        }
    }
}

/// Goes to a region, which stands in a header too.
async fn route(call: ToolCall) -> Result<ToolOutcome, ToolFailure> {
    Ok(ToolOutcome::text(
        call.arguments.get("region").and_then(Value::as_str).unwrap_or("nowhere").to_owned(),
    ))
}

async fn play(call: ToolCall) -> Result<ToolOutcome, ToolFailure> {
    let text =
        format!("Play with {}.", call.arguments.get("toy").and_then(Value::as_str).unwrap_or("nothing"));
    let message = json!({ "role": "user", "content": { "type": "text", "text": text } });
    Ok(ToolOutcome::Done(Map::from_iter([("messages".to_owned(), json!([message]))])))
}

pub(crate) fn toolbox(toys: &Toys) -> Toolbox {
    let region = json!({ "type": "object", "properties": { "region": { "type": "string", "x-mcp-header": "Region" } } });
    let toy = PromptArgument {
        name: "toy",
        description: "Which one",
        required: true,
        often: &["ball", "bear", "kite"],
    };
    Toolbox {
        instructions: "Toys to play with.",
        base: Scopes::TASKS_READ,
        tools: vec![
            make(toys.clone()).shown_by("ui://toys/card"),
            waits(toys.clone()),
            Tool::bare("ask", json!({ "type": "object" }), ask),
            Tool::bare("route", region, route),
        ],
        resources: vec![McpResource::page(
            "ui://toys/card",
            "toy_card",
            "Toy",
            "<!doctype html><title>Toy</title>",
        )],
        prompts: vec![Prompt::new("play", "Play", "Begins to play.", vec![toy], play)],
        ..Toolbox::default()
    }
}
