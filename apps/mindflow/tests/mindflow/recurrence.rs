//! Tasks that come again.

use std::time::Duration;

use serde_json::{Value, json};

use crate::house::{HOUR, World, id, titles};

/// Berlin, where it is ten in the morning of Monday, 5 January 2026.
async fn berlin() -> World {
    let world = World::new().await;
    world.patch("/tasks/settings", json!({ "time_zone": "Europe/Berlin" })).await.done(200);
    world
}

async fn shown(world: &World, task: &Value) -> Value {
    world.get(&format!("/tasks/{}", id(task))).await
}

#[tokio::test]
async fn completing_makes_the_next_occurrence_once() {
    let world = berlin().await;
    let told = json!({
        "title": "Water plants", "description": "all", "priority": 4, "due_at": "2026-01-05T17:00:00Z", "effort_minutes": 10,
        "preferred_time": "evening", "tags": ["home"], "project": "House", "recurrence": "rrule:freq=weekly;byday=th,mo",
    });
    let first = world.task(told).await;
    assert_eq!(
        (&first["recurrence"], &first["recurrence_from"], &first["recurrence_text"], &first["next_id"]),
        (
            &json!("FREQ=WEEKLY;BYDAY=TH,MO"),
            &json!("due"),
            &json!("every week on Thursday and Monday"),
            &Value::Null
        )
    );
    world.act(&first, "start").await.done(200);
    world.time.advance(HOUR);
    let done = world.act(&first, "complete").await.done(200);
    assert_eq!((&done["status"], &done["recurrence"]), (&json!("completed"), &first["recurrence"]));
    let next = world.get(&format!("/tasks/{}", done["next_id"].as_str().unwrap())).await;
    for field in [
        "title",
        "description",
        "priority",
        "effort_minutes",
        "preferred_time",
        "tags",
        "project",
        "recurrence",
        "depends_on",
    ] {
        assert_eq!(next[field], first[field], "{field}");
    }
    assert_eq!(
        (&next["status"], &next["due_at"], &next["started_at"], &next["created_at"]),
        (&json!("pending"), &json!("2026-01-08T17:00:00.000000Z"), &Value::Null, &done["completed_at"])
    );
    // Twice is as once, and so is a second request that waited for the first.
    assert_eq!(world.act(&first, "complete").await.done(200), done);
    assert_eq!(titles(&world.get("/tasks?status=open").await), ["Water plants"]);
}

