//! Clients that are described by a document at their own address, and all the documents that are none.

use std::time::Duration;

use serde_json::{Value, json};
use stoa_core::Role;

use super::{
    registration::Pair,
    way::{BACK, Program, error, form, location, text},
};
use crate::{
    house::{As, World},
    outside::{Outside, answer, world},
};

/// What a good document says.
fn document(id: &str) -> Value {
    json!({ "client_id": id, "client_name": "Assistant", "redirect_uris": [BACK] })
}

/// How often a refusal with these words is on record.
async fn refused(world: &World, subject: String) -> usize {
    let sql = "SELECT id FROM identity_audit WHERE action = 'oauth.refused' AND subject = $1";
    world.rows(sql, [subject.into()]).await.len()
}

/// G3 C1, C7, C8, C14, C15.
#[tokio::test]
async fn a_document_makes_its_address_a_client() {
    let (world, outside) = (world().await, Outside::starts().await);
    let ada = world.signed_in("ada", Role::Member).await;
    let id = outside.url("/client.json");
    let mut said = document(&id);
    said["logo_uri"] = json!(outside.url("/logo.png"));
    let client = outside.describes("/client.json", &said, "cache-control: max-age=3600\r\n");
    let handle = world.waits(&client, &[]).await;
    let shown =
        world.ask(As::Cookie(&ada), "GET", &format!("/oauth/requests/{handle}"), None).await.done(200);
    let about = &shown["client"];
    // C16: a picture that somebody else chose is shown to nobody, and fetched by nobody.
    let fields: Vec<_> = about.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(fields, ["first_seen_at", "host", "id", "local_only", "name", "trusted"]);
    assert_eq!(
        (text(about, "id"), text(about, "name"), text(about, "host"), text(&shown, "redirect_host")),
        (id.clone(), "Assistant".into(), "127.0.0.1".into(), "client.example".into())
    );
    assert_eq!((&about["local_only"], &about["trusted"]), (&json!(false), &json!(false)));
    let code = world.code(&ada, &client, &[]).await;
    let tokens = world.redeems(&client, &code).await.done(200);
    assert!(tokens["refresh_token"].is_string(), "a document without `grant_types` is one of an assistant");
    assert_eq!(outside.times_asked("/client.json"), 1, "C8: it is kept as long as it says");
    assert_eq!(outside.times_asked("/logo.png"), 0, "C16");
    // G8 A8: whoever is called from here hears of no token, whichever the request brought.
    let heads: String = outside.heard().into_iter().map(|heard| heard.head.to_ascii_lowercase()).collect();
    assert!(
        heads.contains("get /client.json") && !heads.contains("authorization:") && !heads.contains("cookie:")
    );
    // C8: then it is read anew, and what it says now counts.
    let mut moved = document(&id);
    moved["redirect_uris"] = json!(["https://elsewhere.example/cb"]);
    outside.describes("/client.json", &moved, "");
    world.time.advance(Duration::from_secs(3600));
    let seen = world.asks(As::Nobody, &client, &[]).await;
    assert_eq!((seen.status.as_u16(), seen.headers.get("location")), (400, None), "C7");
    assert_eq!(refused(&world, format!("authorize invalid_request: {id}")).await, 1);
    location(&world.asks(As::Nobody, &client, &[("redirect_uri", "https://elsewhere.example/cb")]).await);
    assert_eq!(outside.times_asked("/client.json"), 2);
}

