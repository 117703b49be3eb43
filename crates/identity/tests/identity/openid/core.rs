//! Basic: who is signed in, how lately, and what is not supported is said so.

use std::time::Duration;

use serde_json::json;

use super::suite::Suite;
use crate::{
    house::{As, PASSWORD, World},
    oauth::way::{BACK, error, form, location, param, text},
};

/// Somebody proves once more who they are, in the session they have.
async fn proves(suite: &Suite<'_>) {
    let body = json!({ "password": PASSWORD });
    suite.world.does(&suite.ada, "POST", "/auth/reauthenticate", Some(body)).await;
}

/// Goes through a request that asks for a fresh proof. When the person proved who they are then.
async fn proven_anew(suite: &Suite<'_>, changed: &[(&str, &str)]) -> i64 {
    let url = location(&suite.asks(As::Cookie(&suite.ada), changed).await);
    let handle = url.path().strip_prefix("/authorize/").unwrap_or_else(|| panic!("{url}"));
    let path = format!("/oauth/requests/{handle}");
    let shown = suite.world.does(&suite.ada, "GET", &path, None).await;
    assert_eq!(shown["reauthenticate"], json!(true));
    let refused = suite.world.ask(As::Cookie(&suite.ada), "POST", &format!("{path}/allow"), None).await;
    assert_eq!(refused.refusal(), (403, "reauthentication_required".into()));
    suite.world.time.advance(Duration::from_secs(1));
    proves(suite).await;
    let url = suite.decides(url.clone()).await;
    let tokens = suite.redeems(&param(&url, "code").unwrap()).await.done(200);
    suite.verified(&text(&tokens, "id_token"), "JWT").await["auth_time"].as_i64().unwrap()
}

#[tokio::test]
async fn oidcc_prompt_login() {
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    let first = suite.tokens(&[]).await.1["auth_time"].as_i64().unwrap();
    world.time.advance(Duration::from_secs(1));
    assert!(proven_anew(&suite, &[("prompt", "login")]).await > first);
}

#[tokio::test]
async fn oidcc_prompt_none_not_logged_in() {
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    let url = location(&suite.asks(As::Nobody, &[("prompt", "none")]).await);
    assert_eq!(
        (param(&url, "error").as_deref(), param(&url, "state").as_deref()),
        (Some("login_required"), Some("the state"))
    );
}

#[tokio::test]
async fn oidcc_prompt_none_logged_in() {
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    assert_eq!(suite.refused(&[("prompt", "none")]).await, "consent_required", "nobody was asked yet");
    let first = suite.tokens(&[]).await.1;
    world.time.advance(Duration::from_secs(60));
    let url = location(&suite.asks(As::Cookie(&suite.ada), &[("prompt", "none")]).await);
    let tokens = suite.redeems(&param(&url, "code").unwrap()).await.done(200);
    let second = suite.verified(&text(&tokens, "id_token"), "JWT").await;
    for name in ["sub", "auth_time", "sid"] {
        assert_eq!(first[name], second[name], "{name}");
    }
    // A pushed request is as silent as it asks to be.
    let posting = json!({"redirect_uris": [BACK], "token_endpoint_auth_method": "client_secret_post"});
    let posting = Suite { program: world.program_with(posting).await, ..suite };
    let query = posting.query(&[("prompt", "none")]);
    let mut pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    pairs.push(("client_secret".into(), posting.program.secret.clone().unwrap()));
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| (&**name, &**value)).collect();
    let pushed = world.send(form("/oauth/par", &pairs)).await.done(201);
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("client_id", &*posting.program.id), ("request_uri", &*text(&pushed, "request_uri"))])
        .finish();
    let url = location(&world.asks_with(As::Nobody, &query).await);
    assert_eq!(param(&url, "error").as_deref(), Some("login_required"));
}

#[tokio::test]
async fn oidcc_max_age_1() {
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    let first = suite.tokens(&[]).await.1["auth_time"].as_i64().unwrap();
    world.time.advance(Duration::from_secs(2));
    assert!(proven_anew(&suite, &[("max_age", "1")]).await > first);
}

