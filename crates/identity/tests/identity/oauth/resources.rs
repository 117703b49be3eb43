//! What a token opens, and how it is told from something that only looks like one.

use serde_json::{Value, json};
use stoa_core::Role;

use super::{
    bound::{proof, refused, with_proof},
    codes::read,
    registration::{Pair, b64},
    way::{API, BACK, ISSUER, MCP, VERIFIER, at_root, error, form, text},
};
use crate::house::{As, World, request};

/// G8 A7: a token for one resource opens no other.
#[tokio::test]
async fn a_token_opens_the_resource_it_was_issued_for_and_no_other() {
    let world = World::new().await;
    let ada = world.signed_in("ada", Role::Member).await;
    let program = world.program().await;
    let code = world.code(&ada, &program, &[("resource", MCP)]).await;
    let access = text(&world.redeems(&program, &code).await.done(200), "access_token");
    assert_eq!(
        world.ask(As::Token(&access), "GET", "/me", None).await.refusal(),
        (401, "invalid_token".into())
    );
    let seen = world.send(request(As::Token(&access), "GET", "/me", None)).await;
    let learn = "resource_metadata=\"http://127.0.0.1:8080/.well-known/oauth-protected-resource/api/v1\"";
    let challenge = format!("Bearer realm=\"stoa\", error=\"invalid_token\", {learn}");
    assert_eq!(seen.headers["www-authenticate"], challenge.as_str());
    let code = world.code(&ada, &program, &[("resource", API)]).await;
    let access = text(&world.redeems(&program, &code).await.done(200), "access_token");
    world.ask(As::Token(&access), "GET", "/me", None).await.done(200);
}

/// G9 J1, J4, J5, J6.
#[tokio::test]
async fn only_our_own_signature_over_an_access_token_counts() {
    let world = World::new().await;
    let ada = world.signed_in("ada", Role::Member).await;
    let program = world.program().await;
    let code = world.code(&ada, &program, &[("scope", "openid profile email")]).await;
    let tokens = world.redeems(&program, &code).await.done(200);
    let access = text(&tokens, "access_token");
    world.ask(As::Token(&access), "GET", "/me", None).await.done(200);
    let (head, claims) = read(&access);
    let parts: Vec<&str> = access.split('.').collect();
    let with = |head: &Value| format!("{}.{}.{}", b64(head.to_string().as_bytes()), parts[1], parts[2]);
    let (kid, stranger) = (text(&head, "kid"), Pair::new());
    let mut wider = claims.clone();
    wider["scope"] = json!("profile email tasks:write");
    let key = world.send(at_root("GET", "/oauth/jwks")).await.done(200);
    let public = key["keys"].as_array().unwrap().iter().find(|key| key["kid"] == json!(kid)).unwrap().clone();
    // Signed with our own public key as if it were a shared secret (RFC 8725 §2.1).
    let confused = {
        let head = b64(json!({"alg": "HS256", "typ": "at+jwt", "kid": kid}).to_string().as_bytes());
        let said = format!("{head}.{}", b64(wider.to_string().as_bytes()));
        let secret =
            aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, public["x"].as_str().unwrap().as_bytes());
        format!("{said}.{}", b64(aws_lc_rs::hmac::sign(&secret, said.as_bytes()).as_ref()))
    };
    let jwk = json!({"alg": "ES256", "typ": "at+jwt", "jwk": stranger.public});
    let jku = json!({"alg": "ES256", "typ": "at+jwt", "kid": "mine", "jku": "https://evil.example/jwks"});
    for (what, bad) in [
        ("unsigned", format!("{}.{}.", b64(br#"{"alg":"none","typ":"at+jwt"}"#), parts[1])),
        ("other claims", format!("{}.{}.{}", parts[0], b64(wider.to_string().as_bytes()), parts[2])),
        ("another kind", with(&json!({"alg": "EdDSA", "typ": "JWT", "kid": kid}))),
        ("no key's name", with(&json!({"alg": "EdDSA", "typ": "at+jwt"}))),
        ("an unknown key", with(&json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "nothing"}))),
        ("a path for a key", with(&json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "../../dev/null"}))),
        ("HMAC with our public key", confused),
        ("a key inside", stranger.signs(&jwk, &claims)),
        ("a key from elsewhere", stranger.signs(&jku, &claims)),
        (
            "our key's name, another's signature",
            stranger.signs(&json!({"alg": "ES256", "typ": "at+jwt", "kid": kid}), &claims),
        ),
        ("an ID token", text(&tokens, "id_token")),
        ("cut off", access[..access.len() - 4].to_owned()),
    ] {
        assert_eq!(world.ask(As::Token(&bad), "GET", "/me", None).await.status, 401, "{what}");
    }
    world.time.advance(std::time::Duration::from_secs(600));
    assert_eq!(world.ask(As::Token(&access), "GET", "/me", None).await.status, 401, "expired");
}

