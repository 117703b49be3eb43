//! What must be done before what.

use serde_json::{Value, json};

use crate::house::{World, id, titles};

async fn chain(world: &World) -> [Value; 3] {
    let a = world.task(json!({ "title": "a", "priority": 1 })).await;
    world.tick();
    let b = world.task(json!({ "title": "b", "priority": 5, "depends_on": [id(&a)] })).await;
    world.tick();
    let c = world.task(json!({ "title": "c", "priority": 5, "depends_on": [id(&a), id(&b)] })).await;
    [a, b, c]
}

#[tokio::test]
async fn a_blocked_task_is_never_best() {
    let world = World::new().await;
    let [a, b, c] = chain(&world).await;
    assert_eq!(
        (&a["blocked"], &b["blocked"], &c["depends_on"]),
        (&json!(false), &json!(true), &json!([id(&a), id(&b)]))
    );
    let best = world.get("/tasks/best").await;
    assert_eq!(
        (&best["task"]["title"], &best["left_out"]),
        (&json!("a"), &json!({ "blocked": 2, "snoozed": 0 }))
    );
    world.act(&a, "complete").await.done(200);
    assert_eq!(world.get("/tasks/best").await["task"]["title"], "b");
    // What is put off still holds up; what is deleted does not.
    world.post(&format!("/tasks/{}/snooze", id(&b)), json!({ "hours": 1 })).await.done(200);
    assert_eq!(world.ask("anna", "GET", "/tasks/best", None).await.refusal(), (404, "nothing_to_do".into()));
    world.ask("anna", "DELETE", &format!("/tasks/{}", id(&b)), None).await.done(204);
    let best = world.get("/tasks/best").await;
    assert_eq!((&best["task"]["title"], &best["task"]["blocked"]), (&json!("c"), &json!(false)));
    assert_eq!(best["task"]["depends_on"], json!([id(&a), id(&b)]));
    world.act(&b, "restore").await.done(200);
    world.act(&a, "reopen").await.done(200);
    assert_eq!(titles(&world.get("/tasks/next").await), ["a"]);
}

#[tokio::test]
async fn a_circle_is_refused() {
    let world = World::new().await;
    let [a, b, c] = chain(&world).await;
    let ask = async |task: &Value, needs: Value| {
        world.patch(&format!("/tasks/{}", id(task)), json!({ "depends_on": needs })).await
    };
    for needs in [json!([id(&a)]), json!([id(&b)]), json!([id(&c)])] {
        let refused = ask(&a, needs).await;
        assert_eq!(
            (refused.refusal(), refused.refused_field()),
            ((422, "circular_dependency".into()), "/depends_on".into())
        );
    }
    // A circle through a task that is done or deleted would close when it comes back.
    world.act(&b, "complete").await.done(200);
    world.ask("anna", "DELETE", &format!("/tasks/{}", id(&b)), None).await.done(204);
    assert_eq!(ask(&a, json!([id(&b)])).await.refusal(), (422, "circular_dependency".into()));
    let changed = ask(&c, json!([id(&b)])).await.done(200);
    assert_eq!((&changed["depends_on"], &changed["blocked"]), (&json!([id(&b)]), &json!(false)));
    assert_ne!(changed["updated_at"], c["updated_at"]);
    ask(&c, json!([])).await.done(200);
    ask(&a, json!([id(&c)])).await.done(200);
}

#[tokio::test]
async fn only_tasks_of_ones_own_can_be_needed() {
    let world = World::new().await;
    let theirs = world.ask("boris", "POST", "/tasks", Some(json!({ "title": "secret" }))).await.done(201);
    let own = world.task(json!({ "title": "a" })).await;
    for needs in [json!([id(&theirs)]), json!(["019cade2-11c0-7b41-9c55-3f0a6d2e8b17"])] {
        let body = json!({ "title": "b", "depends_on": needs });
        assert_eq!(world.post("/tasks", body.clone()).await.refused_field(), "/depends_on");
        assert_eq!(world.patch(&format!("/tasks/{}", id(&own)), body).await.refused_field(), "/depends_on");
    }
    assert_eq!(titles(&world.get("/tasks").await), ["a"], "a refused edit changes nothing");
}
