//! One of each kind of prompt.

use serde_json::{Map, Value, json};
use stoa_edge::{Prompt, PromptArgument, ToolCall, ToolFailure, ToolOutcome};

use super::{
    content::{image, text},
    input::{self, Question},
};

fn messages(contents: impl IntoIterator<Item = Value>) -> ToolOutcome {
    let messages = contents.into_iter().map(|content| json!({ "role": "user", "content": content }));
    ToolOutcome::Done(Map::from_iter([("messages".to_owned(), messages.collect())]))
}

fn prompt<Work, Going>(name: &'static str, arguments: Vec<PromptArgument>, work: Work) -> Prompt
where
    Work: Fn(ToolCall) -> Going + Send + Sync + 'static,
    Going: Future<Output = Result<ToolOutcome, ToolFailure>> + Send + 'static,
{
    Prompt::new(name, name, "A fixture of the conformance suite", arguments, work)
}

fn argument(name: &'static str, often: &'static [&'static str]) -> PromptArgument {
    PromptArgument { name, description: "A text", required: true, often }
}

fn given<'a>(call: &'a ToolCall, name: &str) -> &'a str {
    call.arguments.get(name).and_then(Value::as_str).unwrap_or_default()
}

pub(super) fn prompts() -> Vec<Prompt> {
    vec![
        prompt("test_simple_prompt", Vec::new(), |_| async {
            Ok(messages([text("This is a simple prompt for testing.")]))
        }),
        prompt(
            "test_prompt_with_arguments",
            vec![argument("arg1", &["paris", "park", "party"]), argument("arg2", &[])],
            |call| async move {
                let (first, second) = (given(&call, "arg1"), given(&call, "arg2"));
                Ok(messages([text(&format!("Prompt with arguments: arg1='{first}', arg2='{second}'"))]))
            },
        ),
        prompt(
            "test_prompt_with_embedded_resource",
            vec![argument("resourceUri", &["test://static-text"])],
            |call| async move {
                let resource = json!({ "type": "resource", "resource": {
                    "uri": given(&call, "resourceUri"), "mimeType": "text/plain",
                    "text": "Embedded resource content for testing.",
                }});
                Ok(messages([resource, text("Please process the embedded resource above.")]))
            },
        ),
        prompt("test_prompt_with_image", Vec::new(), |_| async {
            Ok(messages([image(), text("Please analyze the image above.")]))
        }),
        prompt("test_input_required_result_prompt", Vec::new(), |call| async move {
            let question =
                Question::form("user_context", "What context should the prompt use?", "context", "string");
            Ok(match input::answers(&call, std::slice::from_ref(&question)) {
                None => input::ask(&[question], None),
                Some(found) => messages([text(&format!("Use this context: {}", found[0]))]),
            })
        }),
    ]
}
