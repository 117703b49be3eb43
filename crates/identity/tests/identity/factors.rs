//! One-time codes and backup codes: setting them up, signing in with them, and guessing at them.

use std::{collections::BTreeSet, time::Duration};

use serde_json::{Value, json};
use stoa_core::{Role, Secret};
use stoa_identity::{factors::ops as factors, people::ops as people};

use crate::{
    house::{As, PASSWORD, Seen, World, request, seen},
    on_both,
};

/// The code of an app at the world's time, or so many steps from it.
pub(crate) fn code(world: &World, secret: &str, steps: i64) -> String {
    let totp = totp_rs::Builder::new()
        .with_secret(totp_rs::Secret::try_from_base32(secret).unwrap())
        .with_account_name("a")
        .build()
        .unwrap();
    let seconds = world.store.clock.now().micros() / 1_000_000 + steps * 30;
    totp.generate(seconds.try_into().unwrap()).to_string()
}

/// Sets an app up; its secret and the backup codes.
pub(crate) async fn sets_up(world: &World, cookie: &str) -> (String, Vec<String>) {
    let setup = world.does(cookie, "POST", "/me/totp", None).await;
    let secret = setup["secret"].as_str().unwrap().to_owned();
    let first = json!({ "code": code(world, &secret, 0) });
    let done = world.does(cookie, "POST", "/me/totp/confirm", Some(first)).await;
    let codes = done["backup_codes"].as_array().unwrap();
    world.time.advance(Duration::from_secs(30));
    (secret, codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect())
}

/// The ticket that a right password gives.
async fn ticket(world: &World, name: &str) -> String {
    let half = world.try_login(&format!("{name}@example.org"), PASSWORD).await;
    assert!(!half.headers.contains_key("set-cookie"));
    half.done(200)["ticket"].as_str().unwrap().to_owned()
}

async fn shows(world: &World, ticket: &str, method: &str, code: &str) -> Seen {
    let body = json!({ "ticket": ticket, "method": method, "code": code });
    world.ask(As::Nobody, "POST", "/auth/mfa", Some(body)).await
}

/// What an account without an app says, whose holder signed in so many seconds ago.
fn bare(ago: u64) -> Value {
    json!({
        "password": true, "totp_since": null, "passkeys": 0, "backup_codes": 0, "password_characters": 15,
        "fresh_seconds": 300 - ago,
    })
}

