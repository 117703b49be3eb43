//! Tasks out of files of other programs.

use serde_json::{Value, json};

use crate::house::{Seen, World, form, id, titles};

const TODOIST: &[u8] = include_bytes!("../samples/todoist.csv");
const VIKUNJA: &[u8] = include_bytes!("../samples/vikunja.json");
const MICROSOFT: &[u8] = include_bytes!("../samples/microsoft.json");
const TABLE: &[u8] = include_bytes!("../samples/table.csv");

async fn berlin() -> World {
    let world = World::new().await;
    world.patch("/tasks/settings", json!({ "time_zone": "Europe/Berlin" })).await.done(200);
    world
}

async fn send(world: &World, name: &str, file: &[u8], fields: &[(&str, &str)]) -> Seen {
    world.send(form("anna", "/tasks/import", name, file, fields)).await
}

async fn imports(world: &World, name: &str, file: &[u8]) -> Value {
    send(world, name, file, &[]).await.done(200)
}

/// Title, due time, priority, tags, project, recurrence.
fn rows(list: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or("-").trim_end_matches(":00.000000Z").to_owned();
    let row = |task: &Value| {
        let tags: Vec<_> = task["tags"].as_array().unwrap().iter().map(text).collect();
        let fields =
            [text(&task["title"]), text(&task["due_at"]), task["priority"].to_string(), tags.join(" ")];
        format!("{} | {} | {}", fields.join(" | "), text(&task["project"]), text(&task["recurrence"]))
    };
    let mut rows: Vec<String> = list["items"].as_array().unwrap().iter().map(row).collect();
    rows.sort();
    rows
}

fn problems(report: &Value) -> Vec<(u64, &str, bool)> {
    let problem = |one: &'_ Value| (one["line"].as_u64().unwrap(), one["skipped"].as_bool().unwrap());
    let all = report["problems"].as_array().unwrap();
    all.iter().map(|one| (problem(one).0, one["field"].as_str().unwrap(), problem(one).1)).collect()
}

