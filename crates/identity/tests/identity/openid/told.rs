//! Back-channel logout: clients are told when a session ends. O2.

use std::time::Duration;

use serde_json::{Value, json};
use stoa_core::Role;

use super::suite::{BYE, Suite};
use crate::{
    erasure::goes,
    house::{As, PASSWORD, World},
    oauth::{
        codes::read,
        way::{BACK, ISSUER, at_root, location, param, text},
    },
    on_both,
    outside::{Outside, answer},
};

/// A client that wants to know.
async fn wants_to_know<'a>(world: &'a World, outside: &Outside) -> Suite<'a> {
    outside.puts("/out", Some(answer("200 OK", "", "")));
    let more =
        json!({"backchannel_logout_uri": outside.url("/out"), "backchannel_logout_session_required": true});
    Suite::with(world, more).await
}

/// The logout tokens that came, once every job has ended.
async fn told(suite: &Suite<'_>, outside: &Outside) -> Vec<Value> {
    suite.world.rests().await;
    let mut all = Vec::new();
    for heard in outside.heard().iter().filter(|heard| heard.path == "/out") {
        assert!(heard.head.starts_with("POST ") && heard.head.contains("application/x-www-form-urlencoded"));
        let pairs: Vec<_> = url::form_urlencoded::parse(heard.body.as_bytes()).into_owned().collect();
        let [(name, token)] = &pairs[..] else { panic!("{pairs:?}") };
        assert_eq!(name, "logout_token");
        all.push(read(token).1);
    }
    all
}

on_both! {
/// The whole module: signed in, signed out by the client, told by the back channel with a token that holds against the
/// published keys and is no ID token, sent on, and not signed in any more.
async fn oidcc_backchannel_rp_initiated_logout(world: &World) {
    let outside = Outside::starts().await;
    let suite = wants_to_know(world, &outside).await;
    let _worker = world.works();
    let (tokens, claims) = suite.tokens(&[]).await;
    let hint = text(&tokens, "id_token");
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("id_token_hint", &*hint), ("post_logout_redirect_uri", BYE), ("state", "s")])
        .finish();
    let url = location(&world.send(at_root("GET", &format!("/oauth/logout?{query}"))).await);
    let path = format!("/oauth/logouts/{}", url.path().strip_prefix("/signout/").unwrap());
    let done = world.does(&suite.ada, "POST", &path, None).await;
    assert_eq!(done, json!({"location": format!("{BYE}?state=s")}));
    world.rests().await;
    let heard = outside.heard();
    let [heard] = &heard[..] else { panic!("{heard:?}") };
    let pairs: Vec<_> = url::form_urlencoded::parse(heard.body.as_bytes()).into_owned().collect();
    assert_eq!((pairs.len(), &*pairs[0].0), (1, "logout_token"));
    let said = suite.verified(&pairs[0].1, "logout+jwt").await;
    assert_eq!((text(&said, "iss"), text(&said, "aud")), (ISSUER.into(), suite.program.id.clone()));
    assert_eq!((&said["sub"], &said["sid"]), (&claims["sub"], &claims["sid"]));
    assert_eq!(said["events"], json!({"http://schemas.openid.net/event/backchannel-logout": {}}));
    assert_eq!((said.get("nonce"), text(&said, "jti").len()), (None, 22));
    assert!(said["exp"].as_i64().unwrap() - said["iat"].as_i64().unwrap() <= 120);
    let url = location(&suite.asks(As::Cookie(&suite.ada), &[("prompt", "none")]).await);
    assert_eq!(param(&url, "error").as_deref(), Some("login_required"));
    // What came by the back channel is good for nothing else: no hint, no key to anything.
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs([("id_token_hint", &*pairs[0].1)]).finish();
    assert_eq!(world.send(at_root("GET", &format!("/oauth/logout?{query}"))).await.status, 400);
    assert_eq!(world.send(Suite::userinfo("GET", &pairs[0].1)).await.status, 401);
}
}

