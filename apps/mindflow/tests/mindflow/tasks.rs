//! A task from its creation to its end, and back.

use serde_json::{Value, json};

use crate::house::{HOUR, World, id, request};

#[tokio::test]
async fn a_task_is_kept_as_it_was_told() {
    let world = World::new().await;
    let told = json!({
        "title": " Call Ana ", "description": "About the contract", "priority": 4, "due_at": "2026-01-06T16:00:00+01:00",
        "effort_minutes": 15, "preferred_time": "afternoon", "tags": ["Phone", "phone"], "project": "contract",
    });
    let seen = world.post("/tasks", told).await;
    let task = seen.done(201);
    assert_eq!(seen.header("location"), format!("/api/v1/tasks/{}", id(&task)));
    let expected = json!({
        "id": id(&task), "title": "Call Ana", "description": "About the contract", "status": "pending",
        "blocked": false, "priority": 4, "due_at": "2026-01-06T15:00:00.000000Z", "snoozed_until": null,
        "effort_minutes": 15, "preferred_time": "afternoon", "tags": ["phone"], "project": "contract",
        "recurrence": null, "recurrence_from": null, "recurrence_text": null, "reminders": [], "next_id": null, "depends_on": [], "score": 72.0, "created_at": "2026-01-05T09:00:00.000000Z",
        "updated_at": "2026-01-05T09:00:00.000000Z", "started_at": null, "completed_at": null, "deleted_at": null,
    });
    assert_eq!(task, expected);
    assert_eq!(world.get(&format!("/tasks/{}", id(&task))).await, expected);

    let least = world.task(json!({ "title": "x" })).await;
    assert_eq!(
        (&least["priority"], &least["due_at"], &least["description"]),
        (&json!(3), &Value::Null, &json!(""))
    );
}

#[tokio::test]
async fn what_is_left_out_of_an_edit_stays_and_null_takes_away() {
    let world = World::new().await;
    let told = json!({
        "title": "a", "due_at": "2026-01-06T16:00:00Z", "effort_minutes": 15, "preferred_time": "morning",
        "tags": ["x"], "project": "p",
    });
    let task = world.task(told).await;
    let path = format!("/tasks/{}", id(&task));
    world.time.advance(HOUR);
    let edited = world.patch(&path, json!({ "title": "b", "tags": ["y", "z"] })).await.done(200);
    assert_eq!((&edited["title"], &edited["tags"]), (&json!("b"), &json!(["y", "z"])));
    assert_eq!((&edited["project"], &edited["due_at"]), (&task["project"], &task["due_at"]));
    assert_eq!(edited["updated_at"], "2026-01-05T10:00:00.000000Z");
    let bare = json!({ "due_at": null, "effort_minutes": null, "preferred_time": null, "project": null, "tags": [] });
    let edited = world.patch(&path, bare).await.done(200);
    for field in ["due_at", "effort_minutes", "preferred_time", "project"] {
        assert_eq!(edited[field], Value::Null, "{field}");
    }
    assert_eq!((&edited["tags"], &edited["title"]), (&json!([]), &json!("b")));
    assert_eq!(world.patch(&path, json!({})).await.done(200)["updated_at"], edited["updated_at"]);
}

#[tokio::test]
async fn what_is_wrong_with_a_task_is_said() {
    let world = World::new().await;
    let task = world.task(json!({ "title": "a" })).await;
    for (body, pointer) in [
        (json!({ "title": " " }), "/title"),
        (json!({ "title": "a", "priority": 6 }), "/priority"),
        (json!({ "title": "a", "priority": "high" }), "/priority"),
        (json!({ "title": "a", "due_at": "tomorrow" }), "/due_at"),
        (json!({ "title": "a", "due_at": "0001-01-01T00:00:00Z" }), "/due_at"),
        (json!({ "title": "a", "effort_minutes": 0 }), "/effort_minutes"),
        (json!({ "title": "a", "preferred_time": "night" }), "/preferred_time"),
        (json!({ "title": "a", "tags": ["ok", "not ok"] }), "/tags/1"),
        (json!({ "title": "a", "depends_on": ["x"] }), "/depends_on/0"),
        (json!({ "title": "a", "status": "completed" }), "/status"),
    ] {
        assert_eq!(world.post("/tasks", body.clone()).await.refused_field(), pointer);
        assert_eq!(world.patch(&format!("/tasks/{}", id(&task)), body).await.refused_field(), pointer);
    }
    assert_eq!(world.post("/tasks", json!({})).await.refused_field(), "/title");
}

#[tokio::test]
async fn an_edit_on_an_old_sight_is_refused() {
    let world = World::new().await;
    let task = world.task(json!({ "title": "a" })).await;
    let path = format!("/tasks/{}", id(&task));
    let seen = world.ask("anna", "GET", &path, None).await;
    let tag = seen.header("etag").to_owned();
    let edit = async |title: &str| {
        let body = Some(json!({ "title": title }));
        world.send(request("anna", "PATCH", &path, &[("if-match", &tag)], body)).await
    };
    // The clock stands still: the versions differ all the same.
    let first = edit("b").await;
    first.done(200);
    assert_ne!(first.header("etag"), tag);
    assert_eq!(edit("c").await.refusal(), (412, "stale".into()));
    for (method, path) in
        [("DELETE", path.clone()), ("POST", format!("{path}/complete")), ("POST", format!("{path}/start"))]
    {
        let refused = world.send(request("anna", method, &path, &[("if-match", &tag)], None)).await;
        assert_eq!(refused.refusal(), (412, "stale".into()), "{method} {path}");
    }
    assert_eq!(world.get(&path).await["title"], "b");
}

