//! What to do next, and why.

use std::time::Duration;

use serde_json::{Value, json};
use stoa_store::Db;

use crate::house::{HOUR, World, form, id, run, titles};

#[tokio::test]
async fn the_best_task_comes_with_reasons_that_add_up() {
    let world = World::new().await;
    let due = json!("2026-01-06T15:00:00Z");
    world.task(json!({ "title": "plain" })).await;
    let call = world.task(json!({ "title": "call Ana", "priority": 4, "due_at": due, "effort_minutes": 15, "preferred_time": "morning" })).await;
    let best = world.get("/tasks/best").await;
    let expected = json!({
        "task": call,
        "score": 88.0,
        "reasons": [
            { "factor": "urgency", "value": 0.75, "points": 30.0, "text": "Due tomorrow at 15:00" },
            { "factor": "priority", "value": 4.0, "points": 40.0, "text": "High priority" },
            { "factor": "effort", "value": 1.0, "points": 10.0, "text": "Takes about 15 minutes" },
            { "factor": "time_of_day", "value": 1.1, "points": 8.0, "text": "Best done in the morning, and it is" },
        ],
        "recommendation": "High priority: it matters more than most.",
        "left_out": { "blocked": 0, "snoozed": 0 },
    });
    assert_eq!(best, expected);
    world.time.advance(31 * HOUR);
    let best = world.get("/tasks/best").await;
    assert_eq!(
        (&best["score"], &best["recommendation"]),
        (&json!(117.0), &json!("Overdue by 1 hour: do it now."))
    );
    assert_eq!(best["reasons"][3]["text"], "Best done in the morning, and it is not");
}

#[tokio::test]
async fn nothing_to_do_is_said_with_what_waits() {
    let world = World::new().await;
    let ask = async || world.ask("anna", "GET", "/tasks/best", None).await;
    assert_eq!(ask().await.refusal(), (404, "nothing_to_do".into()));
    let task = world.task(json!({ "title": "a" })).await;
    world.task(json!({ "title": "b", "depends_on": [id(&task)] })).await;
    world.post(&format!("/tasks/{}/snooze", id(&task)), json!({ "hours": 1 })).await.done(200);
    let refused = ask().await;
    assert_eq!(refused.refusal(), (404, "nothing_to_do".into()));
    assert_eq!(refused.json()["detail"], "there is nothing to do now: 1 blocked and 1 snoozed tasks wait");
    assert_eq!(
        world.get("/tasks/next").await,
        json!({ "items": [], "next": null, "left_out": { "blocked": 1, "snoozed": 1 } })
    );
    world.time.advance(HOUR);
    assert_eq!(world.get("/tasks/best").await["task"]["title"], "a");
}

#[tokio::test]
async fn the_ranking_is_the_same_whoever_asks_how_often() {
    let world = World::new().await;
    for (title, priority, due_at) in [
        ("third", 2, json!("2026-01-09T10:00:00Z")),
        ("second", 2, json!("2026-01-09T09:00:00Z")),
        ("fourth", 4, Value::Null),
        ("fifth", 4, Value::Null),
        ("first", 5, Value::Null),
    ] {
        world.task(json!({ "title": title, "priority": priority, "due_at": due_at })).await;
        world.tick();
    }
    let whole = world.get("/tasks/next").await;
    assert_eq!(titles(&whole), ["first", "second", "third", "fourth", "fifth"]);
    assert_eq!(world.get("/tasks/next").await, whole);
    let one = world.get("/tasks/next?limit=2").await;
    assert_eq!(one["items"].as_array().unwrap()[..], whole["items"].as_array().unwrap()[..2]);
    let path = format!("/tasks/next?limit=3&after={}", one["next"].as_str().unwrap());
    let rest = world.get(&path).await;
    assert_eq!((titles(&rest), &rest["next"]), (vec!["third", "fourth", "fifth"], &Value::Null));
    let gone = world.ask("anna", "GET", "/tasks/next?after=019cade2-11c0-7b41-9c55-3f0a6d2e8b17", None).await;
    assert_eq!(gone.refused_field(), "after");
    let best = world.get("/tasks/best").await;
    assert_eq!(best["reasons"], whole["items"][0]["reasons"]);
}

