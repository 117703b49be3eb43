//! Letters that remind of tasks.

use std::time::Duration;

use serde_json::{Value, json};

use crate::house::{HOUR, World, form, id, run};

const MINUTE: Duration = Duration::from_secs(60);
const REMIND: &str = "mindflow.remind";

fn path(task: &Value) -> String {
    format!("/tasks/{}", id(task))
}

/// The subjects of all letters so far.
async fn subjects(world: &World) -> Vec<String> {
    world.letters().await.into_iter().map(|(_, subject, _)| subject).collect()
}

/// What became of all reminders, in the order of their times: `waits`, `sent` or `skipped`.
async fn fates(world: &World) -> Vec<&'static str> {
    let sql = "SELECT sent_at, skipped_at FROM mindflow_reminder ORDER BY due_at, task_id";
    let at = |row: &sea_orm::QueryResult, place| row.try_get_by_index::<Option<i64>>(place).unwrap();
    let fate = |row: &sea_orm::QueryResult| match (at(row, 0), at(row, 1)) {
        (None, None) => "waits",
        (Some(_), None) => "sent",
        (None, Some(_)) => "skipped",
        both => panic!("{both:?}"),
    };
    world.rows(sql).await.iter().map(fate).collect()
}

both! {
async fn a_letter_comes_in_time_once_and_tells_times_as_the_person_reads_clocks(world: &World) {
    world.patch("/tasks/settings", json!({ "time_zone": "Europe/Berlin" })).await.done(200);
    let told = json!([{ "minutes_before": 30 }, { "at": "2026-01-05T09:10:00.000000Z" }]);
    let task = world
        .task(json!({ "title": "Call Ana", "description": "About the contract.", "due_at": "2026-01-05T10:00:00Z", "reminders": told }))
        .await;
    assert_eq!(task["reminders"], told);
    world.waits_for_schedules(9 * MINUTE).await;
    assert_eq!(subjects(world).await, [""; 0]);
    world.waits_for_schedules(2 * MINUTE).await;
    let text = "Call Ana\n\nIt is due on Monday, 5 January 2026 at 11:00 (Europe/Berlin).\n\nAbout the contract.\n\n\
                You asked to be reminded of this task; its reminders can be changed where it is edited.\n";
    let once = [("anna".to_owned(), "Reminder: Call Ana".to_owned(), text.to_owned())];
    assert_eq!(world.letters().await, once);
    // Again, and by many: whoever comes second finds it sent.
    world.does_again(REMIND).await;
    assert_eq!(world.letters().await, once);
    world.waits_for_schedules(20 * MINUTE).await;
    assert_eq!(world.letters().await, [once.clone(), once].concat());
    assert_eq!(fates(world).await, ["sent", "sent"]);
    // It is the same task as before: nothing was changed that somebody else could have seen.
    assert_eq!(world.get(&path(&task)).await["updated_at"], task["updated_at"]);
}
}

both! {
async fn what_is_relative_moves_with_the_task_and_comes_back_with_it(world: &World) {
    let told = json!([{ "minutes_before": 30 }]);
    let task = world.task(json!({ "title": "a", "due_at": "2026-01-05T10:00:00Z", "reminders": told })).await;
    world.patch(&path(&task), json!({ "due_at": "2026-01-05T12:00:00Z" })).await.done(200);
    world.waits_for_schedules(HOUR).await;
    assert_eq!((subjects(world).await, fates(world).await), (vec![], vec!["waits"]), "10:00, moved to 11:30");
    // Where clocks show something else it is the same time.
    world.patch("/tasks/settings", json!({ "time_zone": "Asia/Tokyo" })).await.done(200);
    for (away, back) in [("complete", "reopen"), ("", "restore")] {
        match away {
            "" => drop(world.ask("anna", "DELETE", &path(&task), None).await.done(204)),
            deed => drop(world.act(&task, deed).await.done(200)),
        }
        assert_eq!(fates(world).await, [""; 0], "{away}");
        world.act(&task, back).await.done(200);
        assert_eq!(fates(world).await, ["waits"], "{back}");
    }
    world.patch(&path(&task), json!({ "due_at": null })).await.done(200);
    assert_eq!(fates(world).await, [""; 0]);
    world.patch(&path(&task), json!({ "due_at": "2026-01-05T12:00:00Z" })).await.done(200);
    world.waits_for_schedules(HOUR + 31 * MINUTE).await;
    assert_eq!(subjects(world).await, ["Reminder: a"]);
    assert!(world.letters().await[0].2.contains("Monday, 5 January 2026 at 21:00 (Asia/Tokyo)"));
    // What was sent is not sent again when it is settled anew.
    world.act(&task, "complete").await.done(200);
    world.act(&task, "reopen").await.done(200);
    world.waits_for_schedules(HOUR).await;
    assert_eq!(subjects(world).await, ["Reminder: a"]);
}
}