/// G3 C3, C4, C5, C6, C9, C10, C13: each ends on a page for the person and as `invalid_client` for the program, on
/// record, with nothing kept; and what is put right is a client at once.
#[tokio::test]
async fn a_wrong_document_makes_nobody_a_client() {
    let (world, outside) = (world().await, Outside::starts().await);
    let with = |path: &str, change: fn(&mut Value)| {
        let mut document = document(&outside.url(path));
        change(&mut document);
        Some(answer("200 OK", "", &document.to_string()))
    };
    let other = answer("200 OK", "", &document(&outside.url("/target")).to_string());
    outside.puts("/target", Some(other));
    let huge = |it: &mut Value| it["more"] = json!("x".repeat(16 << 10));
    let redirect = answer("302 Found", &format!("location: {}\r\n", outside.url("/target")), "");
    for (path, page, why) in [
        ("/huge", with("/huge", huge), "too large"),
        ("/slow", None, "did not answer in time"),
        ("/half", Some("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{".to_owned()), "cannot be reached"),
        ("/redirect", Some(redirect), "answers 302"),
        ("/missing", Some(answer("404 Not Found", "", "{}")), "answers 404"),
        (
            "/created",
            with("/created", |_| ()).map(|text| text.replacen("200 OK", "201 Created", 1)),
            "answers 201",
        ),
        (
            "/other",
            with("/other", |it| it["client_id"] = json!("https://other.example/c")),
            "another `client_id`",
        ),
        (
            "/slash",
            with("/slash", |it| it["client_id"] = json!(text(it, "client_id") + "/")),
            "another `client_id`",
        ),
        ("/nobody", with("/nobody", |it| it["client_id"] = Value::Null), "another `client_id`"),
        ("/html", Some(answer("200 OK", "", "<html>")), "is no JSON"),
        ("/list", Some(answer("200 OK", "", "[]")), "another `client_id`"),
        (
            "/kinds",
            with("/kinds", |it| it["redirect_uris"] = json!("https://client.example/cb")),
            "no client metadata",
        ),
        ("/secret", with("/secret", |it| it["client_secret"] = json!("hunter2")), "shared secret"),
        ("/expires", with("/expires", |it| it["client_secret_expires_at"] = json!(0)), "shared secret"),
        (
            "/basic",
            with("/basic", |it| it["token_endpoint_auth_method"] = json!("client_secret_basic")),
            "shared secret",
        ),
        (
            "/post",
            with("/post", |it| it["token_endpoint_auth_method"] = json!("client_secret_post")),
            "shared secret",
        ),
        (
            "/jwt",
            with("/jwt", |it| it["token_endpoint_auth_method"] = json!("client_secret_jwt")),
            "shared secret",
        ),
        ("/nameless", with("/nameless", |it| it["client_name"] = Value::Null), "has no `client_name`"),
        ("/nowhere", with("/nowhere", |it| it["redirect_uris"] = json!([])), "or no `redirect_uris`"),
    ] {
        outside.puts(path, page);
        let client = Program { id: outside.url(path), secret: None };
        let seen = world.asks(As::Nobody, &client, &[]).await;
        let page = String::from_utf8_lossy(&seen.body).replace("&#96;", "`");
        assert_eq!((seen.status.as_u16(), seen.headers.get("location")), (400, None), "{path}");
        assert!(page.contains(why) && page.contains("invalid_client"), "{path}: {page}");
        assert_eq!(refused(&world, format!("authorize invalid_client: {}", client.id)).await, 1);
        assert_eq!(
            error(&world.refreshes(&client, "stoa_rt_x").await),
            (401, "invalid_client".into()),
            "{path}"
        );
        assert_eq!(refused(&world, format!("token invalid_client: {}", client.id)).await, 1);
        assert_eq!(outside.times_asked(path), 2, "C9: a failure is not kept: {path}");
        let kept =
            world.rows("SELECT id FROM identity_client WHERE id = $1", [client.id.clone().into()]).await;
        assert!(kept.is_empty(), "{path}");
        outside.describes(path, &document(&client.id), "");
        location(&world.asks(As::Nobody, &client, &[]).await);
    }
    assert_eq!(outside.times_asked("/target"), 0, "C3: a redirect was followed");
    // What of a good document is a wrong client is refused in the words of a registration.
    for (path, spoil, code) in [
        (
            "/evil",
            (|it| it["redirect_uris"] = json!(["javascript:alert(1)"])) as fn(&mut Value),
            "invalid_redirect_uri",
        ),
        ("/plain", |it| it["redirect_uris"] = json!(["http://client.example/cb"]), "invalid_redirect_uri"),
        (
            "/keyless",
            |it| it["token_endpoint_auth_method"] = json!("private_key_jwt"),
            "invalid_client_metadata",
        ),
        ("/private", |it| it["jwks"] = json!({"keys": [{"kty": "EC", "d": "x"}]}), "invalid_client_metadata"),
        ("/logo", |it| it["logo_uri"] = json!("http://evil.example/x.png"), "invalid_client_metadata"),
    ] {
        outside.puts(path, with(path, spoil));
        let client = Program { id: outside.url(path), secret: None };
        assert_eq!(world.asks(As::Nobody, &client, &[]).await.status, 400, "{path}");
        assert_eq!(refused(&world, format!("authorize {code}: {}", client.id)).await, 1);
    }
}

