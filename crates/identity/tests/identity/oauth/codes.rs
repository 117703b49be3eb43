//! The code: once, for the one it was made for, and for nobody else.

use futures::future::join_all;
use serde_json::json;
use stoa_core::Role;

use super::way::{API, BACK, ISSUER, MCP, Program, VERIFIER, error, text};
use crate::house::{As, World};

/// The whole way. G6 T10, T12, T13; G9 J1, J2; G8 A5; G10 V1, V3.
#[tokio::test]
async fn mf_5_a_program_gets_tokens_and_uses_them_until_they_are_taken_back() {
    let world = World::new().await;
    let ada = world.signed_in("ada", Role::Member).await;
    let program = world.program().await;
    let code = world.code(&ada, &program, &[]).await;
    let seen = world.redeems(&program, &code).await;
    assert_eq!(seen.headers["cache-control"], "no-store");
    assert_eq!(seen.headers["access-control-allow-origin"], "*");
    let tokens = seen.done(200);
    assert_eq!((text(&tokens, "token_type"), tokens["expires_in"].as_i64()), ("Bearer".into(), Some(600)));
    assert_eq!(text(&tokens, "scope"), "profile email tasks:read");
    let access = text(&tokens, "access_token");
    assert_eq!(
        text(&world.ask(As::Token(&access), "GET", "/me", None).await.done(200), "email"),
        "ada@example.org"
    );
    // What was not granted stays shut.
    let refused = world.ask(As::Token(&access), "PATCH", "/me", Some(json!({"display_name": "X"}))).await;
    assert_eq!(refused.refusal(), (403, "session_required".into()));
    assert_eq!(world.ask(As::Token(&access), "GET", "/admin/users", None).await.status, 403);

    // A node of its own knows it too, and forgets it when the person takes it back.
    let listed = world.ask(As::Cookie(&ada), "GET", "/me/connections", None).await.done(200);
    assert_eq!(text(&listed["items"][0], "client_name"), "Assistant");
    let path = format!("/me/connections/{}", text(&listed["items"][0], "id"));
    world.ask(As::Cookie(&ada), "DELETE", &path, None).await.done(204);
    let dead = world.ask(As::Token(&access), "GET", "/me", None).await;
    assert_eq!(dead.refusal(), (401, "invalid_token".into()));
    let refused = world.refreshes(&program, &text(&tokens, "refresh_token")).await;
    assert_eq!(error(&refused), (400, "invalid_grant".into()));
    assert_eq!(world.ask(As::Cookie(&ada), "DELETE", &path, None).await.status, 404);
}

/// G6 T8, T18; G4 Z18.
#[tokio::test]
async fn of_a_hundred_at_once_one_gets_tokens_and_the_others_end_them() {
    let world = World::new().await;
    let owner = world.signed_in("ada", Role::Owner).await;
    let program = world.program().await;
    let code = world.code(&owner, &program, &[]).await;
    let all = join_all((0..100).map(|_| world.redeems(&program, &code))).await;
    let won: Vec<_> = all.iter().filter(|seen| seen.status == 200).collect();
    assert_eq!(won.len(), 1);
    assert!(all.iter().all(|seen| seen.status == 200 || error(seen) == (400, "invalid_grant".into())));
    // Two hold the code: what it gave is worth nothing.
    let access = text(&won[0].json(), "access_token");
    assert_eq!(world.ask(As::Token(&access), "GET", "/me", None).await.status, 401);
    assert!(world.actions().await.contains(&"code.replayed".to_owned()));
}

/// G6 T6, T7, T9, T19; G4 Z18; G1 D7.
#[tokio::test]
async fn a_code_is_for_its_own_client_verifier_and_address() {
    let world = World::new().await;
    let owner = world.signed_in("ada", Role::Owner).await;
    let (program, other) = (world.program().await, world.program().await);
    let code = world.code(&owner, &program, &[]).await;
    let grant = ("grant_type", "authorization_code");
    let right = [grant, ("code", &*code), ("code_verifier", VERIFIER)];
    let long = "x".repeat(129);
    type Wrong<'a> = (&'a Program, Vec<(&'a str, &'a str)>, &'a str);
    let wrong: [Wrong<'_>; 8] = [
        (&other, right.to_vec(), "invalid_grant"),
        (&program, vec![grant, ("code", &code)], "invalid_grant"),
        (&program, vec![grant, ("code", &code), ("code_verifier", "short")], "invalid_grant"),
        (&program, vec![grant, ("code", &code), ("code_verifier", &long)], "invalid_grant"),
        (&program, vec![grant, ("code", "stoa_code_nothing"), ("code_verifier", VERIFIER)], "invalid_grant"),
        (&program, [&right[..], &[("redirect_uri", "https://evil.example/cb")]].concat(), "invalid_grant"),
        (&program, [&right[..], &[("code", &*code)]].concat(), "invalid_request"),
        (&program, [&right[..], &[("resource", MCP)]].concat(), "invalid_target"),
    ];
    for (number, (program, pairs, expected)) in wrong.iter().enumerate() {
        let seen = world.token(program, pairs).await;
        assert_eq!(error(&seen), (400, (*expected).into()), "{number}");
        let refused = world.on_record(&owner).await.iter().filter(|one| *one == "oauth.refused").count();
        assert_eq!(refused, number + 1);
    }
    // Nobody who could not have used it has spoilt it (T9).
    let with_address = [&right[..], &[("redirect_uri", BACK)]].concat();
    world.token(&program, &with_address).await.done(200);
}

/// G4 Z18.
#[tokio::test]
async fn a_code_lives_a_minute() {
    let world = World::new().await;
    let ada = world.signed_in("ada", Role::Member).await;
    let program = world.program().await;
    let code = world.code(&ada, &program, &[]).await;
    world.time.advance(std::time::Duration::from_secs(60));
    assert_eq!(error(&world.redeems(&program, &code).await), (400, "invalid_grant".into()));
}

/// G9 J1, J2, J7; G8 A5, A6.
#[tokio::test]
async fn an_access_token_says_what_rfc_9068_asks() {
    let world = World::new().await;
    let ada = world.signed_in("ada", Role::Member).await;
    let me = world.ask(As::Cookie(&ada), "GET", "/me", None).await.done(200);
    let program = world.program().await;
    for (resource, audience) in [(MCP, vec![MCP]), (API, vec![API]), ("", vec![API, MCP])] {
        let code = world.code(&ada, &program, &[("resource", resource)]).await;
        let tokens = world.redeems(&program, &code).await.done(200);
        let (head, claims) = read(&text(&tokens, "access_token"));
        assert_eq!((text(&head, "typ"), text(&head, "alg")), ("at+jwt".into(), "EdDSA".into()));
        assert_eq!(claims["aud"], json!(audience));
        assert_eq!((text(&claims, "iss"), text(&claims, "sub")), (ISSUER.into(), text(&me, "id")));
        assert_eq!(text(&claims, "client_id"), program.id);
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 600);
        assert_eq!(text(&claims, "jti").len(), 22);
    }
}

/// Head and claims of a token.
pub(crate) fn read(token: &str) -> (serde_json::Value, serde_json::Value) {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let mut parts = token.split('.').map(|part| URL_SAFE_NO_PAD.decode(part).unwrap());
    let mut next = || serde_json::from_slice(&parts.next().unwrap()).unwrap();
    (next(), next())
}