on_both! {
/// However a session ends, each client that got an ID token in it is told, once; the others are not.
async fn every_end_of_a_session_is_told_to_whom_it_concerns(world: &World) {
    let outside = Outside::starts().await;
    let suite = wants_to_know(world, &outside).await;
    let owner = world.signed_in("owner", Role::Owner).await;
    let _worker = world.works();
    let id = text(&world.does(&suite.ada, "GET", "/me", None).await, "id");
    // Clients that are not to be told: one that does not want it, one that never got an ID token, and one where
    // somebody else is signed in.
    let silent = Suite { program: world.program_with(json!({"redirect_uris": [BACK]})).await, ada: suite.ada.clone(), world };
    silent.tokens(&[]).await;
    let plain = world.program().await;
    let code = world.code(&suite.ada, &plain, &[]).await;
    world.redeems(&plain, &code).await.done(200);
    let eve = Suite { program: suite.program.clone(), ada: suite.somebody_else().await, world };
    let eves = eve.tokens(&[]).await.1;
    let mut expected: Vec<Value> = Vec::new();
    // Sessions are listed by age.
    let signs_in = async || {
        world.time.advance(Duration::from_secs(1));
        world.login("ada").await
    };
    let enters = async |cookie: String| {
        let browser = Suite { program: suite.program.clone(), ada: cookie, world };
        let claims = browser.tokens(&[]).await.1;
        (browser.ada, claims["sid"].clone())
    };
    let (first, sid) = enters(suite.ada.clone()).await;
    let holds = async |expected: &[Value], why: &str| {
        let said: Vec<Value> = told(&suite, &outside).await.iter().map(|said| said["sid"].clone()).collect();
        assert_eq!(said, expected, "{why}");
    };
    // Signing out.
    world.ask(As::Cookie(&first), "POST", "/auth/logout", None).await.done(204);
    expected.push(sid);
    holds(&expected, "signed out").await;
    // Signing in over it.
    let (before, sid) = enters(signs_in().await).await;
    let body = json!({"email": "ada@example.org", "password": PASSWORD});
    let over = world.ask(As::Cookie(&before), "POST", "/auth/login", Some(body)).await;
    over.done(200);
    expected.push(sid);
    holds(&expected, "signed in over it").await;
    // Ended from another browser, one and all.
    let (_, sid) = enters(signs_in().await).await;
    let listed = world.does(&over.cookie(), "GET", "/me/sessions", None).await;
    let newest = text(&listed["items"][0], "id");
    world.ask(As::Cookie(&over.cookie()), "DELETE", &format!("/me/sessions/{newest}"), None).await.done(204);
    expected.push(sid);
    holds(&expected, "ended one").await;
    let (_, sid) = enters(signs_in().await).await;
    world.ask(As::Cookie(&over.cookie()), "DELETE", "/me/sessions", None).await.done(204);
    expected.push(sid);
    holds(&expected, "ended the others").await;
    // A new password.
    let (_, sid) = enters(signs_in().await).await;
    let (keeps, kept) = enters(over.cookie()).await;
    let body = json!({"current": PASSWORD, "new": "another good password"});
    world.does(&keeps, "POST", "/me/password", Some(body)).await;
    expected.push(sid);
    holds(&expected, "a new password ends the others").await;
    // Switched off.
    world.does(&owner, "PATCH", &format!("/admin/users/{id}"), Some(json!({"disabled": true}))).await;
    expected.push(kept);
    holds(&expected, "switched off").await;
    assert!(expected.iter().all(|sid| *sid != eves["sid"]) && eve.ada != suite.ada);
    assert_eq!(world.number("SELECT count(*) AS n FROM identity_sign_on").await, 1, "what ended is gone");
}
}

/// Erased: the client is told although nothing of the person is left, their jobs least of all.
#[tokio::test]
async fn who_is_erased_is_signed_out_everywhere() {
    let world = World::sqlite().await;
    let outside = Outside::starts().await;
    let suite = wants_to_know(&world, &outside).await;
    world.person("owner", Role::Owner).await;
    let claims = suite.tokens(&[]).await.1;
    let _worker = world.works();
    world.does(&suite.ada, "POST", "/me/erase", Some(json!({"password": PASSWORD}))).await;
    world.time.advance(Duration::from_secs(7 * 24 * 60 * 60));
    goes(&world, &text(&claims, "sub")).await;
    let said = told(&suite, &outside).await;
    assert_eq!(said.iter().map(|said| &said["sid"]).collect::<Vec<_>>(), [&claims["sid"]]);
}

