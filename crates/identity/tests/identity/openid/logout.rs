//! RP-initiated logout: a client sends a browser to have its person signed out. O2, O5.

use std::time::Duration;

use axum::{body::Body, http::Request};
use serde_json::{Value, json};

use super::suite::{BYE, Suite};
use crate::{
    house::{As, Seen, World, seen},
    oauth::way::{BACK, ISSUER, at_root, form, location, param, text},
    on_both,
};

fn asks(changed: &[(&str, &str)]) -> Request<Body> {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(changed).finish();
    at_root("GET", &format!("/oauth/logout?{query}"))
}

impl Suite<'_> {
    /// The API's path behind the page to which a browser was sent.
    fn page(asked: &Seen) -> String {
        let url = location(asked);
        assert!(url.as_str().starts_with(&format!("{ISSUER}/signout/")) && url.query().is_none(), "{url}");
        format!("/oauth/logouts/{}", url.path().strip_prefix("/signout/").unwrap())
    }

    /// Asks to sign out. The path behind the page.
    async fn signs_out(&self, params: &[(&str, &str)]) -> String {
        Self::page(&self.world.send(asks(params)).await)
    }

    async fn shown(&self, who: As<'_>, path: &str) -> Value {
        self.world.ask(who, "GET", path, None).await.done(200)
    }

    async fn is_signed_in(&self, cookie: &str) -> bool {
        self.world.ask(As::Cookie(cookie), "GET", "/me", None).await.status == 200
    }
}

/// What is wrong is told to the person, who stays signed in.
#[track_caller]
fn refused(seen: &Seen) {
    let page = String::from_utf8_lossy(&seen.body);
    assert_eq!((seen.status.as_u16(), seen.headers.get("location")), (400, None), "{page}");
    assert!(page.contains("You were not signed out"), "{page}");
}

