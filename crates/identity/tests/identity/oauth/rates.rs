//! Asking has a rate of its own.

use stoa_core::Role;
use stoa_edge::{Edge, EdgeConfig, RateConfig};
use stoa_identity::{authenticator, part};

use super::way::at_root;
use crate::house::{World, seen};

/// G18 S1: each client id that is an address costs a call outside, so that an address has so many in a minute.
#[tokio::test]
async fn asking_is_counted_by_address_apart_from_everything_else() {
    let world = World::new().await;
    world.person("ada", Role::Owner).await;
    let url = Some("http://127.0.0.1:8080".parse().unwrap());
    let config = EdgeConfig { public_url: url, ..EdgeConfig::default() };
    let parts = vec![part(&world.identity)];
    let router = Edge::build(config, world.store.clone(), authenticator(&world.identity), parts, Vec::new())
        .unwrap()
        .router();
    let asks = async |path: &str| seen(&router, at_root("GET", path)).await;
    let first = asks("/oauth/authorize?client_id=x").await;
    assert_eq!(first.headers["ratelimit-policy"], "\"authorize\";q=120;w=60");
    for _ in 1..120 {
        assert_eq!(asks("/oauth/authorize?client_id=x").await.status, 400);
    }
    for path in ["/oauth/authorize?client_id=x", "/oauth/logout", "/oauth/answers/x"] {
        assert_eq!(asks(path).await.refusal(), (429, "rate_limited".into()), "{path}");
    }
    assert_eq!(asks("/oauth/jwks").await.status, 200, "others are counted elsewhere");
    // Configuration knows it by its name.
    let mut config =
        EdgeConfig { public_url: Some("http://127.0.0.1:8080".parse().unwrap()), ..EdgeConfig::default() };
    let rate = RateConfig { limit: 1, seconds: std::time::Duration::from_secs(60) };
    config.rates.insert("authorize".into(), rate);
    let parts = vec![part(&world.identity)];
    assert!(
        Edge::build(config, world.store.clone(), authenticator(&world.identity), parts, Vec::new()).is_ok()
    );
}
