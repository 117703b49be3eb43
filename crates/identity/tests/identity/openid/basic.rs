//! Basic: codes, tokens, userinfo, and what is said about a person.

use serde_json::{Value, json};

use super::suite::Suite;
use crate::{
    house::{As, World},
    oauth::way::{BACK, ISSUER, challenge, error, form, location, param, text},
};

/// O6: `sub` is the same in every token and at userinfo, the nonce comes back, and the times are true.
#[tokio::test]
async fn oidcc_server() {
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    let (tokens, claims) = suite.tokens(&[("scope", "openid profile")]).await;
    assert_eq!((text(&tokens, "token_type"), &tokens["expires_in"]), ("Bearer".into(), &json!(600)));
    assert_eq!(tokens.get("refresh_token"), None, "nobody asked to stay");
    let now = suite.now();
    assert_eq!((&claims["iat"], &claims["exp"]), (&json!(now), &json!(now + 600)));
    assert_eq!((&claims["auth_time"], &claims["amr"]), (&json!(now), &json!(["pwd"])));
    assert_eq!((text(&claims, "nonce"), claims.get("acr")), ("the nonce".into(), None));
    let person = suite.person(&tokens).await;
    assert_eq!(person, json!({"sub": claims["sub"], "name": "ada"}));
    let again = suite.tokens(&[("nonce", "another")]).await.1;
    assert_eq!((&again["sub"], text(&again, "nonce")), (&claims["sub"], "another".into()));
}

#[tokio::test]
async fn oidcc_response_type_missing() {
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    assert_eq!(suite.refused(&[("response_type", "")]).await, "invalid_request");
}

/// O4: nothing but a code comes with the browser.
#[tokio::test]
async fn oidcc_response_types_other_than_code_are_refused() {
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    for kind in
        ["token", "id_token", "id_token token", "code id_token", "code token", "code id_token token", "none"]
    {
        assert_eq!(suite.refused(&[("response_type", kind)]).await, "unsupported_response_type", "{kind}");
        let asked = json!({"redirect_uris": [BACK], "response_types": [kind]});
        assert_eq!(error(&world.registers(asked).await), (400, "invalid_client_metadata".into()), "{kind}");
    }
    for mode in ["fragment", "jwt", "web_message", "query.jwt"] {
        assert_eq!(suite.refused(&[("response_mode", mode)]).await, "invalid_request", "{mode}");
    }
}

#[tokio::test]
async fn oidcc_idtoken_signature() {
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    // What checks it, by the `kid` of its head, is in `verified`.
    suite.tokens(&[]).await;
}

#[tokio::test]
async fn oidcc_idtoken_unsigned() {
    let world = World::new().await;
    let asked = json!({"redirect_uris": [BACK], "id_token_signed_response_alg": "none"});
    assert_eq!(error(&world.registers(asked).await), (400, "invalid_client_metadata".into()));
}

#[tokio::test]
async fn oidcc_userinfo_get() {
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    let (tokens, claims) = suite.tokens(&[]).await;
    assert_eq!(suite.person(&tokens).await, json!({"sub": claims["sub"]}));
}

#[tokio::test]
async fn oidcc_userinfo_post_header() {
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    let (tokens, claims) = suite.tokens(&[]).await;
    let seen = world.send(Suite::userinfo("POST", &text(&tokens, "access_token"))).await;
    assert_eq!(seen.done(200), json!({"sub": claims["sub"]}));
}

#[tokio::test]
async fn oidcc_userinfo_post_body() {
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    let (tokens, claims) = suite.tokens(&[("scope", "openid email")]).await;
    let access = text(&tokens, "access_token");
    let seen = world.send(form("/oauth/userinfo", &[("access_token", &access)])).await;
    assert_eq!(
        seen.done(200),
        json!({"sub": claims["sub"], "email": "ada@example.org", "email_verified": true})
    );
    for bad in ["nothing", &text(&tokens, "id_token")] {
        let seen = world.send(form("/oauth/userinfo", &[("access_token", bad)])).await;
        assert_eq!(error(&seen), (401, "invalid_token".into()), "{bad}");
    }
    // Twice, a token for something else, and one without `openid`.
    let mut both = form("/oauth/userinfo", &[("access_token", &access)]);
    both.headers_mut().extend(Suite::userinfo("POST", &access).into_parts().0.headers);
    both.headers_mut().insert("content-type", "application/x-www-form-urlencoded".parse().unwrap());
    assert_eq!(error(&world.send(both).await), (400, "invalid_request".into()));
    let code = challenge(crate::oauth::way::VERIFIER);
    let pkce = [("scope", "tasks:read"), ("code_challenge", &*code), ("code_challenge_method", "S256")];
    let code = suite.code(&pkce).await;
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("code_verifier", crate::oauth::way::VERIFIER),
    ];
    let other = text(&suite.token(&pairs).await.done(200), "access_token");
    assert_eq!(world.send(form("/oauth/userinfo", &[("access_token", &other)])).await.status, 401);
    // Signing out everywhere ends it at once.
    world.does(&suite.ada, "DELETE", "/me/sessions", None).await;
    let seen = world.send(form("/oauth/userinfo", &[("access_token", &access)])).await;
    assert_eq!(error(&seen), (401, "invalid_token".into()));
}

