//! Who a program is, and how it shows it.

use axum::{
    body::Body,
    http::{HeaderValue, Request, header},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use stoa_core::Role;

use super::way::{BACK, ISSUER, Program, VERIFIER, at_root, error, form, text};
use crate::house::{As, Seen, World};

/// G3 C21, C22, C23, C28; G6 T11.
#[tokio::test]
async fn a_program_registers_itself_and_looks_after_that() {
    let world = World::new().await;
    let asked = json!({"client_name": "Assistant", "redirect_uris": [BACK], "scope": "tasks:read profile root", "logo_uri": null});
    let seen = world.registers(asked).await;
    assert_eq!(seen.headers["cache-control"], "no-store");
    let done = seen.done(201);
    assert!(text(&done, "client_id").starts_with("stoa_client_"), "G3 C18");
    assert_eq!(text(&done, "scope"), "profile tasks:read");
    assert_eq!(text(&done, "token_endpoint_auth_method"), "client_secret_basic");
    assert_eq!(
        (text(&done, "client_secret").len(), done["client_secret_expires_at"].as_i64()),
        (43, Some(0))
    );
    let (path, token) =
        (format!("/oauth/register/{}", text(&done, "client_id")), text(&done, "registration_access_token"));
    let bearer = |mut request: Request<Body>, token: &str| {
        let value = HeaderValue::from_str(&format!("Bearer {token}")).unwrap();
        request.headers_mut().insert(header::AUTHORIZATION, value);
        request
    };
    let shown = world.send(bearer(at_root("GET", &path), &token)).await.done(200);
    assert!(shown.get("client_secret").is_none(), "a secret was shown twice");
    let other = world.registers(json!({"redirect_uris": [BACK]})).await.done(201);
    for bad in ["", "stoa_reg_x", &text(&other, "registration_access_token")] {
        let seen = world.send(bearer(at_root("GET", &path), bad)).await;
        assert_eq!(error(&seen), (401, "invalid_token".into()), "{bad}");
    }
    let put = |body: Value| {
        let mut request = bearer(at_root("PUT", &path), &token);
        request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        *request.body_mut() = Body::from(body.to_string());
        request
    };
    let changed =
        world.send(put(json!({"client_name": "New", "redirect_uris": ["https://new.example/"]}))).await;
    assert_eq!(text(&changed.done(200), "client_name"), "New");
    let evil = world.send(put(json!({"redirect_uris": ["http://evil.example/"]}))).await;
    assert_eq!(error(&evil), (400, "invalid_redirect_uri".into()));
    let weaker = json!({"redirect_uris": [BACK], "token_endpoint_auth_method": "none"});
    assert_eq!(error(&world.send(put(weaker)).await), (400, "invalid_client_metadata".into()));
    world.send(bearer(at_root("DELETE", &path), &token)).await.done(204);
    assert_eq!(
        error(&world.send(bearer(at_root("GET", &path), &token)).await),
        (401, "invalid_token".into())
    );
    // So that the program registers anew (C27).
    let gone = Program { id: text(&done, "client_id"), secret: None };
    let seen = world.refreshes(&gone, "stoa_rt_x").await;
    assert_eq!(error(&seen), (401, "invalid_client".into()));
}

#[tokio::test]
async fn what_is_no_registration_is_refused_in_the_right_words() {
    let world = World::new().await;
    for (body, expected) in [
        (json!({}), "invalid_redirect_uri"),
        (json!({"redirect_uris": ["javascript:alert(1)"]}), "invalid_redirect_uri"),
        (json!({"redirect_uris": [BACK], "grant_types": ["password"]}), "invalid_client_metadata"),
        (json!({"redirect_uris": "https://x.example"}), "invalid_client_metadata"),
        (json!([1]), "invalid_client_metadata"),
        (
            json!({"redirect_uris": [BACK], "token_endpoint_auth_method": "private_key_jwt"}),
            "invalid_client_metadata",
        ),
    ] {
        assert_eq!(error(&world.registers(body.clone()).await), (400, expected.into()), "{body}");
    }
    let text = form("/oauth/register", &[("redirect_uris", BACK)]);
    assert_eq!(error(&world.send(text).await), (400, "invalid_client_metadata".into()));
}

/// G3 C24: what is said of the kind of application closes no way that the address itself leaves open.
#[tokio::test]
async fn a_program_on_ones_own_machine_may_call_itself_what_it_likes() {
    let world = World::new().await;
    let uris = json!(["http://127.0.0.1/cb", "http://localhost:8123/cb", "com.example.app:/cb"]);
    for kind in [json!(null), json!("web"), json!("native")] {
        let done = world.registers(json!({"redirect_uris": uris, "application_type": kind})).await.done(201);
        assert_eq!(done["redirect_uris"], uris, "{kind}");
    }
    let odd = json!({"redirect_uris": uris, "application_type": "browser"});
    assert_eq!(error(&world.registers(odd).await), (400, "invalid_client_metadata".into()));
}

/// G3 C26: from one address so many programs a minute, without any setting.
#[tokio::test]
async fn registrations_have_a_limit() {
    let world = World::new().await;
    let doors = world.strict_node();
    let mut seen = Vec::new();
    for _ in 0..31 {
        let request = Request::post("/oauth/register")
            .header("host", "127.0.0.1:8080")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(json!({"redirect_uris": [BACK]}).to_string()))
            .unwrap();
        seen.push(crate::house::seen(&doors, request).await);
    }
    assert!(seen[..30].iter().all(|seen| seen.status == 201));
    assert_eq!((seen[30].status.as_u16(), seen[30].headers.contains_key("retry-after")), (429, true));
    assert_eq!(world.number("SELECT count(*) AS n FROM identity_client").await, 30);
}

