//! Whose account it is: by issuer and subject, never by address.

use serde_json::{Value, json};
use stoa_core::Role;
use stoa_identity::{Config, SignupMode};

use super::issuer::{Issuer, page, school, with, world_of};
use crate::{
    house::{As, PASSWORD, World},
    on_both,
};

async fn accounts(world: &World) -> i64 {
    world.number("SELECT count(*) AS n FROM identity_user").await
}

/// G15 O7; ASVS 6.8.1, 10.5.2: whoever can make a provider say an address does not get the account with that address.
#[tokio::test]
async fn o7_an_address_never_links_two_accounts() {
    let (world, issuer) = school().await;
    world.person("ada", Role::Admin).await;
    // Proven to be theirs: they are told what to do.
    let seen = world.enters(&issuer, &json!({ "email": "ADA@example.org" })).await;
    assert_eq!(page(&seen), "/login?problem=known_address");
    assert!(seen.headers.get("set-cookie").is_none());
    // Not proven: the same answer as for an address without an account.
    for email in ["ada@example.org", "nobody@example.org"] {
        for verified in [json!(false), json!(null), json!("false"), json!("yes")] {
            let claims = json!({ "email": email, "email_verified": verified });
            assert_eq!(page(&world.enters(&issuer, &claims).await), "/login?problem=unverified", "{claims}");
        }
    }
    for none in [json!(null), json!("no address"), json!("a@b\r\nBcc: eve@example.org")] {
        issuer.says("/userinfo", &json!({ "sub": "ada-there" }));
        let claims = json!({ "email": none, "email_verified": true });
        assert_eq!(page(&world.enters(&issuer, &claims).await), "/login?problem=unverified");
    }
    assert_eq!(world.number("SELECT count(*) AS n FROM identity_upstream").await, 0);
    assert_eq!(accounts(&world).await, 2);
}

/// Who may sign up is said by the same setting as everywhere.
#[tokio::test]
async fn a_new_account_needs_what_every_sign_up_needs() {
    let issuer = Issuer::starts().await;
    for (mode, end) in [(SignupMode::Closed, "signup_closed"), (SignupMode::Invite, "invite_required")] {
        let config = Config { signup: mode, ..with([("school", issuer.config())]) };
        let world = world_of(config, false).await;
        assert_eq!(page(&world.enters(&issuer, &json!({})).await), format!("/login?problem={end}"));
        // Whether an address has an account is not told by what is asked without proof.
        let unproven = json!({ "email": "own@example.org", "email_verified": false });
        assert_eq!(page(&world.enters(&issuer, &unproven).await), format!("/login?problem={end}"));
        assert_eq!(accounts(&world).await, 1);
    }
    // Before there is an owner nobody comes in.
    let config = with([("school", issuer.config())]);
    let world = World::over(config, 10_000, false, crate::outside::to_this_machine()).await;
    assert_eq!(page(&world.enters(&issuer, &json!({})).await), "/login?problem=signup_closed");
    assert_eq!(accounts(&world).await, 0);
}

async fn invites(world: &World, owner: &str, body: Value) -> String {
    let made = world.does(owner, "POST", "/admin/invites", Some(body)).await;
    made["url"].as_str().unwrap().rsplit_once('=').unwrap().1.to_owned()
}

#[tokio::test]
async fn an_invitation_lets_its_bearer_in_once_in_its_role() {
    let issuer = Issuer::starts().await;
    let config = Config { signup: SignupMode::Invite, ..with([("school", issuer.config())]) };
    let world = world_of(config, false).await;
    let owner = world.login("own").await;
    let token = invites(&world, &owner, json!({ "role": "admin" })).await;
    let away = world.leaves("school", json!({ "invite": token })).await;
    let late = world.leaves("school", json!({ "invite": token })).await;
    // What does not work does not use it up.
    issuer.vouches(&world, &away, &json!({ "email_verified": false }));
    assert_eq!(page(&world.comes_back("school", &away).await), "/login?problem=unverified");
    let away = world.leaves("school", json!({ "invite": token })).await;
    issuer.vouches(&world, &away, &json!({}));
    let seen = world.comes_back("school", &away).await;
    assert_eq!(world.whose(&seen.cookie()).await["role"], "admin");
    assert_eq!(world.does(&owner, "GET", "/admin/invites", None).await["items"], json!([]));
    issuer.vouches(&world, &late, &json!({ "sub": "ben", "email": "ben@example.org" }));
    assert_eq!(page(&world.comes_back("school", &late).await), "/login?problem=invalid_invite");
    let refused = world.knock("/auth/upstreams/school", json!({ "invite": token })).await;
    assert_eq!(refused.refusal(), (403, "invalid_invite".into()));
    assert_eq!(accounts(&world).await, 2);
}