on_both! {
async fn an_app_is_set_up_and_from_then_on_asked_for(world: &World) {
    let cookie = world.signed_in("ada", Role::Member).await;
    assert_eq!(world.does(&cookie, "GET", "/me/factors", None).await, bare(0));
    let begun = world.ask(As::Cookie(&cookie), "POST", "/me/totp", None).await;
    assert_eq!(begun.headers["cache-control"], "no-store");
    let setup = begun.done(200);
    let secret = setup["secret"].as_str().unwrap();
    assert_eq!(secret.len(), 32);
    let url = format!("otpauth://totp/Stoa:ada%40example.org?secret={secret}&issuer=Stoa");
    assert_eq!(setup["otpauth_url"], url.as_str());
    assert!(setup["qr"].as_str().unwrap().starts_with("<svg xmlns="));

    // It counts for nothing until a code was shown.
    world.login("ada").await;
    let confirm = async |code: &str| {
        world.ask(As::Cookie(&cookie), "POST", "/me/totp/confirm", Some(json!({ "code": code }))).await
    };
    for wrong in ["", "1234567", "١٢٣٤٥٦", &code(world, secret, 2)] {
        assert_eq!(confirm(wrong).await.json()["errors"][0]["pointer"], "/code", "{wrong}");
        world.time.advance(Duration::from_secs(60));
        world.does(&cookie, "POST", "/auth/reauthenticate", Some(json!({ "password": PASSWORD }))).await;
    }
    let done = confirm(&code(world, secret, -1)).await.done(200);
    let codes: BTreeSet<_> = done["backup_codes"].as_array().unwrap().iter().map(Value::to_string).collect();
    assert_eq!(codes.len(), 10);
    let again = world.ask(As::Cookie(&cookie), "POST", "/me/totp", None).await;
    assert_eq!(again.refusal(), (409, "totp_active".into()));
    assert_eq!(confirm(&code(world, secret, 0)).await.refusal(), (409, "totp_not_started".into()));

    let half = world.try_login("ada@example.org", PASSWORD).await.done(200);
    assert_eq!(half["next"], "mfa");
    assert_eq!(half["methods"], json!(["totp", "backup_code"]));
    assert_eq!(half.as_object().unwrap().len(), 3, "{half}");
    let whole = shows(world, half["ticket"].as_str().unwrap(), "totp", &code(world, secret, 0)).await;
    assert_eq!(whole.done(200)["user"]["email"], "ada@example.org");
    world.does(&whole.cookie(), "GET", "/me", None).await;
    let rows = world.rows("SELECT methods FROM identity_session WHERE methods <> 'pwd'", []).await;
    assert_eq!(rows[0].try_get::<String>("", "methods").unwrap(), "pwd otp mfa");
}

async fn fw_s4_the_secret_is_sealed_in_the_row(world: &World) {
    let cookie = world.signed_in("ada", Role::Member).await;
    let (secret, _) = sets_up(world, &cookie).await;
    let raw = totp_rs::Secret::try_from_base32(&secret).unwrap();
    let rows = world.rows("SELECT secret FROM identity_totp", []).await;
    let kept: Vec<u8> = rows[0].try_get("", "secret").unwrap();
    assert!(!kept.windows(4).any(|part| raw.as_bytes().windows(4).any(|raw| raw == part)));
}

async fn fw_r5_five_tries_in_five_minutes_whatever_the_node_then_a_lock(world: &World) {
    let cookie = world.signed_in("ada", Role::Member).await;
    let (secret, codes) = sets_up(world, &cookie).await;
    let (one, two) = (world.restarted().await, world.restarted().await);
    let ticket = ticket(world, "ada").await;
    let try_at = async |node: &axum::Router, code: &str| {
        let body = json!({ "ticket": ticket, "method": "totp", "code": code });
        seen(node, request(As::Nobody, "POST", "/auth/mfa", Some(body))).await
    };
    // One now, and all the others later: the lock holds for a whole window from the last that was let through.
    assert_eq!(try_at(&one, "000000").await.refusal(), (401, "invalid_code".into()));
    world.time.advance(Duration::from_secs(200));
    let mut all = tokio::task::JoinSet::new();
    for number in 0..20 {
        let node = if number % 2 == 0 { one.clone() } else { two.clone() };
        let body = json!({ "ticket": ticket, "method": "totp", "code": "000000" });
        all.spawn(async move {
            seen(&node, request(As::Nobody, "POST", "/auth/mfa", Some(body))).await.refusal()
        });
    }
    let refusals = all.join_all().await;
    let count = |what: (u16, &str)| refusals.iter().filter(|(s, c)| (*s, &**c) == what).count();
    assert_eq!((count((401, "invalid_code")), count((429, "factors_locked"))), (4, 16), "{refusals:?}");

    // Not even the right code, of whatever kind, and not a moment before the window is over.
    world.time.advance(Duration::from_secs(299));
    let late = self::ticket(world, "ada").await;
    let locked = shows(world, &late, "totp", &code(world, &secret, 0)).await;
    assert_eq!((locked.refusal(), &locked.headers["retry-after"]), ((429, "factors_locked".into()), &"1".parse().unwrap()));
    assert_eq!(shows(world, &late, "backup_code", &codes[0]).await.refusal().1, "factors_locked");
    assert_eq!(world.actions().await.iter().filter(|action| *action == "mfa.locked").count(), 1);
    world.time.advance(Duration::from_secs(1));
    // The ticket is over as well.
    assert_eq!(try_at(&one, &code(world, &secret, 0)).await.refusal().1, "ticket_expired");
    let fresh = self::ticket(world, "ada").await;
    shows(world, &fresh, "totp", &code(world, &secret, 0)).await.done(200);
    // What was right is forgotten: five more tries.
    let fresh = self::ticket(world, "ada").await;
    for _ in 0..5 {
        assert_eq!(shows(world, &fresh, "totp", "000000").await.refusal().1, "invalid_code");
    }
    assert_eq!(shows(world, &fresh, "totp", "000000").await.refusal().1, "factors_locked");
}

async fn fw_r5_whoever_is_locked_out_hears_of_it_once(world: &World) {
    let olga = world.signed_in("olga", Role::Owner).await;
    let cookie = world.signed_in("ada", Role::Member).await;
    sets_up(world, &cookie).await;
    world.works();
    let ticket = ticket(world, "ada").await;
    for _ in 0..5 {
        assert_eq!(shows(world, &ticket, "totp", "000000").await.refusal().1, "invalid_code");
    }
    let told = |mail: &[Value]| mail.iter().filter(|letter| letter["subject"] == "Too many wrong codes for your account").count();
    assert_eq!(told(&world.mail(&olga).await), 0);
    for _ in 0..3 {
        assert_eq!(shows(world, &ticket, "backup_code", "nothing").await.refusal().1, "factors_locked");
    }
    let mail = world.mail(&olga).await;
    assert_eq!((told(&mail), &mail[0]["to"]), (1, &json!("ada@example.org")));
    let text = mail[0]["text"].as_str().unwrap();
    assert!(text.contains("The last try came at 2026-01-05 09:00 UTC") && text.contains("Until 2026-01-05 09:05 UTC"), "{text}");
}

async fn fw_r5_a_code_is_used_once_also_by_two_at_once_and_none_before_it(world: &World) {
    let cookie = world.signed_in("ada", Role::Member).await;
    let (secret, _) = sets_up(world, &cookie).await;
    let (one, two) = (world.restarted().await, world.restarted().await);
    let now = code(world, &secret, 0);
    let mut all = tokio::task::JoinSet::new();
    for number in 0..4 {
        let node = if number % 2 == 0 { one.clone() } else { two.clone() };
        let body = json!({ "ticket": ticket(world, "ada").await, "method": "totp", "code": now });
        all.spawn(async move { seen(&node, request(As::Nobody, "POST", "/auth/mfa", Some(body))).await });
    }
    let mut statuses: Vec<_> = all.join_all().await.iter().map(|seen| seen.status.as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401, 401, 401]);
    let before = shows(world, &ticket(world, "ada").await, "totp", &code(world, &secret, -1)).await;
    assert_eq!(before.refusal(), (401, "invalid_code".into()));
    shows(world, &ticket(world, "ada").await, "totp", &code(world, &secret, 1)).await.done(200);
}

