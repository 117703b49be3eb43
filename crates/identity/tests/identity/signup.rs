//! Signing up.

use std::time::Duration;

use serde_json::{Value, json};
use stoa_core::Role;
use stoa_identity::{Config, SignupMode};

use crate::house::{As, PASSWORD, World, request, seen};

async fn open() -> (World, String) {
    let world = World::with(Config { signup: SignupMode::Open, ..Config::default() }, 10_000).await;
    world.works();
    let owner = world.signed_in("own", Role::Owner).await;
    (world, owner)
}

fn wish(email: &str, password: &str) -> Value {
    json!({ "email": email, "password": password, "display_name": "Grace <b>Hopper</b>" })
}

async fn verify(world: &World, token: &str) -> crate::house::Seen {
    world.knock("/auth/email/verify", json!({ "token": token })).await
}

#[tokio::test]
async fn a_sign_up_becomes_an_account_when_its_letter_is_opened() {
    let (world, owner) = open().await;
    assert_eq!(world.ask(As::Nobody, "GET", "/auth/signup", None).await.done(200), json!({ "mode": "open" }));
    let taken = world.knock("/auth/signup", wish("Grace@Example.org", PASSWORD)).await;
    assert_eq!(taken.done(202), json!({ "next": "verify" }));
    assert!(!taken.headers.contains_key("set-cookie"));
    // Nobody is there yet, for nobody.
    assert_eq!(
        world.try_login("grace@example.org", PASSWORD).await.refusal(),
        (401, "invalid_credentials".into())
    );
    let people = world.ask(As::Cookie(&owner), "GET", "/admin/users", None).await.done(200);
    assert_eq!(people["items"].as_array().unwrap().len(), 1);
    let letter = world.mail(&owner).await[0].clone();
    assert_eq!(
        (&letter["to"], &letter["subject"]),
        (&json!("Grace@Example.org"), &json!("Confirm your address"))
    );
    // To an address that nobody has shown goes no word that a stranger chose.
    assert!(!letter["text"].as_str().unwrap().contains("Hopper"), "{letter}");
    let token = world.link_token(&owner, &letter).await;
    assert_eq!(verify(&world, &token).await.done(200), json!({ "email": "Grace@Example.org" }));
    assert_eq!(verify(&world, &token).await.refusal(), (403, "invalid_link".into()));
    let me = world.try_login("grace@example.org", PASSWORD).await.done(200);
    assert_eq!(
        (&me["user"]["role"], &me["user"]["display_name"]),
        (&json!("member"), &json!("Grace <b>Hopper</b>"))
    );
    assert_eq!(world.number("SELECT count(*) AS n FROM identity_signup").await, 0);
}

