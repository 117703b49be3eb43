//! A provider of identities, and the way of a browser there and back.

use std::{collections::BTreeMap, time::Duration};

use axum::{
    body::Body,
    http::{HeaderValue, Request, header},
};
use serde_json::{Value, json};
use stoa_core::Secret;
use stoa_edge::OutConfig;
use stoa_identity::{Config, SignupMode, UpstreamConfig, UpstreamKind};
use url::Url;

use crate::{
    house::{As, Seen, World},
    oauth::{
        registration::Pair,
        way::{at_root, location, param},
    },
    outside::{Outside, answer, to_this_machine},
};

/// Our name there.
pub(super) const CLIENT: &str = "stoa client";
/// Our password there.
pub(super) const SECRET: &str = "p:ss wörd";
/// An access token of the provider's, which must never be found anywhere.
pub(super) const ACCESS: &str = "upstream-access-token";

/// An OpenID provider.
pub(super) struct Issuer {
    pub(super) outside: Outside,
    pub(super) key: Pair,
}

impl Issuer {
    pub(super) async fn starts() -> Self {
        let issuer = Self { outside: Outside::starts().await, key: Pair::new() };
        issuer.describes(&json!({}));
        issuer.shows_keys(&json!([issuer.jwk("one")]));
        issuer
    }

    pub(super) fn name(&self) -> String {
        self.outside.url("")
    }

    pub(super) fn jwk(&self, kid: &str) -> Value {
        let mut key = self.key.public.clone();
        key["kid"] = json!(kid);
        key["use"] = json!("sig");
        key
    }

    /// What it says of itself, with this changed.
    pub(super) fn describes(&self, change: &Value) {
        let mut document = json!({
            "issuer": self.name(),
            "authorization_endpoint": format!("{}?tenant=a", self.outside.url("/authorize")),
            "token_endpoint": self.outside.url("/token"),
            "userinfo_endpoint": self.outside.url("/userinfo"),
            "jwks_uri": self.outside.url("/jwks"),
            "id_token_signing_alg_values_supported": ["ES256", "RS256"],
            "code_challenge_methods_supported": ["S256"],
        });
        document.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        self.says("/.well-known/openid-configuration", &document);
    }

    pub(super) fn shows_keys(&self, keys: &Value) {
        self.says("/jwks", &json!({ "keys": keys }));
    }

    pub(super) fn says(&self, path: &str, body: &Value) {
        self.outside.puts(path, Some(answer("200 OK", "", &body.to_string())));
    }

    /// The claims of a good ID token, with these changed.
    pub(super) fn claims(&self, world: &World, away: &Away, change: &Value) -> Value {
        let now = world.store.clock.now().micros() / 1_000_000;
        let mut claims = json!({
            "iss": self.name(), "sub": "ada-there", "aud": CLIENT, "exp": now + 300, "iat": now,
            "nonce": param(&away.location, "nonce"), "email": "Ada@example.org", "email_verified": true,
            "name": "Ada Lovelace",
        });
        claims.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        claims
    }

    /// Hands out this ID token for the next code.
    pub(super) fn hands_out(&self, id_token: &str) {
        self.says("/token", &json!({ "access_token": ACCESS, "token_type": "Bearer", "id_token": id_token }));
    }

    /// Says of whoever comes next what these claims say.
    pub(super) fn vouches(&self, world: &World, away: &Away, change: &Value) {
        let head = json!({ "alg": "ES256", "kid": "one", "typ": "JWT" });
        self.hands_out(&self.key.signs(&head, &self.claims(world, away, change)));
    }

    pub(super) fn config(&self) -> UpstreamConfig {
        UpstreamConfig {
            kind: UpstreamKind::Oidc,
            label: Some("School".into()),
            issuer: Some(self.name()),
            client_id: CLIENT.into(),
            client_secret: Some(Secret::new(SECRET)),
            client_secret_file: None,
            scopes: Vec::new(),
        }
    }
}