async fn mv_h7_backup_codes_are_kept_as_digests_shown_once_and_used_once(world: &World) {
    let cookie = world.signed_in("ada", Role::Member).await;
    let (_, codes) = sets_up(world, &cookie).await;
    let plain: Vec<_> = codes.iter().map(|code| code.replace('-', "")).collect();
    for row in world.rows("SELECT digest FROM identity_backup_code", []).await {
        let kept: Vec<u8> = row.try_get("", "digest").unwrap();
        assert_eq!(kept.len(), 32);
        assert!(!plain.iter().any(|code| kept.windows(4).any(|part| code.as_bytes().starts_with(part))));
    }
    // Of sixteen who bring the same at once, one gets in.
    let node = world.restarted().await;
    let ticket_of = ticket(world, "ada").await;
    let mut tickets = vec![ticket_of];
    for _ in 0..3 {
        tickets.push(ticket(world, "ada").await);
    }
    let mut all = tokio::task::JoinSet::new();
    for ticket in tickets {
        let (node, code) = (node.clone(), codes[0].to_uppercase());
        all.spawn(async move {
            let body = json!({ "ticket": ticket, "method": "backup_code", "code": code });
            seen(&node, request(As::Nobody, "POST", "/auth/mfa", Some(body))).await.status.as_u16()
        });
    }
    let mut statuses = all.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 401, 401, 401]);
    assert_eq!(world.does(&cookie, "GET", "/me/factors", None).await["backup_codes"], 9);
    let record = world.does(&cookie, "GET", "/me/audit", None).await;
    let used = record["items"].as_array().unwrap().iter().find(|row| row["action"] == "backup_code.used");
    assert_eq!(used.unwrap()["subject"], "9 left");

    // A new set voids the old one.
    world.time.advance(Duration::from_secs(299));
    world.does(&cookie, "POST", "/auth/reauthenticate", Some(json!({ "password": PASSWORD }))).await;
    let renewed = world.ask(As::Cookie(&cookie), "POST", "/me/backup-codes", None).await;
    assert_eq!(renewed.headers["cache-control"], "no-store");
    let renewed = renewed.done(200);
    assert_eq!(renewed["codes"].as_array().unwrap().len(), 10);
    let ticket = ticket(world, "ada").await;
    assert_eq!(shows(world, &ticket, "backup_code", &codes[1]).await.refusal(), (401, "invalid_code".into()));
    shows(world, &ticket, "backup_code", renewed["codes"][0].as_str().unwrap()).await.done(200);
}

