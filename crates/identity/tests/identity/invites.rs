//! Invitations.

use std::time::Duration;

use serde_json::{Value, json};
use stoa_core::{Role, Secret};
use stoa_identity::{Config, MailConfig};

use crate::{
    house::{As, PASSWORD, Seen, World, request, seen},
    post::Post,
};

async fn invite(world: &World, who: &str, body: Value) -> Value {
    world.ask(As::Cookie(who), "POST", "/admin/invites", Some(body)).await.done(201)
}

fn token(invite: &Value) -> String {
    let url = invite["url"].as_str().unwrap();
    url.strip_prefix("http://127.0.0.1:8080/signup#invite=").unwrap().to_owned()
}

async fn sign_up(world: &World, email: &str, token: &str) -> Seen {
    let body = json!({ "email": email, "password": PASSWORD, "display_name": "Grace", "invite": token });
    world.knock("/auth/signup", body).await
}

#[tokio::test]
async fn an_invitation_that_is_handed_over_works_once_and_its_bearer_shows_the_address() {
    let world = World::new().await;
    world.works();
    let owner = world.signed_in("own", Role::Owner).await;
    let made = invite(&world, &owner, json!({ "role": "admin" })).await;
    let list = world.ask(As::Cookie(&owner), "GET", "/admin/invites", None).await.done(200);
    let mut row = made.clone();
    row.as_object_mut().unwrap().remove("url");
    assert_eq!(list, json!({ "items": [row], "next": null }));
    assert_eq!(row["expires_at"], "2026-01-12T09:00:00.000000Z");
    let token = token(&made);
    let taken = sign_up(&world, "grace@example.org", &token).await;
    assert_eq!(taken.done(202), json!({ "next": "verify" }));
    assert_eq!(sign_up(&world, "eve@example.org", &token).await.refusal(), (403, "invalid_invite".into()));
    let letter = world.mail(&owner).await[0].clone();
    let shown = json!({ "token": world.link_token(&owner, &letter).await });
    world.knock("/auth/email/verify", shown).await.done(200);
    assert_eq!(world.try_login("grace@example.org", PASSWORD).await.done(200)["user"]["role"], "admin");
    let list = world.ask(As::Cookie(&owner), "GET", "/admin/invites", None).await.done(200);
    assert_eq!(list["items"], json!([]));
}

#[tokio::test]
async fn an_invitation_by_mail_shows_its_address_and_no_other() {
    let post = Post::open().await;
    let mail = MailConfig {
        from: Some("stoa@example.org".into()),
        smtp: Some(Secret::new(post.url())),
        ..MailConfig::default()
    };
    let world = World::with(Config { mail, ..Config::default() }, 10_000).await;
    world.works();
    let owner = world.signed_in("own", Role::Owner).await;
    let by_mail = async |email: &str| {
        let made = invite(&world, &owner, json!({ "email": email, "role": "member" })).await;
        world.rests().await;
        let texts = post.arrived().into_iter().rev().map(|letter| letter.text());
        let text =
            texts.into_iter().find(|text| text.contains("own@example.org invites you to Stoa")).unwrap();
        let link = text.split("/signup#invite=").nth(1).unwrap().lines().next().unwrap().to_owned();
        (token(&made), link)
    };
    // The one that went to the address: nothing more to show.
    let (shown, mailed) = by_mail("Grace@example.org").await;
    assert_ne!(shown, mailed);
    assert_eq!(sign_up(&world, "grace@Example.org", &mailed).await.done(202), json!({ "next": "sign_in" }));
    world.try_login("grace@example.org", PASSWORD).await.done(200);
    assert_eq!(sign_up(&world, "eve@example.org", &shown).await.refusal(), (403, "invalid_invite".into()));
    // The one that was shown to whoever invited proves nothing, though it names the address.
    let (shown, mailed) = by_mail("ben@example.org").await;
    assert_eq!(sign_up(&world, "ben@example.org", &shown).await.done(202), json!({ "next": "verify" }));
    assert_eq!(world.try_login("ben@example.org", PASSWORD).await.status, 401);
    assert_eq!(sign_up(&world, "ben@example.org", &mailed).await.refusal(), (403, "invalid_invite".into()));
    // The one by mail, with another address.
    let (_, mailed) = by_mail("cid@example.org").await;
    assert_eq!(sign_up(&world, "other@example.org", &mailed).await.done(202), json!({ "next": "verify" }));
    // An address that has an account by now: the same answer, and a letter.
    let (_, mailed) = by_mail("grace@example.org").await;
    assert_eq!(sign_up(&world, "grace@example.org", &mailed).await.done(202), json!({ "next": "sign_in" }));
    world.rests().await;
    assert_eq!(
        post.arrived().iter().filter(|letter| letter.text().contains("You have one already")).count(),
        1
    );
}

