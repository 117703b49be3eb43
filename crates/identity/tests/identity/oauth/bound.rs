//! Tokens and codes that only the holder of a key can use (RFC 9449).

use axum::{body::Body, http::Request};
use serde_json::json;
use sha2::{Digest, Sha256};
use stoa_core::Role;

use super::{
    codes::read,
    registration::{Pair, b64},
    way::{API, BACK, ISSUER, VERIFIER, challenge, error, form, location, param, text},
};
use crate::house::{As, World, request};

pub(super) fn proof(key: &Pair, method: &str, url: &str, token: Option<&str>, now: i64, jti: &str) -> String {
    let mut claims = json!({"htm": method, "htu": url, "iat": now, "jti": jti});
    if let Some(token) = token {
        claims["ath"] = json!(b64(&Sha256::digest(token)));
    }
    key.signs(&json!({"alg": "ES256", "typ": "dpop+jwt", "jwk": key.public}), &claims)
}

pub(super) fn with_proof(mut request: Request<Body>, proof: &str) -> Request<Body> {
    request.headers_mut().insert("dpop", proof.parse().unwrap());
    request
}

/// G11 P1–P7, P10, P11.
#[tokio::test]
async fn a_token_that_is_bound_to_a_key_opens_nothing_without_it() {
    let world = World::new().await;
    let ada = world.signed_in("ada", Role::Member).await;
    let program = world.program().await;
    let (key, thief) = (Pair::new(), Pair::new());
    let now = world.store.clock.now().micros() / 1_000_000;
    let endpoint = format!("{ISSUER}/oauth/token");
    let code = world.code(&ada, &program, &[]).await;
    let redeem = || {
        form(
            "/oauth/token",
            &[
                ("client_id", &program.id),
                ("grant_type", "authorization_code"),
                ("code", &code),
                ("code_verifier", VERIFIER),
            ],
        )
    };
    for (what, bad) in [
        ("another method", proof(&key, "GET", &endpoint, None, now, "1")),
        ("another address", proof(&key, "POST", &format!("{ISSUER}/oauth/par"), None, now, "2")),
        ("too old", proof(&key, "POST", &endpoint, None, now - 600, "3")),
        ("from the future", proof(&key, "POST", &endpoint, None, now + 600, "4")),
        (
            "another kind",
            key.signs(
                &json!({"alg": "ES256", "typ": "JWT", "jwk": key.public}),
                &json!({"htm": "POST", "htu": endpoint, "iat": now, "jti": "5"}),
            ),
        ),
        (
            "another's key",
            key.signs(
                &json!({"alg": "ES256", "typ": "dpop+jwt", "jwk": thief.public}),
                &json!({"htm": "POST", "htu": endpoint, "iat": now, "jti": "6"}),
            ),
        ),
        ("a private key inside", {
            let mut private = key.public.clone();
            private["d"] = json!(b64(&[7; 32]));
            let claims = json!({"htm": "POST", "htu": endpoint, "iat": now, "jti": "16"});
            key.signs(&json!({"alg": "ES256", "typ": "dpop+jwt", "jwk": private}), &claims)
        }),
        ("no name of its own", proof(&key, "POST", &endpoint, None, now, "")),
        ("no proof at all", "x.y.z".into()),
    ] {
        let seen = world.send(with_proof(redeem(), &bad)).await;
        assert_eq!(error(&seen), (400, "invalid_dpop_proof".into()), "{what}");
    }
    // Two proofs are none, and the code is good for none of these: each refusal is on record.
    let mut two = with_proof(redeem(), &proof(&key, "POST", &endpoint, None, now, "17"));
    two.headers_mut().append("dpop", proof(&key, "POST", &endpoint, None, now, "18").parse().unwrap());
    assert_eq!(error(&world.send(two).await), (400, "invalid_dpop_proof".into()));
    assert_eq!(refused(&world).await, 10);
    let first = proof(&key, "POST", &endpoint, None, now, "7");
    let tokens = world.send(with_proof(redeem(), &first)).await.done(200);
    assert_eq!(text(&tokens, "token_type"), "DPoP");
    let access = text(&tokens, "access_token");
    assert!(read(&access).1["cnf"]["jkt"].is_string());

    let url = format!("{API}/me");
    let asks = |scheme: &str, proof: Option<&str>| {
        let mut request = request(As::Nobody, "GET", "/me", None);
        request.headers_mut().insert("authorization", format!("{scheme} {access}").parse().unwrap());
        if let Some(proof) = proof {
            request.headers_mut().insert("dpop", proof.parse().unwrap());
        }
        request
    };
    let good = proof(&key, "GET", &url, Some(&access), now, "8");
    world.send(asks("DPoP", Some(&good))).await.done(200);
    for (what, request) in [
        ("the same proof again", asks("DPoP", Some(&good))),
        ("as a bearer (P7)", asks("Bearer", None)),
        (
            "as a bearer with a proof",
            asks("Bearer", Some(&proof(&key, "GET", &url, Some(&access), now, "9"))),
        ),
        ("without a proof", asks("DPoP", None)),
        ("a thief's proof", asks("DPoP", Some(&proof(&thief, "GET", &url, Some(&access), now, "10")))),
        ("of another token", asks("DPoP", Some(&proof(&key, "GET", &url, Some("other"), now, "11")))),
        ("of no token", asks("DPoP", Some(&proof(&key, "GET", &url, None, now, "12")))),
        (
            "of another door",
            asks("DPoP", Some(&proof(&key, "GET", &format!("{API}/tasks"), Some(&access), now, "13"))),
        ),
    ] {
        assert_eq!(world.send(request).await.status, 401, "{what}");
    }
    // Refreshing needs the key too (P5).
    let refresh = text(&tokens, "refresh_token");
    let pairs = [("client_id", &*program.id), ("grant_type", "refresh_token"), ("refresh_token", &*refresh)];
    assert_eq!(error(&world.send(form("/oauth/token", &pairs)).await), (400, "invalid_dpop_proof".into()));
    let stolen = proof(&thief, "POST", &endpoint, None, now, "14");
    let seen = world.send(with_proof(form("/oauth/token", &pairs), &stolen)).await;
    assert_eq!(error(&seen), (400, "invalid_dpop_proof".into()));
    let own = proof(&key, "POST", &endpoint, None, now, "15");
    world.send(with_proof(form("/oauth/token", &pairs), &own)).await.done(200);
}

