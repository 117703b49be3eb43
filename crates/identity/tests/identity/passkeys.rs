//! Passkeys, with one in software.

use std::time::Duration;

use serde_json::{Value, json};
use stoa_core::Role;
use stoa_identity::people::ops as people;

use crate::{
    authenticator::Key,
    house::{As, PASSWORD, Seen, World, request, seen},
    on_both,
};

/// Where people are.
const PAGE: &str = "http://localhost:8080";

/// Makes a passkey; the key and what the house said.
pub(crate) async fn adds(world: &World, cookie: &str, name: &str) -> (Key, Value) {
    let asked = world.does(cookie, "POST", "/me/passkeys/options", None).await;
    let (key, said) = Key::made(PAGE, &asked["options"]);
    let body = json!({ "name": name, "credential": said });
    let made = world.ask(As::Cookie(cookie), "POST", "/me/passkeys", Some(body)).await;
    (key, made.done(201))
}

async fn challenge(world: &World, who: As<'_>, ticket: Option<&str>) -> Value {
    let asked = world.ask(who, "POST", "/auth/passkey/options", Some(json!({ "ticket": ticket }))).await;
    assert_eq!(asked.headers["cache-control"], "no-store");
    asked.done(200)
}

async fn signs_in(world: &World, key: &mut Key) -> Seen {
    let asked = challenge(world, As::Nobody, None).await;
    brings(world, &asked["ticket"], &key.answers(&asked["options"])).await
}

async fn brings(world: &World, ticket: &Value, assertion: &Value) -> Seen {
    let body = json!({ "ticket": ticket, "assertion": assertion });
    world.ask(As::Nobody, "POST", "/auth/passkey", Some(body)).await
}

/// A refusal, without what differs from one to the next.
fn document(refused: &Seen) -> Value {
    let mut document = refused.json();
    document.as_object_mut().unwrap().remove("request_id");
    document
}

