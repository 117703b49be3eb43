//! Lists, filters and pages.

use serde_json::{Value, json};

use crate::house::{HOUR, World, id, titles};

#[tokio::test]
async fn filters_find_what_they_name() {
    let world = World::new().await;
    world.task(json!({ "title": "Pay RENT", "tags": ["home"], "project": "House 2" })).await;
    world.tick();
    let begun = world
        .task(json!({ "title": "begun", "description": "rent a 100% van_", "tags": ["home-office", "car"] }))
        .await;
    world.tick();
    let done = world.task(json!({ "title": "done", "tags": ["car"] })).await;
    world.tick();
    let asleep = world.task(json!({ "title": "asleep", "project": "House" })).await;
    world.tick();
    world.task(json!({ "title": "Grüße ÄNDERN" })).await;
    world.tick();
    world.act(&begun, "start").await.done(200);
    world.act(&done, "complete").await.done(200);
    world.post(&format!("/tasks/{}/snooze", id(&asleep)), json!({ "hours": 1 })).await.done(200);
    for (query, expected) in [
        ("", vec!["Grüße ÄNDERN", "asleep", "done", "begun", "Pay RENT"]),
        ("status=open", vec!["Grüße ÄNDERN", "asleep", "begun", "Pay RENT"]),
        ("status=pending", vec!["Grüße ÄNDERN", "Pay RENT"]),
        ("status=in_progress", vec!["begun"]),
        ("status=completed", vec!["done"]),
        ("status=snoozed", vec!["asleep"]),
        ("tag=home", vec!["Pay RENT"]),
        ("tag=CAR", vec!["done", "begun"]),
        ("tag=car&status=open", vec!["begun"]),
        ("tag=h_me", vec![]),
        ("project=House", vec!["asleep"]),
        ("project=House+2", vec!["Pay RENT"]),
        ("q=rent", vec!["begun", "Pay RENT"]),
        ("q=VAN+rent", vec!["begun"]),
        ("q=100%25", vec!["begun"]),
        ("q=_", vec!["begun"]),
        ("q=!", vec![]),
        ("q=gr%C3%9C%C3%9Fe+%C3%A4", vec!["Grüße ÄNDERN"]),
        ("q=", vec!["Grüße ÄNDERN", "asleep", "done", "begun", "Pay RENT"]),
    ] {
        assert_eq!(titles(&world.get(&format!("/tasks?{query}")).await), expected, "{query}");
    }
    world.time.advance(HOUR);
    assert_eq!(titles(&world.get("/tasks?status=snoozed").await), [""; 0]);
    assert_eq!(titles(&world.get("/tasks?status=pending").await), ["Grüße ÄNDERN", "asleep", "Pay RENT"]);
}

#[tokio::test]
async fn what_cannot_be_asked_of_a_list_is_said() {
    let world = World::new().await;
    for (query, field) in [
        ("status=done", "status"),
        ("sort=score", "sort"),
        ("deleted=maybe", "deleted"),
        ("tag=a+b", "tag"),
        ("project=+", "project"),
        ("q=1+2+3+4+5+6+7+8+9", "q"),
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("after=x", "after"),
        ("after=019cade2-11c0-7b41-9c55-3f0a6d2e8b17", "after"),
    ] {
        let refused = world.ask("anna", "GET", &format!("/tasks?{query}"), None).await;
        assert_eq!(refused.refused_field(), field, "{query}");
    }
    let theirs = world.ask("boris", "POST", "/tasks", Some(json!({ "title": "a" }))).await.done(201);
    let refused = world.ask("anna", "GET", &format!("/tasks?after={}", id(&theirs)), None).await;
    assert_eq!(refused.refused_field(), "after");
}

async fn pages(world: &World, query: &str) -> Vec<String> {
    let (mut all, mut next) = (Vec::new(), String::new());
    loop {
        let page = world.get(&format!("/tasks?limit=2{query}{next}")).await;
        all.extend(titles(&page).into_iter().map(ToOwned::to_owned));
        match &page["next"] {
            Value::String(cursor) => next = format!("&after={cursor}"),
            _ => return all,
        }
    }
}

#[tokio::test]
async fn pages_hold_everything_once_in_every_order() {
    let world = World::new().await;
    let due = |day: u32| json!(format!("2026-01-{day:02}T12:00:00Z"));
    for (title, priority, due_at) in [
        ("a", 3, due(9)),
        ("b", 5, Value::Null),
        ("c", 3, due(7)),
        ("d", 1, due(9)),
        ("e", 5, due(8)),
        ("f", 3, Value::Null),
        ("g", 4, due(9)),
    ] {
        world.task(json!({ "title": title, "priority": priority, "due_at": due_at })).await;
        world.tick();
    }
    assert_eq!(pages(&world, "").await.concat(), "gfedcba");
    assert_eq!(pages(&world, "&sort=created").await.concat(), "gfedcba");
    assert_eq!(pages(&world, "&sort=due").await.concat(), "ceadgbf");
    assert_eq!(pages(&world, "&sort=priority").await.concat(), "ebgfcad");
}
