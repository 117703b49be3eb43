//! Every door of the house, and what it says to whom. The table is `doors.toml`.

use std::{cmp::Reverse, collections::BTreeMap};

use serde_json::{Value, json};

use crate::{
    things::{Door, Things, doors},
    told,
    world::{Person, World},
};

/// What nobody, a stranger to the thing, its owner, and an admin get.
type Row = [u16; 4];

const TABLE: &str = include_str!("../../../doors.toml");

/// Doors through which an admin ends all sessions of somebody else.
const ENDS_ANOTHERS: [&str; 2] =
    ["POST /api/v1/admin/users/{id}/factors/reset", "DELETE /api/v1/admin/users/{id}/sessions"];

/// Doors that no document names: the web app, and what is not there.
const BESIDE: [&str; 6] =
    ["GET /", "GET /labs/any", "GET /assets/none.js", "GET /api/v1/none", "GET /api/v2/labs", "POST /"];

told! {
/// Who knocks at any door gets what the table says; a door without a row fails, and a row without a door.
async fn every_door_says_to_everybody_what_the_table_says(world: &mut World) {
    let house = world.starts().await;
    let olga = house.nobody().takes_the_house(&house, "olga").await;
    let mut people = [
        house.nobody(),
        olga.invites("ben", "member").await,
        olga.invites("anna", "member").await,
        olga.invites("ada", "admin").await,
    ];
    let things = Things::of(&mut people[2]).await;
    let mut all = doors(&olga).await;
    all.extend(BESIDE.map(str::to_owned));
    all.sort_by_key(|door| turn(door));
    let mut found = BTreeMap::new();
    for door in &all {
        let mut row = Row::default();
        // The owner comes last: the door may be the one that removes the thing.
        for at in [0, 1, 3, 2] {
            row[at] = knock(&mut people[at], &things, door).await;
            // An admin who takes somebody's factors ends their sessions, too.
            if row[at] == 204 && ENDS_ANOTHERS.contains(&&**door) {
                people[2].signs_in().await;
            }
        }
        found.insert(door.clone(), row);
    }
    compare(&found, |door| !door.starts_with(TOOL));
}
}

told! {
/// The same for tools: nobody, a stranger, the owner and an admin call each with a token and the id of the owner's task.
async fn every_tool_says_to_everybody_what_the_table_says(world: &mut World) {
    let house = world.starts().await;
    let olga = house.nobody().takes_the_house(&house, "olga").await;
    let anna = olga.invites("anna", "member").await;
    let todo = anna.post("/tasks", &json!({ "title": "Call Ana" })).await.done(201);
    let mut people = vec![house.nobody()];
    for person in [olga.invites("ben", "member").await, anna, olga.invites("ada", "admin").await] {
        people.push(person.makes_a_token(&["tasks:read", "tasks:write"]).await);
    }
    let list = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
    let list = people[2].asks("POST", "/mcp").json(&list).send().await.done(200);
    let mut tools: Vec<_> =
        list["result"]["tools"].as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    // A task is completed after all that a completed one refuses, and deleted at the end.
    let late = ["complete_task", "reopen_task", "delete_task", "restore_task"];
    tools.sort_by_key(|tool| late.iter().position(|name| name == tool));
    let mut found = BTreeMap::new();
    for tool in tools {
        let mut row = Row::default();
        for at in [0, 1, 3, 2] {
            let seen = people[at].calls(tool, &arguments(tool, &todo["id"])).send().await;
            let problem = seen.json()["result"]["_meta"]["stoa/problem"]["status"].as_u64();
            row[at] = problem.map_or(seen.status, |status| u16::try_from(status).unwrap());
        }
        found.insert(format!("{TOOL}{tool}"), row);
    }
    compare(&found, |door| door.starts_with(TOOL));
}
}

/// How rows about tools begin.
const TOOL: &str = "TOOL ";

/// What a tool takes.
fn arguments(tool: &str, id: &Value) -> Value {
    match tool {
        "what_next" | "list_tasks" => json!({}),
        "add_task" => json!({ "title": "Write to Ben" }),
        "quick_add_task" => json!({ "text": "call Ben tomorrow" }),
        "edit_task" => json!({ "id": id, "changes": { "priority": 4 } }),
        "snooze_task" => json!({ "id": id, "hours": 3 }),
        _ => json!({ "id": id }),
    }
}

/// Holds what was found against the rows of the table that are meant.
fn compare(found: &BTreeMap<String, Row>, meant: impl Fn(&str) -> bool) {
    let table: BTreeMap<String, Row> = toml::from_str(TABLE).unwrap();
    let table: BTreeMap<_, _> = table.into_iter().filter(|(door, _)| meant(door)).collect();
    let rows = |table: &BTreeMap<String, Row>| {
        table.iter().map(|(door, row)| format!("{:<50} = {row:?}", format!("{door:?}"))).collect::<Vec<_>>()
    };
    let (found, table) = (rows(found), rows(&table));
    let missing: Vec<_> = found.iter().filter(|row| !table.contains(row)).collect();
    let wrong: Vec<_> = table.iter().filter(|row| !found.contains(row)).collect();
    assert!(
        missing.is_empty() && wrong.is_empty(),
        "doors.toml says\n{wrong:#?}\nand the house\n{missing:#?}"
    );
}

/// What removes comes late, what contains comes after what is inside, and what ends sessions comes last.
fn turn(door: &Door) -> (bool, bool, Reverse<usize>) {
    let ends = door.contains("/auth/")
        || door.contains("/logouts/")
        || door.ends_with("/password/reset")
        || door.ends_with("/me/password")
        || door.ends_with("/me/erase")
        || door == "DELETE /api/v1/me/sessions"
        || ENDS_ANOTHERS.contains(&door);
    (ends, door.starts_with("DELETE"), Reverse(door.matches('/').count()))
}

async fn knock(who: &mut Person, things: &Things, door: &Door) -> u16 {
    let known = !who.id.is_empty();
    let seen = things.knock(who, door).send().await;
    // What programs ask at the root is refused in the words of their own standards.
    let spoken = door.contains(" /api/") && !seen.text().is_empty();
    if seen.status >= 400 && spoken {
        seen.refusal();
    }
    // Work that was begun is waited for; what ended sessions is mended.
    let job = &seen.json()["job"];
    if seen.status == 202 && *job != Value::Null {
        who.waits_for(job).await;
    }
    if known && seen.status < 300 {
        match door {
            "POST /api/v1/me/password" => {
                who.password = who.next_password();
                who.signs_in().await;
            }
            // A new session takes the place of the one that asked for it.
            "POST /api/v1/auth/login"
            | "POST /api/v1/auth/logout"
            | "POST /api/v1/oauth/logouts/{handle}" => who.signs_in().await,
            "POST /api/v1/me/tokens" => who.also_secret(seen.json()["token"].as_str().unwrap()),
            _ => {}
        }
    }
    seen.status
}
