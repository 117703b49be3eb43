//! A task out of one line.

use serde_json::{Value, json};

use crate::house::{World, titles};

const LINE: &str = "call Ana tomorrow 3pm !4 ~15m #phone @contract";

#[tokio::test]
async fn what_was_understood_is_shown_before_anything_is_saved() {
    let world = World::new().await;
    world.patch("/tasks/settings", json!({ "time_zone": "Europe/Berlin" })).await.done(200);
    let parsed = world.post("/tasks/quick/parse", json!({ "text": LINE })).await.done(200);
    assert_eq!(world.get("/tasks").await["items"], json!([]), "nothing was saved");
    let task = json!({
        "title": "call Ana", "description": "", "priority": 4, "due_at": "2026-01-06T14:00:00.000000Z",
        "effort_minutes": 15, "preferred_time": null, "tags": ["phone"], "project": "contract",
        "recurrence": null, "recurrence_from": "due", "reminders": [], "depends_on": [],
    });
    assert_eq!((&parsed["task"], &parsed["time_zone"]), (&task, &json!("Europe/Berlin")));
    let first = json!({
        "field": "due_at", "text": "tomorrow", "from": 9, "to": 17, "means": "Tuesday 6 January 2026",
    });
    assert_eq!(parsed["understood"][0], first);
    assert_eq!(parsed["understood"].as_array().unwrap().len(), 6);

    let quick = world.post("/tasks/quick", json!({ "text": LINE })).await;
    assert!(quick.header("location").starts_with("/api/v1/tasks/"));
    let [quick, shown] = [quick.done(201), world.task(parsed["task"].clone()).await];
    for field in task.as_object().unwrap().keys().filter(|field| *field != "recurrence_from") {
        assert_eq!((&quick[field], &shown[field]), (&task[field], &task[field]), "{field}");
    }
}

#[tokio::test]
async fn a_line_that_cannot_be_a_task_is_refused_and_leaves_none() {
    let world = World::new().await;
    for text in [
        json!(""),
        json!("  "),
        json!("a\u{7}"),
        json!("x".repeat(501)),
        json!("y ".repeat(150)),
        json!(3),
        Value::Null,
    ] {
        for path in ["/tasks/quick", "/tasks/quick/parse"] {
            assert_eq!(world.post(path, json!({ "text": text })).await.refused_field(), "/text", "{text}");
        }
    }
    assert_eq!(titles(&world.get("/tasks").await), [""; 0]);
}
