//! What ends a token, asked by everybody who may ask and by those who may not.

use std::time::Duration;

use serde_json::{Value, json};
use stoa_core::Role;

use super::way::{BACK, Program, error, form, text};
use crate::house::{As, PASSWORD, Seen, World};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A client that shows a secret in the body, and may refresh.
async fn known(world: &World) -> Program {
    world
        .program_with(json!({
            "redirect_uris": [BACK], "token_endpoint_auth_method": "client_secret_post",
            "grant_types": ["authorization_code", "refresh_token"],
        }))
        .await
}

/// Asks the door about a token, as a client.
async fn asks(world: &World, door: &str, program: &Program, token: &str) -> Seen {
    let secret = program.secret.as_deref().unwrap_or_default();
    let all = [("client_id", &*program.id), ("client_secret", secret), ("token", token)];
    world.send(form(&format!("/oauth/{door}"), &all)).await
}

async fn tokens(world: &World, cookie: &str, program: &Program) -> Value {
    let code = world.code(cookie, program, &[]).await;
    let secret = program.secret.as_deref().unwrap_or_default();
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", &*code),
        ("code_verifier", super::way::VERIFIER),
        ("client_secret", secret),
    ];
    world.token(program, &pairs).await.done(200)
}

/// G10 V1, V2, V3, V6.
#[tokio::test]
async fn a_refresh_token_that_is_given_back_takes_its_access_tokens_along() {
    let world = World::new().await;
    let owner = world.signed_in("ada", Role::Owner).await;
    let (program, other) = (world.program().await, world.program().await);
    let first = tokens(&world, &owner, &program).await;
    let (refresh, access) = (text(&first, "refresh_token"), text(&first, "access_token"));
    let me = async |token: &str| world.ask(As::Token(token), "GET", "/me", None).await.status.as_u16();
    // Another client's, nobody's, and one without a client at all.
    for token in [&refresh, &access] {
        let seen = asks(&world, "revoke", &other, token).await;
        assert_eq!(error(&seen), (400, "unauthorized_client".into()));
    }
    let strange = Program { id: "stoa_client_nobody".into(), secret: None };
    assert_eq!(error(&asks(&world, "revoke", &strange, &refresh).await), (401, "invalid_client".into()));
    assert_eq!(world.send(form("/oauth/revoke", &[("token", &refresh)])).await.status, 401);
    assert_eq!(me(&access).await, 200);
    let refused = world.on_record(&owner).await.iter().filter(|one| *one == "oauth.refused").count();
    assert_eq!(refused, 4);

    for token in [&refresh, &refresh, &"stoa_rt_unknown".to_owned()] {
        assert_eq!(asks(&world, "revoke", &program, token).await.status, 200);
    }
    assert_eq!(me(&access).await, 401);
    assert_eq!(error(&world.refreshes(&program, &refresh).await), (400, "invalid_grant".into()));
    let gone = world.on_record(&owner).await.iter().filter(|one| *one == "grant.revoked").count();
    assert_eq!(gone, 1, "{:?}", world.on_record(&owner).await);
}

/// G10 V4, V5, V6.
#[tokio::test]
async fn only_a_client_that_shows_who_it_is_asks_about_tokens_and_only_about_its_own() {
    let world = World::new().await;
    let ada = world.signed_in("ada", Role::Member).await;
    let (program, public, other) = (known(&world).await, world.program().await, known(&world).await);
    let theirs = tokens(&world, &ada, &public).await;
    let first = tokens(&world, &ada, &program).await;
    let seen = asks(&world, "introspect", &public, &text(&theirs, "access_token")).await;
    assert_eq!(error(&seen), (400, "unauthorized_client".into()));
    let refresh = text(&first, "refresh_token");
    let about = asks(&world, "introspect", &program, &refresh).await.done(200);
    assert_eq!((&about["active"], &about["client_id"]), (&json!(true), &json!(program.id)));
    let nothing = json!({ "active": false });
    for token in [&refresh, &text(&first, "access_token"), &text(&theirs, "access_token"), &"x".to_owned()] {
        assert_eq!(asks(&world, "introspect", &other, token).await.done(200), nothing, "{token}");
    }
    // One that lay too long is none, though its grant is still there.
    world.time.advance(30 * DAY);
    assert_eq!(asks(&world, "introspect", &program, &refresh).await.done(200), nothing);
}

