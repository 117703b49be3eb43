//! Findings and manners that hold at every door.

use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};

use crate::house::{World, id, request, run, titles};

/// Every door, with a body that it takes, for a task.
fn doors(task: &str) -> Vec<(&'static str, String, Option<Value>)> {
    let one = |deed: &str| format!("/tasks/{task}{deed}");
    vec![
        ("GET", one(""), None),
        ("PATCH", one(""), Some(json!({ "title": "b" }))),
        ("POST", one("/complete"), None),
        ("POST", one("/reopen"), None),
        ("POST", one("/start"), None),
        ("POST", one("/snooze"), Some(json!({ "hours": 1 }))),
        ("DELETE", one(""), None),
        ("POST", one("/restore"), None),
    ]
}

/// Those that are not about one task.
fn own() -> Vec<(&'static str, String, Option<Value>)> {
    vec![
        ("GET", "/tasks".into(), None),
        ("POST", "/tasks".into(), Some(json!({ "title": "a" }))),
        ("POST", "/tasks/quick".into(), Some(json!({ "text": "a" }))),
        ("POST", "/tasks/quick/parse".into(), Some(json!({ "text": "a" }))),
        ("GET", "/tasks/best".into(), None),
        ("GET", "/tasks/next".into(), None),
        ("GET", "/tasks/settings".into(), None),
        ("PATCH", "/tasks/settings".into(), Some(json!({ "time_zone": "UTC" }))),
    ]
}

#[tokio::test]
async fn lm_02_somebody_else_s_task_is_not_there() {
    let world = World::new().await;
    let theirs = world.ask("boris", "POST", "/tasks", Some(json!({ "title": "secret" }))).await.done(201);
    let nobodys = "019cade2-11c0-7b41-9c55-3f0a6d2e8b17";
    for ((method, path, body), (_, none, _)) in doors(id(&theirs)).into_iter().zip(doors(nobodys)) {
        let foreign = world.ask("anna", method, &path, body.clone()).await;
        let missing = world.ask("anna", method, &none, body).await;
        assert_eq!(foreign.refusal(), (404, "not_found".into()), "{method} {path}");
        assert_eq!(foreign.json()["detail"], missing.json()["detail"], "{method} {path}");
    }
    for path in ["/tasks", "/tasks?q=secret", "/tasks/next"] {
        assert_eq!(titles(&world.get(path).await), [""; 0], "{path}");
    }
    let same = world.ask("boris", "GET", &format!("/tasks/{}", id(&theirs)), None).await.done(200);
    assert_eq!(same, theirs);
}

#[tokio::test]
async fn mv_c2_nobody_and_a_credential_without_the_scope_are_refused_at_every_door() {
    let world = World::new().await;
    let task = world.task(json!({ "title": "a" })).await;
    for (method, path, body) in doors(id(&task)).into_iter().chain(own()) {
        let nobody = world.ask("", method, &path, body.clone()).await;
        assert_eq!(nobody.refusal(), (401, "unauthenticated".into()), "{method} {path}");
        let narrow = world.ask("narrow", method, &path, body).await;
        assert_eq!(narrow.refusal(), (403, "insufficient_scope".into()), "{method} {path}");
    }
    assert_eq!(titles(&world.get("/tasks").await), ["a"]);
}

/// G2 R15: writing is no broader than reading here, but another right: nobody who allowed the one gave the other.
#[tokio::test]
async fn a_credential_that_may_look_changes_nothing_and_one_that_may_change_sees_only_what_it_changed() {
    let world = World::new().await;
    let task = world.task(json!({ "title": "a" })).await;
    for (method, path, body) in doors(id(&task)).into_iter().chain(own()) {
        let looks = method == "GET" || path.ends_with("/parse");
        let (may, may_not) = if looks { ("reader", "writer") } else { ("writer", "reader") };
        let refused = world.ask(may_not, method, &path, body.clone()).await;
        assert_eq!(refused.refusal(), (403, "insufficient_scope".into()), "{method} {path}");
        let done = world.ask(may, method, &path, body).await;
        assert!(done.status.is_success(), "{method} {path}: {done:?}");
    }
}

#[tokio::test]
async fn mf_1_only_the_credential_says_who_is_calling() {
    let world = World::new().await;
    let boris = world.ask("boris", "POST", "/tasks", Some(json!({ "title": "of boris" }))).await.done(201);
    world.task(json!({ "title": "of anna" })).await;
    let theirs = "019cade2-11c0-7b41-9c55-3f0a6d2e8b17";
    for path in ["/tasks?user_id=boris", "/tasks?owner=boris", "/tasks/next?user_id=boris"] {
        let headers = [("x-user-id", theirs), ("x-auth-uid", "boris")];
        let seen = world.send(request("anna", "GET", path, &headers, None)).await.done(200);
        assert_eq!(titles(&seen), ["of anna"], "{path}");
    }
    for field in ["user_id", "owner"] {
        let body = json!({ "title": "a", field: theirs });
        assert_eq!(world.post("/tasks", body).await.refused_field(), format!("/{field}"));
    }
    let path = format!("/tasks/{}?user_id=boris", id(&boris));
    assert_eq!(world.ask("anna", "GET", &path, None).await.status, 404);
}

#[tokio::test]
async fn mf_4_keys_are_one_type_and_cascade() {
    let world = World::new().await;
    let first = world.task(json!({ "title": "a" })).await;
    world.task(json!({ "title": "b", "depends_on": [id(&first)] })).await;
    world.patch("/tasks/settings", json!({ "time_zone": "Europe/Berlin" })).await.done(200);
    let orphan = world
        .store
        .db
        .write(async |tx| {
            let sql = "INSERT INTO mindflow_settings VALUES ($1, 'UTC', 1, 1, 1, 1)";
            let nobody: stoa_core::UserId = world.ctx().id();
            tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, [nobody.into()]))
                .await?;
            Ok(())
        })
        .await;
    assert!(orphan.is_err(), "settings of nobody are refused by the rows themselves");
    run(&world.store, "DELETE FROM identity_user WHERE id = $1", vec![world.anna().into()]).await;
    for table in ["mindflow_task", "mindflow_dependency", "mindflow_settings"] {
        let reads = world.store.db.reads();
        let sql = format!("SELECT COUNT(*) AS n FROM {table}");
        let row =
            reads.query_one_raw(Statement::from_string(reads.get_database_backend(), sql)).await.unwrap();
        assert_eq!(row.unwrap().try_get::<i64>("", "n").unwrap(), 0, "{table} goes with the person");
    }
}

#[tokio::test]
async fn the_same_key_makes_one_task() {
    let world = World::new().await;
    let ask = async |title: &str| {
        let body = Some(json!({ "title": title }));
        world.send(request("anna", "POST", "/tasks", &[("idempotency-key", "once")], body)).await
    };
    let first = ask("a").await.done(201);
    assert_eq!(ask("a").await.done(201), first);
    assert_eq!(ask("b").await.status, 422);
    assert_eq!(titles(&world.get("/tasks").await), ["a"]);
}
