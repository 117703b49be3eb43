//! The refresh token: replaced each time, and worth nothing when two hold it.

use std::time::Duration;

use futures::future::join_all;
use stoa_core::Role;

use super::way::{Program, error, text};
use crate::house::{As, World};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn begun(world: &World) -> (String, Program, serde_json::Value) {
    let owner = world.signed_in("ada", Role::Owner).await;
    let program = world.program().await;
    let code = world.code(&owner, &program, &[]).await;
    let tokens = world.redeems(&program, &code).await.done(200);
    (owner, program, tokens)
}

/// G7 F1, F2, F4.
#[tokio::test]
async fn an_old_refresh_token_ends_all_of_its_family() {
    let world = World::new().await;
    let (owner, program, first) = begun(&world).await;
    let old = text(&first, "refresh_token");
    let second = world.refreshes(&program, &old).await.done(200);
    assert_ne!(text(&second, "refresh_token"), old);
    assert_eq!(text(&second, "scope"), text(&first, "scope"));
    world.time.advance(Duration::from_secs(31));
    assert_eq!(error(&world.refreshes(&program, &old).await), (400, "invalid_grant".into()));
    assert!(world.on_record(&owner).await.contains(&"refresh_token.replayed".to_owned()));
    for dead in [text(&first, "access_token"), text(&second, "access_token")] {
        assert_eq!(world.ask(As::Token(&dead), "GET", "/me", None).await.status, 401);
    }
    let refused = world.refreshes(&program, &text(&second, "refresh_token")).await;
    assert_eq!(error(&refused), (400, "invalid_grant".into()));
}

/// G7 F8: the answer was lost on its way, and the program asks again.
#[tokio::test]
async fn a_lost_answer_is_asked_for_again_for_a_moment() {
    let world = World::new().await;
    let (_, program, first) = begun(&world).await;
    let token = text(&first, "refresh_token");
    let lost = text(&world.refreshes(&program, &token).await.done(200), "refresh_token");
    world.time.advance(Duration::from_secs(29));
    let again = text(&world.refreshes(&program, &token).await.done(200), "refresh_token");
    // The answer that was lost is now worth what any old one is.
    assert_eq!(error(&world.refreshes(&program, &lost).await), (400, "invalid_grant".into()));
    assert_eq!(error(&world.refreshes(&program, &again).await), (400, "invalid_grant".into()));

    // Once the new one was used, the old one has no second try.
    let world = World::new().await;
    let (_, program, first) = begun(&world).await;
    let token = text(&first, "refresh_token");
    let second = text(&world.refreshes(&program, &token).await.done(200), "refresh_token");
    let third = text(&world.refreshes(&program, &second).await.done(200), "refresh_token");
    assert_eq!(error(&world.refreshes(&program, &token).await), (400, "invalid_grant".into()));
    assert_eq!(error(&world.refreshes(&program, &third).await), (400, "invalid_grant".into()));
}

/// G7 F2: many at once with one token; whatever they get, one line goes on from it, or none.
#[tokio::test]
async fn many_at_once_do_not_multiply_a_refresh_token() {
    let world = World::new().await;
    let (_, program, first) = begun(&world).await;
    let token = text(&first, "refresh_token");
    let all = join_all((0..50).map(|_| world.refreshes(&program, &token))).await;
    let given: Vec<String> = all
        .iter()
        .filter(|seen| seen.status == 200)
        .map(|seen| text(&seen.json(), "refresh_token"))
        .collect();
    assert!(!given.is_empty());
    world.time.advance(Duration::from_secs(31));
    let mut live = 0;
    for token in given.iter().rev() {
        live += usize::from(world.refreshes(&program, token).await.status == 200);
    }
    assert!(live <= 1, "{live} lines go on");
}

/// G7 F3, F4; G8 A4.
#[tokio::test]
async fn a_refresh_token_gives_its_own_client_no_more_than_was_granted() {
    let world = World::new().await;
    let (_, program, first) = begun(&world).await;
    let other = world.program().await;
    let token = text(&first, "refresh_token");
    let grant = [("grant_type", "refresh_token"), ("refresh_token", &*token)];
    assert_eq!(error(&world.token(&other, &grant).await), (400, "invalid_grant".into()));
    for (name, value, expected) in [
        ("scope", "tasks:read tasks:write", "invalid_scope"),
        ("scope", "root", "invalid_scope"),
        ("resource", super::way::MCP, "invalid_target"),
        ("resource", "https://other.example/", "invalid_target"),
    ] {
        let seen = world.token(&program, &[&grant[..], &[(name, value)]].concat()).await;
        assert_eq!(error(&seen), (400, expected.into()), "{name}={value}");
    }
    let fewer = world.token(&program, &[&grant[..], &[("scope", "profile")]].concat()).await.done(200);
    assert_eq!(text(&fewer, "scope"), "profile");
    // The new refresh token has all of it still.
    let next = world.refreshes(&program, &text(&fewer, "refresh_token")).await.done(200);
    assert_eq!(text(&next, "scope"), "profile email tasks:read");
}