#[tokio::test]
async fn who_invites_makes_nobody_more_than_themself() {
    let world = World::new().await;
    let admin = world.signed_in("adm", Role::Admin).await;
    let member = world.signed_in("mem", Role::Member).await;
    let ask = async |who: As<'_>, role: &str| {
        world.ask(who, "POST", "/admin/invites", Some(json!({ "role": role }))).await.status.as_u16()
    };
    assert_eq!(ask(As::Cookie(&admin), "owner").await, 403);
    assert_eq!(ask(As::Cookie(&admin), "admin").await, 201);
    assert_eq!(ask(As::Cookie(&member), "member").await, 403);
    assert_eq!(ask(As::Nobody, "member").await, 401);
    let body = json!({ "email": "a\r\nBcc: b@c", "role": "member" });
    let refused = world.ask(As::Cookie(&admin), "POST", "/admin/invites", Some(body)).await;
    assert_eq!(refused.json()["errors"][0]["pointer"], "/email");
    for who in [As::Cookie(&member), As::Nobody] {
        for (method, path) in [
            ("GET", "/admin/invites"),
            ("DELETE", "/admin/invites/0193f3a0-0000-7000-8000-000000000000"),
            ("GET", "/admin/mail"),
        ] {
            assert!([401, 403].contains(&world.ask(who, method, path, None).await.status.as_u16()));
        }
    }
}

#[tokio::test]
async fn an_invitation_ends_by_time_and_when_it_is_taken_back() {
    let world = World::new().await;
    world.works();
    let owner = world.signed_in("own", Role::Owner).await;
    let made = invite(&world, &owner, json!({ "email": "grace@example.org", "role": "member" })).await;
    let letter = world.mail(&owner).await[0].clone();
    let mailed = world.link_token(&owner, &letter).await;
    let path = format!("/admin/invites/{}", made["id"].as_str().unwrap());
    assert_eq!(world.ask(As::Cookie(&owner), "DELETE", &path, None).await.status, 204);
    assert_eq!(
        world.ask(As::Cookie(&owner), "DELETE", &path, None).await.refusal(),
        (404, "not_found".into())
    );
    for token in [&token(&made), &mailed] {
        let refused = sign_up(&world, "grace@example.org", token).await;
        assert_eq!(refused.refusal(), (403, "invalid_invite".into()));
    }
    let made = invite(&world, &owner, json!({ "role": "member" })).await;
    world.time.advance(Duration::from_secs(7 * 24 * 3600));
    let refused = sign_up(&world, "grace@example.org", &token(&made)).await;
    assert_eq!(refused.refusal(), (403, "invalid_invite".into()));
    let owner = world.login("own").await;
    let list = world.ask(As::Cookie(&owner), "GET", "/admin/invites", None).await.done(200);
    assert_eq!(list["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_who_bring_one_invitation_at_once_one_signs_up() {
    let world = World::new().await;
    let owner = world.signed_in("own", Role::Owner).await;
    let token = token(&invite(&world, &owner, json!({ "role": "member" })).await);
    let router = world.node(10_000);
    let mut all = tokio::task::JoinSet::new();
    for number in 0..20 {
        let body = json!({
            "email": format!("g{number}@example.org"), "password": PASSWORD, "display_name": "G", "invite": token,
        });
        let router = router.clone();
        all.spawn(async move {
            seen(&router, request(As::Nobody, "POST", "/auth/signup", Some(body))).await.status.as_u16()
        });
    }
    let mut statuses = all.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses[0], 202);
    assert!(statuses[1..].iter().all(|status| *status == 403), "{statuses:?}");
    assert_eq!(world.number("SELECT count(*) AS n FROM identity_signup").await, 1);
}