/// G6 T4: a secret is tried so often a minute and no more, whoever tries from wherever.
#[tokio::test]
async fn a_secret_is_not_tried_for_long() {
    let world = World::new().await;
    let (program, other) = (
        world.program_with(json!({"redirect_uris": [BACK]})).await,
        world.program_with(json!({"redirect_uris": [BACK]})).await,
    );
    let grant = [("grant_type", "authorization_code")];
    let tries = async |program: &Program| world.send(basic(&program.id, "guess", &grant)).await.status;
    for number in 0..600 {
        assert_eq!(tries(&program).await, 401, "{number}");
    }
    assert_eq!(tries(&program).await, 429);
    let secret = program.secret.clone().unwrap();
    assert_eq!(world.send(basic(&program.id, &secret, &grant)).await.status, 429, "nor is the right one");
    assert_eq!(tries(&other).await, 401);
    world.time.advance(std::time::Duration::from_secs(60));
    assert_eq!(world.send(basic(&program.id, &secret, &grant)).await.status, 400);
}

fn basic(id: &str, secret: &str, pairs: &[(&str, &str)]) -> Request<Body> {
    let mut request = form("/oauth/token", pairs);
    let value = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
    request.headers_mut().insert(header::AUTHORIZATION, HeaderValue::from_str(&value).unwrap());
    request
}

/// G6 T2, T3, T11, T15.
#[tokio::test]
async fn a_client_shows_what_it_registered_to_show_and_in_one_way() {
    let world = World::new().await;
    let ada = world.signed_in("ada", Role::Member).await;
    let program = world.program_with(json!({"redirect_uris": [BACK]})).await;
    let secret = program.secret.clone().unwrap();
    let code = world.code(&ada, &program, &[]).await;
    let pairs = [("grant_type", "authorization_code"), ("code", &*code), ("code_verifier", VERIFIER)];
    let refused = |seen: &Seen| assert_eq!(error(seen), (401, "invalid_client".into()));
    refused(&world.token(&program, &pairs).await);
    refused(&world.token(&program, &[&pairs[..], &[("client_secret", &*secret)]].concat()).await);
    let wrong = world.send(basic(&program.id, "wrong", &pairs)).await;
    refused(&wrong);
    assert_eq!(wrong.headers["www-authenticate"], "Basic realm=\"stoa\", charset=\"UTF-8\"");
    refused(&world.send(basic("stoa_client_nobody", &secret, &pairs)).await);
    let both = [&pairs[..], &[("client_secret", &*secret)]].concat();
    assert_eq!(error(&world.send(basic(&program.id, &secret, &both)).await), (400, "invalid_request".into()));
    let other = [&pairs[..], &[("client_id", "another")]].concat();
    assert_eq!(
        error(&world.send(basic(&program.id, &secret, &other)).await),
        (400, "invalid_request".into())
    );
    let tokens = world.send(basic(&program.id, &secret, &pairs)).await.done(200);
    assert!(tokens.get("refresh_token").is_none(), "it has not registered for one (T15)");
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", "stoa_rt_x")];
    let seen = world.send(basic(&program.id, &secret, &refresh)).await;
    assert_eq!(error(&seen), (400, "unauthorized_client".into()));
    for grant in ["password", "implicit", "client_credentials"] {
        let seen = world.send(basic(&program.id, &secret, &[("grant_type", grant)])).await;
        assert_eq!(seen.status, 400, "{grant}");
    }
    assert_eq!(world.send(at_root("GET", "/oauth/token")).await.status, 405, "G6 T1");
}

/// A key of a client, and what it signs.
pub(crate) struct Pair {
    pair: aws_lc_rs::signature::EcdsaKeyPair,
    pub(crate) public: Value,
}

impl Pair {
    pub(crate) fn new() -> Self {
        use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        let point = pair.public_key().as_ref();
        let public = json!({"kty": "EC", "crv": "P-256", "x": b64(&point[1..33]), "y": b64(&point[33..65])});
        Self { pair, public }
    }