/// A browser that is away at a provider.
pub(super) struct Away {
    pub(super) cookie: String,
    pub(super) location: Url,
}

impl Away {
    pub(super) fn of(seen: &Seen) -> Self {
        let body = seen.done(200);
        Self { cookie: seen.cookie(), location: body["location"].as_str().unwrap().parse().unwrap() }
    }

    pub(super) fn state(&self) -> String {
        param(&self.location, "state").unwrap()
    }
}

/// A configuration with these providers.
pub(super) fn with<const N: usize>(upstreams: [(&str, UpstreamConfig); N]) -> Config {
    let upstreams =
        upstreams.into_iter().map(|(name, one)| (name.to_owned(), one)).collect::<BTreeMap<_, _>>();
    Config { upstreams, signup: SignupMode::Open, ..Config::default() }
}

/// A house that anybody may come into by these providers, with an owner.
pub(super) async fn world_of(config: Config, postgres: bool) -> World {
    let world = World::over(config, 10_000, postgres, to_this_machine()).await;
    world.person("own", stoa_core::Role::Owner).await;
    world
}

/// A house with one provider, `school`.
pub(super) async fn school() -> (World, Issuer) {
    let issuer = Issuer::starts().await;
    (world_of(with([("school", issuer.config())]), false).await, issuer)
}

/// A house that may call nobody.
pub(super) async fn walled(config: Config) -> World {
    World::over(config, 10_000, false, OutConfig::default()).await
}

impl World {
    /// Goes to a provider to sign in.
    pub(super) async fn leaves(&self, name: &str, body: Value) -> Away {
        Away::of(&self.knock(&format!("/auth/upstreams/{name}"), body).await)
    }

    /// Comes back with these parameters; `cookies` as the browser sends them.
    pub(super) async fn returns(&self, name: &str, cookies: &str, pairs: &[(&str, &str)]) -> Seen {
        let seen = self.send(back(name, cookies, pairs)).await;
        // What is on record later has a later id.
        self.time.advance(Duration::from_millis(1));
        seen
    }

    /// Comes back with a code.
    pub(super) async fn comes_back(&self, name: &str, away: &Away) -> Seen {
        self.returns(name, &away.cookie, &[("state", &away.state()), ("code", "the-code")]).await
    }

    /// There and back, for whom these claims are.
    pub(super) async fn enters(&self, issuer: &Issuer, change: &Value) -> Seen {
        let away = self.leaves("school", json!({})).await;
        issuer.vouches(self, &away, change);
        self.comes_back("school", &away).await
    }

    /// The reasons of refusals that are on record, oldest first.
    pub(super) async fn reasons(&self) -> Vec<String> {
        let sql = "SELECT subject FROM identity_audit WHERE action = 'upstream.refused' ORDER BY id";
        let rows = self.rows(sql, []).await;
        rows.iter().map(|row| row.try_get("", "subject").unwrap()).collect()
    }

    /// Who a cookie belongs to.
    pub(super) async fn whose(&self, cookie: &str) -> Value {
        self.ask(As::Cookie(cookie), "GET", "/me", None).await.done(200)
    }
}

/// The request with which a browser comes back.
pub(super) fn back(name: &str, cookies: &str, pairs: &[(&str, &str)]) -> Request<Body> {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    let mut request = at_root("GET", &format!("/auth/upstreams/{name}/callback?{query}"));
    request.headers_mut().insert("sec-fetch-site", HeaderValue::from_static("cross-site"));
    if !cookies.is_empty() {
        request.headers_mut().insert(header::COOKIE, HeaderValue::from_str(cookies).unwrap());
    }
    request
}

/// The page that somebody ends on, without our own address.
#[track_caller]
pub(super) fn page(seen: &Seen) -> String {
    let url = location(seen).to_string();
    url.strip_prefix("http://127.0.0.1:8080").unwrap_or_else(|| panic!("{url}")).to_owned()
}
