//! mv_s4, lm_13: every statement finds its rows by an index, with very many rows there.

use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;

use crate::{
    house::{World, form, id},
    scoring::many,
};

/// Everything that is ever asked of tasks, once or more.
async fn live_a_little(world: &World) {
    let first = world.task(json!({ "title": "a" })).await;
    let second = world.task(json!({ "title": "b", "depends_on": [id(&first)] })).await;
    let path = format!("/tasks/{}", id(&second));
    world.patch(&path, json!({ "title": "c", "depends_on": [id(&first)] })).await.done(200);
    world.post(&format!("{path}/snooze"), json!({ "hours": 1 })).await.done(200);
    for deed in ["start", "complete", "reopen"] {
        world.act(&second, deed).await.done(200);
    }
    world.ask("anna", "DELETE", &path, None).await.done(204);
    world.act(&second, "restore").await.done(200);
    world.post("/tasks/quick", json!({ "text": "d tomorrow" })).await.done(201);
    world.patch("/tasks/settings", json!({ "time_zone": "Asia/Tokyo" })).await.done(200);
    let again = json!({ "title": "e", "due_at": "2026-01-05T17:00:00Z", "recurrence": "FREQ=DAILY" });
    let again = world.task(again).await;
    world.act(&again, "complete").await.done(200);
    world.act(&again, "reopen").await.done(200);
    let soon =
        json!({ "title": "f", "due_at": "2026-01-05T10:00:00Z", "reminders": [{ "minutes_before": 5 }] });
    let soon = world.task(soon).await;
    world
        .patch(&format!("/tasks/{}", id(&soon)), json!({ "due_at": "2026-01-05T11:00:00Z" }))
        .await
        .done(200);
    world.waits_for_schedules(std::time::Duration::from_secs(7 * 3600)).await;
    world.get("/tasks/tags").await;
    world.get("/tasks/projects").await;
    for names in ["tags", "projects"] {
        world.post(&format!("/tasks/{names}/rename"), json!({ "from": "a", "to": "z" })).await.done(200);
    }
    world.get("/tasks/export").await;
    let file = form("anna", "/tasks/import", "x.csv", b"title,id\na,1\nb,2\n", &[]);
    world.send(file).await.done(200);
    for show in ["events", "todos"] {
        world.ask("anna", "GET", &format!("/tasks/feed.ics?show={show}"), None).await.done(200);
    }
    world.get("/tasks/best").await;
    world.get("/tasks/next").await;
    for status in ["open", "pending", "in_progress", "completed", "snoozed"] {
        world.get(&format!("/tasks?status={status}")).await;
    }
    for sort in ["created", "due", "priority"] {
        world.get(&format!("/tasks?sort={sort}&after={}", id(&first))).await;
    }
    world.get("/tasks?tag=x&project=y&q=some+words&deleted=true").await;
}

#[tokio::test]
async fn mv_s4_no_statement_reads_a_whole_table() {
    let world = World::new().await;
    many(&world, 10_000).await;
    let before = world.store.db.statements();
    live_a_little(&world).await;
    let asked: Vec<String> = world
        .store
        .db
        .statements()
        .into_iter()
        .filter(|sql| sql.contains("mindflow_") && !before.contains(sql))
        .collect();
    assert!(asked.len() > 15, "{asked:#?}");
    for sql in asked {
        let reads = world.store.db.reads();
        let explain =
            Statement::from_string(reads.get_database_backend(), format!("EXPLAIN QUERY PLAN {sql}"));
        for row in reads.query_all_raw(explain).await.unwrap() {
            let step: String = row.try_get("", "detail").unwrap();
            assert!(!step.starts_with("SCAN "), "{sql}\n{step}");
        }
    }
}
