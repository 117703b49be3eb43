//! A client as the suite is one, and a person in their browser.

use axum::{
    body::Body,
    http::{HeaderValue, Request, header},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header, jwk::Jwk};
use serde_json::{Value, json};
use stoa_core::Role;
use url::Url;

use crate::{
    house::{As, Seen, World},
    oauth::way::{BACK, ISSUER, Program, at_root, form, location, param, text},
};

/// Where the suite's client is sent after signing out.
pub(super) const BYE: &str = "https://client.example/bye";

pub(super) struct Suite<'a> {
    pub(super) world: &'a World,
    /// The cookie of the person's browser.
    pub(super) ada: String,
    pub(super) program: Program,
}

impl<'a> Suite<'a> {
    /// With a client that shows a secret in the header, as the plan Basic has it.
    pub(super) async fn new(world: &'a World) -> Self {
        Self::with(world, json!({})).await
    }

    /// The same, with more said of it.
    pub(super) async fn with(world: &'a World, more: Value) -> Self {
        let mut metadata = json!({
            "client_name": "Suite", "redirect_uris": [BACK], "post_logout_redirect_uris": [BYE],
            "grant_types": ["authorization_code", "refresh_token"],
        });
        metadata.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let program = world.program_with(metadata).await;
        Self { world, ada: world.signed_in("ada", Role::Member).await, program }
    }

    /// What the suite asks when a module asks for nothing in particular, with these changes. An empty value takes away.
    pub(super) fn query(&self, changed: &[(&str, &str)]) -> String {
        let mut all = vec![
            ("client_id", &*self.program.id),
            ("response_type", "code"),
            ("redirect_uri", BACK),
            ("scope", "openid"),
            ("state", "the state"),
            ("nonce", "the nonce"),
        ];
        for (name, value) in changed {
            all.retain(|(known, _)| known != name);
            all.push((name, value));
        }
        all.retain(|(_, value)| !value.is_empty());
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(all).finish()
    }

    pub(super) async fn asks(&self, who: As<'_>, changed: &[(&str, &str)]) -> Seen {
        self.world.asks_with(who, &self.query(changed)).await
    }

    /// The whole way, from the person's browser: asked where they are asked, and allowed. Where it ends.
    pub(super) async fn visits(&self, changed: &[(&str, &str)]) -> Url {
        let url = location(&self.asks(As::Cookie(&self.ada), changed).await);
        self.decides(url).await
    }

    /// Allows what waits behind the address of a page; any other address stays as it is.
    pub(super) async fn decides(&self, url: Url) -> Url {
        let Some(handle) = url.path().strip_prefix("/authorize/") else { return url };
        let path = format!("/oauth/requests/{handle}/allow");
        let done = self.world.ask(As::Cookie(&self.ada), "POST", &path, None).await.done(200);
        text(&done, "location").parse().unwrap()
    }

    /// The code of an answer, whose `state` and issuer are right.
    pub(super) async fn code(&self, changed: &[(&str, &str)]) -> String {
        let url = self.visits(changed).await;
        assert!(url.as_str().starts_with(BACK), "{url}");
        assert_eq!(param(&url, "state").as_deref(), Some("the state"));
        assert_eq!(param(&url, "iss").as_deref(), Some(ISSUER));
        param(&url, "code").unwrap_or_else(|| panic!("{url}"))
    }

    /// The error that an answer says.
    pub(super) async fn refused(&self, changed: &[(&str, &str)]) -> String {
        let url = self.visits(changed).await;
        assert!(url.as_str().starts_with(BACK) && param(&url, "code").is_none(), "{url}");
        assert_eq!(param(&url, "state").as_deref(), Some("the state"));
        param(&url, "error").unwrap_or_else(|| panic!("{url}"))
    }

    pub(super) async fn token(&self, pairs: &[(&str, &str)]) -> Seen {
        let mut request = form("/oauth/token", pairs);
        let secret = self.program.secret.as_deref().unwrap();
        let value = format!("Basic {}", STANDARD.encode(format!("{}:{secret}", self.program.id)));
        request.headers_mut().insert(header::AUTHORIZATION, HeaderValue::from_str(&value).unwrap());
        self.world.send(request).await
    }

    pub(super) async fn redeems(&self, code: &str) -> Seen {
        self.token(&[("grant_type", "authorization_code"), ("code", code), ("redirect_uri", BACK)]).await
    }

    /// Tokens for a request, and what the ID token says, as a client checks it (OpenID Connect Core §3.1.3.7).
    pub(super) async fn tokens(&self, changed: &[(&str, &str)]) -> (Value, Value) {
        let code = self.code(changed).await;
        let tokens = self.redeems(&code).await.done(200);
        let claims = self.verified(&text(&tokens, "id_token"), "JWT").await;
        assert_eq!((text(&claims, "iss"), text(&claims, "aud")), (ISSUER.into(), self.program.id.clone()));
        (tokens, claims)
    }

    /// The claims of a token of this type, whose signature is that of a published key.
    pub(super) async fn verified(&self, token: &str, typ: &str) -> Value {
        let keys = self.world.send(at_root("GET", "/oauth/jwks")).await.done(200);
        let head = decode_header(token).unwrap();
        assert_eq!((head.typ.as_deref(), head.alg), (Some(typ), Algorithm::RS256));
        let named = |key: &&Value| key["kid"] == json!(head.kid);
        let key = keys["keys"].as_array().unwrap().iter().find(named).expect("the key is published");
        let key: Jwk = serde_json::from_value(key.clone()).unwrap();
        let mut validation = Validation::new(head.alg);
        // Time is the test's own.
        (validation.validate_exp, validation.validate_aud) = (false, false);
        let claims: Value = decode(token, &DecodingKey::from_jwk(&key).unwrap(), &validation).unwrap().claims;
        let now = self.now();
        assert!(claims["iat"].as_i64().unwrap() <= now && now < claims["exp"].as_i64().unwrap(), "{claims}");
        claims
    }

    /// Seconds since 1970.
    pub(super) fn now(&self) -> i64 {
        self.world.store.clock.now().micros() / 1_000_000
    }

    pub(super) fn userinfo(method: &str, token: &str) -> Request<Body> {
        let mut request = at_root(method, "/oauth/userinfo");
        let value = HeaderValue::from_str(&format!("Bearer {token}")).unwrap();
        request.headers_mut().insert(header::AUTHORIZATION, value);
        request
    }

    /// What userinfo says with a token.
    pub(super) async fn person(&self, tokens: &Value) -> Value {
        self.world.send(Self::userinfo("GET", &text(tokens, "access_token"))).await.done(200)
    }

    /// Another person signs in at another browser; their cookie.
    pub(super) async fn somebody_else(&self) -> String {
        self.world.signed_in("eve", Role::Member).await
    }
}
