//! MindFlow: a person writes down what they mean to do, and asks what to do next.

use serde_json::{Value, json};

use crate::{
    told,
    world::{Person, World, id},
};

/// Points of all reasons, to the last digit, and the score.
fn points(best: &Value) -> (f64, f64) {
    let points = best["reasons"].as_array().unwrap().iter().map(|reason| reason["points"].as_f64().unwrap());
    ((points.sum::<f64>() * 1000.0).round() / 1000.0, best["score"].as_f64().unwrap())
}

async fn adds(person: &Person, body: Value) -> Value {
    person.post("/tasks", &body).await.done(201)
}

told! {
async fn what_comes_first_is_explained_and_what_is_done_makes_room(world: &mut World) {
    let house = world.starts().await;
    let olga = house.nobody().takes_the_house(&house, "olga").await;
    let anna = olga.invites("anna", "member").await;
    assert_eq!(anna.get("/tasks/best").await.refusal(), (404, "nothing_to_do".into()));

    let wish = json!({ "text": "call Ana tomorrow 3pm !4 ~15m #phone" });
    let shown = anna.post("/tasks/quick/parse", &wish).await.done(200);
    assert_eq!(shown["task"]["title"], "call Ana", "{shown}");
    assert_eq!(anna.get("/tasks").await.done(200)["items"], json!([]), "to show is not to save");
    let call = anna.post("/tasks/quick", &wish).await.done(201);
    assert_eq!((&call["title"], &call["priority"], &call["effort_minutes"]), (&json!("call Ana"), &json!(4), &json!(15)));
    assert_eq!(call["tags"], json!(["phone"]));

    // Overdue and important comes first; what waits for it never does.
    let late = adds(&anna, json!({ "title": "Pay the rent", "priority": 5, "due_at": "2026-01-02T09:00:00Z" })).await;
    let after = adds(&anna, json!({ "title": "Frame the receipt", "priority": 5, "depends_on": [id(&late)] })).await;
    assert_eq!(after["blocked"], true);
    let best = anna.get("/tasks/best").await.done(200);
    assert_eq!(best["task"]["id"], late["id"], "{best}");
    let (sum, score) = points(&best);
    assert!((sum - score).abs() < 1e-9 && score >= 90.0, "{best}");
    let cycle = anna.patch(&format!("/tasks/{}", id(&late)), &json!({ "depends_on": [id(&after)] })).await;
    assert!([409, 422].contains(&cycle.refusal().0), "{}", cycle.text());

    anna.post(&format!("/tasks/{}/complete", id(&late)), &json!({})).await.done(200);
    let shown = anna.get(&format!("/tasks/{}", id(&after))).await.done(200);
    assert_eq!(shown["blocked"], false);
    anna.post(&format!("/tasks/{}/snooze", id(&after)), &json!({ "hours": 3 })).await.done(200);
    let best = anna.get("/tasks/best").await.done(200);
    assert_eq!(best["task"]["id"], call["id"], "what is snoozed is out of sight: {best}");

    // Gone, and back.
    assert_eq!(anna.delete(&format!("/tasks/{}", id(&call))).await.status, 204);
    assert_eq!(anna.get("/tasks/best").await.refusal(), (404, "nothing_to_do".into()));
    anna.post(&format!("/tasks/{}/restore", id(&call)), &json!({})).await.done(200);
    assert_eq!(anna.get("/tasks/best").await.done(200)["task"]["id"], call["id"]);

    // A program with the right to see may not change.
    let reader = anna.makes_a_token(&["tasks:read"]).await;
    assert_eq!(reader.get("/tasks/best").await.status, 200);
    assert_eq!(reader.post("/tasks", &json!({ "title": "x" })).await.refusal(), (403, "insufficient_scope".into()));
    // Nobody sees another's.
    assert_eq!(olga.get(&format!("/tasks/{}", id(&call))).await.refusal().0, 404);
}
}
