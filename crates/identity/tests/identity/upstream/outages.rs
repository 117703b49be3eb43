//! Providers that are slow, huge, elsewhere, or not there.

use serde_json::json;
use stoa_core::Secret;
use stoa_identity::{Config, UpstreamConfig, UpstreamKind};

use super::issuer::{Issuer, page, school, walled, with};
use crate::{house::World, outside::answer};

/// What a person is told who wants to leave for a provider.
async fn leaving(world: &World) -> (u16, String) {
    world.knock("/auth/upstreams/school", json!({})).await.refusal()
}

/// ASVS 10.5.3, and everything that is no document.
#[tokio::test]
async fn a_provider_that_cannot_be_asked_sends_nobody_anywhere() {
    let at = "/.well-known/openid-configuration";
    let (world, issuer) = school().await;
    let elsewhere = Issuer::starts().await;
    let moved = format!("location: {}\r\n", elsewhere.outside.url(at));
    for bad in [
        Some(answer("404 Not Found", "", "{}")),
        Some(answer("302 Found", &moved, "")),
        Some(answer("200 OK", "", "no json")),
        Some(answer("200 OK", "", &format!("{{\"issuer\":\"{}\"}}", "x".repeat(70_000)))),
        // Silence, until patience ends.
        None,
    ] {
        issuer.outside.puts(at, bad);
        let seen = world.knock("/auth/upstreams/school", json!({})).await;
        assert!([502, 504].contains(&seen.status.as_u16()), "{seen:?}");
        let said = seen.json()["detail"].as_str().unwrap().to_owned();
        assert!(said.starts_with("School cannot be reached now"), "{said}");
    }
    assert!(elsewhere.outside.is_untouched(), "a redirect was followed");
    issuer.describes(&json!({ "issuer": elsewhere.name() }));
    assert_eq!(leaving(&world).await.0, 502, "another issuer's document");
    issuer.describes(&json!({}));
    world.leaves("school", json!({})).await;
}

/// After the code came back: nobody is in, and told to try again.
#[tokio::test]
async fn a_provider_that_fails_half_way_lets_nobody_in() {
    let (world, issuer) = school().await;
    let huge = json!({ "access_token": "x".repeat(70_000) }).to_string();
    let elsewhere = format!("location: {}\r\n", issuer.outside.url("/elsewhere"));
    for (bad, end) in [
        (Some(answer("500 Oops", "", "{}")), "unavailable"),
        (Some(answer("307 Temporary Redirect", &elsewhere, "{}")), "unavailable"),
        (Some(answer("200 OK", "", &huge)), "unavailable"),
        (Some(answer("200 OK", "", "<html>")), "unavailable"),
        (None, "unavailable"),
        (Some(answer("401 Unauthorized", "", r#"{"error":"invalid_client"}"#)), "unavailable"),
        (Some(answer("400 Bad Request", "", r#"{"error":"invalid_grant"}"#)), "untrusted"),
        (Some(answer("200 OK", "", r#"{"access_token":"a","token_type":"mac"}"#)), "untrusted"),
        (Some(answer("200 OK", "", r#"{"id_token":"a"}"#)), "untrusted"),
    ] {
        let away = world.leaves("school", json!({})).await;
        issuer.outside.puts("/token", bad.clone());
        assert_eq!(
            page(&world.comes_back("school", &away).await),
            format!("/login?problem={end}"),
            "{bad:?}"
        );
    }
    assert_eq!(issuer.outside.times_asked("/elsewhere"), 0, "the code went on a journey");
    issuer.outside.puts("/jwks", Some(answer("503 Busy", "", "")));
    assert_eq!(page(&world.enters(&issuer, &json!({})).await), "/login?problem=unavailable");
    issuer.shows_keys(&json!([issuer.jwk("one")]));
    assert_eq!(page(&world.enters(&issuer, &json!({})).await), "/");
}

/// A provider leads to no private place that was not named.
#[tokio::test]
async fn a_private_address_is_not_called() {
    let issuer = Issuer::starts().await;
    let world = walled(with([("school", issuer.config())])).await;
    assert_eq!(leaving(&world).await.0, 502);
    assert!(issuer.outside.is_untouched());
    for private in ["https://10.0.0.1", "https://169.254.169.254", "https://[::1]"] {
        let config = UpstreamConfig { issuer: Some(private.into()), ..issuer.config() };
        assert_eq!(leaving(&walled(with([("school", config)])).await).await.0, 502, "{private}");
    }
    // Nor by what a document names.
    let (world, issuer) = school().await;
    issuer.describes(&json!({ "token_endpoint": "https://10.0.0.1/token" }));
    let away = world.leaves("school", json!({})).await;
    assert_eq!(page(&world.comes_back("school", &away).await), "/login?problem=unavailable");
}

/// A password may stand in a file, which is read at the start.
#[test]
fn a_password_in_a_file_is_read_at_the_start_or_the_house_does_not_start() {
    let folder = std::env::temp_dir().join(format!("stoa_upstream_{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("secret");
    let start = |secret: Option<&str>| {
        let github = UpstreamConfig {
            kind: UpstreamKind::Github,
            label: None,
            issuer: None,
            client_id: "stoa".into(),
            client_secret: secret.map(Secret::new),
            client_secret_file: secret.is_none().then(|| path.clone()),
            scopes: Vec::new(),
        };
        let config: Config = with([("github", github)]);
        let out = stoa_edge::Out::new(&stoa_edge::OutConfig::default()).unwrap();
        stoa_identity::Identity::new(config, out).err().map(|error| error.said().to_owned())
    };
    assert!(start(None).unwrap().contains("`identity.upstreams.github`: `client_secret_file`"));
    for (text, fine) in [("s3cret\n", true), (" \n", false), (&*"x".repeat(2000), false)] {
        std::fs::write(&path, text).unwrap();
        let said = start(None);
        assert_eq!(said.is_none(), fine, "{said:?}");
        assert!(said.is_none_or(|said| said.contains("client_secret_file") && !said.contains("xxx")));
    }
    assert_eq!(start(Some("s3cret")), None);
    std::fs::remove_dir_all(&folder).unwrap();
}
