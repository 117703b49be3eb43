//! MindFlow for models: the tools of all slices, and the page that shows a task.

use stoa_edge::{McpResource, Toolbox};

use crate::{
    MindFlow, READ, WRITE, quick_add, scoring,
    tasks::{self, mcp::CARD},
};

const CARD_HTML: &str = include_str!("../pages/task_card.html");

const INSTRUCTIONS: &str = "MindFlow is the person's own list of tasks. Ask `what_next` when they want to know what to \
    do; it ranks all open tasks and explains why. Tasks are named by id: take it from an earlier result, or look it up \
    with `list_tasks`, and never make one up. Times are UTC; the results name the person's time zone.";

/// What is offered to models. A task assistant reads and writes, so it asks for both at first.
pub(crate) fn toolbox(app: &MindFlow) -> Toolbox {
    let mut tools = vec![scoring::mcp::what_next(app)];
    tools.extend(tasks::mcp::looking());
    tools.extend([quick_add::mcp::quick_add(app)]);
    tools.extend(tasks::mcp::changing(app));
    Toolbox {
        instructions: INSTRUCTIONS,
        base: READ.and(WRITE),
        tools,
        resources: vec![McpResource {
            description: "Shows a task with the reasons for its place, and lets people complete or snooze it.",
            ..McpResource::page(CARD, "task_card", "Task", CARD_HTML)
        }],
        ..Toolbox::default()
    }
}

#[cfg(test)]
mod tests {
    use base64::{Engine, prelude::BASE64_STANDARD};

    use super::CARD_HTML;

    /// What stands between two marks of the page.
    fn between(begin: &str, end: &str) -> &'static str {
        let from = CARD_HTML.find(begin).unwrap() + begin.len();
        &CARD_HTML[from..][..CARD_HTML[from..].find(end).unwrap()]
    }

    /// N4: the page may run its own script and nothing else, and reaches nothing at all.
    #[test]
    fn the_page_is_held_by_its_own_policy() {
        let hash =
            |text: &str| format!("'sha256-{}'", BASE64_STANDARD.encode(stoa_core::digest(text).as_bytes()));
        let (script, style) = (between("<script>", "</script>"), between("<style>", "</style>"));
        let policy = format!("default-src 'none'; script-src {}; style-src {}", hash(script), hash(style));
        assert!(CARD_HTML.contains(&format!("content=\"{policy}\"")), "the policy must be: {policy}");
        for foreign in
            ["http:", "https:", "src=", "href=", "@import", "url(", "innerHTML", "eval(", "style=\""]
        {
            assert!(!CARD_HTML.contains(foreign), "{foreign}");
        }
    }
}