/// Without a nonce the client has nothing to compare, so it needs a challenge (OAuth 2.1 §7.5.1): the suite's module,
/// which sends neither, is refused here, and means to be.
#[tokio::test]
async fn oidcc_ensure_request_without_nonce_succeeds_for_code_flow() {
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    assert_eq!(suite.refused(&[("nonce", "")]).await, "invalid_request");
    let verifier = crate::oauth::way::VERIFIER;
    let challenge = challenge(verifier);
    let code =
        suite.code(&[("nonce", ""), ("code_challenge", &challenge), ("code_challenge_method", "S256")]).await;
    let pairs = [("grant_type", "authorization_code"), ("code", &code), ("code_verifier", verifier)];
    let tokens = suite.token(&pairs).await.done(200);
    assert_eq!(suite.verified(&text(&tokens, "id_token"), "JWT").await.get("nonce"), None);
}

/// The claims of some scopes, at userinfo.
async fn says(scope: &str, expected: Value) {
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    let (tokens, claims) = suite.tokens(&[("scope", scope)]).await;
    let mut person = suite.person(&tokens).await;
    assert_eq!(person["sub"], claims["sub"]);
    person.as_object_mut().unwrap().remove("sub");
    assert_eq!(person, expected);
}

#[tokio::test]
async fn oidcc_scope_profile() {
    says("openid profile", json!({"name": "ada"})).await;
}

#[tokio::test]
async fn oidcc_scope_email() {
    says("openid email", json!({"email": "ada@example.org", "email_verified": true})).await;
}

/// An account has no address of a house and no telephone: nothing is said, and nothing refused.
#[tokio::test]
async fn oidcc_scope_address() {
    says("openid address", json!({})).await;
}

#[tokio::test]
async fn oidcc_scope_phone() {
    says("openid phone", json!({})).await;
}

const ALL: &str = "openid profile email address phone";

#[tokio::test]
async fn oidcc_scope_all() {
    says(ALL, json!({"name": "ada", "email": "ada@example.org", "email_verified": true})).await;
}

#[tokio::test]
async fn oidcc_ensure_other_scope_order_succeeds() {
    says("email openid", json!({"email": "ada@example.org", "email_verified": true})).await;
}

#[tokio::test]
async fn oidcc_codereuse() {
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    let code = suite.code(&[]).await;
    suite.redeems(&code).await.done(200);
    assert_eq!(error(&suite.redeems(&code).await), (400, "invalid_grant".into()));
}

#[tokio::test]
async fn oidcc_codereuse_30seconds() {
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    let code = suite.code(&[]).await;
    let tokens = suite.redeems(&code).await.done(200);
    world.time.advance(std::time::Duration::from_secs(30));
    assert_eq!(error(&suite.redeems(&code).await), (400, "invalid_grant".into()));
    let seen = world.send(Suite::userinfo("GET", &text(&tokens, "access_token"))).await;
    assert_eq!(error(&seen), (401, "invalid_token".into()), "what the code gave is taken back");
}

#[tokio::test]
async fn oidcc_ensure_registered_redirect_uri() {
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    let seen = suite.asks(As::Cookie(&suite.ada), &[("redirect_uri", "https://client.example/other")]).await;
    assert_eq!((seen.status.as_u16(), seen.headers.get("location")), (400, None));
}

