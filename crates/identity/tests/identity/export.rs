//! Everything that is kept of a person, in one file for them.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read},
    time::Duration,
};

use serde_json::{Value, json};
use stoa_core::{Role, digest};

use crate::{
    house::{As, PASSWORD, World},
    on_both,
};

/// The files of a zip.
pub(crate) fn unpacked(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..zip.len())
        .map(|at| {
            let mut file = zip.by_index(at).unwrap();
            let mut whole = Vec::new();
            file.read_to_end(&mut whole).unwrap();
            (file.name().unwrap().into_owned(), whole)
        })
        .collect()
}

/// Asks for an export and waits until it is there; its id.
pub(crate) async fn exports(world: &World, cookie: &str) -> String {
    let asked = world.ask(As::Cookie(cookie), "POST", "/me/export", None).await.done(202);
    world.rests().await;
    asked["export"]["id"].as_str().unwrap().to_owned()
}

on_both! {
async fn an_export_holds_what_is_kept_of_its_owner_and_of_nobody_else(world: &World) {
    let (ada, ben) = (world.signed_in("ada", Role::Member).await, world.signed_in("ben", Role::Admin).await);
    world.works();
    // Ben has one of everything that is kept of people.
    let bens = json!({ "name": "ben's script", "scopes": ["labs:read"] });
    world.does(&ben, "POST", "/me/tokens", Some(bens)).await;
    let program = world.program().await;
    world.code(&ben, &program, &[]).await;
    crate::passkeys::adds(world, &ben, "ben's key").await;
    world.knock("/auth/password/forgot", json!({ "email": "ben@example.org" })).await;
    world.rests().await;
    let token = json!({ "name": "upload script", "scopes": ["labs:read"] });
    let token = world.does(&ada, "POST", "/me/tokens", Some(token)).await;
    assert_eq!(world.does(&ada, "GET", "/me/export", None).await, json!({ "items": [], "next": null }));

    let asked = world.ask(As::Cookie(&ada), "POST", "/me/export", None).await;
    let body = asked.done(202);
    let (id, job) = (body["export"]["id"].as_str().unwrap(), body["job"]["id"].as_str().unwrap());
    assert_eq!(asked.headers["location"], format!("/api/v1/jobs/{job}"));
    assert_eq!(body["export"]["expires_at"], "2026-01-12T09:00:00.000000Z");
    world.rests().await;
    let done = world.does(&ada, "GET", &format!("/jobs/{job}"), None).await;
    assert_eq!((&done["state"], &done["result"]["export_id"]), (&json!("succeeded"), &json!(id)), "{done}");
    let list = world.does(&ada, "GET", "/me/export", None).await;
    assert_eq!((&list["items"][0]["state"], &list["items"][0]["size"]), (&json!("ready"), &done["result"]["size"]));

    let seen = world.ask(As::Cookie(&ada), "GET", &format!("/me/export/{id}"), None).await;
    assert_eq!((seen.status.as_u16(), &seen.headers["content-type"]), (200, &"application/zip".parse().unwrap()));
    assert_eq!(seen.headers["content-disposition"], "attachment; filename=\"stoa-export.zip\"");
    assert_eq!(seen.headers["content-length"], seen.body.len().to_string());
    let files = unpacked(&seen.body);
    let names: Vec<_> = files.keys().map(String::as_str).collect();
    assert_eq!(names, [
        "account/account.json", "account/activity.json", "account/connections.json", "account/devices.json",
        "account/letters.json", "account/passkeys.json", "account/sessions.json", "account/tokens.json",
        "account/upstreams.json",
        "manifest.json", "shelf/deep/note.txt", "shelf/deep/note.txt (2)", "shelf/long.bin", "shelf/outside.txt",
    ]);
    let read = |name: &str| serde_json::from_slice::<Value>(&files[name]).unwrap();
    assert_eq!(read("account/account.json")["account"]["email"], "ada@example.org");
    assert_eq!(read("account/tokens.json")[0]["name"], "upload script");
    for (name, kept) in [("tokens", 1), ("sessions", 1), ("devices", 1), ("passkeys", 0), ("letters", 0)] {
        assert_eq!(read(&format!("account/{name}.json")).as_array().unwrap().len(), kept, "{name}");
    }
    assert_eq!(read("account/connections.json"), json!([]));
    let activity = read("account/activity.json");
    let mut actions: Vec<_> =
        activity.as_array().unwrap().iter().map(|row| row["action"].as_str().unwrap()).collect();
    actions.sort_unstable();
    assert_eq!(actions, ["account.export_asked", "login", "token.added", "user.added"]);
    assert_eq!(files["shelf/long.bin"].len(), 3_000_000);

    // The manifest tells of every other file.
    let manifest = read("manifest.json");
    assert_eq!((&manifest["format"], &manifest["made_at"]), (&json!("stoa-export"), &json!("2026-01-05T09:00:00.000000Z")));
    let told: Vec<_> = manifest["files"].as_array().unwrap().iter().map(|file| {
        let path = file["path"].as_str().unwrap();
        assert_eq!((file["bytes"].as_u64().unwrap(), file["sha256"].as_str().unwrap()),
            (files[path].len() as u64, digest(&files[path]).hex().as_str()), "{path}");
        path
    }).collect();
    assert_eq!(told.len(), names.len() - 1);

    // Nothing secret, and nothing of others.
    for (name, bytes) in &files {
        let text = String::from_utf8_lossy(bytes);
        for word in ["ben", "argon2", token["token"].as_str().unwrap(), ada.split_once('=').unwrap().1] {
            assert!(!text.contains(word), "{name} holds {word}");
        }
    }
    let strange = world.ask(As::Cookie(&ben), "GET", &format!("/me/export/{id}"), None).await;
    assert_eq!(strange.refusal(), (404, "not_found".into()));
    assert_eq!(world.does(&ben, "GET", "/me/export", None).await["items"], json!([]));
    let program = world.ask(As::Token(token["token"].as_str().unwrap()), "GET", &format!("/me/export/{id}"), None).await;
    assert_eq!(program.status, 403);
}

async fn an_export_is_asked_for_with_a_fresh_proof_and_not_too_often(world: &World) {
    let ada = world.signed_in("ada", Role::Member).await;
    world.time.advance(Duration::from_secs(300));
    let stale = world.ask(As::Cookie(&ada), "POST", "/me/export", None).await;
    assert_eq!(stale.refusal(), (403, "reauthentication_required".into()));
    world.does(&ada, "POST", "/auth/reauthenticate", Some(json!({ "password": PASSWORD }))).await;
    for _ in 0..5 {
        world.does(&ada, "POST", "/me/export", None).await;
    }
    let much = world.ask(As::Cookie(&ada), "POST", "/me/export", None).await;
    assert_eq!((much.refusal(), much.headers.contains_key("retry-after")), ((429, "rate_limited".into()), true));
    // Nobody has written them yet.
    let list = world.does(&ada, "GET", "/me/export", None).await;
    let first = &list["items"][0];
    assert_eq!((first["state"].as_str().unwrap(), first.get("size")), ("building", None));
    let early = world.ask(As::Cookie(&ada), "GET", &format!("/me/export/{}", first["id"].as_str().unwrap()), None).await;
    assert_eq!(early.refusal(), (409, "export_not_ready".into()));
    // One whose job was cancelled never will be there.
    world.does(&ada, "POST", &format!("/jobs/{}/cancel", first["job_id"].as_str().unwrap()), None).await;
    assert_eq!(world.does(&ada, "GET", "/me/export", None).await["items"][0]["state"], "failed");
}

async fn an_export_is_kept_for_seven_days_and_then_gone_with_its_file(world: &World) {
    let ada = world.signed_in("ada", Role::Member).await;
    world.works();
    let id = exports(world, &ada).await;
    let path = format!("/me/export/{id}");
    world.time.advance(Duration::from_secs(7 * 24 * 3600 - 1));
    assert_eq!(world.ask(As::Cookie(&ada), "GET", &path, None).await.status, 200);
    assert_eq!(world.number("SELECT count(*) AS n FROM store_blob").await, 1);
    world.time.advance(Duration::from_secs(1));
    assert_eq!(world.ask(As::Cookie(&ada), "GET", &path, None).await.refusal(), (404, "not_found".into()));
    world.time.advance(Duration::from_secs(3600));
    while world.number("SELECT count(*) AS n FROM identity_export").await > 0 {
        tokio::task::yield_now().await;
    }
    world.time.advance(Duration::from_secs(61));
    world.store.sweep().await.unwrap();
    assert_eq!((world.number("SELECT count(*) AS n FROM store_blob").await, world.files().len()), (0, 0));
}
}