#[tokio::test]
async fn a_time_of_day_is_when_the_person_says_it_is() {
    let world = World::new().await;
    world.task(json!({ "title": "stretch", "preferred_time": "morning", "priority": 5 })).await;
    // At nine it is morning, for most: 50 points and a tenth of them.
    assert_eq!(world.get("/tasks/best").await["score"], 55.0);
    let late = json!({ "times_of_day": { "morning": 10, "afternoon": 14, "evening": 20, "night": 24 } });
    let shown = world.patch("/tasks/settings", late.clone()).await.done(200);
    assert_eq!((&shown["times_of_day"], &shown["time_zone"]), (&late["times_of_day"], &json!("UTC")));
    let best = world.get("/tasks/best").await;
    assert_eq!(best["score"], 45.0);
    assert_eq!(best["task"]["score"], world.get("/tasks").await["items"][0]["score"]);
    world.patch("/tasks/settings", json!({ "letters_per_day": 3 })).await.done(200);
    assert_eq!(world.get("/tasks/best").await["score"], 45.0, "what is left out stays");
}

#[tokio::test]
async fn weights_and_time_zone_are_the_person_s_own() {
    let world = World::new().await;
    let usual = json!({
        "time_zone": "UTC", "weights": { "urgency": 40, "priority": 10, "effort": 10 },
        "times_of_day": { "morning": 6, "afternoon": 12, "evening": 18, "night": 22 }, "letters_per_day": 20,
    });
    let seen = world.ask("anna", "GET", "/tasks/settings", None).await;
    assert_eq!(seen.done(200), usual);
    world
        .task(json!({ "title": "quick", "effort_minutes": 10, "preferred_time": "evening", "priority": 1 }))
        .await;
    world.task(json!({ "title": "important", "priority": 5 })).await;
    assert_eq!(world.get("/tasks/best").await["task"]["title"], "important");

    let change =
        json!({ "time_zone": "asia/tokyo", "weights": { "urgency": 40, "priority": 1, "effort": 50 } });
    let changed = world.patch("/tasks/settings", change).await;
    assert_eq!(changed.done(200)["time_zone"], "Asia/Tokyo");
    assert_eq!(world.get("/tasks/settings").await, changed.json());
    let best = world.get("/tasks/best").await;
    // 51 points, and evening in Tokyo: 5.1 more, to the nearest quarter.
    assert_eq!((&best["task"]["title"], &best["score"]), (&json!("quick"), &json!(56.0)));
    assert_eq!(best["recommendation"], "Takes about 10 minutes: a quick win.");
    assert_eq!(best["task"]["score"], best["score"]);
    assert_eq!(world.get(&format!("/tasks/{}", id(&best["task"]))).await["score"], best["score"]);

    assert_eq!(world.ask("boris", "GET", "/tasks/settings", None).await.done(200), usual);
    for (body, pointer) in [
        (json!({ "time_zone": "Berlin" }), "/time_zone"),
        (json!({ "weights": { "urgency": 101, "priority": 1, "effort": 1 } }), "/weights/urgency"),
        (json!({ "weights": { "urgency": 0, "priority": 0, "effort": 0 } }), "/weights"),
        (json!({ "weights": { "urgency": 1 } }), "/weights/priority"),
        (json!({ "weights": [1, 2, 3] }), "/weights"),
        (
            json!({ "times_of_day": { "morning": 6, "afternoon": 5, "evening": 18, "night": 22 } }),
            "/times_of_day/afternoon",
        ),
        (json!({ "times_of_day": { "morning": 6 } }), "/times_of_day/afternoon"),
        (json!({ "times_of_day": [6, 12, 18, 22] }), "/times_of_day"),
        (json!({ "letters_per_day": 0 }), "/letters_per_day"),
    ] {
        assert_eq!(world.patch("/tasks/settings", body).await.refused_field(), pointer);
    }
    let old = crate::house::request(
        "anna",
        "PATCH",
        "/tasks/settings",
        &[("if-match", seen.header("etag"))],
        Some(json!({})),
    );
    assert_eq!(world.send(old).await.refusal(), (412, "stale".into()));
}

/// Open tasks of Anna's, a tenth of them tied to the one before.
pub(crate) async fn many(world: &World, count: u32) {
    let sql = format!(
        "INSERT INTO mindflow_task (id, owner, title, description, search, priority, due_at, effort_minutes, tags, \
         created_at, updated_at) \
         WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count}) \
         SELECT CAST(printf('task%012d', i) AS BLOB), $1, 'task ' || i, '', '', 1 + i % 5, \
         1767603600000000 + (i % 400) * 3600000000, 1 + i % 90, ' a  b ', 1000 + i, 1000 + i FROM n"
    );
    run(&world.store, &sql, vec![world.anna().into()]).await;
    let sql = "INSERT INTO mindflow_dependency (task_id, needs_id, owner) \
               SELECT t.id, n.id, $1 FROM mindflow_task t JOIN mindflow_task n ON n.created_at = t.created_at - 1 \
               WHERE t.created_at % 10 = 0";
    run(&world.store, "CREATE INDEX test_created ON mindflow_task (created_at)", vec![]).await;
    run(&world.store, sql, vec![world.anna().into()]).await;
    run(&world.store, "DROP INDEX test_created", vec![]).await;
    run(&world.store, "ANALYZE", vec![]).await;
}

