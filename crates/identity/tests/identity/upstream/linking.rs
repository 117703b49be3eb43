//! Linking an account elsewhere, and removing the link.

use std::time::Duration;

use serde_json::{Value, json};
use stoa_core::Role;

use super::issuer::{Away, Issuer, page, school, with, world_of};
use crate::{
    export::{exports, unpacked},
    house::{As, Seen, World},
};

async fn leaves(world: &World, cookie: &str) -> Away {
    let name = Some(json!({ "name": "school" }));
    Away::of(&world.ask(As::Cookie(cookie), "POST", "/me/upstreams", name).await)
}

/// Comes back in a browser that is signed in.
async fn comes_back(world: &World, session: &str, away: &Away) -> Seen {
    let cookies = format!("{}; {session}", away.cookie);
    let cookies = if session.is_empty() { away.cookie.clone() } else { cookies };
    world.returns("school", &cookies, &[("state", &away.state()), ("code", "c")]).await
}

async fn links(world: &World, issuer: &Issuer, cookie: &str, change: &Value) -> String {
    let away = leaves(world, cookie).await;
    issuer.vouches(world, &away, change);
    page(&comes_back(world, cookie, &away).await)
}

async fn mine(world: &World, cookie: &str) -> Vec<Value> {
    world.does(cookie, "GET", "/me/upstreams", None).await["items"].as_array().unwrap().clone()
}