#[tokio::test]
async fn an_account_that_is_off_stays_off() {
    let (world, issuer) = school().await;
    let seen = world.enters(&issuer, &json!({})).await;
    let id = world.whose(&seen.cookie()).await["id"].as_str().unwrap().to_owned();
    let owner = world.login("own").await;
    world.does(&owner, "PATCH", &format!("/admin/users/{id}"), Some(json!({ "disabled": true }))).await;
    let seen = world.enters(&issuer, &json!({})).await;
    assert_eq!(page(&seen), "/login?problem=account_off");
    assert!(seen.headers.get("set-cookie").is_none());
    assert_eq!(world.reasons().await, ["school account_off: account"]);
}

/// No password opens an account that has none; its owner chooses one by mail.
#[tokio::test]
async fn an_account_without_a_password_is_opened_by_none_until_its_owner_chooses_one() {
    let (world, issuer) = school().await;
    world.works();
    let ada = world.enters(&issuer, &json!({})).await.cookie();
    assert_eq!(world.does(&ada, "GET", "/me/factors", None).await["password"], false);
    for password in ["", " ", PASSWORD, "\0"] {
        let seen = world.try_login("ada@example.org", password).await;
        assert_eq!(seen.refusal(), (401, "invalid_credentials".into()), "{password:?}");
        let again = world
            .ask(As::Cookie(&ada), "POST", "/auth/reauthenticate", Some(json!({ "password": password })))
            .await;
        assert_eq!(again.refusal(), (422, "invalid".into()), "{password:?}");
        let new = json!({ "current": password, "new": "staples in the evening rain" });
        let change = world.ask(As::Cookie(&ada), "POST", "/me/password", Some(new)).await;
        assert_eq!(change.refusal(), (409, "no_password".into()), "{password:?}");
    }
    world.knock("/auth/password/forgot", json!({ "email": "ada@example.org" })).await;
    let owner = world.login("own").await;
    let letter =
        world.mail(&owner).await.into_iter().find(|letter| letter["to"] == "Ada@example.org").unwrap();
    let token = world.link_token(&owner, &letter).await;
    let chosen = json!({ "token": token, "password": PASSWORD });
    assert_eq!(world.knock("/auth/password/reset", chosen.clone()).await.status, 204);
    assert_eq!(world.knock("/auth/password/reset", chosen).await.refusal(), (403, "invalid_link".into()));
    world.try_login("ada@example.org", PASSWORD).await.done(200);
}

on_both! {
/// Of twenty who come for the first time at once, with one identity, there is one account.
async fn of_twenty_newcomers_with_one_identity_there_is_one_account(world: &World) {
    let _ = world;
    let issuer = Issuer::starts().await;
    let postgres = world.store.db.engine() == stoa_store::Engine::Postgres;
    let world = world_of(with([("school", issuer.config())]), postgres).await;
    let mut away = Vec::new();
    for _ in 0..20 {
        away.push(world.leaves("school", json!({})).await);
    }
    // All attempts get the token of the last: one is right, and the others' nonce is not.
    issuer.vouches(&world, away.last().unwrap(), &json!({}));
    let all = away.iter().map(|away| world.comes_back("school", away));
    let pages: Vec<String> = futures::future::join_all(all).await.iter().map(page).collect();
    assert_eq!(pages.iter().filter(|page| **page == "/").count(), 1, "{pages:?}");
    assert_eq!(world.number("SELECT count(*) AS n FROM identity_upstream").await, 1);
    assert_eq!(accounts(&world).await, 2);
    world.gone().await;
}

}