/// mf_o1, mv_h8: keys rotate; nobody is signed out, and clients find old and new. G9 J8; G1 D12.
#[tokio::test]
async fn mf_o1_keys_rotate_and_no_token_dies_of_it() {
    let world = World::new().await;
    let ada = world.signed_in("ada", Role::Member).await;
    let program = world.program().await;
    let published = async || {
        let seen = world.send(at_root("GET", "/oauth/jwks")).await.done(200);
        let keys: Vec<Value> = seen["keys"].as_array().unwrap().clone();
        assert!(keys.iter().all(|key| key.get("d").is_none() && key.get("kid").is_some()), "{keys:?}");
        keys.iter().map(|key| text(key, "kid")).collect::<Vec<_>>()
    };
    let signs = async |cookie: &str| {
        let code = world.code(cookie, &program, &[]).await;
        text(&world.redeems(&program, &code).await.done(200), "access_token")
    };
    let day = std::time::Duration::from_secs(24 * 60 * 60);
    let first = text(&read(&signs(&ada).await).0, "kid");
    assert_eq!(published().await.len(), 2, "one of each algorithm");
    world.time.advance(88 * day + day / 2);
    let again = world.login("ada").await;
    let access = signs(&again).await;
    assert_eq!(text(&read(&access).0, "kid"), first);
    let both = published().await;
    assert_eq!(both.len(), 4, "the next ones are known before they sign: {both:?}");
    world.time.advance(day + day / 2);
    let again = world.login("ada").await;
    let access = signs(&again).await;
    let second = text(&read(&access).0, "kid");
    assert!(second != first && both.contains(&second), "it was published before it signed");
    assert!(published().await.contains(&first), "old tokens can still be checked");
    world.ask(As::Token(&access), "GET", "/me", None).await.done(200);
    world.time.advance(3 * day);
    assert!(!published().await.contains(&first));
}

/// What signs is kept under the key ring, bound to its row: neither the row nor a copy of it elsewhere is a key.
#[tokio::test]
async fn mv_h8_fw_s4_signing_keys_lie_sealed_each_for_its_own_row() {
    let world = World::new().await;
    let ada = world.signed_in("ada", Role::Member).await;
    let program = world.program().await;
    let code = world.code(&ada, &program, &[]).await;
    let token = text(&world.redeems(&program, &code).await.done(200), "access_token");
    assert!(["RS256", "EdDSA"].contains(&&*text(&read(&token).0, "alg")), "no secret that is shared");
    let rows =
        world.rows("SELECT id, algorithm, sealed FROM identity_signing_key ORDER BY algorithm", []).await;
    assert_eq!(rows.len(), 2);
    let keys: Vec<(String, Vec<u8>)> =
        rows.iter().map(|row| (row.try_get("", "id").unwrap(), row.try_get("", "sealed").unwrap())).collect();
    let ring = &world.store.ring;
    for (number, (id, sealed)) in keys.iter().enumerate() {
        let place = |id: &str| format!("identity_signing_key/{id}/sealed");
        let private = ring.open(&place(id), sealed).unwrap();
        assert_eq!(private[0], 0x30, "a private key, as PKCS #8 writes it");
        assert!(!sealed.windows(8).any(|part| private.windows(8).any(|known| known == part)));
        let other = &keys[1 - number].0;
        assert!(ring.open(&place(other), sealed).is_err(), "it opens in the row of another");
    }
}