    /// Its name by RFC 7638, as this house makes none itself.
    pub(crate) fn thumbprint(&self) -> String {
        let [x, y] = ["x", "y"].map(|name| self.public[name].as_str().unwrap());
        let whole = format!(r#"{{"crv":"P-256","kty":"EC","x":"{x}","y":"{y}"}}"#);
        b64(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, whole.as_bytes()).as_ref())
    }

    pub(crate) fn signs(&self, head: &Value, claims: &Value) -> String {
        let said = format!("{}.{}", b64(head.to_string().as_bytes()), b64(claims.to_string().as_bytes()));
        let signature = self.pair.sign(&aws_lc_rs::rand::SystemRandom::new(), said.as_bytes()).unwrap();
        format!("{said}.{}", b64(signature.as_ref()))
    }
}

pub(crate) fn b64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

/// G6 T2, T5.
#[tokio::test]
async fn a_client_with_a_key_signs_once_for_us_and_nobody_else() {
    let world = World::new().await;
    let key = Pair::new();
    let program = world
        .program_with(json!({
            "redirect_uris": [BACK], "token_endpoint_auth_method": "private_key_jwt", "jwks": {"keys": [key.public]},
            "grant_types": ["authorization_code", "refresh_token"],
        }))
        .await;
    let now = world.store.clock.now().micros() / 1_000_000;
    let right =
        json!({"iss": program.id, "sub": program.id, "aud": ISSUER, "exp": now + 60, "iat": now, "jti": "1"});
    let head = json!({"alg": "ES256"});
    let sends = async |assertion: &str| {
        let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
        let pairs = [
            ("grant_type", "refresh_token"),
            ("refresh_token", "none"),
            ("client_assertion_type", kind),
            ("client_assertion", assertion),
        ];
        error(&world.send(form("/oauth/token", &pairs)).await).1
    };
    let with = |name: &str, value: Value| {
        let mut claims = right.clone();
        claims["jti"] = json!(format!("{name}{value}"));
        claims[name] = value;
        key.signs(&head, &claims)
    };
    let unsigned = format!("{}.{}.", b64(br#"{"alg":"none"}"#), b64(right.to_string().as_bytes()));
    let shared = format!("{}.{}.AAAA", b64(br#"{"alg":"HS256"}"#), b64(right.to_string().as_bytes()));
    let stranger = Pair::new();
    for (what, bad) in [
        ("unsigned", unsigned),
        ("a shared secret", shared),
        ("another's key", stranger.signs(&head, &right)),
        ("its own key inside", stranger.signs(&json!({"alg": "ES256", "jwk": stranger.public}), &right)),
        (
            "a key from somewhere",
            key.signs(&json!({"alg": "ES256", "jku": "https://evil.example/k"}), &right),
        ),
        ("critical", key.signs(&json!({"alg": "ES256", "crit": ["x"], "x": 1}), &right)),
        ("the token endpoint", with("aud", json!(format!("{ISSUER}/oauth/token")))),
        ("several", with("aud", json!([ISSUER, "https://other.example"]))),
        ("another issuer", with("iss", json!("somebody"))),
        ("expired", with("exp", json!(now - 1))),
        ("good for a year", with("exp", json!(now + 31_536_000))),
        ("from the future", with("iat", json!(now + 600))),
    ] {
        assert_eq!(sends(&bad).await, "invalid_client", "{what}");
    }
    let good = key.signs(&head, &right);
    assert_eq!(sends(&good).await, "invalid_grant", "it is the client; the token is none");
    assert_eq!(sends(&good).await, "invalid_client", "an assertion was taken twice");
    let refused = world.actions().await.iter().filter(|action| *action == "oauth.refused").count();
    assert_eq!(refused, 14, "each is on record");
}

/// A client is remembered by the process that serves it, and only as long as it is what it was.
#[tokio::test]
async fn a_client_that_changed_or_went_is_not_taken_for_what_it_was() {
    let world = World::new().await;
    world.remembers().await;
    let client = json!({"redirect_uris": [BACK], "token_endpoint_auth_method": "none"});
    let done = world.registers(client).await.done(201);
    let program = Program { id: text(&done, "client_id"), secret: None };
    let owns = |method: &str, body: &Value| {
        let mut request = at_root(method, &format!("/oauth/register/{}", program.id));
        let token = format!("Bearer {}", text(&done, "registration_access_token"));
        request.headers_mut().insert(header::AUTHORIZATION, HeaderValue::from_str(&token).unwrap());
        request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        *request.body_mut() = Body::from(body.to_string());
        request
    };
    let asks = async || world.asks(As::Nobody, &program, &[]).await.status.as_u16();
    assert_eq!((asks().await, asks().await), (303, 303));
    let other = json!({"redirect_uris": ["https://new.example/"], "token_endpoint_auth_method": "none"});
    world.send(owns("PUT", &other)).await.done(200);
    assert_eq!((asks().await, asks().await), (400, 400));
    world.send(owns("DELETE", &json!({}))).await.done(204);
    assert_eq!(error(&world.refreshes(&program, "stoa_rt_x").await), (401, "invalid_client".into()));
}

/// G3 C26.
#[tokio::test]
async fn a_program_that_nobody_let_in_is_forgotten() {
    let world = World::new().await;
    let ada = world.signed_in("ada", Role::Member).await;
    let (used, unused) = (world.program().await, world.program().await);
    world.code(&ada, &used, &[]).await;
    world.remembers().await;
    assert_eq!(error(&world.refreshes(&unused, "stoa_rt_x").await), (400, "invalid_grant".into()));
    // The first look only notes when the sweep is due.
    let worker = world.works();
    worker.tend().await.unwrap();
    world.time.advance(std::time::Duration::from_secs(8 * 24 * 60 * 60));
    worker.tend().await.unwrap();
    world.rests().await;
    world.remembers().await;
    assert_eq!(error(&world.refreshes(&unused, "stoa_rt_x").await), (401, "invalid_client".into()));
    assert_eq!(error(&world.refreshes(&used, "stoa_rt_x").await), (400, "invalid_grant".into()));
}

/// G3 C1, C5; who looks after the house makes clients that act for themselves. G6 T14; G9 J7; G10 V4, V5, V6.
#[tokio::test]
async fn an_admin_makes_a_client_that_acts_for_itself() {
    let world = World::new().await;
    let admin = world.signed_in("root", Role::Owner).await;
    let member = world.signed_in("ada", Role::Member).await;
    let service = world.person("service", Role::Member).await;
    let body = json!({
        "metadata": {"client_name": "Nightly", "redirect_uris": [], "grant_types": ["client_credentials"]},
        "service_user_id": service,
    });
    let refused = world.ask(As::Cookie(&member), "POST", "/admin/clients", Some(body.clone())).await;
    assert_eq!(refused.status, 403);
    let made = world.ask(As::Cookie(&admin), "POST", "/admin/clients", Some(body)).await.done(201);
    let (id, secret) = (text(&made, "client_id"), text(&made, "client_secret"));
    let listed = world.ask(As::Cookie(&admin), "GET", "/admin/clients", None).await.done(200);
    assert!(listed["items"][0].get("client_secret").is_none());
    let grant = [("grant_type", "client_credentials"), ("scope", "profile email openid")];
    let tokens = world.send(basic(&id, &secret, &grant)).await.done(200);
    assert_eq!(
        text(&tokens, "scope"),
        "profile email",
        "what only says who a person is, is not for a client"
    );
    assert!(tokens.get("refresh_token").is_none() && tokens.get("id_token").is_none());
    let access = text(&tokens, "access_token");
    let (_, claims) = super::codes::read(&access);
    assert_eq!(text(&claims, "sub"), id, "nobody takes it for a person");
    assert_eq!(text(&world.ask(As::Token(&access), "GET", "/me", None).await.done(200), "id"), service);

    let asks = |request: &str, id: &str, secret: &str, token: &str| {
        let mut all = basic(id, secret, &[("token", token)]);
        *all.uri_mut() = format!("/oauth/{request}").parse().unwrap();
        all
    };
    let about = world.send(asks("introspect", &id, &secret, &access)).await.done(200);
    assert_eq!((about["active"].as_bool(), text(&about, "client_id")), (Some(true), id.clone()));
    let other = world.program_with(json!({"redirect_uris": [BACK]})).await;
    let other_secret = other.secret.clone().unwrap();
    let nothing = world.send(asks("introspect", &other.id, &other_secret, &access)).await.done(200);
    assert_eq!(nothing, json!({"active": false}), "G10 V5, V6");
    let foreign = world.send(asks("revoke", &other.id, &other_secret, &access)).await;
    assert_eq!(error(&foreign), (400, "unauthorized_client".into()), "G10 V6");
    assert_eq!(world.send(asks("introspect", &id, "wrong", &access)).await.status, 401, "G10 V4");
    assert_eq!(world.send(asks("revoke", &id, &secret, "nothing")).await.status, 200, "G10 V2");
    world.send(asks("revoke", &id, &secret, &access)).await.done(200);
    assert_eq!(world.ask(As::Token(&access), "GET", "/me", None).await.status, 401, "G10 V3");
    let about = world.send(asks("introspect", &id, &secret, &access)).await.done(200);
    assert_eq!(about, json!({"active": false}));
    world.ask(As::Cookie(&admin), "DELETE", &format!("/admin/clients/{id}"), None).await.done(204);
    assert_eq!(world.send(basic(&id, &secret, &grant)).await.status, 401);
}
