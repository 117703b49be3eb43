//! Personal access tokens.

use std::time::Duration;

use serde_json::{Value, json};
use stoa_core::{Actor, Role};
use stoa_identity::{
    people::ops as people,
    tokens::{model::TokenWish, ops as tokens},
};

use crate::house::{As, PASSWORD, World};

async fn make(world: &World, cookie: &str, body: Value) -> Value {
    world.ask(As::Cookie(cookie), "POST", "/me/tokens", Some(body)).await.done(201)
}

#[tokio::test]
async fn a_token_is_shown_once_and_acts_within_its_scopes() {
    let world = World::new().await;
    let cookie = world.signed_in("ada", Role::Member).await;
    let made = make(&world, &cookie, json!({ "name": " script ", "scopes": ["email", "profile"] })).await;
    let token = made["token"].as_str().unwrap();
    assert!(token.starts_with("stoa_pat_") && token.len() == 52, "{token}");
    assert_eq!(made["name"], "script");
    assert_eq!(made["scopes"], json!(["profile", "email"]));

    let list = world.ask(As::Cookie(&cookie), "GET", "/me/tokens", None).await.done(200);
    let mut row = made.clone();
    row.as_object_mut().unwrap().remove("token");
    assert_eq!(list, json!({ "items": [row], "next": null }));

    assert_eq!(world.ask(As::Token(token), "GET", "/me", None).await.done(200)["email"], "ada@example.org");
    let narrow = make(&world, &cookie, json!({ "name": "labs", "scopes": ["labs:read"] })).await;
    let refused = world.ask(As::Token(narrow["token"].as_str().unwrap()), "GET", "/me", None).await;
    assert_eq!(refused.refusal(), (403, "insufficient_scope".into()));
}

#[tokio::test]
async fn a_token_cannot_manage_credentials_or_people() {
    let world = World::new().await;
    let cookie = world.signed_in("ada", Role::Owner).await;
    let scopes = json!({ "name": "all", "scopes": ["labs:read", "labs:write", "profile", "email"] });
    let made = make(&world, &cookie, scopes).await;
    let token = As::Token(made["token"].as_str().unwrap());
    let id = made["id"].as_str().unwrap();
    let wish = json!({ "name": "x", "scopes": ["email"] });
    let person =
        json!({ "email": "eve@example.org", "display_name": "e", "password": PASSWORD, "role": "owner" });
    for (method, path, body) in [
        ("GET", "/me/sessions".to_owned(), None),
        ("DELETE", "/me/sessions".to_owned(), None),
        ("GET", "/me/tokens".to_owned(), None),
        ("POST", "/me/tokens".to_owned(), Some(wish)),
        ("DELETE", format!("/me/tokens/{id}"), None),
        ("POST", "/auth/logout".to_owned(), None),
        ("POST", "/me/password".to_owned(), Some(json!({ "current": PASSWORD, "new": "staple of the day" }))),
        ("PATCH", "/me".to_owned(), Some(json!({ "display_name": "x" }))),
        ("GET", "/me/audit".to_owned(), None),
        ("GET", "/admin/users".to_owned(), None),
        ("POST", "/admin/users".to_owned(), Some(person)),
        ("GET", "/admin/audit".to_owned(), None),
    ] {
        let refused = world.ask(token, method, &path, body).await;
        assert_eq!(refused.refusal(), (403, "session_required".into()), "{method} {path}");
    }
}

#[tokio::test]
async fn a_token_ends_by_revoking_by_time_and_sleeps_with_its_account() {
    let world = World::new().await;
    let cookie = world.signed_in("ada", Role::Member).await;
    let wish =
        json!({ "name": "short", "scopes": ["profile", "email"], "expires_at": "2026-01-05T10:00:00Z" });
    let short = make(&world, &cookie, wish).await;
    let long = make(&world, &cookie, json!({ "name": "long", "scopes": ["profile", "email"] })).await;
    let (short, id) = (short["token"].as_str().unwrap(), long["id"].as_str().unwrap());
    let long = long["token"].as_str().unwrap();
    let status = async |token| world.ask(As::Token(token), "GET", "/me", None).await.status.as_u16();

    assert_eq!((status(short).await, status(long).await), (200, 200));
    world.time.advance(Duration::from_secs(3600));
    assert_eq!((status(short).await, status(long).await), (401, 200));
    people::disable(&world.house(), "ada@example.org", true).await.unwrap();
    assert_eq!(status(long).await, 401);
    people::disable(&world.house(), "ada@example.org", false).await.unwrap();
    assert_eq!(status(long).await, 200);

    let cookie = world.login("ada").await;
    let path = format!("/me/tokens/{id}");
    assert_eq!(world.ask(As::Cookie(&cookie), "DELETE", &path, None).await.status, 204);
    assert_eq!(status(long).await, 401);
    assert_eq!(world.ask(As::Cookie(&cookie), "DELETE", &path, None).await.status, 404);
}

#[tokio::test]
async fn lm_02_another_person_s_token_is_not_there() {
    let world = World::new().await;
    let ada = world.signed_in("ada", Role::Member).await;
    let eve = world.signed_in("eve", Role::Owner).await;
    let made = make(&world, &ada, json!({ "name": "mine", "scopes": ["profile", "email"] })).await;
    let path = format!("/me/tokens/{}", made["id"].as_str().unwrap());
    assert_eq!(world.ask(As::Cookie(&eve), "DELETE", &path, None).await.refusal(), (404, "not_found".into()));
    let theirs = world.ask(As::Cookie(&eve), "GET", "/me/tokens", None).await.done(200);
    assert_eq!(theirs, json!({ "items": [], "next": null }));
    world.ask(As::Token(made["token"].as_str().unwrap()), "GET", "/me", None).await.done(200);
}

#[tokio::test]
async fn what_is_wrong_with_a_wish_is_said() {
    let world = World::new().await;
    let cookie = world.signed_in("ada", Role::Member).await;
    for (body, pointer) in [
        (json!({ "name": "", "scopes": ["email"] }), "/name"),
        (json!({ "name": "x", "scopes": [] }), "/scopes"),
        (json!({ "name": "x", "scopes": ["email", "root"] }), "/scopes/1"),
        (json!({ "name": "x", "scopes": ["email profile"] }), "/scopes/0"),
        (json!({ "name": "x", "scopes": ["email"], "expires_at": "2026-01-05T09:00:00Z" }), "/expires_at"),
        (json!({ "name": "x", "scopes": ["email"], "user_id": "me" }), "/user_id"),
    ] {
        let refused = world.ask(As::Cookie(&cookie), "POST", "/me/tokens", Some(body)).await;
        assert_eq!(refused.refusal(), (422, "invalid".into()));
        assert_eq!(refused.json()["errors"][0]["pointer"], pointer);
    }
}

#[tokio::test]
async fn the_command_line_makes_a_token_for_somebody() {
    let world = World::new().await;
    world.person("ada", Role::Member).await;
    let wish =
        TokenWish { name: "cli".into(), scopes: vec!["profile".into(), "email".into()], expires_at: None };
    let (_, text) = tokens::add_for(&world.house(), "Ada@example.org", wish.clone()).await.unwrap();
    world.ask(As::Token(text.expose()), "GET", "/me", None).await.done(200);
    let nobody = world.house().acting(Actor::Nobody);
    assert_eq!(
        tokens::add_for(&nobody, "ada@example.org", wish).await.unwrap_err().stable_code(),
        "forbidden"
    );
}