/// G13 E1–E7.
#[tokio::test]
async fn a_device_gets_tokens_when_the_person_has_typed_its_code() {
    const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";
    let world = World::new().await;
    let ada = world.signed_in("ada", Role::Member).await;
    let metadata =
        json!({"client_name": "Television", "token_endpoint_auth_method": "none", "grant_types": [GRANT]});
    let (program, other) = (world.program_with(metadata.clone()).await, world.program_with(metadata).await);
    let begin = async || {
        let pairs = [("client_id", &*program.id), ("scope", "tasks:read profile email")];
        world.send(form("/oauth/device", &pairs)).await.done(200)
    };
    let started = begin().await;
    assert_eq!(text(&started, "verification_uri"), format!("{ISSUER}/device"));
    assert_eq!((&started["expires_in"], &started["interval"]), (&json!(600), &json!(5)));
    let device = text(&started, "device_code");
    let polls = async |program: &super::way::Program, device: &str| {
        world.token(program, &[("grant_type", GRANT), ("device_code", device)]).await
    };
    let wait = |seconds| world.time.advance(std::time::Duration::from_secs(seconds));
    assert_eq!(error(&polls(&program, &device).await).1, "authorization_pending");
    assert_eq!(error(&polls(&program, &device).await).1, "slow_down");
    wait(6);
    assert_eq!(error(&polls(&program, &device).await).1, "slow_down", "it has to wait longer now");
    wait(30);
    assert_eq!(error(&polls(&other, &device).await).1, "invalid_grant", "another's code");

    let typed = |code: &str| Some(json!({"user_code": code}));
    let code = text(&started, "user_code").to_lowercase();
    assert_eq!(world.ask(As::Nobody, "POST", "/oauth/device/find", typed(&code)).await.status, 401);
    let shown = world.ask(As::Cookie(&ada), "POST", "/oauth/device/find", typed(&code)).await.done(200);
    assert_eq!(text(&shown["request"]["client"], "name"), "Television");
    assert!(shown["ip"].is_string(), "G13 E6");
    world.ask(As::Cookie(&ada), "POST", "/oauth/device/allow", typed(&code)).await.done(204);
    assert_eq!(world.ask(As::Cookie(&ada), "POST", "/oauth/device/deny", typed(&code)).await.status, 404);
    let all = futures::future::join_all((0..10).map(|_| polls(&program, &device))).await;
    let won: Vec<_> = all.iter().filter(|seen| seen.status == 200).collect();
    assert_eq!(won.len(), 1);
    let access = text(&won[0].json(), "access_token");
    world.ask(As::Token(&access), "GET", "/me", None).await.done(200);

    let denied = begin().await;
    let body = typed(&text(&denied, "user_code"));
    world.ask(As::Cookie(&ada), "POST", "/oauth/device/deny", body).await.done(204);
    assert_eq!(error(&polls(&program, &text(&denied, "device_code")).await).1, "access_denied");
    let late = begin().await;
    wait(600);
    assert_eq!(error(&polls(&program, &text(&late, "device_code")).await).1, "expired_token");
    // Nobody guesses long.
    let mut guesses = Vec::new();
    for _ in 0..12 {
        guesses.push(
            world
                .ask(As::Cookie(&ada), "POST", "/oauth/device/find", typed("BBBB-BBBB"))
                .await
                .status
                .as_u16(),
        );
    }
    assert_eq!((guesses[0], guesses[11]), (404, 429));
    let guessed =
        "SELECT id FROM identity_audit WHERE action = 'oauth.refused' AND subject = 'device user_code'";
    let on_record = world.rows(guessed, []).await.len();
    // One more than was guessed here: the code that was decided already.
    assert_eq!(on_record, 1 + guesses.iter().filter(|status| **status == 404).count());
}

