//! Config and Dynamic: what the server says of itself, and clients that register.

use std::time::Duration;

use serde_json::{Value, json};
use stoa_core::Role;

use super::suite::{BYE, Suite};
use crate::{
    house::{As, World},
    oauth::{
        codes::read,
        registration::Pair,
        way::{BACK, ISSUER, Program, at_root, error, text},
    },
    outside::{self, Outside, answer},
};

/// D7, D12: also what the logout plans look for.
#[tokio::test]
async fn oidcc_discovery_endpoint_verification() {
    let world = World::new().await;
    let seen = world.send(at_root("GET", "/.well-known/openid-configuration")).await;
    assert_eq!(seen.headers["content-type"], "application/json");
    let said = seen.done(200);
    assert_eq!(text(&said, "issuer"), ISSUER);
    for (name, path) in [
        ("authorization_endpoint", "/oauth/authorize"),
        ("token_endpoint", "/oauth/token"),
        ("userinfo_endpoint", "/oauth/userinfo"),
        ("jwks_uri", "/oauth/jwks"),
        ("registration_endpoint", "/oauth/register"),
        ("end_session_endpoint", "/oauth/logout"),
    ] {
        assert_eq!(text(&said, name), format!("{ISSUER}{path}"));
    }
    for (name, expected) in [
        ("response_types_supported", json!(["code"])),
        ("response_modes_supported", json!(["query", "form_post"])),
        ("subject_types_supported", json!(["public"])),
        ("id_token_signing_alg_values_supported", json!(["RS256", "EdDSA"])),
        ("code_challenge_methods_supported", json!(["S256"])),
        ("claims_parameter_supported", json!(false)),
        ("request_parameter_supported", json!(false)),
        ("request_uri_parameter_supported", json!(false)),
        ("backchannel_logout_supported", json!(true)),
        ("backchannel_logout_session_supported", json!(true)),
    ] {
        assert_eq!(said[name], expected, "{name}");
    }
    let has = |name: &str, value: &str| said[name].as_array().unwrap().contains(&json!(value));
    assert!(
        has("scopes_supported", "openid") && has("claims_supported", "sub") && has("claims_supported", "sid")
    );
    let keys = world.send(at_root("GET", "/oauth/jwks")).await.done(200);
    for key in keys["keys"].as_array().unwrap() {
        assert!(key["kid"].is_string() && key["use"] == "sig" && key.get("d").is_none(), "{key}");
    }
}

#[tokio::test]
async fn oidcc_idtoken_rs256() {
    let world = World::new().await;
    let suite = Suite::with(&world, json!({"id_token_signed_response_alg": "RS256"})).await;
    suite.tokens(&[]).await;
}

/// Userinfo is never signed here: nothing says that it could be, and a client that wished for it is told what it has.
#[tokio::test]
async fn oidcc_userinfo_rs256() {
    let world = World::new().await;
    let said = world.send(at_root("GET", "/.well-known/openid-configuration")).await.done(200);
    assert_eq!(said.get("userinfo_signing_alg_values_supported"), None);
    let asked = json!({"redirect_uris": [BACK], "userinfo_signed_response_alg": "RS256"});
    assert_eq!(world.registers(asked).await.done(201).get("userinfo_signed_response_alg"), None);
}

#[tokio::test]
async fn oidcc_ensure_redirect_uri_in_authorization_request() {
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    let seen = suite.asks(As::Cookie(&suite.ada), &[("redirect_uri", "")]).await;
    assert_eq!((seen.status.as_u16(), seen.headers.get("location")), (400, None));
}

const WITH_QUERY: &str = "https://client.example/cb?foo=bar";

#[tokio::test]
async fn oidcc_redirect_uri_query_ok() {
    let world = World::new().await;
    let suite = Suite::with(&world, json!({"redirect_uris": [WITH_QUERY]})).await;
    let url = suite.visits(&[("redirect_uri", WITH_QUERY)]).await;
    assert!(url.as_str().starts_with(&format!("{WITH_QUERY}&code=")), "{url}");
}

#[tokio::test]
async fn oidcc_redirect_uri_query_mismatch() {
    let world = World::new().await;
    let suite = Suite::with(&world, json!({"redirect_uris": [WITH_QUERY]})).await;
    for bad in [
        "https://client.example/cb?foo=baz",
        "https://client.example/cb",
        "https://client.example/cb?bar=foo",
    ] {
        let seen = suite.asks(As::Cookie(&suite.ada), &[("redirect_uri", bad)]).await;
        assert_eq!((seen.status.as_u16(), seen.headers.get("location")), (400, None), "{bad}");
    }
}

#[tokio::test]
async fn oidcc_redirect_uri_query_added() {
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    let seen = suite.asks(As::Cookie(&suite.ada), &[("redirect_uri", &format!("{BACK}?foo=bar"))]).await;
    assert_eq!((seen.status.as_u16(), seen.headers.get("location")), (400, None));
}