both! {
async fn nobody_is_reminded_of_what_is_done_deleted_or_no_longer_theirs(world: &World) {
    let told = |title: &str| json!({ "title": title, "reminders": [{ "at": "2026-01-05T10:00:00Z" }] });
    let [done, gone, changed] = [world.task(told("a")).await, world.task(told("b")).await, world.task(told("c")).await];
    world.act(&done, "complete").await.done(200);
    world.ask("anna", "DELETE", &path(&gone), None).await.done(204);
    world.patch(&path(&changed), json!({ "reminders": [] })).await.done(200);
    world.ask("boris", "POST", "/tasks", Some(told("his"))).await.done(201);
    run(&world.store, "UPDATE identity_user SET disabled_at = 1 WHERE email = 'boris'", vec![]).await;
    world.waits_for_schedules(2 * HOUR).await;
    assert_eq!((subjects(world).await, fates(world).await), (vec![], vec!["skipped"]), "boris is switched off");
}
}

both! {
async fn what_was_missed_is_made_up_for_once_within_a_day_and_then_left_out(world: &World) {
    world.task(json!({ "title": "late", "reminders": [{ "at": "2026-01-05T10:00:00Z" }, { "at": "2026-01-04T10:00:00Z" }] })).await;
    world.task(json!({ "title": "too late", "reminders": [{ "at": "2026-01-05T09:59:00Z" }] })).await;
    assert_eq!(fates(world).await, ["waits", "waits"], "what lies in the past is not made up for");
    // Nothing ran for a day and an hour.
    world.waits_for_schedules(25 * HOUR).await;
    assert_eq!((subjects(world).await, fates(world).await), (vec!["Reminder: late".to_owned()], vec!["skipped", "sent"]));
    assert!(world.letters().await[0].2.contains("This reminder was meant for Monday, 5 January 2026 at 10:00 (UTC)"));
    world.waits_for_schedules(HOUR).await;
    world.does_again(REMIND).await;
    assert_eq!(subjects(world).await, ["Reminder: late"]);
}
}

/// What the door says of the reminders of a task, the latest first.
async fn states(world: &World, task: &Value) -> Value {
    world.get(&format!("{}/reminders", path(task))).await
}