on_both! {
/// The client shows the ID token of this very session: the page asks nothing, the session ends on every node, and the
/// browser goes where the client said, with its state.
async fn oidcc_rp_initiated_logout(world: &World) {
    let suite = Suite::new(world).await;
    let (tokens, _) = suite.tokens(&[]).await;
    let hint = text(&tokens, "id_token");
    // However old it is.
    world.time.advance(Duration::from_secs(24 * 60 * 60));
    let params = [("id_token_hint", &*hint), ("post_logout_redirect_uri", BYE), ("state", "a&b"), ("ui_locales", "se"), ("logout_hint", "x")];
    let path = suite.signs_out(&params).await;
    let shown = suite.shown(As::Cookie(&suite.ada), &path).await;
    assert_eq!(shown, json!({"client_name": "Suite", "account": "ada@example.org", "asks": false}));
    assert!(suite.is_signed_in(&suite.ada).await, "nothing has happened yet");
    let node = world.node(10_000);
    let leave = crate::house::request(As::Cookie(&suite.ada), "POST", &path, None);
    let done = seen(&node, leave).await;
    assert!(done.headers["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    assert_eq!(done.done(200), json!({"location": format!("{BYE}?state=a%26b")}));
    assert!(!suite.is_signed_in(&suite.ada).await);
    assert!(world.actions().await.contains(&"logout".to_owned()));
    let url = location(&suite.asks(As::Cookie(&suite.ada), &[("prompt", "none")]).await);
    assert_eq!(param(&url, "error").as_deref(), Some("login_required"));
    // It was answered.
    assert_eq!(world.ask(As::Nobody, "GET", &path, None).await.status, 404);
    // Again, with nobody signed in: there is nothing to end, and the browser goes on.
    let path = suite.signs_out(&params).await;
    let shown = suite.shown(As::Nobody, &path).await;
    assert_eq!(shown, json!({"client_name": "Suite", "asks": false, "location": format!("{BYE}?state=a%26b")}));
}
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_bad_logout_redirect_uri() {
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    let hint = text(&suite.tokens(&[]).await.0, "id_token");
    for bad in [
        "https://client.example/other",
        "https://client.example/bye?x=1",
        "https://client.example/bye/",
        "https://client.example/bye#x",
        "https://evil.example/",
        BACK,
        "javascript:alert(1)",
    ] {
        refused(&world.send(asks(&[("id_token_hint", &hint), ("post_logout_redirect_uri", bad)])).await);
        refused(
            &world.send(asks(&[("client_id", &suite.program.id), ("post_logout_redirect_uri", bad)])).await,
        );
    }
    assert!(suite.is_signed_in(&suite.ada).await);
    let sql = "SELECT id FROM identity_audit WHERE action = 'oauth.refused' AND subject = $1";
    let subject = format!("logout invalid_request: {}", suite.program.id);
    assert_eq!(world.rows(sql, [subject.into()]).await.len(), 7);
}

/// A token that is no ID token of ours, or not for this client, names nobody.
#[tokio::test]
async fn oidcc_rp_initiated_logout_modified_id_token_hint() {
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    let (tokens, _) = suite.tokens(&[]).await;
    let hint = text(&tokens, "id_token");
    let parts: Vec<_> = hint.split('.').collect();
    let unsigned = format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{}.", parts[1]);
    for bad in [&hint[..hint.len() - 4], &unsigned, &text(&tokens, "access_token"), "nothing"] {
        refused(&world.send(asks(&[("id_token_hint", bad), ("post_logout_redirect_uri", BYE)])).await);
    }
    let other =
        world.program_with(json!({"redirect_uris": [BACK], "post_logout_redirect_uris": [BYE]})).await;
    refused(&world.send(asks(&[("id_token_hint", &hint), ("client_id", &other.id)])).await);
    refused(&world.send(asks(&[("client_id", "stoa_client_nobody")])).await);
    refused(&world.send(asks(&[("client_id", &other.id), ("client_id", &other.id)])).await);
    refused(
        &world
            .send(asks(&[
                ("client_id", &other.id),
                ("post_logout_redirect_uri", BYE),
                ("state", &"x".repeat(2049)),
            ]))
            .await,
    );
    assert!(suite.is_signed_in(&suite.ada).await);
}

/// Without a hint the person is asked, and goes where a client may send them only if it said which it is.
#[tokio::test]
async fn oidcc_rp_initiated_logout_no_id_token_hint() {
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    suite.tokens(&[]).await;
    refused(&world.send(asks(&[("post_logout_redirect_uri", BYE), ("state", "x")])).await);
    let path = suite.signs_out(&[("client_id", &suite.program.id), ("post_logout_redirect_uri", BYE)]).await;
    let shown = suite.shown(As::Cookie(&suite.ada), &path).await;
    assert_eq!(shown, json!({"client_name": "Suite", "account": "ada@example.org", "asks": true}));
    let done = world.does(&suite.ada, "POST", &path, None).await;
    assert_eq!(done, json!({"location": BYE}));
    assert!(!suite.is_signed_in(&suite.ada).await);
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_params() {
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    let path = suite.signs_out(&[]).await;
    let shown = suite.shown(As::Cookie(&suite.ada), &path).await;
    assert_eq!(shown, json!({"account": "ada@example.org", "asks": true}));
    assert_eq!(suite.shown(As::Nobody, &path).await, json!({"asks": false}));
    assert_eq!(world.does(&suite.ada, "POST", &path, None).await, json!({}));
    assert!(!suite.is_signed_in(&suite.ada).await);
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_post_logout_redirect_uri() {
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    let hint = text(&suite.tokens(&[]).await.0, "id_token");
    let path = suite.signs_out(&[("id_token_hint", &hint), ("state", "x")]).await;
    assert_eq!(world.does(&suite.ada, "POST", &path, None).await, json!({}), "nothing says where to");
    assert!(!suite.is_signed_in(&suite.ada).await);
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_no_state() {
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    let hint = text(&suite.tokens(&[]).await.0, "id_token");
    let path = suite.signs_out(&[("id_token_hint", &hint), ("post_logout_redirect_uri", BYE)]).await;
    assert_eq!(world.does(&suite.ada, "POST", &path, None).await, json!({"location": BYE}));
}

#[tokio::test]
async fn oidcc_rp_initiated_logout_only_state() {
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    let path = suite.signs_out(&[("state", "x")]).await;
    assert_eq!(suite.shown(As::Cookie(&suite.ada), &path).await["asks"], json!(true));
    assert_eq!(world.does(&suite.ada, "POST", &path, None).await, json!({}));
}

/// O5 (ASVS 10.6.2): nothing that another site can send, and no token of another session, signs anybody out unasked.
#[tokio::test]
async fn o5_nobody_is_signed_out_by_a_third_party() {
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    let hint = text(&suite.tokens(&[]).await.0, "id_token");
    let eve = Suite { ada: suite.somebody_else().await, program: suite.program.clone(), world: &world };
    let eves = text(&eve.tokens(&[]).await.0, "id_token");
    let again = Suite { ada: world.login("ada").await, program: suite.program.clone(), world: &world };
    let other = Suite {
        program: world.program_with(json!({"redirect_uris": [BACK]})).await,
        ada: suite.ada.clone(),
        world: &world,
    };
    let others = text(&other.tokens(&[]).await.0, "id_token");
    // Somebody else's token, and one of another session of the same person: they are asked.
    for (browser, hint, why) in [
        (&suite.ada, &eves, "another person's"),
        (&again.ada, &hint, "another session's"),
        (&eve.ada, &others, "a stranger's, by another client"),
    ] {
        let path = suite.signs_out(&[("id_token_hint", hint)]).await;
        assert_eq!(suite.shown(As::Cookie(browser), &path).await["asks"], json!(true), "{why}");
        assert!(suite.is_signed_in(browser).await);
    }
    // Each client's token of this session names it; a `sid` is not taken over from one to the other.
    let path = suite.signs_out(&[("id_token_hint", &others)]).await;
    assert_eq!(suite.shown(As::Cookie(&suite.ada), &path).await["asks"], json!(false));
    // Another site's page cannot answer in the person's place, and asking changes nothing, however it is asked.
    let mut forged = crate::house::request(As::Cookie(&suite.ada), "POST", &path, None);
    forged.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
    assert_eq!(world.send(forged).await.refusal(), (403, "csrf".into()));
    for mut request in [asks(&[("id_token_hint", &hint)]), form("/oauth/logout", &[("id_token_hint", &hint)])]
    {
        request.headers_mut().insert("cookie", suite.ada.parse().unwrap());
        request.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
        let seen = world.send(request).await;
        assert!(
            !seen.headers.contains_key("set-cookie")
                && !seen.headers.contains_key("access-control-allow-origin")
        );
        Suite::page(&seen);
    }
    assert!(suite.is_signed_in(&suite.ada).await);
    // Nobody answers without being signed in, nor with a token.
    assert_eq!(world.ask(As::Nobody, "POST", &path, None).await.status, 401);
    let wish = json!({"name": "x", "scopes": ["profile"]});
    let token = text(&world.does(&suite.ada, "POST", "/me/tokens", Some(wish)).await, "token");
    assert_eq!(
        world.ask(As::Token(&token), "POST", &path, None).await.refusal(),
        (403, "session_required".into())
    );
    assert!(suite.is_signed_in(&suite.ada).await);
    // Whoever waits too long is not asked any more.
    world.time.advance(Duration::from_secs(15 * 60));
    assert_eq!(world.ask(As::Cookie(&suite.ada), "GET", &path, None).await.status, 404);
    assert_eq!(world.ask(As::Cookie(&suite.ada), "POST", &path, None).await.status, 404);
}

/// `sid` is a value of its own, per session and client: it tells nothing of the session, and two clients cannot compare.
#[tokio::test]
async fn sid_names_a_session_to_one_client_and_is_not_its_id() {
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    let first = suite.tokens(&[]).await.1;
    let session = world.does(&suite.ada, "GET", "/me/sessions", None).await;
    assert_ne!(first["sid"], session["items"][0]["id"]);
    assert_eq!(suite.tokens(&[]).await.1["sid"], first["sid"], "the same each time");
    let again = Suite { ada: world.login("ada").await, program: suite.program.clone(), world: &world };
    assert_ne!(again.tokens(&[]).await.1["sid"], first["sid"], "another session");
    let other = Suite {
        program: world.program_with(json!({"redirect_uris": [BACK]})).await,
        ada: suite.ada.clone(),
        world: &world,
    };
    assert_ne!(other.tokens(&[]).await.1["sid"], first["sid"], "another client");
}

/// A form, as clients post that keep the token out of addresses.
#[tokio::test]
async fn oidcc_rp_initiated_logout_post() {
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    let hint = text(&suite.tokens(&[]).await.0, "id_token");
    let mut request =
        form("/oauth/logout", &[("id_token_hint", &hint), ("post_logout_redirect_uri", BYE), ("state", "x")]);
    request.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
    let path = Suite::page(&world.send(request).await);
    assert_eq!(suite.shown(As::Cookie(&suite.ada), &path).await["asks"], json!(false));
    let done = world.does(&suite.ada, "POST", &path, None).await;
    assert_eq!(done, json!({"location": format!("{BYE}?state=x")}));
    let mut json = form("/oauth/logout", &[]);
    json.headers_mut().insert("content-type", "application/json".parse().unwrap());
    refused(&world.send(json).await);
}
