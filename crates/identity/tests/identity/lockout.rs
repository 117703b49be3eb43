//! The lock of an account, and who hears of it.

use std::time::Duration;

use serde_json::json;
use stoa_core::Role;
use stoa_identity::{Config, LoginConfig};

use crate::house::{As, PASSWORD, Seen, World, request, seen};

const WRONG: &str = "not the right password";

/// Three wrong ones in a row, then a lock of a quarter of an hour.
async fn start() -> (World, String, axum::Router) {
    let login = LoginConfig { attempts: 3, ..LoginConfig::default() };
    let world = World::with(Config { login, ..Config::default() }, 3).await;
    world.works();
    world.person("ada", Role::Member).await;
    let owner = world.signed_in("own", Role::Owner).await;
    let doors = world.node(10_000);
    (world, owner, doors)
}

async fn tries(doors: &axum::Router, email: &str, password: &str) -> Seen {
    let body = json!({ "email": email, "password": password });
    seen(doors, request(As::Nobody, "POST", "/auth/login", Some(body))).await
}

async fn locks(doors: &axum::Router, email: &str) -> Seen {
    for _ in 0..3 {
        assert_eq!(tries(doors, email, WRONG).await.refusal(), (401, "invalid_credentials".into()));
    }
    tries(doors, email, WRONG).await
}

async fn mail(world: &World, doors: &axum::Router, owner: &str) -> Vec<serde_json::Value> {
    world.rests().await;
    let list = seen(doors, request(As::Cookie(owner), "GET", "/admin/mail", None)).await.done(200);
    list["items"].as_array().unwrap().clone()
}

async fn token(doors: &axum::Router, owner: &str, letter: &serde_json::Value) -> String {
    let path = format!("/admin/mail/{}/link", letter["id"].as_str().unwrap());
    let taken = seen(doors, request(As::Cookie(owner), "POST", &path, None)).await.done(200);
    taken["url"].as_str().unwrap().rsplit_once('=').unwrap().1.to_owned()
}

async fn unlock(doors: &axum::Router, token: &str) -> Seen {
    seen(doors, request(As::Nobody, "POST", "/auth/unlock", Some(json!({ "token": token })))).await
}

/// Whatever can be guessed at or knocked at by anybody has a limit of its own, without any setting, on whichever node.
#[tokio::test]
async fn mv_m2_every_door_that_people_guess_at_has_a_limit_of_its_own() {
    let world = World::new().await;
    let ada = world.signed_in("ada", Role::Member).await;
    for (class, limit, doors) in [
        ("auth", 5, &["/auth/login", "/auth/passkey", "/auth/email/verify", "/auth/unlock", "/setup"][..]),
        ("auth", 5, &["/auth/reauthenticate", "/me/password", "/me/erase"]),
        ("mfa", 3, &["/auth/mfa", "/me/totp/confirm"]),
        ("signup", 3, &["/auth/signup", "/auth/email/resend"]),
        ("reset", 3, &["/auth/password/forgot", "/auth/password/reset"]),
    ] {
        for door in doors {
            // Words that no door takes: they are counted before they are read.
            let nodes = [world.strict_node(), world.strict_node()];
            world.time.advance(Duration::from_secs(600));
            let mut let_in = 0;
            loop {
                let asked = request(As::Cookie(&ada), "POST", door, Some(json!({})));
                let seen = seen(&nodes[let_in % 2], asked).await;
                assert_eq!(seen.headers["ratelimit-policy"], format!("\"{class}\";q={limit};w=60"), "{door}");
                if seen.status == 429 {
                    break;
                }
                let_in += 1;
                assert!(let_in <= limit, "{door} lets {let_in} in");
            }
            assert_eq!(let_in, limit, "{door}");
        }
    }
}