both! {
async fn the_last_letter_of_a_day_gathers_what_is_left_of_it(world: &World) {
    world.patch("/tasks/settings", json!({ "time_zone": "Europe/Berlin", "letters_per_day": 2 })).await.done(200);
    let at = |at: &str| json!([{ "at": at }]);
    // It is 09:00 in UTC and 10:00 in Berlin, whose day ends at 23:00 in UTC.
    let first = world.task(json!({ "title": "first", "reminders": at("2026-01-05T09:10:00Z") })).await;
    let second = world
        .task(json!({ "title": "second", "due_at": "2026-01-05T11:00:00Z", "reminders": at("2026-01-05T09:30:00Z") }))
        .await;
    let evening = world.task(json!({ "title": "evening", "reminders": at("2026-01-05T22:59:00Z") })).await;
    let done = world.task(json!({ "title": "done", "reminders": at("2026-01-05T20:00:00Z") })).await;
    let tomorrow = world.task(json!({ "title": "tomorrow", "reminders": at("2026-01-05T23:00:00Z") })).await;
    world.act(&done, "complete").await.done(200);
    world.waits_for_schedules(15 * MINUTE).await;
    assert_eq!(subjects(world).await, ["Reminder: first"]);
    world.waits_for_schedules(45 * MINUTE).await;
    let letters = world.letters().await;
    assert_eq!(letters.len(), 2, "{letters:?}");
    let text = "All that you wanted to be reminded of until the end of this day:\n\n\
        10:30  second, due on Monday, 5 January 2026 at 12:00 (Europe/Berlin)\n\
        23:59  evening\n\n\
        This is letter 2 of today, and the last: so many are wanted in your settings for tasks.\n";
    assert_eq!(letters[1], ("anna".into(), "Reminders for the rest of today: 2 tasks".into(), text.into()));
    for (task, stage) in [(&first, "posted"), (&second, "posted"), (&evening, "posted"), (&tomorrow, "scheduled")] {
        assert_eq!(states(world, task).await["items"][0]["stage"], stage, "{task}");
    }
    assert_eq!(states(world, &done).await, json!({ "items": [], "next": null }));

    // What comes to mind later that day has no letter, and says so; the next day has its own.
    let late = world.task(json!({ "title": "late", "reminders": at("2026-01-05T21:00:00Z") })).await;
    world.waits_for_schedules(11 * HOUR + 5 * MINUTE).await;
    assert_eq!(subjects(world).await.len(), 2);
    world.waits_for_schedules(2 * HOUR).await;
    world.does_again(REMIND).await;
    assert_eq!(subjects(world).await[2..], ["Reminder: tomorrow".to_owned()]);
    let said = "you had as many letters that day as you want; more are allowed in the settings";
    let skipped = json!({ "at": "2026-01-05T21:00:00.000000Z", "stage": "skipped", "sent_at": null, "problem": said });
    assert_eq!(states(world, &late).await["items"], json!([skipped]));
}
}

both! {
async fn what_became_of_a_reminder_is_said_to_its_owner_and_to_nobody_else(world: &World) {
    let told = json!([{ "at": "2026-01-05T10:00:00Z" }, { "minutes_before": 30 }]);
    let task = world.task(json!({ "title": "a", "due_at": "2026-01-06T10:00:00Z", "reminders": told })).await;
    let row = |at: &str, stage: &str, problem: Value| json!({ "at": at, "stage": stage, "sent_at": null, "problem": problem });
    let ahead = row("2026-01-06T09:30:00.000000Z", "scheduled", Value::Null);
    let first = row("2026-01-05T10:00:00.000000Z", "scheduled", Value::Null);
    assert_eq!(states(world, &task).await, json!({ "items": [ahead, first], "next": null }));
    world.waits_for_schedules(HOUR + MINUTE).await;
    let posted = row("2026-01-05T10:00:00.000000Z", "posted", Value::Null);
    assert_eq!(states(world, &task).await["items"], json!([ahead, posted]), "nobody carries letters here");
    let fate = async |state: &str, sent_at: Option<i64>| {
        let sql = "UPDATE identity_mail SET state = $1, sent_at = $2";
        run(&world.store, sql, vec![state.into(), sent_at.into()]).await;
        let one = states(world, &task).await["items"][1].clone();
        (one["stage"].clone(), one["sent_at"].clone(), one["problem"].is_null())
    };
    assert_eq!(fate("kept", None).await, (json!("failed"), Value::Null, false));
    let said = "this server sends no mail; ask whoever looks after it";
    assert_eq!(states(world, &task).await["items"][1]["problem"], said);
    let at = 1_767_607_260_000_000;
    assert_eq!(fate("sent", Some(at)).await, (json!("sent"), json!("2026-01-05T10:01:00.000000Z"), true));
    let (stage, _, silent) = fate("failed", None).await;
    assert_eq!((stage, silent), (json!("failed"), false));
    // A letter that is forgotten was sent.
    run(&world.store, "DELETE FROM identity_mail", vec![]).await;
    assert_eq!(states(world, &task).await["items"][1]["stage"], "sent");
    let his = world.ask("boris", "GET", &format!("{}/reminders", path(&task)), None).await;
    assert_eq!(his.refusal(), (404, "not_found".into()));
}
}

both! {
async fn many_letters_leave_in_several_writes_each_once(world: &World) {
    world.patch("/tasks/settings", json!({ "letters_per_day": 100 })).await.done(200);
    for number in 0..45 {
        world.task(json!({ "title": format!("{number:02}"), "reminders": [{ "at": "2026-01-05T10:00:00Z" }] })).await;
    }
    world.waits_for_schedules(HOUR + MINUTE).await;
    world.does_again(REMIND).await;
    let mut all = subjects(world).await;
    all.sort();
    assert_eq!(all, (0..45).map(|number| format!("Reminder: {number:02}")).collect::<Vec<_>>());
}
}