#[tokio::test]
async fn a_task_moves_from_state_to_state() {
    let world = World::new().await;
    let task = world.task(json!({ "title": "a" })).await;
    let started = world.act(&task, "start").await.done(200);
    assert_eq!((&started["status"], &started["started_at"]), (&json!("in_progress"), &task["created_at"]));
    world.time.advance(HOUR);
    let done = world.act(&task, "complete").await.done(200);
    assert_eq!((&done["status"], &done["score"]), (&json!("completed"), &Value::Null));
    assert_eq!(done["completed_at"], "2026-01-05T10:00:00.000000Z");
    world.time.advance(HOUR);
    assert_eq!(world.act(&task, "complete").await.done(200), done, "twice is as once");
    assert_eq!(world.act(&task, "start").await.refusal(), (409, "task_completed".into()));
    let snooze = world.post(&format!("/tasks/{}/snooze", id(&task)), json!({ "hours": 1 })).await;
    assert_eq!(snooze.refusal(), (409, "task_completed".into()));
    let again = world.act(&task, "reopen").await.done(200);
    assert_eq!(
        (&again["status"], &again["completed_at"], &again["started_at"]),
        (&json!("pending"), &Value::Null, &Value::Null)
    );
    assert_eq!(world.act(&task, "reopen").await.done(200), again);
}

#[tokio::test]
async fn a_snoozed_task_wakes_by_time() {
    let world = World::new().await;
    let task = world.task(json!({ "title": "a" })).await;
    let path = format!("/tasks/{}", id(&task));
    world.act(&task, "start").await.done(200);
    let asleep = world.post(&format!("{path}/snooze"), json!({ "hours": 3 })).await.done(200);
    assert_eq!(
        (&asleep["status"], &asleep["snoozed_until"]),
        (&json!("snoozed"), &json!("2026-01-05T12:00:00.000000Z"))
    );
    world.time.advance(3 * HOUR - std::time::Duration::from_micros(1));
    assert_eq!(world.get(&path).await["status"], "snoozed");
    world.time.advance(std::time::Duration::from_micros(1));
    let awake = world.get(&path).await;
    assert_eq!((&awake["status"], &awake["snoozed_until"]), (&json!("in_progress"), &Value::Null));
    let until = json!({ "until": "2026-01-06T08:00:00Z" });
    world.post(&format!("{path}/snooze"), until).await.done(200);
    assert_eq!(world.act(&task, "start").await.done(200)["status"], "in_progress");
    for (body, pointer) in [
        (json!({}), "/until"),
        (json!({ "until": "2026-01-05T12:00:00Z" }), "/until"),
        (json!({ "hours": 0 }), "/hours"),
        (json!({ "hours": 1, "until": "2026-01-06T12:00:00Z" }), "/hours"),
    ] {
        assert_eq!(world.post(&format!("{path}/snooze"), body).await.refused_field(), pointer);
    }
}

#[tokio::test]
async fn a_deleted_task_is_gone_until_it_is_restored() {
    let world = World::new().await;
    let task = world.task(json!({ "title": "a", "tags": ["x"] })).await;
    let path = format!("/tasks/{}", id(&task));
    assert_eq!(world.ask("anna", "DELETE", &path, None).await.status, 204);
    for (method, path, body) in [
        ("GET", path.clone(), None),
        ("PATCH", path.clone(), Some(json!({ "title": "b" }))),
        ("DELETE", path.clone(), None),
        ("POST", format!("{path}/complete"), None),
        ("POST", format!("{path}/snooze"), Some(json!({ "hours": 1 }))),
    ] {
        assert_eq!(
            world.ask("anna", method, &path, body).await.refusal(),
            (404, "not_found".into()),
            "{method}"
        );
    }
    assert_eq!(world.get("/tasks").await["items"], json!([]));
    let bin = world.get("/tasks?deleted=true").await;
    assert_eq!((id(&bin["items"][0]), &bin["items"][0]["score"]), (id(&task), &Value::Null));
    let back = world.act(&task, "restore").await.done(200);
    assert_eq!(
        (&back["title"], &back["tags"], &back["deleted_at"]),
        (&task["title"], &task["tags"], &Value::Null)
    );
    assert_eq!(world.act(&task, "restore").await.done(200), back);
    assert_eq!(world.get("/tasks?deleted=true").await["items"], json!([]));
}

#[tokio::test]
async fn there_is_an_end_to_open_tasks() {
    let world = World::with(stoa_mindflow::Config { tasks: 2 }).await;
    let first = world.task(json!({ "title": "a" })).await;
    let second = world.task(json!({ "title": "b" })).await;
    let full = (409, "too_many_tasks".into());
    assert_eq!(world.post("/tasks", json!({ "title": "c" })).await.refusal(), full);
    world.act(&first, "complete").await.done(200);
    world.ask("anna", "DELETE", &format!("/tasks/{}", id(&second)), None).await.done(204);
    world.task(json!({ "title": "c" })).await;
    world.act(&first, "reopen").await.done(200);
    assert_eq!(world.act(&second, "restore").await.refusal(), full);
    world.act(&first, "complete").await.done(200);
    world.task(json!({ "title": "d" })).await;
    assert_eq!(world.act(&first, "reopen").await.refusal(), full);
}