async fn mv_h4_a_second_factor_is_asked_for_only_after_the_password_is_right(world: &World) {
    let cookie = world.signed_in("ada", Role::Member).await;
    sets_up(world, &cookie).await;
    world.person("ben", Role::Member).await;
    let mut documents = Vec::new();
    for email in ["ada@example.org", "ben@example.org", "nobody@example.org"] {
        let refused = world.try_login(email, "not the right password").await;
        assert_eq!(refused.refusal(), (401, "invalid_credentials".into()));
        let mut document = refused.json();
        document.as_object_mut().unwrap().remove("request_id");
        documents.push(document);
    }
    assert!(documents.windows(2).all(|pair| pair[0] == pair[1]), "{documents:?}");
    // Half way in is not in: the ticket opens nothing.
    let ticket = ticket(world, "ada").await;
    for credential in [As::Cookie(&format!("stoa={ticket}")), As::Token(&ticket)] {
        assert_eq!(world.ask(credential, "GET", "/me", None).await.status, 401);
    }
    for (method, code) in [("totp", None), ("passkey", None), ("sms", Some("123456"))] {
        let body = json!({ "ticket": ticket, "method": method, "code": code });
        assert_eq!(world.ask(As::Nobody, "POST", "/auth/mfa", Some(body)).await.status, 422, "{method}");
    }
}

async fn a_ticket_outlives_a_restart_and_a_wrong_code_and_is_used_once(world: &World) {
    let cookie = world.signed_in("ada", Role::Member).await;
    let (secret, codes) = sets_up(world, &cookie).await;
    let half = ticket(world, "ada").await;
    assert_eq!(shows(world, &half, "totp", "000000").await.refusal(), (401, "invalid_code".into()));
    let node = world.restarted().await;
    let body = json!({ "ticket": half, "method": "totp", "code": code(world, &secret, 0) });
    let whole = seen(&node, request(As::Nobody, "POST", "/auth/mfa", Some(body))).await;
    whole.done(200);
    world.does(&whole.cookie(), "GET", "/me", None).await;
    let again = shows(world, &half, "backup_code", &codes[0]).await;
    assert_eq!(again.refusal(), (401, "ticket_expired".into()));

    // Not after five minutes, a change of password, or with the account switched off.
    let late = ticket(world, "ada").await;
    world.time.advance(Duration::from_secs(300));
    assert_eq!(shows(world, &late, "backup_code", &codes[1]).await.refusal().1, "ticket_expired");
    let stale = ticket(world, "ada").await;
    let change = json!({ "current": PASSWORD, "new": "staple of the day" });
    world.does(&cookie, "POST", "/me/password", Some(change)).await;
    assert_eq!(shows(world, &stale, "backup_code", &codes[2]).await.refusal().1, "ticket_expired");
    let off = world.try_login("ada@example.org", "staple of the day").await.done(200);
    people::disable(&world.house(), "ada@example.org", true).await.unwrap();
    let off = shows(world, off["ticket"].as_str().unwrap(), "backup_code", &codes[3]).await;
    assert_eq!(off.refusal().1, "ticket_expired");
}

async fn with_the_last_factor_the_backup_codes_go(world: &World) {
    let cookie = world.signed_in("ada", Role::Member).await;
    let none = world.ask(As::Cookie(&cookie), "POST", "/me/backup-codes", None).await;
    assert_eq!(none.refusal(), (409, "no_factor".into()));
    let (_, codes) = sets_up(world, &cookie).await;
    // Another session stays what it is.
    let half = ticket(world, "ada").await;
    let other = shows(world, &half, "backup_code", &codes[0]).await.cookie();
    world.does(&cookie, "DELETE", "/me/totp", None).await;
    assert_eq!(world.does(&other, "GET", "/me/factors", None).await, bare(0));
    world.login("ada").await;
    let gone = world.ask(As::Cookie(&cookie), "DELETE", "/me/totp", None).await;
    assert_eq!(gone.refusal(), (404, "not_found".into()));
}