/// A form of another site, which brings no cookie: the browser goes on by itself, and is known there.
#[tokio::test]
async fn oidcc_ensure_post_request_succeeds() {
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    suite.code(&[]).await;
    let query = suite.query(&[("prompt", "none"), ("resource", "http://127.0.0.1:8080/mcp")]);
    let pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| (&**name, &**value)).collect();
    let mut request = form("/oauth/authorize", &pairs);
    request.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
    request.headers_mut().insert("origin", "https://client.example".parse().unwrap());
    let seen = world.send(request).await;
    assert!(!seen.headers.contains_key("access-control-allow-origin"), "G1 D16");
    let on = location(&seen);
    assert!(on.as_str().starts_with(&format!("{ISSUER}/oauth/authorize?")), "{on}");
    let back = location(&world.asks_with(As::Cookie(&suite.ada), on.query().unwrap()).await);
    assert_eq!((param(&back, "error"), param(&back, "state").as_deref()), (None, Some("the state")));
    suite.redeems(&param(&back, "code").unwrap()).await.done(200);
    // What is none, or too long to be carried on, is told to the person.
    let long = "x".repeat(16 << 10);
    let mut json = form("/oauth/authorize", &pairs);
    json.headers_mut().insert("content-type", "application/json".parse().unwrap());
    for bad in [
        form("/oauth/authorize", &[("client_id", "x"), ("client_id", "y")]),
        form("/oauth/authorize", &[("client_id", "x"), ("claims", &long)]),
        json,
    ] {
        let seen = world.send(bad).await;
        assert_eq!((seen.status.as_u16(), seen.headers.get("location")), (400, None));
        assert_eq!(seen.headers["content-type"], "text/html; charset=utf-8");
    }
}

#[tokio::test]
async fn oidcc_server_client_secret_post() {
    let world = World::new().await;
    let suite = Suite::with(&world, json!({"token_endpoint_auth_method": "client_secret_post"})).await;
    let code = suite.code(&[]).await;
    let secret = suite.program.secret.clone().unwrap();
    let pairs = [("grant_type", "authorization_code"), ("code", &code), ("client_secret", &secret)];
    let tokens = world.token(&suite.program, &pairs).await.done(200);
    suite.verified(&text(&tokens, "id_token"), "JWT").await;
}

#[tokio::test]
async fn oidcc_refresh_token() {
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    let (tokens, first) = suite.tokens(&[("scope", "openid offline_access"), ("prompt", "consent")]).await;
    world.time.advance(std::time::Duration::from_secs(300));
    let refresh = text(&tokens, "refresh_token");
    let pairs = [("grant_type", "refresh_token"), ("refresh_token", &refresh)];
    let tokens = suite.token(&pairs).await.done(200);
    let second = suite.verified(&text(&tokens, "id_token"), "JWT").await;
    // OpenID Connect Core §12.2: who it is and when they came stays; when it was said is new; the nonce is not said again.
    for name in ["iss", "sub", "aud", "auth_time", "amr", "sid"] {
        assert_eq!(first[name], second[name], "{name}");
    }
    assert_eq!((second["iat"].as_i64(), second.get("nonce")), (Some(suite.now()), None));
    assert_eq!(suite.person(&tokens).await["sub"], first["sub"]);
    // Another client cannot use it.
    let other = world.program().await;
    let stolen = world.refreshes(&other, &text(&tokens, "refresh_token")).await;
    assert_eq!(error(&stolen), (400, "invalid_grant".into()));
}

#[tokio::test]
async fn oidcc_ensure_request_with_valid_pkce_succeeds() {
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    let verifier = crate::oauth::way::VERIFIER;
    let challenge = challenge(verifier);
    let pkce = [("code_challenge", &*challenge), ("code_challenge_method", "S256")];
    let redeem = async |code: &str, verifier: Option<&str>| {
        let mut pairs = vec![("grant_type", "authorization_code"), ("code", code)];
        pairs.extend(verifier.map(|verifier| ("code_verifier", verifier)));
        suite.token(&pairs).await
    };
    let code = suite.code(&pkce).await;
    redeem(&code, Some(verifier)).await.done(200);
    // A challenge is not forgotten, nor one made up afterwards (BCP §2.1.1): each way somebody else's code stays out.
    let code = suite.code(&pkce).await;
    assert_eq!(error(&redeem(&code, None).await), (400, "invalid_grant".into()));
    let code = suite.code(&[]).await;
    assert_eq!(error(&redeem(&code, Some(verifier)).await), (400, "invalid_grant".into()));
    redeem(&code, None).await.done(200);
}

/// Z4: whoever shows no secret needs a challenge, nonce or not.
#[tokio::test]
async fn oidcc_a_public_client_needs_pkce() {
    let world = World::new().await;
    let suite = Suite::with(&world, json!({"token_endpoint_auth_method": "none"})).await;
    assert_eq!(suite.refused(&[]).await, "invalid_request");
    let confidential = Suite { program: world.program_with(json!({"redirect_uris": [BACK]})).await, ..suite };
    assert_eq!(
        confidential.refused(&[("scope", "tasks:read")]).await,
        "invalid_request",
        "that is no OpenID"
    );
}
