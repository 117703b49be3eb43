//! Second factors, with another process at every step: what was begun at one goes on at the next, and what was used up
//! at one is used up everywhere.

use std::sync::Arc;

use serde_json::{Value, json};
use stoa_core::Clock;

use crate::{
    told,
    world::{Node, Person, Seen, World},
};

/// Another process of the house: where they can share it one more, else the next after a restart.
async fn another(world: &mut World, before: &Node) -> Arc<Node> {
    if !world.is_shared() {
        before.stops().await;
    }
    world.starts().await
}

/// The code of an app, so many steps from now.
fn code(secret: &str, steps: i64) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
    let totp = totp_rs::Builder::new().with_secret(secret).with_account_name("a").build().unwrap();
    let seconds = Clock::system().now().micros() / 1_000_000 + steps * 30;
    totp.generate(seconds.try_into().unwrap()).to_string()
}

/// The ticket that the password gives.
async fn ticket(person: &Person) -> String {
    let body = json!({ "email": person.email(), "password": person.password });
    let half = person.nothing_shown().post("/auth/login", &body).await.done(200);
    assert_eq!(half["next"], "mfa", "{half}");
    let ticket = half["ticket"].as_str().unwrap().to_owned();
    person.also_secret(&ticket);
    ticket
}

async fn shows(person: &Person, ticket: &str, method: &str, code: &str) -> Seen {
    let body = json!({ "ticket": ticket, "method": method, "code": code });
    person.nothing_shown().post("/auth/mfa", &body).await
}

told! {
/// An app, backup codes and a passkey; no log and no row holds what they are worth.
async fn fw_r5_mv_h7_mv_h4_second_factors_work_at_any_node_and_once(world: &mut World) {
    let first = world.starts().await;
    let olga = first.nobody().takes_the_house(&first, "olga").await;
    let anna = olga.invites("anna", "member").await;
    let setup = anna.post("/me/totp", &json!({})).await.done(200);
    let secret = setup["secret"].as_str().unwrap();
    anna.also_secret(secret);
    let second = another(world, &first).await;
    let anna = anna.at(&second);
    let confirmed = anna.post("/me/totp/confirm", &json!({ "code": code(secret, 0) })).await.done(200);
    let codes: Vec<_> = confirmed["backup_codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap()).collect();
    for code in &codes {
        anna.also_secret(code);
    }

    // The password at one, the code at the next; it is used up everywhere.
    let half = ticket(&anna).await;
    let third = another(world, &second).await;
    let anna = anna.at(&third);
    let next = code(secret, 1);
    let inside = anna.with_cookie_of(&shows(&anna, &half, "totp", &next).await);
    assert_eq!(inside.get("/me/factors").await.done(200)["backup_codes"], 10);
    let (half, fourth) = (ticket(&anna).await, another(world, &third).await);
    let anna = anna.at(&fourth);
    assert_eq!(shows(&anna, &half, "totp", &next).await.refusal(), (401, "invalid_code".into()));
    let inside = anna.with_cookie_of(&shows(&anna, &half, "backup_code", codes[0]).await);
    let half = ticket(&anna).await;
    assert_eq!(shows(&anna, &half, "backup_code", codes[0]).await.refusal(), (401, "invalid_code".into()));
    assert_eq!(inside.get("/me/factors").await.done(200)["backup_codes"], 9);

    // Four more tries, and a restart gives no fresh ones.
    for _ in 0..4 {
        assert_eq!(shows(&anna, &half, "totp", "not a code").await.refusal(), (401, "invalid_code".into()));
    }
    let fifth = another(world, &fourth).await;
    let anna = anna.at(&fifth);
    assert_eq!(shows(&anna, &half, "backup_code", codes[1]).await.refusal(), (429, "factors_locked".into()));
    let record = inside.at(&fifth).get("/me/audit").await.done(200);
    let locked = record["items"].as_array().unwrap().iter().filter(|row| row["action"] == "mfa.locked").count();
    assert_eq!(locked, 1);

    // Whoever looks after people helps.
    let olga = olga.at(&fifth);
    let reset = format!("/admin/users/{}/factors/reset", anna.id);
    assert_eq!(olga.post(&reset, &json!({})).await.status, 204);
    assert_eq!(inside.at(&fifth).get("/me").await.status, 401);
    let mut anna = anna;
    anna.signs_in().await;
    let factors = anna.get("/me/factors").await.done(200);
    assert_eq!((&factors["totp_since"], &factors["backup_codes"]), (&json!(null), &json!(0)));
}
}

told! {
/// A passkey is made at one node and signs in at the next, alone and after a password.
async fn a_passkey_signs_in_at_any_node(world: &mut World) {
    let first = world.starts().await;
    let mut olga = first.nobody().takes_the_house(&first, "olga").await;
    let made = olga.adds_a_passkey().await;
    for code in made["backup_codes"].as_array().unwrap() {
        olga.also_secret(code.as_str().unwrap());
    }
    let second = another(world, &first).await;
    let mut olga = olga.at(&second);
    let inside: Value = olga.signs_in_with_the_passkey().await;
    assert_eq!(inside["user"]["role"], "owner");
    // After the password it is asked for.
    olga.signs_in().await;
    let third = another(world, &second).await;
    let mut olga = olga.at(&third);
    olga.signs_in_with_the_passkey().await;
    let passkeys = olga.get("/me/passkeys").await.done(200);
    assert!(passkeys["items"][0]["last_used_at"].is_string(), "{passkeys}");
}
}