on_both! {
async fn a_passkey_is_added_listed_named_and_removed(world: &World) {
    let cookie = world.signed_in("ada", Role::Member).await;
    let asked = world.does(&cookie, "POST", "/me/passkeys/options", None).await;
    let options = &asked["options"];
    assert_eq!(options["rp"], json!({ "id": "localhost", "name": "Stoa" }));
    assert_eq!(options["user"]["name"], "ada@example.org");
    let wanted = &options["authenticatorSelection"];
    assert_eq!((&wanted["residentKey"], &wanted["userVerification"]), (&json!("required"), &json!("required")));
    let (_, made) = adds(world, &cookie, " Laptop ").await;
    assert_eq!(made["backup_codes"].as_array().unwrap().len(), 10);
    let passkey = json!({ "id": made["id"], "name": "Laptop", "created_at": "2026-01-05T09:00:00.000000Z" });
    let all = world.does(&cookie, "GET", "/me/passkeys", None).await;
    assert_eq!(all, json!({ "items": [passkey], "next": null }));
    let factors = world.does(&cookie, "GET", "/me/factors", None).await;
    assert_eq!(factors, json!({ "password": true, "totp_since": null, "passkeys": 1, "backup_codes": 10, "password_characters": 8, "fresh_seconds": 300 }));

    // The second finds codes there already, and its browser is told of the first.
    let (second, made_second) = adds(world, &cookie, "Phone").await;
    assert!(made_second.get("backup_codes").is_none());
    let asked = world.does(&cookie, "POST", "/me/passkeys/options", None).await;
    assert_eq!(asked["options"]["excludeCredentials"].as_array().unwrap().len(), 2);

    let path = format!("/me/passkeys/{}", made["id"].as_str().unwrap());
    let named = world.does(&cookie, "PATCH", &path, Some(json!({ "name": "Work" }))).await;
    assert_eq!(named["name"], "Work");
    let refused = world.ask(As::Cookie(&cookie), "PATCH", &path, Some(json!({ "name": " " }))).await;
    assert_eq!(refused.json()["errors"][0]["pointer"], "/name");
    let eve = world.signed_in("eve", Role::Owner).await;
    for (method, body) in [("PATCH", Some(json!({ "name": "x" }))), ("DELETE", None)] {
        let refused = world.ask(As::Cookie(&eve), method, &path, body).await;
        assert_eq!(refused.refusal(), (404, "not_found".into()), "lm_02");
    }
    world.does(&cookie, "DELETE", &path, None).await;
    let second_path = format!("/me/passkeys/{}", made_second["id"].as_str().unwrap());
    let asked = challenge(world, As::Cookie(&cookie), None).await;
    assert!(second.is_named_in(&asked["options"]));
    world.does(&cookie, "DELETE", &second_path, None).await;
    let factors = world.does(&cookie, "GET", "/me/factors", None).await;
    assert_eq!(factors, json!({ "password": true, "totp_since": null, "passkeys": 0, "backup_codes": 0, "password_characters": 15, "fresh_seconds": 300 }));
    world.login("ada").await;
}

async fn a_passkey_signs_in_alone_on_any_node(world: &World) {
    let cookie = world.signed_in("ada", Role::Member).await;
    let (mut key, _) = adds(world, &cookie, "Laptop").await;
    let asked = challenge(world, As::Nobody, None).await;
    assert_eq!(asked["options"]["allowCredentials"], json!([]));
    let node = world.restarted().await;
    let body = json!({ "ticket": asked["ticket"], "assertion": key.answers(&asked["options"]) });
    let inside = seen(&node, request(As::Nobody, "POST", "/auth/passkey", Some(body))).await;
    assert_eq!(inside.done(200)["user"]["email"], "ada@example.org");
    let me = world.does(&inside.cookie(), "GET", "/me/passkeys", None).await;
    assert_eq!(me["items"][0]["last_used_at"], "2026-01-05T09:00:00.000000Z");
    let rows = world.rows("SELECT methods FROM identity_session WHERE methods <> 'pwd'", []).await;
    assert_eq!(rows[0].try_get::<String>("", "methods").unwrap(), "hwk user mfa");

    people::disable(&world.house(), "ada@example.org", true).await.unwrap();
    assert_eq!(signs_in(world, &mut key).await.refusal(), (401, "invalid_passkey".into()));
}

async fn a_passkey_is_the_second_step_after_a_password(world: &World) {
    let cookie = world.signed_in("ada", Role::Member).await;
    let (mut key, _) = adds(world, &cookie, "Laptop").await;
    let eve = world.signed_in("eve", Role::Member).await;
    let (mut eves, _) = adds(world, &eve, "Eve's").await;
    let half = world.try_login("ada@example.org", PASSWORD).await.done(200);
    assert_eq!(half["methods"], json!(["passkey", "backup_code"]));
    let ticket = half["ticket"].as_str().unwrap();
    let shows = async |key: &mut Key| {
        let asked = challenge(world, As::Nobody, Some(ticket)).await;
        assert_eq!(asked["ticket"], ticket);
        let assertion = key.answers(&asked["options"]);
        let body = json!({ "ticket": ticket, "method": "passkey", "assertion": assertion });
        world.ask(As::Nobody, "POST", "/auth/mfa", Some(body)).await
    };
    assert_eq!(shows(&mut eves).await.refusal(), (401, "invalid_passkey".into()));
    let asked = challenge(world, As::Nobody, Some(ticket)).await;
    assert!(key.is_named_in(&asked["options"]) && !eves.is_named_in(&asked["options"]));
    // What was asked of her nobody else answers, wherever it is brought.
    let hers = brings(world, &asked["ticket"], &eves.answers(&asked["options"])).await;
    assert_eq!(hers.refusal(), (401, "invalid_passkey".into()));
    shows(&mut key).await.done(200);
    let rows = world.rows("SELECT methods FROM identity_session WHERE methods <> 'pwd'", []).await;
    assert_eq!(rows[0].try_get::<String>("", "methods").unwrap(), "pwd hwk user mfa");
    let expired = world.ask(As::Nobody, "POST", "/auth/passkey/options", Some(json!({ "ticket": ticket }))).await;
    assert_eq!(expired.refusal(), (401, "ticket_expired".into()));
}

async fn every_wrong_answer_is_refused_alike(world: &World) {
    let cookie = world.signed_in("ada", Role::Member).await;
    let (mut key, _) = adds(world, &cookie, "Laptop").await;
    let mut refusals = Vec::new();

    // Answered before: a challenge is good for one answer, right or wrong.
    let asked = challenge(world, As::Nobody, None).await;
    let right = key.answers(&asked["options"]);
    brings(world, &asked["ticket"], &right).await.done(200);
    refusals.push(("replayed", brings(world, &asked["ticket"], &right).await));
    // To another challenge.
    let other = challenge(world, As::Nobody, None).await;
    refusals.push(("another challenge", brings(world, &other["ticket"], &right).await));
    refusals.push(("no challenge", brings(world, &json!("made up"), &right).await));
    // Too late.
    let asked = challenge(world, As::Nobody, None).await;
    world.time.advance(Duration::from_secs(300));
    let late = key.answers(&asked["options"]);
    refusals.push(("late", brings(world, &asked["ticket"], &late).await));
    // By somebody who was not recognised.
    key.verifies = false;
    refusals.push(("not recognised", signs_in(world, &mut key).await));
    key.verifies = true;
    // From another page.
    key.origin = "http://localhost:9090".into();
    refusals.push(("another port", signs_in(world, &mut key).await));
    key.origin = "https://localhost.evil.example".into();
    refusals.push(("another site", signs_in(world, &mut key).await));
    key.origin = PAGE.into();
    // With another signature.
    let asked = challenge(world, As::Nobody, None).await;
    let mut forged = key.answers(&asked["options"]);
    let other = challenge(world, As::Nobody, None).await;
    forged["response"]["signature"] = key.answers(&other["options"])["response"]["signature"].clone();
    refusals.push(("forged", brings(world, &asked["ticket"], &forged).await));
    // In the name of somebody else.
    let asked = challenge(world, As::Nobody, None).await;
    let mut named = key.answers(&asked["options"]);
    named["response"]["userHandle"] = json!("AZPzoAAAcACAAAAAAAAAAA");
    refusals.push(("another name", brings(world, &asked["ticket"], &named).await));
    // By a key that nobody added.
    let options = world.does(&cookie, "POST", "/auth/reauthenticate", Some(json!({ "password": PASSWORD }))).await;
    assert_eq!(options, Value::Null);
    let asked = world.does(&cookie, "POST", "/me/passkeys/options", None).await;
    let (mut unknown, _) = Key::made(PAGE, &asked["options"]);
    refusals.push(("unknown", signs_in(world, &mut unknown).await));

    for (what, refused) in &refusals {
        assert_eq!(refused.refusal(), (401, "invalid_passkey".into()), "{what}");
        assert_eq!(document(refused), document(&refusals[0].1), "{what}");
    }
    signs_in(world, &mut key).await.done(200);
}

async fn a_counter_that_goes_back_is_refused_and_on_record(world: &World) {
    let cookie = world.signed_in("ada", Role::Member).await;
    let (mut key, _) = adds(world, &cookie, "Key").await;
    key.counter = 7;
    signs_in(world, &mut key).await.done(200);
    signs_in(world, &mut key).await.done(200);
    key.counter = 6;
    assert_eq!(signs_in(world, &mut key).await.refusal(), (401, "invalid_passkey".into()));
    key.counter = 8;
    assert_eq!(signs_in(world, &mut key).await.status, 401, "equal is not more");
    let record = world.does(&cookie, "GET", "/me/audit", None).await;
    let suspect = record["items"].as_array().unwrap().iter().find(|row| row["action"] == "passkey.suspect");
    assert_eq!(suspect.unwrap()["subject"], "Key");
    signs_in(world, &mut key).await.done(200);
}

async fn making_a_passkey_takes_its_own_challenge_once(world: &World) {
    let cookie = world.signed_in("ada", Role::Member).await;
    let add = async |who: &str, said: &Value| {
        let body = json!({ "name": "Laptop", "credential": said });
        world.ask(As::Cookie(who), "POST", "/me/passkeys", Some(body)).await
    };
    let asked = world.does(&cookie, "POST", "/me/passkeys/options", None).await;
    let (mut key, _) = Key::made(PAGE, &asked["options"]);
    key.verifies = false;
    let unrecognised = add(&cookie, &key.attests(&asked["options"])).await;
    assert_eq!(unrecognised.json()["errors"][0]["pointer"], "/credential");
    key.verifies = true;
    // That challenge is gone.
    let said = key.attests(&asked["options"]);
    assert_eq!(add(&cookie, &said).await.refusal(), (409, "passkey_not_started".into()));
    assert_eq!(add(&cookie, &json!({ "id": 1 })).await.json()["errors"][0]["pointer"], "/credential");
    let asked = world.does(&cookie, "POST", "/me/passkeys/options", None).await;
    add(&cookie, &key.attests(&asked["options"])).await.done(201);
    // Not for somebody else as well.
    let eve = world.signed_in("eve", Role::Member).await;
    let asked = world.does(&eve, "POST", "/me/passkeys/options", None).await;
    let taken = add(&eve, &key.attests(&asked["options"])).await;
    assert_eq!(taken.refusal(), (409, "passkey_known".into()));
    // Another session's challenge is not this one's.
    let other = world.login("eve").await;
    let asked = world.does(&eve, "POST", "/me/passkeys/options", None).await;
    let (_, said) = Key::made(PAGE, &asked["options"]);
    assert_eq!(add(&other, &said).await.refusal(), (409, "passkey_not_started".into()));
    world.time.advance(Duration::from_secs(300));
    assert_eq!(add(&eve, &said).await.refusal(), (409, "passkey_not_started".into()));
}

async fn a_passkey_confirms_that_it_is_still_the_same_person(world: &World) {
    let cookie = world.signed_in("ada", Role::Member).await;
    let (mut key, _) = adds(world, &cookie, "Laptop").await;
    let eve = world.signed_in("eve", Role::Member).await;
    let (mut eves, _) = adds(world, &eve, "Eve's").await;
    world.time.advance(Duration::from_secs(300));
    let confirm = async |key: &mut Key| {
        let asked = challenge(world, As::Cookie(&cookie), None).await;
        let body = json!({ "ticket": asked["ticket"], "assertion": key.answers(&asked["options"]) });
        world.ask(As::Cookie(&cookie), "POST", "/auth/reauthenticate", Some(body)).await
    };
    assert_eq!(confirm(&mut eves).await.json()["errors"][0]["pointer"], "/assertion");
    assert_eq!(world.ask(As::Cookie(&cookie), "POST", "/me/totp", None).await.status, 403);
    assert_eq!(confirm(&mut key).await.status, 204);
    world.does(&cookie, "POST", "/me/totp", None).await;
}

async fn there_is_an_end_to_the_number_of_passkeys(world: &World) {
    let cookie = world.signed_in("ada", Role::Member).await;
    for number in 0..20 {
        adds(world, &cookie, &format!("Key {number}")).await;
    }
    let refused = world.ask(As::Cookie(&cookie), "POST", "/me/passkeys/options", None).await;
    assert_eq!(refused.refusal(), (409, "too_many_passkeys".into()));
}
}
