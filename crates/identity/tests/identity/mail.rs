//! Letters, with a mail server and without one.

use std::time::Duration;

use serde_json::json;
use stoa_core::{Role, Secret};
use stoa_identity::{
    Config, MailConfig,
    mail::{model::Letter, ops as mail},
};

use crate::{
    house::{As, World},
    post::{Mood, Post},
};

async fn with_post() -> (World, Post) {
    let post = Post::open().await;
    let mail = MailConfig {
        from: Some("Stoa <stoa@example.org>".into()),
        smtp: Some(Secret::new(post.url())),
        ..MailConfig::default()
    };
    let world = World::with(Config { mail, ..Config::default() }, 10_000).await;
    world.works();
    (world, post)
}

async fn forget(world: &World) {
    let body = json!({ "email": "ada@example.org" });
    assert_eq!(world.knock("/auth/password/forgot", body).await.status, 202);
}

#[tokio::test]
async fn a_letter_is_sent_with_its_link_and_its_text_is_not_kept() {
    let (world, post) = with_post().await;
    let owner = world.signed_in("own", Role::Owner).await;
    world.person("ada", Role::Member).await;
    forget(&world).await;
    let outbox = world.mail(&owner).await;
    let [arrived] = &post.arrived()[..] else { panic!("{:?}", post.arrived()) };
    assert!(arrived.from.contains("<stoa@example.org>"), "{arrived:?}");
    assert_eq!(arrived.to.len(), 1);
    assert!(arrived.to[0].contains("<ada@example.org>"), "{arrived:?}");
    let id = outbox[0]["id"].as_str().unwrap();
    for header in [
        "From: \"Stoa\" <stoa@example.org>",
        "To: ada@example.org",
        "Subject: Choose a new password",
        &format!("Message-ID: <{id}@example.org>"),
        "Auto-Submitted: auto-generated",
        "Date: Mon, 05 Jan 2026 09:00:00 +0000",
    ] {
        assert!(
            arrived.head().contains(header) || header.starts_with("From"),
            "{header}\n{}",
            arrived.head()
        );
    }
    let text = arrived.text();
    assert!(text.starts_with("Hello ada,\n"), "{text}");
    assert!(text.contains("from the address 0.0.0.0"), "{text}");
    let token = text.split("http://127.0.0.1:8080/reset#token=").nth(1).unwrap().lines().next().unwrap();
    assert_eq!(token.len(), 43, "{text}");

    let mut letter = outbox[0].clone();
    letter.as_object_mut().unwrap().remove("id");
    assert_eq!(
        letter,
        json!({
            "to": "ada@example.org", "subject": "Choose a new password", "state": "sent", "link": false,
            "created_at": "2026-01-05T09:00:00.000000Z", "sent_at": "2026-01-05T09:00:00.000000Z",
        })
    );
    // What was sent can no longer be taken out: the mail server's reader alone has the link.
    let taken = world.ask(As::Cookie(&owner), "POST", &format!("/admin/mail/{id}/link"), None).await;
    assert_eq!(taken.refusal(), (409, "no_link".into()));
    let new = json!({ "token": token, "password": "staple of the day" });
    assert_eq!(world.knock("/auth/password/reset", new).await.status, 204);
}

#[tokio::test]
async fn a_server_that_is_busy_is_asked_again_and_a_refusal_is_told() {
    let (world, post) = with_post().await;
    let owner = world.signed_in("own", Role::Owner).await;
    world.person("ada", Role::Member).await;
    post.is(Mood::Later);
    forget(&world).await;
    post.was_asked(1).await;
    world.rests().await;
    assert_eq!(world.mail(&owner).await[0]["state"], "queued");
    post.is(Mood::Takes);
    world.time.advance(Duration::from_secs(10));
    post.was_asked(2).await;
    assert_eq!(world.mail(&owner).await[0]["state"], "sent");
    assert_eq!(post.arrived().len(), 1);

    post.is(Mood::Never);
    world.time.advance(Duration::from_secs(1));
    forget(&world).await;
    let letter = world.mail(&owner).await[0].clone();
    assert_eq!((&letter["state"], &letter["link"]), (&json!("failed"), &json!(true)));
    assert!(letter["problem"].as_str().unwrap().contains("no such user"), "{letter}");
    // Now an owner hands the link over.
    world.link_token(&owner, &letter).await;
}

#[tokio::test]
async fn a_server_that_never_comes_back_is_given_up() {
    let (world, post) = with_post().await;
    let owner = world.signed_in("own", Role::Owner).await;
    let ada = world.person("ada", Role::Member).await;
    post.is(Mood::Later);
    let (ctx, letter) = (world.house(), Letter::to_person(ada.parse().unwrap(), "News", "Nothing new.\n"));
    ctx.db.write(async |tx| mail::post(&ctx, tx, &letter).await).await.unwrap();
    for tries in 1..=8 {
        post.was_asked(tries).await;
        world.rests().await;
        world.time.advance(Duration::from_secs(300));
    }
    let letter = world.mail(&owner).await[0].clone();
    assert_eq!(letter["state"], "failed", "{letter}");
    assert!(letter["problem"].as_str().unwrap().contains("come again"), "{letter}");
}