/// G7 F9: a code that waits, or a device that was let in, is as good as the tokens it would become.
#[tokio::test]
async fn whatever_ends_everything_ends_what_was_not_fetched_yet() {
    const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";
    for how in ["password", "others", "disabled"] {
        let world = World::new().await;
        let olga = world.signed_in("olga", Role::Owner).await;
        let id = world.person("ada", Role::Member).await;
        let ada = world.login("ada").await;
        let program = world.program().await;
        let first = tokens(&world, &ada, &program).await;
        let code = world.code(&ada, &program, &[]).await;
        let television = json!({ "token_endpoint_auth_method": "none", "grant_types": [DEVICE] });
        let television = world.program_with(television).await;
        let begun = [("client_id", &*television.id), ("scope", "profile")];
        let begun = world.send(form("/oauth/device", &begun)).await.done(200);
        let typed = json!({ "user_code": text(&begun, "user_code") });
        world.ask(As::Cookie(&ada), "POST", "/oauth/device/allow", Some(typed)).await.done(204);
        match how {
            "password" => {
                let body = json!({ "current": PASSWORD, "new": "staples in the evening rain" });
                world.ask(As::Cookie(&ada), "POST", "/me/password", Some(body)).await.done(204);
            }
            "others" => {
                world.ask(As::Cookie(&ada), "DELETE", "/me/sessions", None).await.done(204);
            }
            _ => {
                let path = format!("/admin/users/{id}");
                for disabled in [true, false] {
                    world.does(&olga, "PATCH", &path, Some(json!({ "disabled": disabled }))).await;
                }
            }
        }
        let access = text(&first, "access_token");
        assert_eq!(world.ask(As::Token(&access), "GET", "/me", None).await.status, 401, "{how}");
        let device = [("grant_type", DEVICE), ("device_code", &*text(&begun, "device_code"))];
        for (what, seen) in [
            ("a refresh token", world.refreshes(&program, &text(&first, "refresh_token")).await),
            ("a code", world.redeems(&program, &code).await),
            ("a device", world.token(&television, &device).await),
        ] {
            assert_eq!(error(&seen), (400, "invalid_grant".into()), "{how}: {what}");
        }
    }
}

/// G9 J9; G6 T8: a process that remembers who is calling forgets it with the answer, whatever took it back.
#[tokio::test]
async fn what_is_taken_back_is_forgotten_where_it_was_remembered() {
    for how in ["connection", "given back", "code again", "refresh token again"] {
        let world = World::new().await;
        let (ada, eve) =
            (world.signed_in("ada", Role::Member).await, world.signed_in("eve", Role::Member).await);
        let program = world.program().await;
        world.remembers().await;
        let code = world.code(&ada, &program, &[]).await;
        let first = world.redeems(&program, &code).await.done(200);
        let (access, refresh) = (text(&first, "access_token"), text(&first, "refresh_token"));
        let me = async || world.ask(As::Token(&access), "GET", "/me", None).await.status.as_u16();
        assert_eq!((me().await, me().await), (200, 200), "{how}");
        let listed = world.does(&ada, "GET", "/me/connections", None).await;
        let path = format!("/me/connections/{}", text(&listed["items"][0], "id"));
        // G4 Z17: it is nobody else's to take back.
        assert_eq!(world.ask(As::Cookie(&eve), "DELETE", &path, None).await.status, 404, "{how}");
        assert_eq!(me().await, 200, "{how}");
        match how {
            "connection" => {
                world.does(&ada, "DELETE", &path, None).await;
            }
            "given back" => {
                asks(&world, "revoke", &program, &access).await.done(200);
            }
            "code again" => {
                assert_eq!(error(&world.redeems(&program, &code).await).1, "invalid_grant");
            }
            _ => {
                let next = world.refreshes(&program, &refresh).await.done(200);
                world.refreshes(&program, &text(&next, "refresh_token")).await.done(200);
                assert_eq!(error(&world.refreshes(&program, &refresh).await).1, "invalid_grant");
            }
        }
        assert_eq!(me().await, 401, "{how}");
    }
}

/// G9 J4: what a token says of its end and of its issuer counts wherever it is read.
#[tokio::test]
async fn a_token_that_is_over_or_of_another_house_is_none_to_anybody() {
    let world = World::new().await;
    let ada = world.signed_in("ada", Role::Member).await;
    let program = known(&world).await;
    let access = text(&tokens(&world, &ada, &program).await, "access_token");
    let about = asks(&world, "introspect", &program, &access).await.done(200);
    assert_eq!((&about["active"], &about["iss"]), (&json!(true), &json!(super::way::ISSUER)));
    // The same rows and keys, under another name.
    let other = world.named("http://localhost:8080");
    let secret = program.secret.as_deref().unwrap();
    let pairs = [("client_id", &*program.id), ("client_secret", secret), ("token", &access)];
    let nothing = json!({ "active": false });
    assert_eq!(crate::house::seen(&other, form("/oauth/introspect", &pairs)).await.done(200), nothing);
    world.time.advance(Duration::from_secs(599));
    assert_eq!(asks(&world, "introspect", &program, &access).await.done(200)["active"], json!(true));
    world.time.advance(Duration::from_secs(1));
    assert_eq!(asks(&world, "introspect", &program, &access).await.done(200), nothing);
}