/// G3 C2, C11: nothing is called that is no public address, or written in a way that two could read differently.
#[tokio::test]
async fn an_address_that_is_none_is_not_called() {
    let (world, outside) = (world().await, Outside::starts().await);
    let port = outside.port;
    for id in [
        // C2: how it is written.
        "http://client.example/client.json".into(),
        "https://client.example".into(),
        "https://client.example/".into(),
        "https://client.example/a/../client.json".into(),
        "https://client.example/./client.json".into(),
        "https://client.example/%2e%2e/client.json".into(),
        "https://client.example/client.json#x".into(),
        "https://client.example/client.json?x=1".into(),
        "https://user@client.example/client.json".into(),
        "https://user:word@client.example/client.json".into(),
        "https://CLIENT.example/client.json".into(),
        "https://client.example:443/client.json".into(),
        "https://".into(),
        format!("https://client.example/{}", "x".repeat(2048)),
        // C11: where it leads.
        format!("https://localhost:{port}/client.json"),
        format!("http://localhost:{port}/client.json"),
        format!("https://[::1]:{port}/client.json"),
        format!("https://[::ffff:7f00:1]:{port}/client.json"),
        "https://10.0.0.1/client.json".into(),
        "https://192.168.1.1/client.json".into(),
        "https://169.254.169.254/latest/meta-data".into(),
        "https://0.0.0.0/client.json".into(),
        "https://[fd00:ec2::254]/client.json".into(),
    ] {
        let client = Program { id: id.clone(), secret: None };
        let seen = world.asks(As::Nobody, &client, &[]).await;
        assert_eq!((seen.status.as_u16(), seen.headers.get("location")), (400, None), "{id}");
        let shown: String = id.chars().take(200).collect();
        assert_eq!(refused(&world, format!("authorize invalid_client: {shown}")).await, 1);
        let pushed = world.send(form("/oauth/par", &[("client_id", &id)])).await;
        assert_eq!(error(&pushed), (401, "invalid_client".into()), "{id}");
    }
    assert!(outside.is_untouched(), "something inside was called");
    assert_eq!(world.number("SELECT count(*) AS n FROM identity_client").await, 0);
}

/// G3 C12, C17: who publishes keys must show that it has them, whatever it says of itself; and its keys are fetched
/// from public addresses only.
#[tokio::test]
async fn a_document_with_keys_is_a_client_that_signs() {
    let (world, outside) = (world().await, Outside::starts().await);
    let key = Pair::new();
    let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
    let signs = |client: &Program, jti: &str| {
        let now = world.store.clock.now().micros() / 1_000_000;
        let aud = super::way::ISSUER;
        let claims =
            json!({"iss": client.id, "sub": client.id, "aud": aud, "exp": now + 60, "iat": now, "jti": jti});
        key.signs(&json!({"alg": "ES256"}), &claims)
    };
    let set = json!({"keys": [key.public]});
    let with = |path: &str, name: &str, value: &Value| {
        let mut said = document(&outside.url(path));
        said["token_endpoint_auth_method"] = json!("none");
        said[name] = value.clone();
        outside.describes(path, &said, "")
    };
    outside.puts("/keys", Some(answer("200 OK", "", &set.to_string())));
    for (path, name, value) in
        [("/inside", "jwks", set.clone()), ("/beside", "jwks_uri", json!(outside.url("/keys")))]
    {
        let client = with(path, name, &value);
        assert_eq!(
            error(&world.refreshes(&client, "stoa_rt_x").await),
            (401, "invalid_client".into()),
            "{path}"
        );
        let assertion = signs(&client, path);
        let shown = [
            ("grant_type", "refresh_token"),
            ("refresh_token", "stoa_rt_x"),
            ("client_assertion_type", kind),
            ("client_assertion", &assertion),
        ];
        let seen = world.token(&client, &shown).await;
        assert_eq!(
            error(&seen),
            (400, "invalid_grant".into()),
            "it is the client; the token is none: {path}"
        );
    }
    // Keys that cannot be had show nothing: the client is told so, in the words of the endpoint.
    for (number, place) in [
        "https://10.0.0.1/keys".to_owned(),
        "http://localhost:1/keys".to_owned(),
        outside.url("/none"),
        outside.url("/silent"),
        outside.url("/html"),
    ]
    .into_iter()
    .enumerate()
    {
        outside.puts("/silent", None);
        outside.puts("/html", Some(answer("200 OK", "", "<html>")));
        let path = format!("/unreadable-{number}");
        let client = with(&path, "jwks_uri", &json!(place));
        let assertion = signs(&client, &path);
        let pairs = [
            ("client_assertion_type", kind),
            ("client_assertion", &*assertion),
            ("grant_type", "refresh_token"),
        ];
        assert_eq!(error(&world.token(&client, &pairs).await), (401, "invalid_client".into()), "{place}");
    }
}