#[tokio::test]
async fn the_best_of_ten_thousand_costs_one_statement() {
    let world = World::new().await;
    many(&world, 10_000).await;
    let before = statements(&world.store.db);
    let first = world.get("/tasks/best").await;
    let asked: Vec<String> =
        statements(&world.store.db).into_iter().filter(|sql| !before.contains(sql)).collect();
    assert_eq!(asked.len(), 2, "the revision, and all that is open: {asked:#?}");
    assert_eq!(first["left_out"]["blocked"], 1000);
    assert_eq!(first["task"]["tags"], json!(["a", "b"]));
    // Nobody reads the tasks again while the revision is the same: not even a row that is changed behind our back.
    run(
        &world.store,
        "UPDATE mindflow_task SET title = 'another' WHERE owner = $1",
        vec![world.anna().into()],
    )
    .await;
    let began = std::time::Instant::now();
    assert_eq!(world.get("/tasks/best").await, first);
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

/// Whatever changes a list, what is remembered of it is what a process would read that remembers nothing.
#[tokio::test]
async fn what_is_remembered_of_a_list_is_never_old() {
    let world = World::new().await;
    let due = json!("2026-01-06T15:00:00Z");
    let new = |title: &str| json!({ "title": title, "tags": ["phone"], "project": "House" });
    let mut tasks = Vec::new();
    for title in ["a", "b", "c", "d"] {
        tasks.push(world.task(new(title)).await);
        world.tick();
    }
    let of = |number: usize, deed: &str| format!("/tasks/{}{deed}", id(&tasks[number]));
    let daily = json!({ "title": "daily", "due_at": due, "recurrence": "FREQ=DAILY" });
    let weights = json!({ "weights": { "urgency": 1, "priority": 50, "effort": 1 } });
    for (method, path, body) in [
        ("POST", "/tasks".to_owned(), Some(new("e"))),
        ("POST", "/tasks".to_owned(), Some(daily)),
        ("POST", "/tasks/quick".to_owned(), Some(json!({ "text": "call Ana tomorrow !1" }))),
        ("PATCH", of(0, ""), Some(json!({ "priority": 5 }))),
        ("PATCH", of(1, ""), Some(json!({ "depends_on": [id(&tasks[0])] }))),
        ("POST", of(0, "/start"), None),
        ("POST", of(0, "/complete"), None),
        ("POST", of(0, "/reopen"), None),
        ("POST", of(2, "/snooze"), Some(json!({ "hours": 1 }))),
        ("DELETE", of(3, ""), None),
        ("POST", of(3, "/restore"), None),
        ("POST", "/tasks/tags/rename".to_owned(), Some(json!({ "from": "phone", "to": "calls" }))),
        ("POST", "/tasks/projects/rename".to_owned(), Some(json!({ "from": "House", "to": "Home" }))),
        ("PATCH", "/tasks/settings".to_owned(), Some(weights)),
        ("PATCH", "/tasks/settings".to_owned(), Some(json!({ "time_zone": "Asia/Tokyo" }))),
    ] {
        let before = world.get("/tasks/next?limit=100").await;
        let done = world.ask("anna", method, &path, body).await;
        assert!(done.status.is_success(), "{method} {path}: {}", done.text());
        let after = world.get("/tasks/next?limit=100").await;
        assert_ne!(after, before, "{method} {path}");
        assert_eq!(after, world.forgetful().get("/tasks/next?limit=100").await, "{method} {path}");
        world.tick();
    }
    let file = form("anna", "/tasks/import", "t.csv", b"title\nfrom a file\n", &[("format", "csv")]);
    world.send(file).await.done(200);
    let after = world.get("/tasks/next?limit=100").await;
    assert!(titles(&after).contains(&"from a file"));
    assert_eq!(after, world.forgetful().get("/tasks/next?limit=100").await);
}

fn statements(db: &Db) -> Vec<String> {
    db.statements().into_iter().filter(|sql| sql.contains("mindflow_")).collect()
}