/// G14 X1–X6.
#[tokio::test]
async fn an_agent_gets_no_more_than_the_token_it_was_handed() {
    const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
    const KIND: &str = "urn:ietf:params:oauth:token-type:access_token";
    let world = World::new().await;
    let owner = world.signed_in("ada", Role::Owner).await;
    let program = world.program().await;
    let code = world.code(&owner, &program, &[]).await;
    let subject = text(&world.redeems(&program, &code).await.done(200), "access_token");
    let agent = world
        .program_with(json!({"grant_types": [GRANT], "token_endpoint_auth_method": "client_secret_post"}))
        .await;
    let secret = agent.secret.clone().unwrap();
    let exchanges = async |extra: &[(&str, &str)]| {
        let mut all = vec![
            ("client_secret", &*secret),
            ("grant_type", GRANT),
            ("subject_token", &*subject),
            ("subject_token_type", KIND),
        ];
        for (name, value) in extra {
            all.retain(|(known, _)| known != name);
            all.push((name, value));
        }
        world.token(&agent, &all).await
    };
    for (extra, expected) in [
        (("scope", "tasks:write"), "invalid_scope"),
        (("resource", MCP), "invalid_target"),
        (("resource", "https://other.example/"), "invalid_target"),
        (("subject_token", "nothing"), "invalid_grant"),
        (("subject_token_type", "urn:ietf:params:oauth:token-type:id_token"), "invalid_request"),
        (("actor_token", "x"), "invalid_request"),
    ] {
        assert_eq!(error(&exchanges(&[extra]).await), (400, expected.into()), "{extra:?}");
    }
    world.time.advance(std::time::Duration::from_secs(300));
    let done = exchanges(&[("scope", "profile email")]).await.done(200);
    assert_eq!(
        (text(&done, "issued_token_type"), text(&done, "scope")),
        (KIND.into(), "profile email".into())
    );
    assert_eq!(done["expires_in"], json!(300), "never longer than what it was handed");
    let access = text(&done, "access_token");
    let claims = read(&access).1;
    assert_eq!(text(&claims["act"], "sub"), agent.id);
    assert_eq!(text(&claims, "sub"), text(&read(&subject).1, "sub"));
    world.ask(As::Token(&access), "GET", "/me", None).await.done(200);
    assert!(world.on_record(&owner).await.contains(&"token.exchanged".to_owned()));
    // X3: who goes on from there is named before whoever went before, and still gets no more.
    let next = world
        .program_with(json!({"grant_types": [GRANT], "token_endpoint_auth_method": "client_secret_post"}))
        .await;
    let next_secret = next.secret.clone().unwrap();
    let pairs = [
        ("client_secret", &*next_secret),
        ("grant_type", GRANT),
        ("subject_token", &*access),
        ("subject_token_type", KIND),
    ];
    let further = world.token(&next, &pairs).await.done(200);
    assert_eq!(text(&further, "scope"), "profile email");
    let further = read(&text(&further, "access_token")).1;
    assert_eq!(further["act"], json!({ "sub": next.id, "act": { "sub": agent.id } }));
    // X5: a token that only its holder can use is not handed on.
    let key = Pair::new();
    let now = world.store.clock.now().micros() / 1_000_000;
    let code = world.code(&owner, &program, &[]).await;
    let redeem = [
        ("client_id", &*program.id),
        ("grant_type", "authorization_code"),
        ("code", &*code),
        ("code_verifier", VERIFIER),
    ];
    let shown = proof(&key, "POST", &format!("{ISSUER}/oauth/token"), None, now, "1");
    let bound = world.send(with_proof(form("/oauth/token", &redeem), &shown)).await.done(200);
    let bound = text(&bound, "access_token");
    assert_eq!(error(&exchanges(&[("subject_token", &bound)]).await), (400, "invalid_grant".into()));
    // It ends with what the person allowed.
    let listed = world.ask(As::Cookie(&owner), "GET", "/me/connections", None).await.done(200);
    let path = format!("/me/connections/{}", text(&listed["items"][0], "id"));
    world.ask(As::Cookie(&owner), "DELETE", &path, None).await.done(204);
    assert_eq!(world.ask(As::Token(&access), "GET", "/me", None).await.status, 401);
    assert_eq!(refused(&world).await, 7, "six wishes too many, and the bound token");
    let seen = world.program_with(json!({"redirect_uris": [BACK], "token_endpoint_auth_method": "none", "grant_types": ["authorization_code", GRANT]})).await;
    let pairs = [("grant_type", GRANT), ("subject_token", &*subject), ("subject_token_type", KIND)];
    assert_eq!(error(&world.token(&seen, &pairs).await).1, "unauthorized_client", "G14 X6");
}

/// G15 O6.
#[tokio::test]
async fn who_the_person_is_goes_to_clients_that_they_let_know() {
    let world = World::new().await;
    let ada = world.signed_in("ada", Role::Member).await;
    let program = world.program().await;
    let userinfo = |token: &str| {
        let mut request = at_root("GET", "/oauth/userinfo");
        request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        request
    };
    let code = world
        .code(&ada, &program, &[("scope", "openid email offline_access"), ("nonce", "n-1"), ("resource", "")])
        .await;
    let tokens = world.redeems(&program, &code).await.done(200);
    let (head, claims) = read(&text(&tokens, "id_token"));
    assert_eq!((text(&head, "alg"), text(&head, "typ")), ("RS256".into(), "JWT".into()));
    assert_eq!((text(&claims, "aud"), text(&claims, "nonce")), (program.id.clone(), "n-1".into()));
    assert_eq!((text(&claims, "email"), claims.get("name")), ("ada@example.org".into(), None));
    assert_eq!(claims["amr"], json!(["pwd"]));
    assert!(tokens["refresh_token"].is_string());
    let seen = world.send(userinfo(&text(&tokens, "access_token"))).await.done(200);
    assert_eq!(seen, json!({"sub": claims["sub"], "email": "ada@example.org", "email_verified": true}));
    for (what, token) in [("an ID token", text(&tokens, "id_token")), ("nothing", "x".into())] {
        let seen = world.send(userinfo(&token)).await;
        assert_eq!(error(&seen), (401, "invalid_token".into()), "{what}");
        assert!(seen.headers.contains_key("www-authenticate"));
    }
    // A client of OpenID that did not ask to stay gets no refresh token (G1 D13).
    let code = world.code(&ada, &program, &[("scope", "openid")]).await;
    assert!(world.redeems(&program, &code).await.done(200).get("refresh_token").is_none());
}

