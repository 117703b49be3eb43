//! Tasks into files, and back.

use serde_json::{Value, json};
use stoa_core::{Rng, TestRng};

use crate::house::{World, form, id};

async fn berlin() -> World {
    let world = World::new().await;
    for who in ["anna", "boris"] {
        let zone = Some(json!({ "time_zone": "Europe/Berlin" }));
        world.ask(who, "PATCH", "/tasks/settings", zone).await.done(200);
    }
    world
}

fn any(rng: &Rng, most: usize) -> usize {
    usize::from(u16::from_le_bytes(rng.bytes())) % most
}

fn text(rng: &Rng) -> String {
    const PIECES: [&str; 16] = [
        "Call",
        "=SUM(A1)",
        "+49",
        "-",
        "@home",
        "\"quoted\"",
        "a,b;c",
        "Grüße",
        "🎉",
        "'",
        "\\n",
        "<b>",
        "{}",
        "[x]",
        "\u{202e}",
        "日本",
    ];
    let words: Vec<&str> = (0..=any(rng, 5)).map(|_| PIECES[any(rng, 16)]).collect();
    words.join(" ")
}

fn task(rng: &Rng, before: &[String]) -> Value {
    let day = 1 + any(rng, 28);
    let recurs = any(rng, 3) == 0;
    let due = (recurs || any(rng, 2) == 0)
        .then(|| format!("2026-{:02}-{day:02}T{:02}:30:00Z", 1 + any(rng, 12), any(rng, 24)));
    let from = ["due", "completion"][any(rng, 2)];
    let part = ["morning", "afternoon", "evening"].get(any(rng, 5));
    let needs: Vec<&String> = before.iter().filter(|_| any(rng, 6) == 0).collect();
    json!({
        "title": text(rng), "description": format!("{}\r\n{}", text(rng), text(rng)), "priority": 1 + any(rng, 5),
        "due_at": due, "effort_minutes": (any(rng, 2) == 0).then(|| 1 + any(rng, 1440)),
        "preferred_time": part,
        "tags": (0..any(rng, 4)).map(|_| ["phone", "home-office", "größe", "a_b"][any(rng, 4)]).collect::<Vec<_>>(),
        "project": (any(rng, 2) == 0).then(|| text(rng)),
        "recurrence": recurs.then(|| ["FREQ=DAILY", "FREQ=MONTHLY;BYDAY=-1FR", "FREQ=WEEKLY;COUNT=5"][any(rng, 3)]),
        "recurrence_from": from, "depends_on": needs,
        "reminders": (0..any(rng, 3)).map(|at| json!({ "minutes_before": 10 * at })).collect::<Vec<_>>(),
    })
}

/// What a file says, without what differs between two accounts: ids are places in the file.
fn essence(file: &Value) -> Value {
    let tasks = file["tasks"].as_array().unwrap();
    let mut all = tasks.clone();
    all.sort_by_key(|task| (task["created_at"].to_string(), task["title"].to_string()));
    let places: Vec<String> = all.iter().map(|task| id(task).to_owned()).collect();
    for task in &mut all {
        let needs = task["depends_on"].as_array().unwrap();
        let mut needs: Vec<_> =
            needs.iter().map(|need| places.iter().position(|id| need == id).unwrap()).collect();
        needs.sort_unstable();
        task["depends_on"] = json!(needs);
        for field in ["id", "updated_at"] {
            task.as_object_mut().unwrap().remove(field);
        }
    }
    Value::Array(all)
}

#[tokio::test]
async fn what_is_exported_as_json_is_imported_again_without_loss() {
    let rng = TestRng::seeded(3);
    for round in 0..8 {
        let world = berlin().await;
        let mut ids = Vec::new();
        for _ in 0..any(&rng, 40) {
            let made = world.task(task(&rng, &ids)).await;
            world.time.advance(std::time::Duration::from_secs(1 + any(&rng, 5000) as u64));
            match any(&rng, 6) {
                0 => drop(world.act(&made, "start").await.done(200)),
                1 => drop(world.act(&made, "complete").await.done(200)),
                2 => drop(
                    world
                        .post(&format!("/tasks/{}/snooze", id(&made)), json!({ "hours": 5000 }))
                        .await
                        .done(200),
                ),
                3 => drop(world.ask("anna", "DELETE", &format!("/tasks/{}", id(&made)), None).await),
                _ => {}
            }
            ids.push(id(&made).to_owned());
            world.tick();
        }
        let file = world.get("/tasks/export").await;
        let bytes = file.to_string().into_bytes();
        let report = world.send(form("boris", "/tasks/import", "tasks.json", &bytes, &[])).await.done(200);
        assert_eq!((&report["format"], &report["problems"]), (&json!("stoa"), &json!([])), "{round}");
        let back = world.ask("boris", "GET", "/tasks/export?format=json", None).await.done(200);
        assert_eq!(essence(&without_deleted(&file)), essence(&back), "{round}");
        // Where they came from, nothing is new.
        let again = world.send(form("anna", "/tasks/import", "tasks.json", &bytes, &[])).await.done(200);
        assert_eq!((&again["added"], &again["known"]), (&json!(0), &report["added"]), "{round}");
    }
}

