//! What may be asked of a person, and that only they decide.

use serde_json::json;
use stoa_core::Role;
use url::Url;

use super::way::{API, BACK, ISSUER, MCP, at_root, error, form, location, param, text};
use crate::house::{As, World};

/// G4 Z7, Z9, Z21, Z23: the browser is sent nowhere that the client has not registered.
#[tokio::test]
async fn a_strange_client_or_address_is_told_to_the_person_and_sent_nowhere() {
    let world = World::new().await;
    let owner = world.signed_in("ada", Role::Owner).await;
    let program = world.program().await;
    let doubled = format!("client_id={}&client_id=x&redirect_uri={BACK}", program.id);
    for changed in [
        &[("client_id", "stoa_client_nobody")][..],
        &[("client_id", "")],
        &[("redirect_uri", "https://evil.example/cb")],
        &[("redirect_uri", "https://client.example/cb/../evil")],
        &[("redirect_uri", "https://client.example/cb?x=1")],
        &[("client_id", "<script>alert(1)</script>")],
        &[("request_uri", "urn:ietf:params:oauth:request_uri:guessed")],
    ] {
        let seen = world.asks(As::Cookie(&owner), &program, changed).await;
        assert_eq!(seen.status, 400, "{changed:?}");
        assert!(!seen.headers.contains_key("location"), "{changed:?}");
        assert_eq!(seen.headers["content-type"], "text/html; charset=utf-8");
        let page = String::from_utf8(seen.body.clone()).unwrap();
        assert!(page.contains("This cannot be connected") && !page.contains("<script"), "{page}");
        let policy = seen.headers["content-security-policy"].to_str().unwrap();
        assert!(policy.contains("frame-ancestors 'none'"), "G4 Z12");
        assert_eq!(seen.headers["referrer-policy"], "no-referrer", "G4 Z13");
        assert!(!seen.headers.contains_key("access-control-allow-origin"), "G1 D16");
    }
    assert_eq!(world.asks_with(As::Nobody, &doubled).await.status, 400, "G4 Z3");
    let refused = world.on_record(&owner).await.iter().filter(|one| *one == "oauth.refused").count();
    assert_eq!(refused, 8);
}

/// G4 Z4, Z5, Z6, Z10, Z20, Z22; G5 I2; G8 A1, A2, A3.
#[tokio::test]
async fn a_wrong_request_is_told_to_the_client_with_its_state_and_our_name() {
    let world = World::new().await;
    let program = world.program().await;
    let mut refused = 0;
    for (changed, expected) in [
        (&[("response_type", "token")][..], "unsupported_response_type"),
        (&[("response_type", "code id_token")], "unsupported_response_type"),
        (&[("response_type", "")], "invalid_request"),
        (&[("code_challenge", "")], "invalid_request"),
        (&[("code_challenge_method", "")], "invalid_request"),
        (&[("code_challenge_method", "plain")], "invalid_request"),
        (&[("code_challenge", "short")], "invalid_request"),
        (&[("response_mode", "fragment")], "invalid_request"),
        (&[("request", "ey.ey.x")], "request_not_supported"),
        (&[("scope", "root admin")], "invalid_scope"),
        (&[("scope", "offline_access")], "invalid_scope"),
        (&[("scope", "tasks:feed")], "invalid_scope"),
        (&[("resource", "https://other.example/mcp")], "invalid_target"),
        (&[("resource", "http://127.0.0.1:8080/mcp#x")], "invalid_target"),
        (&[("prompt", "none login")], "invalid_request"),
        (&[("max_age", "soon")], "invalid_request"),
        (&[("prompt", "none")], "login_required"),
    ] {
        let url = location(&world.asks(As::Nobody, &program, changed).await);
        assert!(url.as_str().starts_with(BACK), "{url}");
        assert_eq!(param(&url, "error").as_deref(), Some(expected), "{changed:?}");
        assert_eq!(param(&url, "state").as_deref(), Some("the state"), "{changed:?}");
        assert_eq!(param(&url, "iss").as_deref(), Some(ISSUER), "{changed:?}");
        assert!(param(&url, "code").is_none());
        // That nobody is signed in is no fault of the client's.
        refused += usize::from(expected != "login_required");
        let actions = world.actions().await;
        let seen = actions.iter().filter(|action| *action == "oauth.refused").count();
        assert_eq!(seen, refused, "on record: {changed:?}");
    }
}