#[tokio::test]
async fn oidcc_redirect_uri_regfrag() {
    let world = World::new().await;
    let seen = world.registers(json!({"redirect_uris": ["https://client.example/cb#foobar"]})).await;
    assert_eq!(error(&seen), (400, "invalid_redirect_uri".into()));
}

/// A picture is never loaded by a page of ours: it would tell the client who looks at it.
#[tokio::test]
async fn oidcc_registration_logo_uri() {
    let world = World::new().await;
    let suite = Suite::with(&world, json!({"logo_uri": "https://client.example/logo.png"})).await;
    suite.tokens(&[]).await;
}

#[tokio::test]
async fn oidcc_registration_policy_uri() {
    let world = World::new().await;
    let suite = Suite::with(&world, json!({"policy_uri": "https://client.example/policy"})).await;
    suite.tokens(&[]).await;
}

#[tokio::test]
async fn oidcc_registration_tos_uri() {
    let world = World::new().await;
    let suite = Suite::with(&world, json!({"tos_uri": "https://client.example/tos"})).await;
    suite.tokens(&[]).await;
}

/// Every client knows a person by the same `sub`, and one that wants its own is told that it cannot have it.
#[tokio::test]
async fn oidcc_registration_sector_bad() {
    let world = World::new().await;
    let asked = json!({
        "redirect_uris": [BACK], "subject_type": "pairwise", "sector_identifier_uri": "https://client.example/sector",
    });
    assert_eq!(error(&world.registers(asked).await), (400, "invalid_client_metadata".into()));
}

/// A client whose keys stand at an address, as it changes them.
struct Signing<'a> {
    world: &'a World,
    outside: Outside,
    program: Program,
}

impl<'a> Signing<'a> {
    async fn with(world: &'a World, headers: &str, key: &Pair, kid: &str) -> Self {
        let outside = Outside::starts().await;
        let program = world
            .program_with(json!({
                "redirect_uris": [BACK], "token_endpoint_auth_method": "private_key_jwt",
                "jwks_uri": outside.url("/keys"), "grant_types": ["authorization_code", "refresh_token"],
            }))
            .await;
        let signing = Self { world, outside, program };
        signing.publishes(headers, key, kid);
        signing
    }

    fn publishes(&self, headers: &str, key: &Pair, kid: &str) {
        let mut public = key.public.clone();
        public["kid"] = json!(kid);
        self.outside.puts("/keys", Some(answer("200 OK", headers, &json!({"keys": [public]}).to_string())));
    }

    fn assertion(&self, key: &Pair, kid: &str, aud: &str, jti: &str) -> String {
        let now = self.world.store.clock.now().micros() / 1_000_000;
        let id = &self.program.id;
        let claims = json!({"iss": id, "sub": id, "aud": aud, "exp": now + 60, "iat": now, "jti": jti});
        key.signs(&json!({"alg": "ES256", "kid": kid}), &claims)
    }

    /// Whether the client is taken for itself: then it only fails for want of a token.
    async fn holds(&self, key: &Pair, kid: &str, jti: &str) -> bool {
        let assertion = self.assertion(key, kid, ISSUER, jti);
        let pairs = [
            ("grant_type", "refresh_token"),
            ("refresh_token", "stoa_rt_x"),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", &*assertion),
        ];
        let seen = self.world.token(&self.program, &pairs).await;
        match error(&seen) {
            (400, code) if code == "invalid_grant" => true,
            (401, code) if code == "invalid_client" => false,
            other => panic!("{other:?}"),
        }
    }

    fn calls(&self) -> usize {
        self.outside.times_asked("/keys")
    }
}

#[tokio::test]
async fn oidcc_registration_jwks_uri() {
    let world = outside::world().await;
    let key = Pair::new();
    let client = Signing::with(&world, "cache-control: max-age=3600\r\n", &key, "1").await;
    for jti in ["a", "b", "c"] {
        assert!(client.holds(&key, "1", jti).await);
    }
    assert_eq!(client.calls(), 1, "its keys are kept");
    world.time.advance(Duration::from_secs(3599));
    assert!(client.holds(&key, "1", "d").await && client.calls() == 1);
    world.time.advance(Duration::from_secs(1));
    assert!(client.holds(&key, "1", "e").await && client.calls() == 2, "as long as it says");
    // A node that starts knows them too.
    assert_eq!(world.number("SELECT count(*) AS n FROM identity_key_set").await, 1);
}