both! {
async fn the_next_occurrence_takes_over_what_is_relative(world: &World) {
    let first = world
        .task(json!({
            "title": "Water plants", "due_at": "2026-01-05T10:00:00Z", "recurrence": "FREQ=DAILY",
            "reminders": [{ "minutes_before": 60 }, { "at": "2026-01-05T09:30:00Z" }],
        }))
        .await;
    let next = world.act(&first, "complete").await.done(200)["next_id"].as_str().unwrap().to_owned();
    assert_eq!(world.get(&format!("/tasks/{next}")).await["reminders"], json!([{ "minutes_before": 60 }]));
    world.waits_for_schedules(2 * HOUR).await;
    assert_eq!(subjects(world).await, [""; 0]);
    world.waits_for_schedules(22 * HOUR + MINUTE).await;
    assert_eq!(subjects(world).await, ["Reminder: Water plants"]);
    // The occurrence that is taken back takes its letter along.
    let second = world.act(&json!({ "id": next }), "complete").await.done(200);
    assert_eq!(fates(world).await, ["sent", "waits"]);
    world.act(&second, "reopen").await.done(200);
    assert_eq!(fates(world).await, ["sent"]);
}
}

#[tokio::test]
async fn reminders_travel_with_a_task_and_wait_where_it_arrives() {
    let world = World::new().await;
    let told = json!([{ "minutes_before": 30 }, { "at": "2026-01-05T09:30:00.000000Z" }]);
    world.task(json!({ "title": "a", "due_at": "2026-01-06T10:00:00Z", "reminders": told })).await;
    let file = world.get("/tasks/export").await;
    assert_eq!(file["tasks"][0]["reminders"], told);
    let bytes = file.to_string().into_bytes();
    world.send(form("boris", "/tasks/import", "tasks.json", &bytes, &[])).await.done(200);
    assert_eq!(fates(&world).await, ["waits"; 4]);
    world.waits_for_schedules(HOUR).await;
    let mut to: Vec<String> = world.letters().await.into_iter().map(|(to, ..)| to).collect();
    to.sort();
    assert_eq!(to, ["anna", "boris"]);
    // A file with more than a task may have says so.
    let many: Vec<Value> = (0..6).map(|minutes| json!({ "minutes_before": minutes })).collect();
    let mut file = file;
    file["tasks"][0]["reminders"] = json!(many);
    file["tasks"][0]["id"] = "019cade2-11c0-7b41-9c55-3f0a6d2e8b17".into();
    let report = world
        .send(form("boris", "/tasks/import", "t.json", file.to_string().as_bytes(), &[]))
        .await
        .done(200);
    assert_eq!((&report["added"], &report["problems"][0]["field"]), (&json!(0), &json!("reminders")));
}

#[tokio::test]
async fn what_cannot_be_a_reminder_is_refused_by_its_name() {
    let world = World::new().await;
    let task = world.task(json!({ "title": "a" })).await;
    for (told, pointer) in [
        (json!([{ "minutes_before": 40_321 }]), "/reminders/0/minutes_before"),
        (json!([{ "minutes_before": 0 }, {}]), "/reminders/1/minutes_before"),
        (json!([{ "minutes_before": 0, "at": "2026-01-05T09:30:00Z" }]), "/reminders/0/at"),
        (json!([{ "at": "9999-06-01T00:00:00Z" }]), "/reminders/0/at"),
        (json!([1, 2, 3, 4, 5, 6].map(|minutes| json!({ "minutes_before": minutes }))), "/reminders"),
        (json!([{ "hours": 1 }]), "/reminders/0/hours"),
    ] {
        let new = world.post("/tasks", json!({ "title": "b", "reminders": told })).await;
        assert_eq!(new.refused_field(), pointer, "{told}");
        let changed = world.patch(&path(&task), json!({ "reminders": told })).await;
        assert_eq!(changed.refused_field(), pointer, "{told}");
    }
    assert_eq!(fates(&world).await, [""; 0]);
}