async fn an_app_confirms_that_it_is_still_the_same_person(world: &World) {
    let cookie = world.signed_in("ada", Role::Member).await;
    let (secret, _) = sets_up(world, &cookie).await;
    world.time.advance(Duration::from_secs(300));
    let confirm = async |code: &str| {
        world.ask(As::Cookie(&cookie), "POST", "/auth/reauthenticate", Some(json!({ "code": code }))).await
    };
    assert_eq!(confirm("000000").await.json()["errors"][0]["pointer"], "/code");
    let now = code(world, &secret, 0);
    assert_eq!(confirm(&now).await.status, 204);
    assert_eq!(confirm(&now).await.status, 422, "a used code");
    world.does(&cookie, "DELETE", "/me/totp", None).await;
    let rows = world.rows("SELECT methods FROM identity_session", []).await;
    assert_eq!(rows[0].try_get::<String>("", "methods").unwrap(), "pwd otp mfa");
}

async fn an_admin_takes_the_factors_of_somebody_who_lost_them(world: &World) {
    let ada = world.person("ada", Role::Member).await;
    let cookie = world.login("ada").await;
    sets_up(world, &cookie).await;
    let admin_id = world.person("adm", Role::Admin).await;
    let admin = world.login("adm").await;
    let owner = world.person("own", Role::Owner).await;
    let ben = world.signed_in("ben", Role::Member).await;
    let reset = async |who: &str, id: &str| {
        world.ask(As::Cookie(who), "POST", &format!("/admin/users/{id}/factors/reset"), None).await
    };
    assert_eq!(reset(&ben, &ada).await.refusal(), (403, "forbidden".into()));
    assert_eq!(reset(&admin, &owner).await.refusal(), (403, "forbidden".into()));
    assert_eq!(reset(&admin, &admin_id).await.refusal(), (409, "own_account".into()));
    let nobody = "0193f3a0-0000-7000-8000-000000000000";
    assert_eq!(reset(&admin, nobody).await.refusal(), (404, "not_found".into()));
    assert_eq!(reset(&admin, &ada).await.status, 204);
    assert_eq!(world.ask(As::Cookie(&cookie), "GET", "/me", None).await.status, 401);
    let cookie = world.login("ada").await;
    assert_eq!(world.does(&cookie, "GET", "/me/factors", None).await, bare(0));
    assert!(world.actions().await.contains(&"mfa.reset".to_owned()));

    // The house itself does it by address: for an owner who lost theirs.
    sets_up(world, &cookie).await;
    factors::reset_for(&world.house(), &world.identity, "ADA@example.org").await.unwrap();
    world.login("ada").await;
}

