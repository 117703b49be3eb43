//! The first owner.

use serde_json::{Value, json};
use stoa_core::Secret;
use stoa_identity::people::setup::open_setup;

use crate::house::{As, PASSWORD, World, request, seen};

fn claim_body(claim: &Secret, name: &str) -> Value {
    json!({
        "claim": claim.expose(), "email": format!("{name}@example.org"), "password": PASSWORD, "display_name": name
    })
}

#[tokio::test]
async fn the_first_person_becomes_the_owner_and_is_signed_in() {
    let world = World::new().await;
    assert_eq!(world.ask(As::Nobody, "GET", "/setup", None).await.done(200), json!({ "needed": true }));
    let claim = open_setup(&world.house()).await.unwrap().unwrap();
    let made = world.ask(As::Nobody, "POST", "/setup", Some(claim_body(&claim, "ada"))).await;
    let body = made.done(201);
    assert_eq!(body["next"], "done");
    assert_eq!(body["user"]["role"], "owner");
    assert_eq!(body["user"]["email"], "ada@example.org");
    let cookie = made.cookie();
    assert_eq!(world.ask(As::Cookie(&cookie), "GET", "/me", None).await.done(200), body["user"]);

    assert_eq!(world.ask(As::Nobody, "GET", "/setup", None).await.done(200), json!({ "needed": false }));
    let again = world.ask(As::Nobody, "POST", "/setup", Some(claim_body(&claim, "eve"))).await;
    assert_eq!(again.refusal(), (404, "not_found".into()));
    assert!(open_setup(&world.house()).await.unwrap().is_none());
}

#[tokio::test]
async fn fw_s1_only_the_claim_of_the_last_start_opens_set_up() {
    let world = World::new().await;
    let early = open_setup(&world.house()).await.unwrap().unwrap();
    let late = open_setup(&world.house()).await.unwrap().unwrap();
    for wrong in [early, Secret::new(""), Secret::new("setup")] {
        let refused = world.ask(As::Nobody, "POST", "/setup", Some(claim_body(&wrong, "eve"))).await;
        assert_eq!(refused.refusal(), (403, "invalid_claim".into()));
    }
    world.ask(As::Nobody, "POST", "/setup", Some(claim_body(&late, "ada"))).await.done(201);
}

#[tokio::test]
async fn everything_wrong_is_said_at_once_and_the_claim_stays_good() {
    let world = World::new().await;
    let claim = open_setup(&world.house()).await.unwrap().unwrap();
    let body = json!({ "claim": claim.expose(), "email": "ada", "password": "short", "display_name": " " });
    let refused = world.ask(As::Nobody, "POST", "/setup", Some(body)).await;
    assert_eq!(refused.refusal(), (422, "invalid".into()));
    let pointers: Vec<_> = refused.json()["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["pointer"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(pointers, ["/email", "/display_name", "/password"]);
    world.ask(As::Nobody, "POST", "/setup", Some(claim_body(&claim, "ada"))).await.done(201);
}

#[tokio::test(flavor = "multi_thread")]
async fn lm_05_of_a_hundred_who_set_up_at_once_one_becomes_the_owner() {
    let world = World::new().await;
    let claim = open_setup(&world.house()).await.unwrap().unwrap();
    let router = world.node(10_000);
    let mut all = tokio::task::JoinSet::new();
    for number in 0..100 {
        let (router, body) = (router.clone(), claim_body(&claim, &format!("ada{number}")));
        all.spawn(async move {
            seen(&router, request(As::Nobody, "POST", "/setup", Some(body))).await.status.as_u16()
        });
    }
    let mut statuses = all.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses[0], 201);
    assert!(statuses[1..].iter().all(|status| *status == 404), "{statuses:?}");
}