/// A client that is busy is told later, with a token of its own; one that refuses is not asked again; one that is gone
/// is no matter.
#[tokio::test]
async fn a_client_is_told_until_it_hears_and_no_longer() {
    let world = World::sqlite().await;
    let outside = Outside::starts().await;
    let suite = wants_to_know(&world, &outside).await;
    let _worker = world.works();
    let leaves = async || {
        let browser = Suite { program: suite.program.clone(), ada: world.login("ada").await, world: &world };
        browser.tokens(&[]).await;
        world.ask(As::Cookie(&browser.ada), "POST", "/auth/logout", None).await.done(204);
        world.rests().await;
    };
    let calls = || outside.times_asked("/out");
    let waiting = async || {
        let sql = "SELECT count(*) AS n FROM jobs_job WHERE kind = 'identity.backchannel_logout' AND state <> 'succeeded'";
        world.number(sql).await
    };
    outside.puts("/out", Some(answer("503 Service Unavailable", "", "")));
    leaves().await;
    assert_eq!((calls(), waiting().await), (1, 1), "it is tried again");
    outside.puts("/out", Some(answer("204 No Content", "", "")));
    world.time.advance(Duration::from_secs(60));
    world.rests().await;
    assert_eq!(waiting().await, 0);
    let said = told(&suite, &outside).await;
    assert_eq!((said.len(), &said[0]["sid"]), (2, &said[1]["sid"]));
    assert_ne!(said[0]["jti"], said[1]["jti"], "who remembers tokens hears each once");
    // It refuses; it sends elsewhere: that is final, and no fault.
    for (number, refusal) in ["400 Bad Request", "302 Found", "404 Not Found"].into_iter().enumerate() {
        outside.puts("/out", Some(answer(refusal, "location: http://127.0.0.1:1/\r\n", "")));
        leaves().await;
        assert_eq!((calls(), waiting().await), (3 + number, 0), "{refusal}");
    }
    // It never answers: five tries, then it is left.
    outside.puts("/out", Some(answer("500 Internal Server Error", "", "")));
    leaves().await;
    for tries in 6..=10 {
        assert_eq!(calls(), tries);
        world.time.advance(Duration::from_secs(300));
        world.rests().await;
    }
    assert_eq!((calls(), waiting().await), (10, 0));
    // The client is gone before it could be told.
    let browser = Suite { program: suite.program.clone(), ada: world.login("ada").await, world: &world };
    browser.tokens(&[]).await;
    let ctx = world.house();
    let sql = "DELETE FROM identity_client";
    ctx.db
        .write(async |tx| Ok(sea_orm::ConnectionTrait::execute_unprepared(&*tx, sql).await.map(|_| ())?))
        .await
        .unwrap();
    world.ask(As::Cookie(&browser.ada), "POST", "/auth/logout", None).await.done(204);
    world.rests().await;
    assert_eq!(calls(), 10);
}

/// S1: nobody makes the house call where it must not.
#[tokio::test]
async fn an_address_inside_is_not_called() {
    let world = World::new().await;
    let outside = Outside::starts().await;
    let suite = wants_to_know(&world, &outside).await;
    let _worker = world.works();
    suite.tokens(&[]).await;
    world.ask(As::Cookie(&suite.ada), "POST", "/auth/logout", None).await.done(204);
    world.rests().await;
    assert!(outside.heard().is_empty());
    let done = world
        .text("SELECT CAST(result AS TEXT) AS t FROM jobs_job WHERE kind = 'identity.backchannel_logout'")
        .await;
    assert_eq!(serde_json::from_str::<Value>(&done).unwrap(), json!({"told": false}));
}