#[tokio::test]
async fn without_a_mail_server_an_owner_hands_links_over_and_this_is_on_record() {
    let world = World::new().await;
    world.works();
    let owner = world.signed_in("own", Role::Owner).await;
    let admin = world.signed_in("adm", Role::Admin).await;
    world.person("ada", Role::Member).await;
    forget(&world).await;
    let outbox = world.mail(&admin).await;
    assert_eq!(outbox.len(), 1);
    assert_eq!((&outbox[0]["state"], &outbox[0]["link"]), (&json!("kept"), &json!(true)));
    assert!(outbox[0]["text"].as_str().unwrap().contains("\n{link}\n"), "{outbox:?}");
    let path = format!("/admin/mail/{}/link", outbox[0]["id"].as_str().unwrap());
    // With the link of an owner an admin would be one.
    assert_eq!(world.ask(As::Cookie(&admin), "POST", &path, None).await.refusal(), (403, "forbidden".into()));
    let token = world.link_token(&owner, &outbox[0]).await;
    let kept =
        world.number(&format!("SELECT count(*) AS n FROM store_once WHERE value LIKE '%{token}%'")).await;
    assert_eq!(kept, 0);
    let new = json!({ "token": token, "password": "staple of the day" });
    assert_eq!(world.knock("/auth/password/reset", new).await.status, 204);
    let ada = world.try_login("ada@example.org", "staple of the day").await.cookie();
    let mine = world.ask(As::Cookie(&ada), "GET", "/me/audit", None).await.done(200);
    let taken = mine["items"].as_array().unwrap().iter().find(|row| row["action"] == "mail.link_taken");
    assert_eq!(taken.unwrap()["actor"], "own@example.org", "{mine}");
    world.time.advance(Duration::from_secs(30 * 60));
    assert_eq!(world.ask(As::Cookie(&owner), "POST", &path, None).await.refusal(), (409, "no_link".into()));
    let none = "/admin/mail/0193f3a0-0000-7000-8000-000000000000/link";
    assert_eq!(world.ask(As::Cookie(&owner), "POST", none, None).await.refusal(), (404, "not_found".into()));
}

#[tokio::test]
async fn what_an_app_writes_to_somebody_is_nobody_else_s_business() {
    let (world, post) = with_post().await;
    let owner = world.signed_in("own", Role::Owner).await;
    let ada = world.person("ada", Role::Member).await;
    let post_it = async |letter: Letter| {
        let ctx = world.house();
        ctx.db.write(async |tx| mail::post(&ctx, tx, &letter).await).await
    };
    let id = ada.parse().unwrap();
    post.is(Mood::Never);
    post_it(Letter::to_person(id, "Überraschung für Ben", "Buy {link} for Ben\n{link}\n")).await.unwrap();
    let mut letter = world.mail(&owner).await[0].clone();
    for field in ["id", "problem"] {
        letter.as_object_mut().unwrap().remove(field);
    }
    let at = "2026-01-05T09:00:00.000000Z";
    assert_eq!(
        letter,
        json!({ "to": "ada@example.org", "state": "failed", "link": false, "created_at": at })
    );
    post.is(Mood::Takes);
    post_it(Letter::to_person(id, "Überraschung für Ben", "Buy {link} for Ben\n{link}\n")).await.unwrap();
    world.mail(&owner).await;
    assert!(post.arrived()[0].text().contains("Buy {link} for Ben\n{link}\n"), "{:?}", post.arrived());
    for bad in ["a\r\nBcc: eve@example.org", ""] {
        let refused = post_it(Letter::to_person(id, bad, "text")).await.unwrap_err();
        assert_eq!(refused.stable_code(), "invalid");
    }
    assert!(post.arrived().iter().all(|letter| !letter.head().contains("Bcc")));
    let nobody = Letter::to_person("0193f3a0-0000-7000-8000-000000000000".parse().unwrap(), "a", "b");
    assert_eq!(post_it(nobody).await.unwrap_err().stable_code(), "not_found");
}

#[tokio::test]
async fn old_letters_are_swept() {
    let world = World::new().await;
    let worker = world.works();
    let owner = world.signed_in("own", Role::Owner).await;
    world.person("ada", Role::Member).await;
    forget(&world).await;
    assert_eq!(world.mail(&owner).await.len(), 1);
    worker.tend().await.unwrap();
    world.time.advance(Duration::from_secs(29 * 24 * 3600));
    worker.tend().await.unwrap();
    let owner = world.login("own").await;
    assert_eq!(world.mail(&owner).await.len(), 1);
    world.time.advance(Duration::from_secs(25 * 3600));
    worker.tend().await.unwrap();
    assert_eq!(world.mail(&owner).await.len(), 0);
}