/// The client has a new key: it is found at once, and whoever makes names up has it looked for once a minute.
#[tokio::test]
async fn oidcc_refresh_token_rp_key_rotation() {
    let world = outside::world().await;
    let (old, new, stranger) = (Pair::new(), Pair::new(), Pair::new());
    let client = Signing::with(&world, "cache-control: max-age=31536000\r\n", &old, "1").await;
    assert!(client.holds(&old, "1", "a").await);
    world.time.advance(Duration::from_secs(60));
    client.publishes("", &new, "2");
    assert!(client.holds(&old, "1", "b").await, "nothing says that it is gone");
    assert_eq!(client.calls(), 1);
    assert!(client.holds(&new, "2", "c").await && !client.holds(&old, "1", "d").await);
    assert_eq!(client.calls(), 2);
    for guess in 0..20 {
        assert!(!client.holds(&stranger, &format!("guess {guess}"), &format!("g{guess}")).await);
        assert!(!client.holds(&stranger, "2", &format!("h{guess}")).await, "the right name, another key");
    }
    assert_eq!(client.calls(), 2, "within a minute nobody is called again");
    world.time.advance(Duration::from_secs(60));
    assert!(!client.holds(&stranger, "3", "y").await && !client.holds(&stranger, "4", "z").await);
    assert_eq!(client.calls(), 3);
    assert!(client.holds(&new, "2", "e").await, "and nobody's guesses shut the client out");
    // Its own bounds say no more than ours: a year is a day.
    client.publishes("cache-control: max-age=31536000\r\n", &new, "2");
    world.time.advance(Duration::from_secs(24 * 60 * 60));
    assert!(client.holds(&new, "2", "f").await && client.calls() == 4);
    world.time.advance(Duration::from_secs(24 * 60 * 60));
    assert!(client.holds(&new, "2", "g").await && client.calls() == 5);
}

/// An address that is down is not called for ever, and one that comes back is believed.
#[tokio::test]
async fn a_client_whose_keys_cannot_be_had_is_called_ten_times_a_minute_at_most() {
    let world = outside::world().await;
    let key = Pair::new();
    let client = Signing::with(&world, "", &key, "1").await;
    client.outside.puts("/keys", Some(answer("503 Service Unavailable", "", "")));
    for number in 0..30 {
        assert!(!client.holds(&key, "1", &format!("n{number}")).await);
    }
    assert_eq!(client.calls(), 10);
    client.publishes("", &key, "1");
    world.time.advance(Duration::from_secs(60));
    assert!(client.holds(&key, "1", "a").await);
    // Gone again: what is known of it holds while it is fresh.
    client.outside.puts("/keys", None);
    world.time.advance(Duration::from_secs(200));
    assert!(client.holds(&key, "1", "b").await);
}

#[tokio::test]
async fn oidcc_ensure_client_assertion_with_iss_aud_succeeds() {
    let world = outside::world().await;
    let ada = world.signed_in("ada", Role::Member).await;
    let key = Pair::new();
    let client = Signing::with(&world, "", &key, "1").await;
    let suite = Suite { world: &world, ada, program: client.program.clone() };
    let code = suite.code(&[]).await;
    let assertion = client.assertion(&key, "1", ISSUER, "a");
    let pairs = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        ("client_assertion", &*assertion),
    ];
    world.token(&suite.program, &pairs).await.done(200);
}

/// Keys of the server change: a token of before and one of after are both found among those published.
#[tokio::test]
async fn oidcc_server_rotate_keys() {
    let world = World::new().await;
    let suite = Suite::new(&world).await;
    let before = suite.tokens(&[]).await.0;
    let day = 24 * 60 * 60;
    // Somebody asks every day: the next key is made two days before it is needed.
    for _ in 0..91 {
        world.time.advance(Duration::from_secs(day));
        world.send(at_root("GET", "/oauth/jwks")).await.done(200);
    }
    let suite = Suite { ada: world.login("ada").await, ..suite };
    let after = suite.tokens(&[]).await.0;
    let kid = |tokens: &Value| text(&read(&text(tokens, "id_token")).0, "kid");
    assert_ne!(kid(&before), kid(&after));
    let keys = world.send(at_root("GET", "/oauth/jwks")).await.done(200);
    let published = |kid: String| keys["keys"].as_array().unwrap().iter().any(|key| key["kid"] == json!(kid));
    assert!(published(kid(&before)) && published(kid(&after)));
}

/// What a client registers for signing out comes back as it was taken.
#[tokio::test]
async fn registration_takes_what_is_for_signing_out() {
    let world = World::new().await;
    let asked = json!({
        "redirect_uris": [BACK], "post_logout_redirect_uris": [BYE], "subject_type": "public",
        "backchannel_logout_uri": "https://client.example/out", "backchannel_logout_session_required": true,
    });
    let done = world.registers(asked.clone()).await.done(201);
    for (name, value) in asked.as_object().unwrap() {
        assert_eq!(done[name], *value, "{name}");
    }
}