/// G4 Z22; G6 T12: what is not named is what an assistant needs first, and the answer says so.
#[tokio::test]
async fn a_request_without_a_scope_gets_the_usual_ones_and_is_told_which() {
    let world = World::new().await;
    let ada = world.signed_in("ada", Role::Member).await;
    let program = world.program().await;
    let code = world.code(&ada, &program, &[("scope", "")]).await;
    assert_eq!(text(&world.redeems(&program, &code).await.done(200), "scope"), "tasks:read tasks:write");
    // Of a wish with strange words in it, what is known is granted, and told.
    let code = world.code(&ada, &program, &[("scope", "profile root")]).await;
    assert_eq!(text(&world.redeems(&program, &code).await.done(200), "scope"), "profile");
}

/// G15 O6: whoever has to show anew who they are does so before the decision counts.
#[tokio::test]
async fn a_client_may_ask_that_the_person_shows_anew_who_they_are() {
    let world = World::new().await;
    let ada = world.signed_in("ada", Role::Member).await;
    let program = world.program().await;
    for asked in [("prompt", "login"), ("max_age", "30")] {
        world.time.advance(std::time::Duration::from_secs(60));
        let path = format!("/oauth/requests/{}", world.waits(&program, &[asked]).await);
        let shown = world.ask(As::Cookie(&ada), "GET", &path, None).await.done(200);
        assert_eq!(shown["reauthenticate"], json!(true), "{asked:?}");
        let allow = format!("{path}/allow");
        let early = world.ask(As::Cookie(&ada), "POST", &allow, None).await;
        assert_eq!(early.refusal(), (403, "reauthentication_required".into()), "{asked:?}");
        let proof = json!({ "password": crate::house::PASSWORD });
        world.does(&ada, "POST", "/auth/reauthenticate", Some(proof)).await;
        world.ask(As::Cookie(&ada), "POST", &allow, None).await.done(200);
    }
}

/// mf_1, lm_01: who decides is the session of whoever decides, and nothing that the request says. G4 Z1, Z2, Z15, Z16.
#[tokio::test]
async fn mf_1_nothing_in_a_request_says_whose_it_is() {
    let world = World::new().await;
    let (ada, eve) = (world.signed_in("ada", Role::Member).await, world.signed_in("eve", Role::Member).await);
    let me = text(&world.ask(As::Cookie(&ada), "GET", "/me", None).await.done(200), "id");
    let program = world.program().await;
    let extra = [("user_id", &*me), ("sub", &me), ("login_hint", "ada@example.org"), ("resource", MCP)];
    let handle = world.waits(&program, &extra).await;
    let path = format!("/oauth/requests/{handle}");
    assert_eq!(world.ask(As::Nobody, "GET", &path, None).await.status, 401);
    let shown = world.ask(As::Cookie(&eve), "GET", &path, None).await.done(200);
    assert_eq!(
        (text(&shown["client"], "name"), text(&shown, "redirect_host")),
        ("Assistant".into(), "client.example".into())
    );
    assert_eq!(shown["scopes"], json!(["profile", "email", "tasks:read"]));
    assert_eq!((&shown["resources"], &shown["lasting_days"]), (&json!([MCP]), &json!(30)));
    assert_eq!((&shown["allowed_before"], &shown["client"]["trusted"]), (&json!(false), &json!(false)));
    // A page of another site cannot press the button (mv_c4, Z16).
    let mut forged = crate::house::request(As::Cookie(&eve), "POST", &format!("{path}/allow"), None);
    forged.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
    assert_eq!(world.send(forged).await.refusal(), (403, "csrf".into()));
    // Nor can a token.
    let token = json!({"name": "x", "scopes": ["profile", "email"]});
    let token =
        text(&world.ask(As::Cookie(&eve), "POST", "/me/tokens", Some(token)).await.done(201), "token");
    let refused = world.ask(As::Token(&token), "POST", &format!("{path}/allow"), None).await;
    assert_eq!(refused.refusal(), (403, "session_required".into()));
    let done = world.ask(As::Cookie(&eve), "POST", &format!("{path}/allow"), None).await.done(200);
    let url: Url = text(&done, "location").parse().unwrap();
    assert_eq!(param(&url, "state").as_deref(), Some("the state"));
    let tokens = world.redeems(&program, &param(&url, "code").unwrap()).await.done(200);
    let (_, claims) = super::codes::read(&text(&tokens, "access_token"));
    assert_ne!(text(&claims, "sub"), me, "it is Eve's, who decided");
    // Decided is decided.
    assert_eq!(world.ask(As::Cookie(&eve), "POST", &format!("{path}/allow"), None).await.status, 404);
    let none = world.ask(As::Cookie(&ada), "GET", "/me/connections", None).await.done(200);
    assert_eq!(none["items"], json!([]));
}

