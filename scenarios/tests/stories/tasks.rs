//! MindFlow: a person writes down what they mean to do, and asks what to do next.

use serde_json::{Value, json};

use crate::{
    told,
    world::{Asked, Person, World, form, id},
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

    // A letter shall remind of it, and moves with it.
    let path = format!("/tasks/{}", id(&call));
    let reminders = json!([{ "minutes_before": 30 }, { "minutes_before": 1440 }]);
    let told = anna.patch(&path, &json!({ "reminders": reminders, "due_at": "2031-03-03T10:00:00Z" })).await.done(200);
    assert_eq!(told["reminders"], reminders);
    anna.patch(&path, &json!({ "due_at": "2031-03-04T10:00:00Z" })).await.done(200);
    let waiting = "SELECT count(*) FROM mindflow_reminder WHERE sent_at IS NULL AND skipped_at IS NULL";
    assert_eq!(world.count(waiting).await, 2);

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

/// A program that knows only a name and a password.
fn subscribes(nobody: &Person, token: &str) -> Asked {
    Asked(nobody.asks("GET", "/api/v1/tasks/feed.ics").0.basic_auth("calendar", Some(token)))
}

told! {
async fn what_comes_again_comes_once_and_tasks_move_in_and_out(world: &mut World) {
    let house = world.starts().await;
    let olga = house.nobody().takes_the_house(&house, "olga").await;
    let anna = olga.invites("anna", "member").await;
    anna.patch("/tasks/settings", &json!({ "time_zone": "Europe/Berlin" })).await.done(200);

    // Two browsers complete the same one; it comes again once.
    let task = anna.post("/tasks/quick", &json!({ "text": "water plants every! 3 days #home" })).await.done(201);
    assert_eq!((&task["recurrence"], &task["recurrence_from"]), (&json!("FREQ=DAILY;INTERVAL=3"), &json!("completion")));
    let path = format!("/tasks/{}/complete", id(&task));
    let nothing = json!({});
    let (one, two) = tokio::join!(anna.post(&path, &nothing), anna.post(&path, &nothing));
    assert_eq!(one.done(200)["next_id"], two.done(200)["next_id"]);
    let open = anna.get("/tasks?status=open").await.done(200);
    assert_eq!(open["items"].as_array().unwrap().len(), 1, "{open}");
    assert_eq!(open["items"][0]["id"], one.json()["next_id"]);

    // A file comes in, is known the second time, and leaves again for another account.
    let table = b"title,due,labels,project,repeat,done\nPay rent,2026-01-31 12:00,home,House,every month,\nold,,,,,yes\n";
    let imports = async |person: &Person, name: &str, file: &[u8]| {
        let (kind, body) = form(name, file);
        person.asks("POST", "/api/v1/tasks/import").header("content-type", &kind).body(body).send().await.done(200)
    };
    let first = imports(&anna, "t.csv", table).await;
    assert_eq!((&first["added"], &first["completed"], &first["problems"]), (&json!(2), &json!(1), &json!([])));
    assert_eq!(imports(&anna, "t.csv", table).await["known"], 2);
    let file = anna.get("/tasks/export").await;
    let moved = imports(&olga, "tasks.json", file.file()).await;
    assert_eq!((&moved["format"], &moved["added"]), (&json!("stoa"), &json!(4)));
    assert_eq!(imports(&anna, "tasks.json", file.file()).await["known"], 4);
    for format in ["csv", "ics"] {
        assert!(anna.get(&format!("/tasks/export?format={format}")).await.file().len() > 200);
    }

    // Names.
    let tags = anna.get("/tasks/tags").await.done(200);
    assert_eq!(tags["items"], json!([{ "name": "home", "open": 2, "all": 3 }]));
    anna.post("/tasks/tags/rename", &json!({ "from": "home", "to": "flat" })).await.done(200);
    anna.post("/tasks/projects/rename", &json!({ "from": "House", "to": "Flat" })).await.done(200);
    let projects = anna.get("/tasks/projects").await.done(200);
    assert_eq!(projects["items"], json!([{ "name": "Flat", "open": 1, "all": 1 }]));

    // A calendar subscribes, sees that nothing has changed, and is shut out at once.
    let feed = anna.post("/tasks/feeds", &json!({ "name": "phone" })).await.done(201);
    let token = feed["token"].as_str().unwrap();
    anna.also_secret(token);
    let nobody = anna.nothing_shown();
    let seen = subscribes(&nobody, token).send().await;
    assert!(seen.text().contains("SUMMARY:Pay rent\r\n") && seen.text().contains("RRULE:FREQ=MONTHLY\r\n"), "{}", seen.text());
    let again = subscribes(&nobody, token).header("if-none-match", seen.header("etag")).send().await;
    assert_eq!(again.status, 304);
    let program = Asked(nobody.asks("GET", "/api/v1/tasks").0.basic_auth("calendar", Some(token)));
    assert_eq!(program.send().await.refusal(), (403, "insufficient_scope".into()));
    assert_eq!(olga.delete(&format!("/tasks/feeds/{}", id(&feed))).await.refusal().0, 404, "not hers");
    assert_eq!(anna.delete(&format!("/tasks/feeds/{}", id(&feed))).await.status, 204);
    assert_eq!(subscribes(&nobody, token).send().await.refusal(), (401, "invalid_token".into()));
    assert_eq!(anna.get("/tasks/feeds").await.done(200)["items"], json!([]));
    // A token for other things is no feed.
    let other = anna.post("/me/tokens", &json!({ "name": "x", "scopes": ["tasks:read"] })).await.done(201);
    anna.also_secret(other["token"].as_str().unwrap());
    assert_eq!(anna.delete(&format!("/tasks/feeds/{}", id(&other))).await.refusal().0, 404);
}
}