#[tokio::test]
async fn oidcc_max_age_10000() {
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    let first = suite.tokens(&[]).await.1;
    world.time.advance(Duration::from_secs(9000));
    let second = suite.tokens(&[("max_age", "10000")]).await.1;
    assert_eq!(first["auth_time"], second["auth_time"], "nobody was asked again");
}

/// Whom the client asks for is who answers, or nobody does.
#[tokio::test]
async fn oidcc_id_token_hint() {
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    let (tokens, claims) = suite.tokens(&[]).await;
    let hint = text(&tokens, "id_token");
    // However old it is.
    world.time.advance(Duration::from_secs(24 * 60 * 60));
    let asked = [("prompt", "none"), ("id_token_hint", &*hint)];
    let url = location(&suite.asks(As::Cookie(&suite.ada), &asked).await);
    let tokens = suite.redeems(&param(&url, "code").unwrap()).await.done(200);
    assert_eq!(suite.verified(&text(&tokens, "id_token"), "JWT").await["sub"], claims["sub"]);
    // Somebody else is signed in: nobody answers for another, asked or not.
    let eve = suite.somebody_else().await;
    let url = location(&suite.asks(As::Cookie(&eve), &asked).await);
    assert_eq!(param(&url, "error").as_deref(), Some("login_required"));
    let url = location(&suite.asks(As::Cookie(&eve), &[("id_token_hint", &hint)]).await);
    let path = format!("/oauth/requests/{}/allow", url.path().strip_prefix("/authorize/").unwrap());
    let done = world.does(&eve, "POST", &path, None).await;
    let url = text(&done, "location").parse().unwrap();
    assert_eq!((param(&url, "error").as_deref(), param(&url, "code")), (Some("login_required"), None));
    assert_eq!(world.does(&eve, "GET", "/me/connections", None).await["items"], json!([]));
    // What is none of ours, or of another client, is no hint.
    let other = Suite {
        program: world.program_with(json!({"redirect_uris": [BACK]})).await,
        ada: eve,
        world: &world,
    };
    let access = text(&tokens, "access_token");
    for (client, bad) in
        [(&suite, "nothing"), (&suite, &*access), (&suite, &hint[..hint.len() - 4]), (&other, &hint)]
    {
        assert_eq!(client.refused(&[("id_token_hint", bad)]).await, "invalid_request", "{bad}");
    }
}

#[tokio::test]
async fn oidcc_request_uri_unsigned_supported_correctly_or_rejected_as_unsupported() {
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    let uri = "https://client.example/request.jwt#hash";
    assert_eq!(suite.refused(&[("request_uri", uri)]).await, "request_uri_not_supported");
    let seen =
        suite.asks(As::Nobody, &[("request_uri", uri), ("redirect_uri", "https://evil.example/")]).await;
    assert_eq!((seen.status.as_u16(), seen.headers.get("location")), (400, None), "nowhere to say so");
}

const UNSIGNED: &str = "eyJhbGciOiJub25lIn0.eyJzY29wZSI6Im9wZW5pZCJ9.";

#[tokio::test]
async fn oidcc_unsigned_request_object_supported_correctly_or_rejected_as_unsupported() {
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    assert_eq!(suite.refused(&[("request", UNSIGNED)]).await, "request_not_supported");
}

/// Only what stands outside says where an answer goes.
#[tokio::test]
async fn oidcc_ensure_request_object_with_redirect_uri() {
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    let seen = suite.asks(As::Nobody, &[("request", UNSIGNED), ("redirect_uri", "")]).await;
    assert_eq!((seen.status.as_u16(), seen.headers.get("location")), (400, None));
    assert_eq!(suite.refused(&[("request", UNSIGNED)]).await, "request_not_supported");
}

/// A code is worth nothing when the session ended in which it was allowed: its client would never be told.
#[tokio::test]
async fn a_code_dies_with_its_session() {
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    let code = suite.code(&[]).await;
    world.ask(As::Cookie(&suite.ada), "POST", "/auth/logout", None).await.done(204);
    assert_eq!(error(&suite.redeems(&code).await), (400, "invalid_grant".into()));
    assert_eq!(world.number("SELECT count(*) AS n FROM identity_grant").await, 0);
}