#[tokio::test]
async fn a_project_of_todoist_comes_whole_and_only_once() {
    let world = berlin().await;
    let dry = send(&world, "Move [2203306141].csv", TODOIST, &[("dry_run", "true")]).await.done(200);
    assert_eq!(
        (&dry["format"], &dry["dry_run"], &dry["added"]),
        (&json!("todoist"), &json!(true), &json!(7))
    );
    let first = json!({
        "line": 4, "title": "Plan the move", "due_at": "2026-01-20T22:59:00.000000Z", "project": "Move", "tags": ["home"],
        "priority": 5, "recurrence_text": null, "completed": false,
    });
    assert_eq!(dry["first"][0], first);
    assert_eq!(problems(&dry), [(11, "due_at", false), (13, "title", true)]);
    assert_eq!(world.get("/tasks").await["items"], json!([]), "nothing was saved");

    let done = imports(&world, "Move [2203306141].csv", TODOIST).await;
    assert_eq!((&done["added"], &done["known"], &done["skipped"]), (&json!(7), &json!(0), &json!(1)));
    let list = world.get("/tasks").await;
    let expected = [
        "Ask \"Schmidt & Söhne\", and compare | - | 3 |  | Move | -",
        "Limpiar la cocina | - | 2 | every-week | Move | -",
        "Measure the sofa | 2026-01-06T17:00 | 2 | home 5min | Move | -",
        "Plan the move | 2026-01-20T22:59 | 5 | home | Move | -",
        "Standup | 2026-01-12T08:30 | 2 | every-week | Move | FREQ=WEEKLY;BYDAY=MO",
        "Standup | 2026-01-12T08:30 | 2 | every-week | Move | FREQ=WEEKLY;BYDAY=MO",
        "Water the plants | 2026-01-05T22:59 | 2 | every-week | Move | FREQ=DAILY;INTERVAL=3",
    ];
    assert_eq!(rows(&list), expected);
    let find =
        |title: &str| list["items"].as_array().unwrap().iter().find(|task| task["title"] == title).unwrap();
    assert_eq!(find("Plan the move")["depends_on"].as_array().unwrap().len(), 2, "its parts come before it");
    assert_eq!(find("Plan the move")["effort_minutes"], 90);
    assert_eq!(find("Water the plants")["recurrence_from"], "completion");
    assert_eq!(find("Limpiar la cocina")["description"], "Date: cada lunes");
    assert!(find("Ask \"Schmidt & Söhne\", and compare")["description"] == "They close at noon on Fridays");

    // Whatever happened to them since.
    world.act(find("Standup"), "complete").await.done(200);
    let again = imports(&world, "Move [2203306141].csv", TODOIST).await;
    assert_eq!((&again["added"], &again["known"], &again["first"]), (&json!(0), &json!(7), &json!([])));
    assert_eq!(world.get("/tasks?status=completed").await["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn projects_of_vikunja_come_with_what_ties_them() {
    let world = berlin().await;
    let done = imports(&world, "data.json", VIKUNJA).await;
    assert_eq!(
        (&done["format"], &done["added"], &done["completed"]),
        (&json!("vikunja"), &json!(6), &json!(1))
    );
    let expected =
        [(4, "recurrence", false), (4, "depends_on", false), (5, "depends_on", false), (6, "task", true)];
    assert_eq!(problems(&done), expected);
    let list = world.get("/tasks").await;
    let expected = [
        "Back up the laptop | 2026-01-10T20:00 | 3 |  | Inbox | FREQ=WEEKLY;INTERVAL=2",
        "Buy a mat | - | 5 |  | Inbox | -",
        "Have photos taken | - | 3 |  | Inbox | -",
        "Prune | 2026-03-01T00:00 | 3 |  | Garden | FREQ=MONTHLY",
        "Renew passport | 2026-02-02T15:00 | 5 | errands | Inbox | -",
        "Stretch | 2026-01-06T08:00 | 2 |  | Inbox | -",
    ];
    assert_eq!(rows(&list), expected);
    let find =
        |title: &str| list["items"].as_array().unwrap().iter().find(|task| task["title"] == title).unwrap();
    assert_eq!(find("Renew passport")["description"], "Bring two photos & the old one");
    assert_eq!(find("Renew passport")["depends_on"], json!([find("Have photos taken")["id"]]));
    assert_eq!(find("Renew passport")["blocked"], false);
    assert_eq!(find("Have photos taken")["completed_at"], "2025-12-20T09:00:00.000000Z");
    assert_eq!(find("Back up the laptop")["recurrence_from"], "completion");
    assert_eq!(imports(&world, "other.json", VIKUNJA).await["known"], 6);
}

#[tokio::test]
async fn lists_of_microsoft_keep_their_days() {
    let world = berlin().await;
    let done = imports(&world, "todo.json", MICROSOFT).await;
    assert_eq!(
        (&done["format"], &done["added"], &done["problems"]),
        (&json!("microsoft_todo"), &json!(3), &json!([]))
    );
    let list = world.get("/tasks").await;
    // Midnight of the ninth in Berlin is eleven in the evening of the eighth in UTC.
    let expected = [
        "Book a room | - | 3 |  | - | -",
        "Retrospective | 2026-01-30T22:59 | 2 |  | Team | FREQ=MONTHLY;BYDAY=FR;BYSETPOS=-1",
        "Send the invoice | 2026-01-09T22:59 | 4 | red-category | - | -",
    ];
    assert_eq!(rows(&list), expected);
    let find =
        |title: &str| list["items"].as_array().unwrap().iter().find(|task| task["title"] == title).unwrap();
    assert_eq!(find("Send the invoice")["description"], "To Ben\n\n- [x] Write it\n- [ ] Send it");
    assert_eq!(find("Send the invoice")["created_at"], "2025-12-10T10:00:00.123456Z");
    assert_eq!(find("Retrospective")["status"], "in_progress");
    assert_eq!(find("Book a room")["status"], "completed");
}

#[tokio::test]
async fn a_table_is_read_by_the_columns_that_are_named() {
    let world = berlin().await;
    let refused = send(&world, "t.csv", TABLE, &[]).await;
    assert_eq!(refused.refused_field(), "mapping/title");
    let mapping = json!({
        "title": "what", "due_at": "When", "effort_minutes": "How long", "project": "Where", "tags": "Words",
        "completed": "State", "priority": "Weight",
    });
    let done = send(&world, "t.csv", TABLE, &[("mapping", &mapping.to_string())]).await.done(200);
    assert_eq!((&done["format"], &done["added"], &done["completed"]), (&json!("csv"), &json!(3), &json!(1)));
    assert_eq!(problems(&done), [(5, "priority", false), (5, "due_at", false), (5, "effort_minutes", false)]);
    let expected = [
        "=HYPERLINK(\"http://evil.example\") | - | 3 |  | - | -",
        "Buy; then paint | 2026-01-05T22:59 | 3 |  | Home | FREQ=WEEKLY;INTERVAL=2",
        "Call Ana | 2026-01-09T14:00 | 4 | phone urgent | Work | -",
    ];
    assert_eq!(rows(&world.get("/tasks").await), expected);
    for (mapping, field) in [
        ("[]", "mapping"),
        ("{\"title\": 3}", "mapping"),
        ("{\"title\": \"no such column\"}", "mapping/title"),
        ("{\"title\": \"What\", \"colour\": \"What\"}", "mapping"),
    ] {
        assert_eq!(
            send(&world, "t.csv", TABLE, &[("mapping", mapping)]).await.refused_field(),
            field,
            "{mapping}"
        );
    }
}

#[tokio::test]
async fn the_same_file_is_read_in_every_encoding() {
    let world = berlin().await;
    let text = "title\r\nGrüße 🎉\r\n";
    let utf16: Vec<u8> =
        [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let big: Vec<u8> =
        [0xFE, 0xFF].into_iter().chain(text.encode_utf16().flat_map(u16::to_be_bytes)).collect();
    for (bytes, added) in [(text.as_bytes().to_vec(), 1), (utf16, 0), (big, 0)] {
        assert_eq!(imports(&world, "t.csv", &bytes).await["added"], added);
    }
    assert_eq!(titles(&world.get("/tasks").await), ["Grüße 🎉"]);
}

#[tokio::test]
async fn hostile_files_are_refused_or_read_as_what_they_are() {
    let world = berlin().await;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let wide = format!("title{}\nx", ",c".repeat(200));
    let many = format!("title\n{}", "x\n".repeat(5_001));
    let cases: [(&[u8], &str); 12] = [
        (b"", "file"),
        (b"\xFF\xFE\x00\xD8", "file"),
        (b"PK\x03\x04rest", "file"),
        (b"title\0\nx", "file"),
        (b"Gr\xFC\xDFe", "file"),
        (b"{\"tasks\": [", "file"),
        (b"{\"a\": 1}", "file"),
        (b"[1, 2, 3]", "file"),
        (deep.as_bytes(), "file"),
        (wide.as_bytes(), "file"),
        (many.as_bytes(), "file"),
        (b"no,name_of,it\n1,2,3", "mapping/title"),
    ];
    for (bytes, field) in cases {
        let shown: String = String::from_utf8_lossy(bytes).chars().take(30).collect();
        assert_eq!(send(&world, "x", bytes, &[]).await.refused_field(), field, "{shown}");
    }
    for (field, value) in
        [("format", "excel"), ("dry_run", "maybe"), ("strange", "x"), ("mapping", &*"x".repeat(10_001))]
    {
        assert_eq!(send(&world, "x.csv", b"title\nx", &[(field, value)]).await.refused_field(), field);
    }
    let large = vec![b'x'; (5 << 20) + 100_000];
    assert!([413, 422].contains(&send(&world, "x.csv", &large, &[]).await.status.as_u16()));
    // A quote that is never closed takes the rest of the file with it, and nothing else.
    let quote = imports(&world, "x.csv", b"title,notes\n\"never closed,\nnext,b\n").await;
    assert_eq!(quote["added"], 1);
    // More than there may be, and nothing of it comes.
    let small = World::with(stoa_mindflow::Config { tasks: 2 }).await;
    let full = small.send(form("anna", "/tasks/import", "x.csv", b"title\na\nb\nc\n", &[])).await;
    assert_eq!(full.refusal(), (409, "too_many_tasks".into()));
    assert_eq!(small.get("/tasks").await["items"], json!([]));
    let two = small
        .send(form("anna", "/tasks/import", "x.csv", b"title,done\na,\nb,\nc,yes\n", &[]))
        .await
        .done(200);
    assert_eq!(two["added"], 3, "what is done takes no room");
}

#[tokio::test]
async fn imports_are_ones_own_and_two_at_a_time_add_once() {
    let world = berlin().await;
    let send = |who: &'static str| world.send(form(who, "/tasks/import", "x.csv", b"title\na\nb\n", &[]));
    let (one, two) = tokio::join!(send("anna"), send("anna"));
    let added = one.done(200)["added"].as_u64().unwrap() + two.done(200)["added"].as_u64().unwrap();
    assert_eq!(added, 2);
    assert_eq!(send("boris").await.done(200)["added"], 2, "what Anna has is not known of Boris");
    assert_eq!(send("reader").await.refusal(), (403, "insufficient_scope".into()));
    let theirs = world.ask("boris", "GET", "/tasks", None).await.done(200);
    let path = format!("/tasks/{}", id(&theirs["items"][0]));
    assert_eq!(world.ask("anna", "GET", &path, None).await.status, 404);
}

#[tokio::test]
async fn five_thousand_tasks_come_in_one_write() {
    let world = berlin().await;
    let rows: String = (0..5_000).map(|number| format!("task {number},{}\n", number % 2 == 0)).collect();
    let began = std::time::Instant::now();
    let done = imports(&world, "x.csv", format!("title,done\n{rows}").as_bytes()).await;
    assert_eq!((&done["added"], &done["completed"]), (&json!(5_000), &json!(2_500)));
    assert!(began.elapsed() < std::time::Duration::from_secs(30), "{:?}", began.elapsed());
}
