//! A new password by a link.

use std::time::Duration;

use serde_json::json;
use stoa_core::{Role, Secret};
use stoa_identity::{people::ops as people, recovery::ops as recovery};

use crate::house::{As, PASSWORD, Seen, World, request, seen};

const NEW: &str = "staple of the day";

async fn forgot(world: &World, email: &str) -> Seen {
    world.knock("/auth/password/forgot", json!({ "email": email })).await
}

async fn reset(world: &World, token: &str, password: &str) -> Seen {
    world.knock("/auth/password/reset", json!({ "token": token, "password": password })).await
}

async fn start() -> (World, String) {
    let world = World::new().await;
    world.works();
    let owner = world.signed_in("own", Role::Owner).await;
    world.person("ada", Role::Member).await;
    (world, owner)
}

/// The token of the newest letter.
async fn newest(world: &World, owner: &str) -> String {
    let letter = world.mail(owner).await[0].clone();
    world.link_token(owner, &letter).await
}

#[tokio::test]
async fn a_new_password_by_a_link_ends_every_session_and_is_told() {
    let (world, owner) = start().await;
    let (one, two) = (world.login("ada").await, world.login("ada").await);
    assert_eq!(forgot(&world, "ADA@example.org ").await.status, 202);
    let token = newest(&world, &owner).await;
    // One that is not acceptable leaves the link as it is.
    let refused = reset(&world, &token, "short").await;
    assert_eq!(
        (refused.refusal(), refused.json()["errors"][0]["pointer"].clone()),
        ((422, "invalid".into()), json!("/password"))
    );
    assert_eq!(reset(&world, &token, "ada@example.org").await.refusal(), (422, "invalid".into()));
    world.time.advance(Duration::from_secs(1));
    assert_eq!(reset(&world, &token, NEW).await.status, 204);
    for cookie in [&one, &two] {
        assert_eq!(world.ask(As::Cookie(cookie), "GET", "/me", None).await.status, 401);
    }
    assert_eq!(world.try_login("ada@example.org", PASSWORD).await.status, 401);
    world.try_login("ada@example.org", NEW).await.done(200);
    assert_eq!(reset(&world, &token, "another one of these").await.refusal(), (403, "invalid_link".into()));
    let notice = world.mail(&owner).await[0].clone();
    assert_eq!(notice["subject"], "Your password was changed");
    assert!(
        notice["text"].as_str().unwrap().contains("2026-01-05 09:00 UTC, from the address 0.0.0.0"),
        "{notice}"
    );
}

#[tokio::test]
async fn mv_h4_forgot_reads_alike_for_whatever_address() {
    let (world, owner) = start().await;
    world.person("off", Role::Member).await;
    people::disable(&world.house(), "off@example.org", true).await.unwrap();
    let long = "x".repeat(100_000);
    for email in ["ada@example.org", "nobody@example.org", "off@example.org", "", "a\u{0}b", &long] {
        let seen = forgot(&world, email).await;
        assert_eq!((seen.status.as_u16(), seen.body.len()), (202, 0), "{email}");
    }
    let outbox = world.mail(&owner).await;
    assert_eq!(outbox.len(), 1, "{outbox:?}");
    assert_eq!(world.number("SELECT count(*) AS n FROM identity_knock").await, 0);
    // What was asked about whom does not stay with the jobs.
    let kept = world.number("SELECT count(*) AS n FROM jobs_job WHERE input LIKE '%@%'").await;
    assert_eq!(kept, 0);
}

#[tokio::test]
async fn a_link_dies_by_time_by_another_password_and_with_the_account() {
    let (world, owner) = start().await;
    let link = async || {
        world.time.advance(Duration::from_secs(1));
        forgot(&world, "ada@example.org").await;
        newest(&world, &owner).await
    };
    let late = link().await;
    world.time.advance(Duration::from_secs(30 * 60));
    assert_eq!(reset(&world, &late, NEW).await.refusal(), (403, "invalid_link".into()));

    let (one, two) = (link().await, link().await);
    assert_eq!(reset(&world, &two, NEW).await.status, 204);
    assert_eq!(reset(&world, &one, "another one of these").await.refusal(), (403, "invalid_link".into()));

    let before = link().await;
    let cookie = world.try_login("ada@example.org", NEW).await.cookie();
    let change = json!({ "current": NEW, "new": "chosen while signed in" });
    assert_eq!(world.ask(As::Cookie(&cookie), "POST", "/me/password", Some(change)).await.status, 204);
    assert_eq!(reset(&world, &before, PASSWORD).await.refusal(), (403, "invalid_link".into()));

    let asleep = link().await;
    people::disable(&world.house(), "ada@example.org", true).await.unwrap();
    assert_eq!(reset(&world, &asleep, PASSWORD).await.refusal(), (403, "invalid_link".into()));
    for none in ["", "0", &"0".repeat(43), &"x".repeat(100_000)] {
        assert_eq!(reset(&world, none, PASSWORD).await.refusal(), (403, "invalid_link".into()));
    }
}

#[tokio::test]
async fn a_link_opens_only_its_own_page() {
    let (world, owner) = start().await;
    forgot(&world, "ada@example.org").await;
    let token = newest(&world, &owner).await;
    for door in ["/auth/unlock", "/auth/email/verify"] {
        let refused = world.knock(door, json!({ "token": token })).await;
        assert_eq!(refused.refusal(), (403, "invalid_link".into()), "{door}");
    }
    assert_eq!(reset(&world, &token, NEW).await.status, 204);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_who_bring_one_link_at_once_one_sets_the_password() {
    let (world, owner) = start().await;
    forgot(&world, "ada@example.org").await;
    let token = newest(&world, &owner).await;
    let router = world.node(10_000);
    let mut all = tokio::task::JoinSet::new();
    for number in 0..20 {
        let (router, body) =
            (router.clone(), json!({ "token": token, "password": format!("staple of day {number}") }));
        all.spawn(async move {
            seen(&router, request(As::Nobody, "POST", "/auth/password/reset", Some(body)))
                .await
                .status
                .as_u16()
        });
    }
    let mut statuses = all.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses[0], 204);
    assert!(statuses[1..].iter().all(|status| *status == 403), "{statuses:?}");
}

#[tokio::test]
async fn the_command_line_makes_a_link_for_somebody() {
    let (world, _) = start().await;
    let house = "http://127.0.0.1:8080".parse().unwrap();
    let (link, until) = recovery::link_for(&world.house(), &house, "Ada@example.org").await.unwrap();
    assert_eq!(until.to_string(), "2026-01-05T09:30:00.000000Z");
    let token = link.expose().strip_prefix("http://127.0.0.1:8080/reset#token=").unwrap().to_owned();
    assert_eq!(reset(&world, &token, NEW).await.status, 204);
    let refused =
        async |ctx, email: &str| recovery::link_for(&ctx, &house, email).await.unwrap_err().stable_code();
    assert_eq!(refused(world.house(), "x@example.org").await, "not_found");
    assert_eq!(refused(world.house().acting(stoa_core::Actor::Nobody), "ada@example.org").await, "forbidden");
    people::reset(&world.house(), &world.identity, "ada@example.org", &Secret::new(PASSWORD)).await.unwrap();
    people::disable(&world.house(), "ada@example.org", true).await.unwrap();
    assert_eq!(refused(world.house(), "ada@example.org").await, "disabled");
}