/// A deleted task is not in the file, but something may have needed it.
fn without_deleted(file: &Value) -> Value {
    let mut file = file.clone();
    let there: Vec<Value> = file["tasks"].as_array().unwrap().iter().map(|task| task["id"].clone()).collect();
    for task in file["tasks"].as_array_mut().unwrap() {
        task["depends_on"].as_array_mut().unwrap().retain(|need| there.contains(need));
    }
    file
}

#[tokio::test]
async fn a_table_is_safe_to_open_and_can_be_imported() {
    let world = berlin().await;
    let told = json!({
        "title": "=HYPERLINK(\"http://evil.example\")", "description": "-1\n\"x\", y", "priority": 5, "tags": ["-a", "b"],
        "due_at": "2026-01-09T14:00:00Z", "recurrence": "FREQ=DAILY", "recurrence_from": "completion", "effort_minutes": 90,
    });
    let task = world.task(told).await;
    let seen = world.ask("anna", "GET", "/tasks/export?format=csv", None).await;
    assert_eq!(
        (seen.header("content-type"), seen.header("content-disposition")),
        ("text/csv; charset=utf-8; header=present", "attachment; filename=\"tasks.csv\"")
    );
    let expected = format!(
        "id,title,description,status,priority,due_at,effort_minutes,preferred_time,tags,project,recurrence,recurrence_from,\
         depends_on,started_at,created_at,completed_at\r\n\
         {},\"'=HYPERLINK(\"\"http://evil.example\"\")\",\"'-1\n\"\"x\"\", y\",pending,5,2026-01-09T14:00:00.000000Z,90,,\
         \"'-a,b\",,FREQ=DAILY,completion,,,2026-01-05T09:00:00.000000Z,\r\n",
        id(&task)
    );
    assert_eq!(seen.text(), expected);
    let report =
        world.send(form("boris", "/tasks/import", "tasks.csv", expected.as_bytes(), &[])).await.done(200);
    assert_eq!((&report["added"], &report["problems"]), (&json!(1), &json!([])));
    let back = world.ask("boris", "GET", "/tasks", None).await.done(200);
    for field in [
        "title",
        "description",
        "priority",
        "due_at",
        "tags",
        "recurrence",
        "recurrence_from",
        "effort_minutes",
        "created_at",
    ] {
        assert_eq!(back["items"][0][field], task[field], "{field}");
    }
}

#[tokio::test]
async fn a_calendar_holds_every_task() {
    let world = berlin().await;
    let first = world
        .task(json!({ "title": "Call Ana; then Ben", "due_at": "2026-01-09T14:00:00Z", "priority": 5 }))
        .await;
    world.tick();
    let told = json!({ "title": "b", "due_at": "2026-01-05T08:30:00Z", "recurrence": "FREQ=DAILY", "depends_on": [id(&first)] });
    let second = world.task(told).await;
    let seen = world.ask("anna", "GET", "/tasks/export?format=ics", None).await;
    assert_eq!(seen.header("content-type"), "text/calendar; charset=utf-8");
    let text = seen.text();
    let expected = format!(
        "BEGIN:VTODO\r\nUID:{first}@stoa\r\nDTSTAMP:20260105T090000Z\r\nLAST-MODIFIED:20260105T090000Z\r\n\
         CREATED:20260105T090000Z\r\nSUMMARY:Call Ana\\; then Ben\r\nPRIORITY:1\r\nDUE:20260109T140000Z\r\n\
         STATUS:NEEDS-ACTION\r\nEND:VTODO\r\n\
         BEGIN:VTODO\r\nUID:{second}@stoa\r\nDTSTAMP:20260105T090000Z\r\nLAST-MODIFIED:20260105T090000Z\r\n\
         CREATED:20260105T090000Z\r\nSUMMARY:b\r\nPRIORITY:5\r\nDTSTART;TZID=Europe/Berlin:20260105T091500\r\n\
         DUE;TZID=Europe/Berlin:20260105T093000\r\nRRULE:FREQ=DAILY\r\nSTATUS:NEEDS-ACTION\r\n\
         RELATED-TO;RELTYPE=DEPENDS-ON:{first}@stoa\r\nEND:VTODO\r\nEND:VCALENDAR\r\n",
        first = id(&first),
        second = id(&second),
    );
    let folded = text.replace("\r\n ", "");
    assert!(
        folded.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n") && folded.ends_with(&expected),
        "{folded}"
    );
}

#[tokio::test]
async fn exports_are_ones_own_and_have_no_end_of_pages() {
    let world = berlin().await;
    crate::scoring::many(&world, 450).await;
    world.ask("boris", "POST", "/tasks", Some(json!({ "title": "his" }))).await.done(201);
    let hers = world.get("/tasks/export").await;
    assert_eq!(hers["tasks"].as_array().unwrap().len(), 450);
    let his = world.ask("boris", "GET", "/tasks/export", None).await.done(200);
    assert_eq!(his["tasks"][0]["title"], "his");
    let writer = world.ask("writer", "GET", "/tasks/export", None).await;
    assert_eq!(writer.refusal(), (403, "insufficient_scope".into()));
    assert_eq!(world.ask("anna", "GET", "/tasks/export?format=xml", None).await.refused_field(), "format");
}