/// G15 O7; ASVS 6.8.1.
#[tokio::test]
async fn o7_a_linked_account_signs_in_whatever_its_address_and_its_owner_is_told() {
    let (world, issuer) = school().await;
    world.works();
    let ada = world.signed_in("ada", Role::Admin).await;
    let elsewhere = json!({ "email": "someone@else.example", "email_verified": false });
    assert_eq!(links(&world, &issuer, &ada, &elsewhere).await, "/settings/security?linked=school");
    assert_eq!(
        links(&world, &issuer, &ada, &elsewhere).await,
        "/settings/security?linked=school",
        "twice is once"
    );
    let link = mine(&world, &ada).await.remove(0);
    assert_eq!((&link["account"], &link["last_used_at"]), (&json!("someone@else.example"), &Value::Null));
    let seen = world.enters(&issuer, &elsewhere).await;
    assert_eq!(world.whose(&seen.cookie()).await["email"], "ada@example.org");
    let owner = world.login("own").await;
    let letters = async || {
        let all = world.mail(&owner).await;
        all.into_iter()
            .filter(|letter| letter["to"] == "ada@example.org")
            .map(|letter| letter["subject"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(letters().await, ["A way to sign in was added to your account"]);
    let path = format!("/me/upstreams/{}", link["id"].as_str().unwrap());
    assert_eq!(
        world.ask(As::Cookie(&owner), "DELETE", &path, None).await.refusal(),
        (404, "not_found".into())
    );
    world.does(&ada, "DELETE", &path, None).await;
    assert_eq!(mine(&world, &ada).await, Vec::<Value>::new());
    assert_eq!(letters().await[0], "A way to sign in was removed from your account");
    assert_eq!(
        page(&world.enters(&issuer, &elsewhere).await),
        "/login?problem=unverified",
        "it opens nothing any more"
    );
    let actions = world.actions().await;
    assert!(
        actions.iter().any(|action| action == "upstream.linked")
            && actions.iter().any(|action| action == "upstream.unlinked")
    );
}

/// Login CSRF the other way round: a link that somebody else began is not finished in a victim's browser, and neither is
/// one's own in a session that is another's, or over.
#[tokio::test]
async fn o7_a_link_is_finished_in_the_browser_and_the_session_that_began_it() {
    let (world, issuer) = school().await;
    let (ada, eve) = (world.signed_in("ada", Role::Member).await, world.signed_in("eve", Role::Member).await);
    // Eve's identity at Eve's provider, sent to Ada: Ada's browser has no cookie for it.
    let away = leaves(&world, &eve).await;
    issuer.vouches(&world, &away, &json!({ "sub": "eve" }));
    let sent = [("state", &*away.state()), ("code", "c")].map(|(name, value)| (name, value.to_owned()));
    let sent: Vec<(&str, &str)> = sent.iter().map(|(name, value)| (*name, &**value)).collect();
    assert_eq!(page(&world.returns("school", &ada, &sent).await), "/login?problem=expired");
    // With both cookies, which nobody has: still Eve's attempt, and not Ada's account.
    let both = format!("{}; {ada}", away.cookie);
    assert_eq!(page(&world.returns("school", &both, &sent).await), "/settings/security?problem=signed_out");
    // Signed out meanwhile.
    let away = leaves(&world, &ada).await;
    issuer.vouches(&world, &away, &json!({}));
    assert_eq!(page(&comes_back(&world, "", &away).await), "/settings/security?problem=signed_out");
    assert_eq!((mine(&world, &ada).await.len(), mine(&world, &eve).await.len()), (0, 0));
    assert_eq!(issuer.outside.times_asked("/token"), 0);
    // An attempt to sign in never links, whoever is signed in.
    let ada_there =
        Away::of(&world.ask(As::Cookie(&ada), "POST", "/auth/upstreams/school", Some(json!({}))).await);
    issuer.vouches(&world, &ada_there, &json!({ "sub": "new", "email": "new@example.org" }));
    let seen = comes_back(&world, &ada, &ada_there).await;
    assert_eq!(world.whose(&seen.cookie()).await["email"], "new@example.org");
    let ada = world.login("ada").await;
    assert_eq!(mine(&world, &ada).await.len(), 0);
}

#[tokio::test]
async fn one_identity_is_linked_to_one_account_and_to_link_takes_a_fresh_proof() {
    let (world, issuer) = school().await;
    let (ada, ben) = (world.signed_in("ada", Role::Member).await, world.signed_in("ben", Role::Member).await);
    let none = json!({ "email": null });
    issuer.says("/userinfo", &json!({ "sub": "ada-there" }));
    assert_eq!(links(&world, &issuer, &ada, &none).await, "/settings/security?linked=school");
    assert_eq!(links(&world, &issuer, &ben, &none).await, "/settings/security?problem=linked_elsewhere");
    assert_eq!(mine(&world, &ben).await.len(), 0);
    for number in 1..10 {
        let sub = format!("n{number}");
        issuer.says("/userinfo", &json!({ "sub": sub }));
        assert_eq!(
            links(&world, &issuer, &ada, &json!({ "email": null, "sub": sub })).await,
            "/settings/security?linked=school"
        );
    }
    let ask =
        async |body: Value| world.ask(As::Cookie(&ada), "POST", "/me/upstreams", Some(body)).await.refusal();
    assert_eq!(ask(json!({ "name": "school" })).await, (409, "too_many_upstreams".into()));
    world.time.advance(Duration::from_secs(301));
    assert_eq!(ask(json!({ "name": "school" })).await, (403, "reauthentication_required".into()));
    let path = format!("/me/upstreams/{}", mine(&world, &ada).await[0]["id"].as_str().unwrap());
    let refused = world.ask(As::Cookie(&ada), "DELETE", &path, None).await;
    assert_eq!(refused.refusal(), (403, "reauthentication_required".into()));
    // Signing in with the provider again is a fresh proof.
    issuer.says("/userinfo", &json!({ "sub": "ada-there" }));
    let fresh = world.enters(&issuer, &none).await.cookie();
    world.does(&fresh, "DELETE", &path, None).await;
}

/// The last way in stays, whichever it is.
#[tokio::test]
async fn the_last_way_in_cannot_be_removed() {
    let (world, issuer) = school().await;
    let ada = world.enters(&issuer, &json!({})).await.cookie();
    let remove = async || {
        let path = format!("/me/upstreams/{}", mine(&world, &ada).await[0]["id"].as_str().unwrap());
        world.ask(As::Cookie(&ada), "DELETE", &path, None).await
    };
    assert_eq!(remove().await.refusal(), (409, "last_way_in".into()));
    assert_eq!(mine(&world, &ada).await.len(), 1, "nothing was removed");
    // With a second one the first may go, and then the second is the last.
    assert_eq!(
        links(&world, &issuer, &ada, &json!({ "sub": "two" })).await,
        "/settings/security?linked=school"
    );
    assert_eq!(remove().await.status, 204);
    assert_eq!(remove().await.refusal(), (409, "last_way_in".into()));
    // With a passkey it may go too, and then the passkey is the last.
    let (_, made) = crate::passkeys::adds(&world, &ada, "Phone").await;
    assert_eq!(remove().await.status, 204);
    let passkey = format!("/me/passkeys/{}", made["id"].as_str().unwrap());
    let refused = world.ask(As::Cookie(&ada), "DELETE", &passkey, None).await;
    assert_eq!(refused.refusal(), (409, "last_way_in".into()));
    assert_eq!(world.number("SELECT count(*) AS n FROM identity_passkey").await, 1);
}

/// An account at a provider that is not configured any more is no way in.
#[tokio::test]
async fn a_provider_that_is_gone_is_shown_by_its_issuer_and_counts_for_nothing() {
    let (issuer, other) = (Issuer::starts().await, Issuer::starts().await);
    let world = world_of(with([("school", issuer.config())]), false).await;
    let ada = world.enters(&issuer, &json!({})).await.cookie();
    let node = world.restarted_as(with([("work", other.config())]), crate::outside::to_this_machine()).await;
    let asked = crate::house::request(As::Cookie(&ada), "GET", "/me/upstreams", None);
    let link = crate::house::seen(&node, asked).await.done(200)["items"][0].clone();
    assert_eq!((&link["label"], &link["name"]), (&json!(issuer.name()), &Value::Null));
}

/// What is kept of it is handed over with everything else, and goes with the account.
#[tokio::test]
async fn links_are_in_the_export_and_go_with_the_account() {
    let (world, issuer) = school().await;
    let worker = world.works();
    let ada = world.enters(&issuer, &json!({})).await.cookie();
    leaves(&world, &ada).await;
    let id = exports(&world, &ada).await;
    let seen = world.ask(As::Cookie(&ada), "GET", &format!("/me/export/{id}"), None).await;
    let file: Value = serde_json::from_slice(&unpacked(&seen.body)["account/upstreams.json"]).unwrap();
    let at = json!("2026-01-05T09:00:00.000000Z");
    assert_eq!(
        file,
        json!([{ "id": file[0]["id"], "issuer": issuer.name(), "subject": "ada-there", "account": "Ada@example.org",
            "created_at": at, "last_used_at": at }])
    );
    drop(worker);
    let user = world.whose(&ada).await["id"].as_str().unwrap().to_owned();
    let ctx = world.house();
    ctx.db
        .write(async |tx| {
            use sea_orm::{ConnectionTrait, Statement};
            let uuid = user.parse::<stoa_core::UserId>()?;
            let sql = "DELETE FROM identity_user WHERE id = $1";
            tx.execute_raw(Statement::from_sql_and_values(tx.get_database_backend(), sql, [uuid.into()]))
                .await?;
            Ok(())
        })
        .await
        .unwrap();
    for table in ["identity_upstream", "identity_upstream_attempt"] {
        assert_eq!(world.number(&format!("SELECT count(*) AS n FROM {table}")).await, 0, "{table}");
    }
}