#[tokio::test]
async fn a_person_may_say_no() {
    let world = World::new().await;
    let owner = world.signed_in("ada", Role::Owner).await;
    let program = world.program().await;
    let path = format!("/oauth/requests/{}/deny", world.waits(&program, &[]).await);
    let done = world.ask(As::Cookie(&owner), "POST", &path, None).await.done(200);
    let url: Url = text(&done, "location").parse().unwrap();
    assert_eq!(param(&url, "error").as_deref(), Some("access_denied"));
    assert_eq!(
        (param(&url, "iss").as_deref(), param(&url, "state").as_deref()),
        (Some(ISSUER), Some("the state"))
    );
    assert!(world.on_record(&owner).await.contains(&"connection.denied".to_owned()));
    // A request that nobody decides is gone after a while.
    let path = format!("/oauth/requests/{}", world.waits(&program, &[]).await);
    world.time.advance(std::time::Duration::from_secs(15 * 60));
    assert_eq!(world.ask(As::Cookie(&owner), "GET", &path, None).await.status, 404);
}

/// mf_2, fw_s2: another node, and one that was started anew, goes on with what waits. G4 Z25.
#[tokio::test]
async fn mf_2_fw_s2_any_node_goes_on_with_what_another_began() {
    let world = World::new().await;
    let ada = world.signed_in("ada", Role::Member).await;
    let program = world.program().await;
    let handle = world.waits(&program, &[]).await;
    let second = world.node(10_000);
    let path = format!("/oauth/requests/{handle}/allow");
    let done = crate::house::seen(&second, crate::house::request(As::Cookie(&ada), "POST", &path, None))
        .await
        .done(200);
    let url: Url = text(&done, "location").parse().unwrap();
    let code = param(&url, "code").unwrap();
    let third = world.node(10_000);
    let pairs = [
        ("client_id", &*program.id),
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("code_verifier", super::way::VERIFIER),
    ];
    let tokens = crate::house::seen(&third, form("/oauth/token", &pairs)).await.done(200);
    let access = text(&tokens, "access_token");
    world.ask(As::Token(&access), "GET", "/me", None).await.done(200);
}

/// G4 Z14: only a client that shows who it is gets anything without a question.
#[tokio::test]
async fn a_client_that_cannot_show_who_it_is_asks_each_time() {
    let world = World::new().await;
    let ada = world.signed_in("ada", Role::Member).await;
    let public = world.program().await;
    world.code(&ada, &public, &[]).await;
    let again = location(&world.asks(As::Cookie(&ada), &public, &[]).await);
    assert!(again.path().starts_with("/authorize/"), "{again}");
    let silent = location(&world.asks(As::Cookie(&ada), &public, &[("prompt", "none")]).await);
    assert_eq!(param(&silent, "error").as_deref(), Some("consent_required"));

    let known = world.program_with(json!({"redirect_uris": [BACK]})).await;
    world.code(&ada, &known, &[]).await;
    assert!(param(&location(&world.asks(As::Cookie(&ada), &known, &[]).await), "code").is_some());
    // More than before, or asked to ask: the person decides.
    for changed in [[("scope", "tasks:read tasks:write")], [("prompt", "consent")], [("resource", MCP)]] {
        let url = location(&world.asks(As::Cookie(&ada), &known, &changed).await);
        assert!(url.path().starts_with("/authorize/"), "{changed:?}: {url}");
    }
}