/// G1 D2, D4, D6–D11, D13–D18.
#[tokio::test]
async fn what_clients_read_first_is_true_and_comes_from_the_configured_address() {
    let world = World::new().await;
    let mut both = Vec::new();
    for path in ["/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"] {
        let mut request = at_root("GET", path);
        request.headers_mut().insert("x-forwarded-host", "evil.example".parse().unwrap());
        request.headers_mut().insert("origin", "https://app.example".parse().unwrap());
        let seen = world.send(request).await;
        assert_eq!(seen.headers["content-type"], "application/json");
        assert_eq!(seen.headers["access-control-allow-origin"], "*");
        assert!(!seen.headers.contains_key("access-control-allow-credentials"));
        both.push(seen.done(200));
    }
    assert_eq!(both[0], both[1]);
    let metadata = &both[0];
    assert_eq!(text(metadata, "issuer"), ISSUER);
    let fields = metadata.as_object().unwrap();
    assert!(fields.values().all(|value| !value.is_null()));
    for (name, value) in fields.iter().filter(|(name, _)| name.ends_with("_endpoint") || *name == "jwks_uri")
    {
        assert!(value.as_str().unwrap().starts_with("http://127.0.0.1:8080/oauth/"), "{name}");
        let path = &value.as_str().unwrap()[ISSUER.len()..];
        let method = if matches!(path, "/oauth/jwks" | "/oauth/authorize" | "/oauth/userinfo") {
            "GET"
        } else {
            "POST"
        };
        assert_ne!(world.send(at_root(method, path)).await.status, 404, "{name} is not there");
    }
    assert_eq!(metadata["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(metadata["response_types_supported"], json!(["code"]));
    assert!(metadata["token_endpoint_auth_methods_supported"].as_array().unwrap().contains(&json!("none")));
    for flag in ["authorization_response_iss_parameter_supported", "client_id_metadata_document_supported"] {
        assert_eq!(metadata[flag], json!(true));
    }
    // A page of another site may fetch tokens with what it has in its own hands, and never with a cookie.
    let mut asks = at_root("OPTIONS", "/oauth/token");
    asks.headers_mut().insert("origin", "https://app.example".parse().unwrap());
    asks.headers_mut().insert("access-control-request-method", "POST".parse().unwrap());
    let seen = world.send(asks).await;
    assert_eq!(
        (seen.status.as_u16(), &seen.headers["access-control-allow-origin"]),
        (204, &"*".parse().unwrap())
    );
    // D17: so with everything that programs call, and with nothing that takes a cookie.
    for (path, method) in [
        ("/oauth/register", "POST"),
        ("/oauth/revoke", "POST"),
        ("/oauth/par", "POST"),
        ("/oauth/jwks", "GET"),
        ("/oauth/userinfo", "GET"),
    ] {
        let mut asks = at_root("OPTIONS", path);
        asks.headers_mut().insert("origin", "https://app.example".parse().unwrap());
        asks.headers_mut().insert("access-control-request-method", method.parse().unwrap());
        let seen = world.send(asks).await;
        assert_eq!(
            (seen.status.as_u16(), &seen.headers["access-control-allow-origin"]),
            (204, &"*".parse().unwrap())
        );
        assert!(!seen.headers.contains_key("access-control-allow-credentials"), "{path}");
    }
    let mut asks = at_root("OPTIONS", "/oauth/authorize");
    asks.headers_mut().insert("access-control-request-method", "GET".parse().unwrap());
    assert_eq!(world.send(asks).await.status, 405);
}