#[tokio::test]
async fn mv_m6_the_owner_of_a_locked_account_gets_one_letter_and_its_link_works_once() {
    let (world, owner, doors) = start().await;
    locks(&doors, "ada@example.org").await;
    for _ in 0..5 {
        // Not even the right one opens now.
        assert_eq!(tries(&doors, "Ada@example.org", PASSWORD).await.refusal(), (429, "rate_limited".into()));
    }
    let outbox = mail(&world, &doors, &owner).await;
    assert_eq!(outbox.len(), 1, "{outbox:?}");
    let text = outbox[0]["text"].as_str().unwrap();
    assert_eq!(outbox[0]["to"], "ada@example.org");
    assert!(text.contains("at 2026-01-05 09:00 UTC from the address 0.0.0.0"), "{text}");
    assert!(text.contains("Until 2026-01-05 09:15 UTC"), "{text}");
    let token = token(&doors, &owner, &outbox[0]).await;
    assert_eq!(unlock(&doors, &token).await.status, 204);
    let ada = tries(&doors, "ada@example.org", PASSWORD).await.cookie();
    let mine = seen(&doors, request(As::Cookie(&ada), "GET", "/me/audit", None)).await.done(200);
    let actions: Vec<_> =
        mine["items"].as_array().unwrap().iter().map(|row| row["action"].as_str().unwrap()).collect();
    for action in ["account.locked", "account.unlocked"] {
        assert_eq!(actions.iter().filter(|one| **one == action).count(), 1, "{actions:?}");
    }
    // The link of that lock opens no later one.
    assert_eq!(unlock(&doors, &token).await.refusal(), (403, "invalid_link".into()));
    locks(&doors, "ada@example.org").await;
    assert_eq!(unlock(&doors, &token).await.refusal(), (403, "invalid_link".into()));
    assert_eq!(tries(&doors, "ada@example.org", PASSWORD).await.status, 429);
    assert_eq!(mail(&world, &doors, &owner).await.len(), 2);
}

#[tokio::test]
async fn mv_h4_mv_m6_a_lock_reads_alike_whether_the_account_exists() {
    let (world, owner, doors) = start().await;
    let mut seen = Vec::new();
    for email in ["ada@example.org", "nobody@example.org"] {
        let refused = locks(&doors, email).await;
        let mut document = refused.json();
        document.as_object_mut().unwrap().remove("request_id");
        seen.push((refused.status, refused.headers["retry-after"].clone(), document));
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0].1, "900");
    let outbox = mail(&world, &doors, &owner).await;
    assert_eq!(outbox.len(), 1, "nobody is told of nobody's lock: {outbox:?}");
}

#[tokio::test]
async fn a_lock_ends_by_itself_and_counting_begins_anew() {
    let (world, owner, doors) = start().await;
    locks(&doors, "ada@example.org").await;
    world.time.advance(Duration::from_secs(899));
    assert_eq!(tries(&doors, "ada@example.org", PASSWORD).await.status, 429);
    world.time.advance(Duration::from_secs(1));
    locks(&doors, "ada@example.org").await;
    assert_eq!(mail(&world, &doors, &owner).await.len(), 2);
    world.time.advance(Duration::from_secs(900));
    tries(&doors, "ada@example.org", PASSWORD).await.done(200);
}

#[tokio::test]
async fn the_right_password_forgets_wrong_ones_and_so_does_time() {
    let (world, owner, doors) = start().await;
    for _ in 0..3 {
        for _ in 0..2 {
            assert_eq!(tries(&doors, "ada@example.org", WRONG).await.status, 401);
        }
        tries(&doors, "ada@example.org", PASSWORD).await.done(200);
    }
    for _ in 0..3 {
        for _ in 0..3 {
            assert_eq!(tries(&doors, "ada@example.org", WRONG).await.status, 401);
        }
        world.time.advance(Duration::from_secs(900));
    }
    assert!(mail(&world, &doors, &owner).await.is_empty());
}

#[tokio::test]
async fn a_new_password_ends_a_lock() {
    let (world, owner, doors) = start().await;
    locks(&doors, "ada@example.org").await;
    mail(&world, &doors, &owner).await;
    let body = json!({ "email": "ada@example.org" });
    seen(&doors, request(As::Nobody, "POST", "/auth/password/forgot", Some(body))).await;
    world.time.advance(Duration::from_secs(1));
    let outbox = mail(&world, &doors, &owner).await;
    let letter = outbox.iter().find(|letter| letter["subject"] == "Choose a new password").unwrap();
    let body = json!({ "token": token(&doors, &owner, letter).await, "password": "staple of the day" });
    let done = seen(&doors, request(As::Nobody, "POST", "/auth/password/reset", Some(body))).await;
    assert_eq!(done.status, 204);
    tries(&doors, "ada@example.org", "staple of the day").await.done(200);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_fifty_at_once_three_are_checked_and_one_letter_is_written() {
    let (world, owner, doors) = start().await;
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let doors = doors.clone();
        all.spawn(async move { tries(&doors, "ada@example.org", WRONG).await.status.as_u16() });
    }
    let statuses = all.join_all().await;
    assert_eq!(statuses.iter().filter(|status| **status == 401).count(), 3, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 429).count(), 47, "{statuses:?}");
    assert_eq!(mail(&world, &doors, &owner).await.len(), 1);
}