/// How many refusals are on record.
pub(super) async fn refused(world: &World) -> usize {
    world.actions().await.iter().filter(|action| *action == "oauth.refused").count()
}

/// G11 P10; G12 U1: a request names the key that will fetch the tokens, and nobody else fetches them.
#[tokio::test]
async fn a_code_that_is_bound_to_a_key_is_worth_nothing_without_it() {
    let world = World::new().await;
    let ada = world.signed_in("ada", Role::Member).await;
    let program = world.program().await;
    let (key, thief) = (Pair::new(), Pair::new());
    let now = world.store.clock.now().micros() / 1_000_000;
    let endpoint = format!("{ISSUER}/oauth/token");
    let code = world.code(&ada, &program, &[("dpop_jkt", &key.thumbprint())]).await;
    let redeem = || {
        let all = [
            ("client_id", &*program.id),
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("code_verifier", VERIFIER),
        ];
        form("/oauth/token", &all)
    };
    let stolen = proof(&thief, "POST", &endpoint, None, now, "1");
    for request in [redeem(), with_proof(redeem(), &stolen)] {
        assert_eq!(error(&world.send(request).await), (400, "invalid_dpop_proof".into()));
    }
    assert_eq!(refused(&world).await, 2);
    let own = proof(&key, "POST", &endpoint, None, now, "2");
    let tokens = world.send(with_proof(redeem(), &own)).await.done(200);
    assert_eq!(read(&text(&tokens, "access_token")).1["cnf"]["jkt"], json!(key.thumbprint()));

    // What is pushed with a proof is bound to its key, and to no other that the request names.
    let push = |jkt: &str, proof: &str| {
        let all = [
            ("client_id", &*program.id),
            ("response_type", "code"),
            ("redirect_uri", BACK),
            ("scope", "profile"),
            ("code_challenge", &challenge(VERIFIER)),
            ("code_challenge_method", "S256"),
            ("dpop_jkt", jkt),
        ];
        with_proof(form("/oauth/par", &all), proof)
    };
    let par = format!("{ISSUER}/oauth/par");
    let other = push(&thief.thumbprint(), &proof(&key, "POST", &par, None, now, "3"));
    assert_eq!(error(&world.send(other).await), (400, "invalid_dpop_proof".into()));
    let pushed = push("", &proof(&key, "POST", &par, None, now, "4"));
    let uri = text(&world.send(pushed).await.done(201), "request_uri");
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("client_id", &*program.id), ("request_uri", &uri)])
        .finish();
    let page = location(&world.asks_with(As::Nobody, &query).await);
    let path = format!("/oauth/requests/{}/allow", page.path().strip_prefix("/authorize/").unwrap());
    let done = world.ask(As::Cookie(&ada), "POST", &path, None).await.done(200);
    let code = param(&text(&done, "location").parse().unwrap(), "code").unwrap();
    let bare = world.redeems(&program, &code).await;
    assert_eq!(error(&bare), (400, "invalid_dpop_proof".into()));
}
