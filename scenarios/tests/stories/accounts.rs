//! An account from invitation to unlocking, and between any two steps the process that answered the one before is gone:
//! everything that waits is in the rows.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::{
    told,
    world::{Node, Person, Seen, World, id},
};

/// Another process goes on where the one before stood.
async fn goes_on(world: &mut World, before: &Arc<Node>) -> Arc<Node> {
    assert!(before.stops().await.success());
    world.starts().await
}

/// The link of the newest letter with this subject, as its owner takes it out of the outbox; the token in it.
async fn token(olga: &Person, subject: &str) -> String {
    loop {
        let outbox = olga.get("/admin/mail").await.done(200);
        let letter = outbox["items"].as_array().unwrap().iter().find(|letter| letter["subject"] == subject);
        if let Some(letter) = letter.filter(|letter| letter["link"] == true) {
            let taken = olga.asks("POST", &format!("/api/v1/admin/mail/{}/link", id(letter))).send().await;
            return secret(olga, taken.done(200)["url"].as_str().unwrap());
        }
        tokio::task::yield_now().await;
    }
}

/// What stands behind the `=` of a link. It must stand nowhere else.
fn secret(olga: &Person, url: &str) -> String {
    let token = url.rsplit_once('=').unwrap().1;
    olga.also_secret(token);
    token.to_owned()
}

async fn tries(person: &Person, password: &str) -> Seen {
    person
        .nothing_shown()
        .post("/auth/login", &json!({ "email": person.email(), "password": password }))
        .await
}

fn refused(seen: &Seen, status: u16, code: &str) {
    assert_eq!(seen.refusal(), (status, code.into()), "{}", seen.text());
}

told! {
/// fw_s2, mf_2: no step asks for the process of the step before.
async fn fw_s2_an_account_lives_on_whichever_process_answers(world: &mut World) {
    world.set("STOA_IDENTITY__LOGIN__ATTEMPTS", "3");
    let node = world.starts().await;
    let mut olga = node.nobody().takes_the_house(&node, "olga").await;
    let invite = olga.post("/admin/invites", &json!({ "role": "member" })).await.done(201);
    let invite = secret(&olga, invite["url"].as_str().unwrap());

    let node = goes_on(world, &node).await;
    let mut grace = node.nobody();
    grace.name = "grace".into();
    let wish = |invite: Value| json!({
        "email": grace.email(), "password": grace.password, "display_name": "Grace", "invite": invite,
    });
    refused(&grace.post("/auth/signup", &wish(Value::Null)).await, 403, "invite_required");
    let taken = grace.post("/auth/signup", &wish(json!(invite))).await;
    assert_eq!(taken.done(202), json!({ "next": "verify" }));
    refused(&grace.post("/auth/signup", &wish(json!(invite))).await, 403, "invalid_invite");

    let node = goes_on(world, &node).await;
    (olga, grace) = (olga.at(&node), grace.at(&node));
    refused(&tries(&grace, &grace.password).await, 401, "invalid_credentials");
    let shown = json!({ "token": token(&olga, "Confirm your address").await });
    let node = goes_on(world, &node).await;
    (olga, grace) = (olga.at(&node), grace.at(&node));
    grace.post("/auth/email/verify", &shown).await.done(200);
    refused(&grace.post("/auth/email/verify", &shown).await, 403, "invalid_link");
    grace.signs_in().await;

    let forgot = grace.nothing_shown().post("/auth/password/forgot", &json!({ "email": grace.email() })).await;
    assert_eq!(forgot.status, 202);
    let node = goes_on(world, &node).await;
    (olga, grace) = (olga.at(&node), grace.at(&node));
    let new = json!({ "token": token(&olga, "Choose a new password").await, "password": grace.next_password() });
    let node = goes_on(world, &node).await;
    (olga, grace) = (olga.at(&node), grace.at(&node));
    assert_eq!(grace.nothing_shown().post("/auth/password/reset", &new).await.status, 204);
    refused(&grace.get("/me").await, 401, "unauthenticated");
    refused(&tries(&grace, &grace.password).await, 401, "invalid_credentials");
    grace.password = grace.next_password();
    grace.signs_in().await;

    // Wrong ones in a row, wherever they are tried.
    let mut node = node;
    for _ in 0..3 {
        refused(&tries(&grace, "not a password of hers").await, 401, "invalid_credentials");
        node = goes_on(world, &node).await;
        (olga, grace) = (olga.at(&node), grace.at(&node));
    }
    refused(&tries(&grace, &grace.password).await, 429, "rate_limited");
    let node = goes_on(world, &node).await;
    (olga, grace) = (olga.at(&node), grace.at(&node));
    refused(&tries(&grace, &grace.password).await, 429, "rate_limited");
    // Where she is signed in already nothing changes.
    grace.get("/me").await.done(200);
    let unlock = json!({ "token": token(&olga, "Your account is locked for a while").await });
    let node = goes_on(world, &node).await;
    (olga, grace) = (olga.at(&node), grace.at(&node));
    assert_eq!(grace.nothing_shown().post("/auth/unlock", &unlock).await.status, 204);
    grace.signs_in().await;
    refused(&grace.nothing_shown().post("/auth/unlock", &unlock).await, 403, "invalid_link");
    let letters = olga.get("/admin/mail").await.done(200);
    let locked = |letter: &&Value| letter["subject"] == "Your account is locked for a while";
    assert_eq!(letters["items"].as_array().unwrap().iter().filter(locked).count(), 1, "{letters}");
}
}