#[tokio::test]
async fn two_that_complete_at_the_same_time_make_one() {
    let world = berlin().await;
    let told = json!({ "title": "a", "due_at": "2026-01-05T17:00:00Z", "recurrence": "FREQ=DAILY" });
    let task = world.task(told).await;
    let (one, two) = tokio::join!(world.act(&task, "complete"), world.act(&task, "complete"));
    assert_eq!(one.done(200)["next_id"], two.done(200)["next_id"]);
    assert_eq!(world.get("/tasks").await["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn reopening_takes_the_next_back_unless_somebody_has_touched_it() {
    let world = berlin().await;
    let told = json!({ "title": "a", "due_at": "2026-01-05T17:00:00Z", "recurrence": "FREQ=DAILY" });
    let task = world.task(told).await;
    world.act(&task, "complete").await.done(200);
    let again = world.act(&task, "reopen").await.done(200);
    assert_eq!((&again["status"], &again["next_id"]), (&json!("pending"), &Value::Null));
    assert_eq!(world.get("/tasks").await["items"].as_array().unwrap().len(), 1);

    let done = world.act(&task, "complete").await.done(200);
    let next = world.get(&format!("/tasks/{}", done["next_id"].as_str().unwrap())).await;
    world.patch(&format!("/tasks/{}", id(&next)), json!({ "title": "b" })).await.done(200);
    world.time.advance(HOUR);
    let again = world.act(&task, "reopen").await.done(200);
    assert_eq!(again["next_id"], next["id"], "it stays, and is not made again");
    assert_eq!(world.act(&task, "complete").await.done(200)["next_id"], next["id"]);
    assert_eq!(titles(&world.get("/tasks?status=open").await), ["b"]);
}

#[tokio::test]
async fn what_is_late_skips_what_has_passed_and_after_completion_counts_from_then() {
    let world = berlin().await;
    let task = async |rule: &str, from: &str| {
        let told = json!({
            "title": rule, "due_at": "2026-01-05T08:00:00Z", "recurrence": rule, "recurrence_from": from,
        });
        world.task(told).await
    };
    let fixed = task("FREQ=WEEKLY", "due").await;
    let after = task("FREQ=DAILY;INTERVAL=3", "completion").await;
    let counted = task("FREQ=DAILY;COUNT=30", "due").await;
    let over = task("FREQ=DAILY;UNTIL=20260110", "due").await;
    world.time.advance(Duration::from_secs(16 * 86_400));
    let next = async |task: &Value| {
        let done = world.act(task, "complete").await.done(200);
        match done["next_id"].as_str() {
            Some(next) => world.get(&format!("/tasks/{next}")).await,
            None => Value::Null,
        }
    };
    assert_eq!(next(&fixed).await["due_at"], "2026-01-26T08:00:00.000000Z");
    assert_eq!(next(&after).await["due_at"], "2026-01-24T08:00:00.000000Z");
    let counted = next(&counted).await;
    assert_eq!(
        (&counted["due_at"], &counted["recurrence"]),
        (&json!("2026-01-22T08:00:00.000000Z"), &json!("FREQ=DAILY;COUNT=13"))
    );
    assert_eq!(next(&over).await, Value::Null);
}

#[tokio::test]
async fn a_day_without_its_hour_moves_no_other() {
    let world = berlin().await;
    // Half past two in the night before clocks change.
    let told = json!({ "title": "a", "due_at": "2026-03-28T01:30:00Z", "recurrence": "FREQ=DAILY" });
    let mut task = world.task(told).await;
    let mut due = Vec::new();
    for _ in 0..3 {
        let done = world.act(&task, "complete").await.done(200);
        task = world.get(&format!("/tasks/{}", done["next_id"].as_str().unwrap())).await;
        due.push(task["due_at"].as_str().unwrap().to_owned());
    }
    assert_eq!(
        due,
        ["2026-03-29T01:30:00.000000Z", "2026-03-30T00:30:00.000000Z", "2026-03-31T00:30:00.000000Z"]
    );
    // Edited on the day that lacks the hour, it still is half past two.
    let odd = world
        .task(json!({ "title": "b", "due_at": "2026-03-28T01:30:00Z", "recurrence": "FREQ=DAILY" }))
        .await;
    let done = world.act(&odd, "complete").await.done(200);
    let path = format!("/tasks/{}", done["next_id"].as_str().unwrap());
    let edited = world.patch(&path, json!({ "recurrence": "FREQ=DAILY;INTERVAL=2" })).await.done(200);
    let done = world.act(&edited, "complete").await.done(200);
    let next = world.get(&format!("/tasks/{}", done["next_id"].as_str().unwrap())).await;
    assert_eq!(next["due_at"], "2026-03-31T00:30:00.000000Z");
}

#[tokio::test]
async fn a_recurrence_is_edited_and_taken_away() {
    let world = berlin().await;
    let task = world.task(json!({ "title": "a", "due_at": "2026-01-05T17:00:00Z" })).await;
    let path = format!("/tasks/{}", id(&task));
    let set = world
        .patch(&path, json!({ "recurrence": "FREQ=DAILY", "recurrence_from": "completion" }))
        .await
        .done(200);
    assert_eq!(
        (&set["recurrence_from"], &set["recurrence_text"]),
        (&json!("completion"), &json!("every day after it is done"))
    );
    let set = world.patch(&path, json!({ "recurrence": "FREQ=WEEKLY" })).await.done(200);
    assert_eq!((&set["recurrence"], &set["recurrence_from"]), (&json!("FREQ=WEEKLY"), &json!("completion")));
    let set = world.patch(&path, json!({ "recurrence_from": "due" })).await.done(200);
    assert_eq!((&set["recurrence"], &set["recurrence_from"]), (&json!("FREQ=WEEKLY"), &json!("due")));
    for (body, pointer) in [
        (json!({ "due_at": null }), "/due_at"),
        (json!({ "recurrence": "FREQ=SECONDLY" }), "/recurrence"),
        (json!({ "recurrence": "x".repeat(201) }), "/recurrence"),
        (json!({ "recurrence_from": "now" }), "/recurrence_from"),
    ] {
        assert_eq!(world.patch(&path, body).await.refused_field(), pointer);
    }
    assert_eq!(
        world.post("/tasks", json!({ "title": "a", "recurrence": "FREQ=DAILY" })).await.refused_field(),
        "/due_at"
    );
    let bare = world.patch(&path, json!({ "due_at": null, "recurrence": null })).await.done(200);
    assert_eq!(
        (&bare["recurrence"], &bare["recurrence_from"], &bare["recurrence_text"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    assert_eq!(world.act(&task, "complete").await.done(200)["next_id"], Value::Null);
    assert_eq!(shown(&world, &task).await["status"], "completed");
}

#[tokio::test]
async fn a_line_says_that_it_comes_again() {
    let world = berlin().await;
    let line = json!({ "text": "standup every monday and thursday 9:30 #team" });
    let parsed = world.post("/tasks/quick/parse", line.clone()).await.done(200);
    let piece = json!({
        "field": "recurrence", "text": "every monday and thursday", "from": 8, "to": 33,
        "means": "every week on Monday and Thursday",
    });
    assert_eq!(parsed["understood"][0], piece);
    let task = world.post("/tasks/quick", line).await.done(201);
    assert_eq!(
        (&task["title"], &task["due_at"], &task["recurrence"]),
        (&json!("standup"), &json!("2026-01-08T08:30:00.000000Z"), &json!("FREQ=WEEKLY;BYDAY=MO,TH"))
    );
    let after = world.post("/tasks/quick", json!({ "text": "cut hair every! 3 weeks" })).await.done(201);
    assert_eq!(after["recurrence_from"], "completion");
}
