//! Whoever changes credentials has just proven who they are.

use std::time::Duration;

use serde_json::{Value, json};
use stoa_core::Role;

use crate::{
    house::{As, PASSWORD, World},
    on_both,
};

const ID: &str = "0193f3a0-0000-7000-8000-000000000000";

/// Confirms that it is them.
async fn confirms(world: &World, cookie: &str, body: Value) -> crate::house::Seen {
    world.ask(As::Cookie(cookie), "POST", "/auth/reauthenticate", Some(body)).await
}

on_both! {
async fn a_browser_that_was_left_open_changes_no_credential(world: &World) {
    let cookie = world.signed_in("ada", Role::Admin).await;
    let other = world.login("ada").await;
    let token = json!({ "name": "script", "scopes": ["labs:read"] });
    let doors = [
        ("POST", "/me/tokens".to_owned(), Some(token.clone())),
        ("POST", "/me/totp".to_owned(), None),
        ("POST", "/me/totp/confirm".to_owned(), Some(json!({ "code": "123456" }))),
        ("DELETE", "/me/totp".to_owned(), None),
        ("POST", "/me/backup-codes".to_owned(), None),
        ("POST", "/me/passkeys/options".to_owned(), None),
        ("DELETE", format!("/me/passkeys/{ID}"), None),
        ("POST", format!("/admin/users/{ID}/factors/reset"), None),
    ];
    world.time.advance(Duration::from_secs(299));
    world.does(&cookie, "POST", "/me/tokens", Some(token.clone())).await;
    world.time.advance(Duration::from_secs(1));
    for (method, path, body) in doors {
        let refused = world.ask(As::Cookie(&cookie), method, &path, body).await;
        assert_eq!(refused.refusal(), (403, "reauthentication_required".into()), "{method} {path}");
    }
    let wrong = confirms(world, &cookie, json!({ "password": "not the right password" })).await;
    assert_eq!(wrong.refusal(), (422, "invalid".into()));
    assert_eq!(wrong.json()["errors"][0]["pointer"], "/password");
    let refused = world.ask(As::Cookie(&cookie), "POST", "/me/tokens", Some(token.clone())).await;
    assert_eq!(refused.status, 403);

    assert_eq!(confirms(world, &cookie, json!({ "password": PASSWORD })).await.status, 204);
    world.does(&cookie, "POST", "/me/tokens", Some(token.clone())).await;
    // It is this session that was confirmed, and no other.
    let refused = world.ask(As::Cookie(&other), "POST", "/me/tokens", Some(token)).await;
    assert_eq!(refused.refusal(), (403, "reauthentication_required".into()));
    let record = world.actions().await;
    let count = |action: &str| record.iter().filter(|on_record| *on_record == action).count();
    assert_eq!((count("login.failed"), count("login.confirmed"), count("token.added")), (1, 1, 2));
}

async fn one_proof_is_brought_and_no_mixture(world: &World) {
    let cookie = world.signed_in("ada", Role::Member).await;
    for body in [
        json!({}),
        json!({ "password": PASSWORD, "code": "123456" }),
        json!({ "assertion": {} }),
        json!({ "ticket": "x" }),
        json!({ "ticket": "x", "assertion": { "id": "x" } }),
        // There is no app.
        json!({ "code": "123456" }),
        json!({ "password": PASSWORD, "user_id": ID }),
    ] {
        assert_eq!(confirms(world, &cookie, body.clone()).await.refusal(), (422, "invalid".into()), "{body}");
    }
    let nobody = world.ask(As::Nobody, "POST", "/auth/reauthenticate", Some(json!({ "password": PASSWORD }))).await;
    assert_eq!(nobody.status, 401);
}

async fn a_session_knows_when_and_how_somebody_proved_who_they_are(world: &World) {
    let cookie = world.signed_in("ada", Role::Member).await;
    let proven = async || {
        let rows = world.rows("SELECT authenticated_at, methods FROM identity_session", []).await;
        let at: stoa_core::Timestamp = rows[0].try_get("", "authenticated_at").unwrap();
        (at, rows[0].try_get::<String>("", "methods").unwrap())
    };
    let began = world.store.clock.now();
    assert_eq!(proven().await, (began, "pwd".into()));
    world.time.advance(Duration::from_secs(60));
    world.does(&cookie, "GET", "/me", None).await;
    assert_eq!(proven().await, (began, "pwd".into()));
    assert_eq!(confirms(world, &cookie, json!({ "password": PASSWORD })).await.status, 204);
    assert_eq!(proven().await, (world.store.clock.now(), "pwd".into()));
}
}