#[tokio::test]
async fn mv_h4_whoever_signs_up_with_a_known_address_hears_nothing_but_its_owner_does() {
    let (world, owner) = open().await;
    world.person("ada", Role::Member).await;
    world.person("off", Role::Member).await;
    stoa_identity::people::ops::disable(&world.house(), "off@example.org", true).await.unwrap();
    let mut answers = Vec::new();
    for email in ["ada@example.org", "new@example.org", "off@example.org"] {
        let seen = world.knock("/auth/signup", wish(email, "staple of the day")).await;
        answers.push((seen.status, seen.json()));
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
    let outbox = world.mail(&owner).await;
    let mut said: Vec<_> = outbox
        .iter()
        .map(|letter| (letter["to"].as_str(), letter["subject"].as_str(), &letter["link"]))
        .collect();
    said.sort_unstable_by_key(|letter| letter.0);
    assert_eq!(
        said,
        [
            (Some("ada@example.org"), Some("You have an account already"), &json!(false)),
            (Some("new@example.org"), Some("Confirm your address"), &json!(true)),
        ]
    );
    // Nothing of hers has changed.
    world.login("ada").await;
    assert_eq!(world.try_login("ada@example.org", "staple of the day").await.status, 401);
}

#[tokio::test]
async fn mv_h4_resend_reads_alike_for_whatever_address() {
    let (world, owner) = open().await;
    world.person("ada", Role::Member).await;
    world.knock("/auth/signup", wish("grace@example.org", PASSWORD)).await.done(202);
    let first = world.mail(&owner).await[0].clone();
    for email in ["grace@example.org", "ada@example.org", "nobody@example.org", "", "a\u{0}b@c", "no address"]
    {
        let seen = world.knock("/auth/email/resend", json!({ "email": email })).await;
        assert_eq!((seen.status.as_u16(), seen.body.len()), (202, 0), "{email}");
    }
    let outbox = world.mail(&owner).await;
    assert_eq!(outbox.len(), 2, "{outbox:?}");
    let again = outbox.iter().find(|letter| letter["id"] != first["id"]).unwrap();
    // Both letters are good; the account is made once.
    let (first, again) = (world.link_token(&owner, &first).await, world.link_token(&owner, again).await);
    verify(&world, &again).await.done(200);
    assert_eq!(verify(&world, &first).await.refusal(), (403, "invalid_link".into()));
}

#[tokio::test]
async fn an_address_cannot_be_taken_by_asking_for_it_first() {
    let (world, owner) = open().await;
    world.knock("/auth/signup", wish("grace@example.org", "what eve believes in")).await.done(202);
    let eves = world.mail(&owner).await[0].clone();
    world.knock("/auth/signup", wish("grace@example.org", PASSWORD)).await.done(202);
    let hers = world.mail(&owner).await.into_iter().find(|letter| letter["id"] != eves["id"]).unwrap();
    let (eves, hers) = (world.link_token(&owner, &eves).await, world.link_token(&owner, &hers).await);
    verify(&world, &hers).await.done(200);
    world.try_login("grace@example.org", PASSWORD).await.done(200);
    assert_eq!(world.try_login("grace@example.org", "what eve believes in").await.status, 401);
    assert_eq!(verify(&world, &eves).await.refusal(), (403, "invalid_link".into()));
}

#[tokio::test]
async fn a_sign_up_waits_a_day_and_is_forgotten() {
    let world = World::with(Config { signup: SignupMode::Open, ..Config::default() }, 10_000).await;
    let worker = world.works();
    let owner = world.signed_in("own", Role::Owner).await;
    worker.tend().await.unwrap();
    world.knock("/auth/signup", wish("grace@example.org", PASSWORD)).await.done(202);
    let letter = world.mail(&owner).await[0].clone();
    let token = world.link_token(&owner, &letter).await;
    world.time.advance(Duration::from_secs(24 * 3600));
    assert_eq!(verify(&world, &token).await.refusal(), (403, "invalid_link".into()));
    worker.tend().await.unwrap();
    world.rests().await;
    assert_eq!(world.number("SELECT count(*) AS n FROM identity_signup").await, 0);
}

#[tokio::test]
async fn who_may_sign_up_is_the_owner_s_to_say() {
    for (mode, code) in [(SignupMode::Invite, "invite_required"), (SignupMode::Closed, "signup_closed")] {
        let world = World::with(Config { signup: mode, ..Config::default() }, 10_000).await;
        world.person("own", Role::Owner).await;
        let mut refusals = Vec::new();
        for email in ["own@example.org", "new@example.org"] {
            refusals.push(world.knock("/auth/signup", wish(email, PASSWORD)).await.refusal());
        }
        assert_eq!(refusals, vec![(403, code.to_owned()); 2]);
    }
    // And while there is no owner, nobody comes in before them.
    let world = World::with(Config { signup: SignupMode::Open, ..Config::default() }, 10_000).await;
    let early = world.knock("/auth/signup", wish("eve@example.org", PASSWORD)).await;
    assert_eq!(early.refusal(), (403, "signup_closed".into()));
}

#[tokio::test]
async fn what_is_wrong_is_said_whether_the_address_is_known_or_not() {
    let (world, _) = open().await;
    world.person("ada", Role::Member).await;
    for email in ["ada@example.org", "new@example.org"] {
        let refused = world.knock("/auth/signup", wish(email, "password1234567")).await;
        assert_eq!(refused.json()["errors"][0]["pointer"], "/password");
    }
    let body = json!({ "email": "x", "password": "short", "display_name": "", "role": "owner" });
    assert_eq!(world.knock("/auth/signup", body).await.json()["errors"][0]["pointer"], "/role");
}

#[tokio::test]
async fn nobody_s_letter_box_is_filled_by_others() {
    let (world, owner) = open().await;
    world.person("ada", Role::Member).await;
    for _ in 0..15 {
        assert_eq!(
            world.knock("/auth/password/forgot", json!({ "email": "ada@example.org" })).await.status,
            202
        );
    }
    assert_eq!(world.mail(&owner).await.len(), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn lm_05_a_hundred_sign_ups_of_one_address_make_one_user() {
    let mut config = Config { signup: SignupMode::Open, ..Config::default() };
    config.login.letters_per_hour = 1000;
    let world = World::with(config, 10_000).await;
    world.works();
    let owner = world.signed_in("own", Role::Owner).await;
    let router = world.node(10_000);
    let mut all = tokio::task::JoinSet::new();
    for number in 0..100 {
        let router = router.clone();
        let email = if number % 2 == 0 { "grace@example.org" } else { "GRACE@Example.org" };
        let body = wish(email, PASSWORD);
        all.spawn(async move {
            seen(&router, request(As::Nobody, "POST", "/auth/signup", Some(body))).await.status.as_u16()
        });
    }
    assert!(all.join_all().await.iter().all(|status| *status == 202));
    world.rests().await;
    let list = world.ask(As::Cookie(&owner), "GET", "/admin/mail?limit=200", None).await.done(200);
    let letters = list["items"].as_array().unwrap();
    assert_eq!(letters.len(), 100);
    let mut all = tokio::task::JoinSet::new();
    for letter in letters {
        let (router, token) = (router.clone(), world.link_token(&owner, letter).await);
        all.spawn(async move {
            let body = json!({ "token": token });
            seen(&router, request(As::Nobody, "POST", "/auth/email/verify", Some(body))).await.status.as_u16()
        });
    }
    let mut statuses = all.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses[0], 200);
    assert!(statuses[1..].iter().all(|status| [403, 409].contains(status)), "{statuses:?}");
    assert_eq!(world.number("SELECT count(*) AS n FROM identity_user").await, 2);
}