/// G12 U1–U7.
#[tokio::test]
async fn a_pushed_request_is_checked_kept_and_used_once() {
    let world = World::new().await;
    let (program, other) = (world.program().await, world.program().await);
    let challenge = super::way::challenge(super::way::VERIFIER);
    let right = [
        ("client_id", &*program.id),
        ("response_type", "code"),
        ("redirect_uri", BACK),
        ("scope", "tasks:read"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
        ("resource", API),
        ("state", "pushed"),
    ];
    let pushes = async |changed: &[(&str, &str)]| {
        let mut all: Vec<(&str, &str)> = right.to_vec();
        for (name, value) in changed {
            all.retain(|(known, _)| known != name);
            all.push((name, value));
        }
        world.send(form("/oauth/par", &all)).await
    };
    for (changed, expected) in [
        (("request_uri", "urn:x"), (400, "invalid_request")),
        (("redirect_uri", "https://evil.example/"), (400, "invalid_request")),
        (("code_challenge_method", "plain"), (400, "invalid_request")),
        (("scope", "root"), (400, "invalid_scope")),
        (("resource", "https://evil.example/"), (400, "invalid_target")),
        (("client_id", "nobody"), (401, "invalid_client")),
        (("client_secret", "guess"), (401, "invalid_client")),
    ] {
        let seen = pushes(&[changed]).await;
        assert_eq!(error(&seen), (expected.0, expected.1.into()), "{changed:?}");
    }
    let done = pushes(&[]).await.done(201);
    assert_eq!(done["expires_in"], json!(60));
    let uri = text(&done, "request_uri");
    let visits = async |client: &str, uri: &str| {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("client_id", client), ("request_uri", uri)])
            .finish();
        world.asks_with(As::Nobody, &query).await
    };
    let url = location(&visits(&program.id, &uri).await);
    assert!(url.path().starts_with("/authorize/"));
    assert_eq!(visits(&program.id, &uri).await.status, 400, "it was used twice");
    let uri = text(&pushes(&[]).await.done(201), "request_uri");
    assert_eq!(visits(&other.id, &uri).await.status, 400, "another client used it");
    let uri = text(&pushes(&[]).await.done(201), "request_uri");
    world.time.advance(std::time::Duration::from_secs(60));
    assert_eq!(visits(&program.id, &uri).await.status, 400, "it was too old");

    let strict = world
        .program_with(json!({"redirect_uris": [BACK], "require_pushed_authorization_requests": true}))
        .await;
    let url = location(&world.asks(As::Nobody, &strict, &[]).await);
    assert_eq!(param(&url, "error").as_deref(), Some("invalid_request"), "G12 U7");
}

/// G4 Z20: what a person's own token is made for is not offered to programs, and none gets it.
#[tokio::test]
async fn a_scope_of_personal_tokens_is_neither_offered_nor_granted() {
    let world = World::new().await;
    let ada = world.signed_in("ada", Role::Owner).await;
    for path in ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"] {
        let offered = world.send(at_root("GET", path)).await.done(200)["scopes_supported"].clone();
        let all = json!([
            "labs:read",
            "labs:write",
            "profile",
            "email",
            "tasks:read",
            "tasks:write",
            "openid",
            "offline_access",
        ]);
        assert_eq!(offered, all, "{path}");
    }
    let metadata = json!({"client_name": "Calendar", "redirect_uris": [BACK], "scope": "tasks:feed"});
    assert_eq!(error(&world.registers(metadata).await), (400, "invalid_client_metadata".into()));
    let program = world.program().await;
    let code = world.code(&ada, &program, &[("scope", "tasks:read tasks:feed")]).await;
    assert_eq!(text(&world.redeems(&program, &code).await.done(200), "scope"), "tasks:read");
    // A person's own token still may have it.
    let wish = json!({"name": "x", "scopes": ["tasks:feed"]});
    let made = world.ask(As::Cookie(&ada), "POST", "/me/tokens", Some(wish)).await.done(201);
    assert_eq!(made["scopes"], json!(["tasks:feed"]));
}
