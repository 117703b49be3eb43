//! Tags and projects.

use serde_json::json;

use crate::house::{World, id, titles};

async fn world() -> World {
    let world = World::new().await;
    for (title, tags, project) in [
        ("a", json!(["phone", "home"]), json!("House")),
        ("b", json!(["home", "home-office"]), json!("House 2")),
        ("c", json!(["calls", "phone"]), json!("House")),
        ("d", json!([]), json!(null)),
    ] {
        world.task(json!({ "title": title, "tags": tags, "project": project })).await;
        world.tick();
    }
    let his = json!({ "title": "his", "tags": ["phone"], "project": "House" });
    world.ask("boris", "POST", "/tasks", Some(his)).await.done(201);
    world
}

#[tokio::test]
async fn names_are_listed_with_what_has_them() {
    let world = world().await;
    let list = world.get("/tasks?tag=calls").await;
    world.act(&list["items"][0], "complete").await.done(200);
    let gone = world.task(json!({ "title": "gone", "tags": ["gone"], "project": "Gone" })).await;
    world.ask("anna", "DELETE", &format!("/tasks/{}", id(&gone)), None).await.done(204);
    let tags = json!({ "items": [
        { "name": "calls", "open": 0, "all": 1 }, { "name": "home", "open": 2, "all": 2 },
        { "name": "home-office", "open": 1, "all": 1 }, { "name": "phone", "open": 1, "all": 2 },
    ], "next": null });
    assert_eq!(world.get("/tasks/tags").await, tags);
    let projects = json!({ "items": [
        { "name": "House", "open": 1, "all": 2 }, { "name": "House 2", "open": 1, "all": 1 },
    ], "next": null });
    assert_eq!(world.get("/tasks/projects").await, projects);
}

#[tokio::test]
async fn a_renamed_tag_is_renamed_everywhere_and_two_become_one() {
    let world = world().await;
    let before = world.get("/tasks?tag=phone").await;
    let done = world.post("/tasks/tags/rename", json!({ "from": "Phone", "to": "calls" })).await.done(200);
    assert_eq!(done, json!({ "changed": 2 }));
    assert_eq!(titles(&world.get("/tasks?tag=calls").await), ["c", "a"]);
    let after = world.get("/tasks").await;
    let tags: Vec<_> = after["items"].as_array().unwrap().iter().map(|task| task["tags"].clone()).collect();
    assert_eq!(tags, [json!([]), json!(["calls"]), json!(["home", "home-office"]), json!(["calls", "home"])]);
    assert_ne!(
        after["items"][1]["updated_at"], before["items"][0]["updated_at"],
        "an old sight of it is refused"
    );
    // What only begins alike is another tag.
    world.post("/tasks/tags/rename", json!({ "from": "home", "to": "flat" })).await.done(200);
    assert_eq!(titles(&world.get("/tasks?tag=home-office").await), ["b"]);
    assert_eq!(
        world.post("/tasks/tags/rename", json!({ "from": "none", "to": "x" })).await.done(200)["changed"],
        0
    );
    assert_eq!(
        world.post("/tasks/tags/rename", json!({ "from": "x", "to": "a b" })).await.refused_field(),
        "/to"
    );
    let his = world.ask("boris", "GET", "/tasks/tags", None).await.done(200);
    assert_eq!(his["items"][0]["name"], "phone");
}

#[tokio::test]
async fn a_renamed_project_takes_its_tasks_along() {
    let world = world().await;
    let rename = json!({ "from": "House", "to": " House 2 " });
    assert_eq!(world.post("/tasks/projects/rename", rename.clone()).await.done(200), json!({ "changed": 2 }));
    assert_eq!(titles(&world.get("/tasks?project=House+2").await), ["c", "b", "a"]);
    assert_eq!(world.get("/tasks?project=House").await["items"], json!([]));
    let same = json!({ "from": "x", "to": "x" });
    assert_eq!(world.post("/tasks/projects/rename", same).await.done(200)["changed"], 0);
    assert_eq!(
        world.post("/tasks/projects/rename", json!({ "from": "x", "to": "" })).await.refused_field(),
        "/to"
    );
    let reader = world.ask("reader", "POST", "/tasks/projects/rename", Some(rename)).await;
    assert_eq!(reader.refusal(), (403, "insufficient_scope".into()));
}