/// A forged one ends nothing. G6 T20.
#[tokio::test]
async fn a_forged_refresh_token_does_not_end_anything() {
    let world = World::new().await;
    let (_, program, first) = begun(&world).await;
    let token = text(&first, "refresh_token");
    for at in [10, 40, token.len() - 2] {
        let mut forged = token.clone().into_bytes();
        forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
        let forged = String::from_utf8(forged).unwrap();
        assert_eq!(error(&world.refreshes(&program, &forged).await), (400, "invalid_grant".into()));
    }
    world.refreshes(&program, &token).await.done(200);
}

/// G7 F5, F6.
#[tokio::test]
async fn a_refresh_token_ends_unused_and_in_any_case() {
    let world = World::new().await;
    let (_, program, first) = begun(&world).await;
    world.time.advance(30 * DAY);
    let idle = world.refreshes(&program, &text(&first, "refresh_token")).await;
    assert_eq!(error(&idle), (400, "invalid_grant".into()));

    let world = World::new().await;
    let (_, program, first) = begun(&world).await;
    let mut token = text(&first, "refresh_token");
    for _ in 0..8 {
        world.time.advance(20 * DAY);
        token = text(&world.refreshes(&program, &token).await.done(200), "refresh_token");
    }
    world.time.advance(20 * DAY);
    assert_eq!(error(&world.refreshes(&program, &token).await), (400, "invalid_grant".into()));
}

/// G7 F9.
#[tokio::test]
async fn whatever_ends_everything_ends_grants_too() {
    for how in ["password", "others"] {
        let world = World::new().await;
        let (owner, program, first) = begun(&world).await;
        let access = text(&first, "access_token");
        world.ask(As::Token(&access), "GET", "/me", None).await.done(200);
        match how {
            "password" => {
                let body = serde_json::json!({"current": crate::house::PASSWORD, "new": "staples in the evening rain"});
                world.ask(As::Cookie(&owner), "POST", "/me/password", Some(body)).await.done(204);
            }
            _ => {
                world.ask(As::Cookie(&owner), "DELETE", "/me/sessions", None).await.done(204);
            }
        }
        assert_eq!(world.ask(As::Token(&access), "GET", "/me", None).await.status, 401, "{how}");
        let refused = world.refreshes(&program, &text(&first, "refresh_token")).await;
        assert_eq!(error(&refused), (400, "invalid_grant".into()), "{how}");
    }
}

/// The list of programs says when each was last there, also when all of its tokens have ended since.
#[tokio::test]
async fn a_connection_remembers_its_last_use_beyond_its_tokens() {
    let world = World::new().await;
    let (owner, program, first) = begun(&world).await;
    let code = world.code(&owner, &program, &[]).await;
    let idle = world.redeems(&program, &code).await.done(200);
    let used = async || {
        let listed = world.ask(As::Cookie(&owner), "GET", "/me/connections", None).await.done(200);
        assert_eq!(listed["items"].as_array().unwrap().len(), 1);
        text(&listed["items"][0], "last_used_at")
    };
    assert_eq!(used().await, "2026-01-05T09:00:00.000000Z");
    world.time.advance(Duration::from_secs(60));
    world.refreshes(&program, &text(&first, "refresh_token")).await.done(200);
    assert_eq!(used().await, "2026-01-05T09:01:00.000000Z");
    world.time.advance(Duration::from_secs(60));
    let replayed = world.refreshes(&program, &text(&first, "refresh_token")).await;
    assert_eq!(error(&replayed), (400, "invalid_grant".into()));
    assert_eq!(used().await, "2026-01-05T09:01:00.000000Z");
    // What was used before that ends too.
    let token = text(&idle, "refresh_token");
    world.ask(As::Cookie(&owner), "DELETE", "/me/sessions", None).await.done(204);
    assert_eq!(error(&world.refreshes(&program, &token).await), (400, "invalid_grant".into()));
    assert_eq!(used().await, "2026-01-05T09:01:00.000000Z");
    let code = world.code(&owner, &program, &[]).await;
    world.redeems(&program, &code).await.done(200);
    assert_eq!(used().await, "2026-01-05T09:02:00.000000Z");
}