/// NIST SP 800-63B-4 §3.1.1.1: fifteen characters alone, eight beside a second factor; never the shorter one alone.
async fn mv_m1_eight_characters_do_beside_a_second_factor_and_never_alone(world: &World) {
    const SHORT: &str = "kf83-Qzm";
    let id = world.person("ada", Role::Member).await;
    let cookie = world.login("ada").await;
    let admin = world.signed_in("adm", Role::Admin).await;
    let change = async |from: &str, to: &str| {
        let body = json!({ "current": from, "new": to });
        world.ask(As::Cookie(&cookie), "POST", "/me/password", Some(body)).await
    };
    let refused = change(PASSWORD, SHORT).await;
    assert_eq!(refused.refusal(), (422, "invalid".into()));
    assert_eq!(refused.json()["errors"][0]["detail"], "must have at least 15 characters; a few words make a good one");

    let (_, codes) = sets_up(world, &cookie).await;
    assert_eq!(world.does(&cookie, "GET", "/me/factors", None).await["password_characters"], 8);
    let refused = change(PASSWORD, "kf8-Qzm").await;
    assert_eq!(refused.json()["errors"][0]["detail"], "must have at least 8 characters; a few words make a good one");
    let listed = change(PASSWORD, "P@ssw0rd").await;
    assert!(listed.json()["errors"][0]["detail"].as_str().unwrap().contains("lists that are tried first"));
    assert_eq!(change(PASSWORD, SHORT).await.status, 204);

    // It is asked together with the factor, and does not stay without it: not by its holder, nor by an admin.
    let half = world.try_login("ada@example.org", SHORT).await.done(200);
    shows(world, half["ticket"].as_str().unwrap(), "backup_code", &codes[0]).await.done(200);
    let short = (409, "short_password".to_owned());
    let removed = world.ask(As::Cookie(&cookie), "DELETE", "/me/totp", None).await;
    assert_eq!(removed.refusal(), short);
    assert!(removed.json()["detail"].as_str().unwrap().contains("choose a longer one first"));
    let reset = format!("/admin/users/{id}/factors/reset");
    assert_eq!(world.ask(As::Cookie(&admin), "POST", &reset, None).await.refusal(), short);
    assert_eq!(world.does(&cookie, "GET", "/me/factors", None).await["backup_codes"], 9, "nothing was taken");
    assert_eq!(world.try_login("ada@example.org", SHORT).await.done(200)["next"], "mfa");

    // With one that can stand alone it goes.
    assert_eq!(change(SHORT, PASSWORD).await.status, 204);
    world.does(&cookie, "DELETE", "/me/totp", None).await;
    assert_eq!(world.try_login("ada@example.org", PASSWORD).await.done(200)["next"], "done");
}

/// A link of a forgotten password asks for the long one whatever the factors: then an admin may take them.
async fn mv_m1_a_password_by_a_link_can_stand_alone(world: &World) {
    let cookie = world.signed_in("ada", Role::Member).await;
    let owner = world.signed_in("own", Role::Owner).await;
    sets_up(world, &cookie).await;
    let body = json!({ "current": PASSWORD, "new": "kf83-Qzm" });
    world.does(&cookie, "POST", "/me/password", Some(body)).await;
    let (link, _) =
        stoa_identity::recovery::ops::link_for(&world.house(), &"http://127.0.0.1:8080".parse().unwrap(), "ada@example.org")
            .await
            .unwrap();
    let token = link.expose().split_once("#token=").unwrap().1.to_owned();
    let reset = async |password: &str| {
        let body = json!({ "token": token, "password": password });
        world.ask(As::Nobody, "POST", "/auth/password/reset", Some(body)).await.status.as_u16()
    };
    assert_eq!(reset("kf83-Qzm").await, 422);
    assert_eq!(reset("staple of the day").await, 204);
    let id = world.does(&owner, "GET", "/admin/users?limit=200", None).await["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|user| user["email"] == "ada@example.org")
        .unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    world.does(&owner, "POST", &format!("/admin/users/{id}/factors/reset"), None).await;
    assert_eq!(world.try_login("ada@example.org", "staple of the day").await.done(200)["next"], "done");
}

async fn a_new_password_keeps_the_factors(world: &World) {
    let cookie = world.signed_in("ada", Role::Member).await;
    let (secret, _) = sets_up(world, &cookie).await;
    people::reset(&world.house(), &world.identity, "ada@example.org", &Secret::new("staple of the day")).await.unwrap();
    let half = world.try_login("ada@example.org", "staple of the day").await.done(200);
    assert_eq!(half["next"], "mfa");
    shows(world, half["ticket"].as_str().unwrap(), "totp", &code(world, &secret, 0)).await.done(200);
}
}

#[tokio::test]
async fn mv_m2_codes_are_tried_three_times_a_minute_from_one_address() {
    let world = World::with(stoa_identity::Config::default(), 3).await;
    let body = json!({ "ticket": "x", "method": "totp", "code": "123456" });
    for status in [401, 401, 401, 429] {
        let seen = world.ask(As::Nobody, "POST", "/auth/mfa", Some(body.clone())).await;
        assert_eq!(seen.status, status);
    }
    let policy = world.ask(As::Nobody, "POST", "/auth/mfa", Some(body)).await;
    assert_eq!(policy.headers["ratelimit-policy"], "\"mfa\";q=3;w=60");
}
