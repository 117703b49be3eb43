//! A program's way to tokens, step by step, so that a test can take a wrong one anywhere.

use axum::{
    body::Body,
    http::{HeaderValue, Request, header},
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;

use crate::house::{As, Seen, World};

/// What every program here is told to come back to.
pub(crate) const BACK: &str = "https://client.example/cb";
pub(crate) const ISSUER: &str = "http://127.0.0.1:8080";
pub(crate) const MCP: &str = "http://127.0.0.1:8080/mcp";
pub(crate) const API: &str = "http://127.0.0.1:8080/api/v1";
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

pub(crate) fn challenge(verifier: &str) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}

/// A registered program.
#[derive(Clone)]
pub(crate) struct Program {
    pub(crate) id: String,
    pub(crate) secret: Option<String>,
}

pub(crate) fn form(path: &str, pairs: &[(&str, &str)]) -> Request<Body> {
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    Request::post(path)
        .header("host", "127.0.0.1:8080")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body))
        .unwrap()
}

pub(crate) fn at_root(method: &str, path: &str) -> Request<Body> {
    Request::builder().method(method).uri(path).header("host", "127.0.0.1:8080").body(Body::empty()).unwrap()
}

/// `error` of a refusal.
#[track_caller]
pub(crate) fn error(seen: &Seen) -> (u16, String) {
    (seen.status.as_u16(), seen.json()["error"].as_str().unwrap_or_default().to_owned())
}

/// Where an answer sends the browser.
#[track_caller]
pub(crate) fn location(seen: &Seen) -> Url {
    assert_eq!(seen.status, 303, "{}", String::from_utf8_lossy(&seen.body));
    seen.headers[header::LOCATION].to_str().unwrap().parse().unwrap()
}

pub(crate) fn param(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
}

impl World {
    pub(crate) async fn registers(&self, metadata: Value) -> Seen {
        let request = Request::post("/oauth/register")
            .header("host", "127.0.0.1:8080")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(metadata.to_string()))
            .unwrap();
        self.send(request).await
    }

    pub(crate) async fn program_with(&self, metadata: Value) -> Program {
        let done = self.registers(metadata).await.done(201);
        Program {
            id: done["client_id"].as_str().unwrap().into(),
            secret: done["client_secret"].as_str().map(Into::into),
        }
    }

    /// A program that shows nothing and may refresh, as assistants are.
    pub(crate) async fn program(&self) -> Program {
        self.program_with(json!({
            "client_name": "Assistant", "redirect_uris": [BACK], "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code", "refresh_token"],
        }))
        .await
    }

    /// Sends a browser to ask, with the parameters changed that are named.
    pub(crate) async fn asks(&self, who: As<'_>, program: &Program, changed: &[(&str, &str)]) -> Seen {
        let challenge = challenge(VERIFIER);
        let mut all = vec![
            ("client_id", &*program.id),
            ("response_type", "code"),
            ("redirect_uri", BACK),
            ("scope", "tasks:read profile email"),
            ("state", "the state"),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
            ("resource", API),
        ];
        for (name, value) in changed {
            all.retain(|(known, _)| known != name);
            all.push((name, value));
        }
        all.retain(|(_, value)| !value.is_empty());
        let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(all).finish();
        self.asks_with(who, &query).await
    }

    pub(crate) async fn asks_with(&self, who: As<'_>, query: &str) -> Seen {
        let mut request = at_root("GET", &format!("/oauth/authorize?{query}"));
        if let As::Cookie(cookie) = who {
            request.headers_mut().insert(header::COOKIE, HeaderValue::from_str(cookie).unwrap());
        }
        self.send(request).await
    }

    /// The handle in the address of the page on which the person decides.
    pub(crate) async fn waits(&self, program: &Program, changed: &[(&str, &str)]) -> String {
        let url = location(&self.asks(As::Nobody, program, changed).await);
        url.path().strip_prefix("/authorize/").unwrap_or_else(|| panic!("{url}")).to_owned()
    }

    /// The whole way to a code: asked, and allowed by whoever has the cookie.
    pub(crate) async fn code(&self, cookie: &str, program: &Program, changed: &[(&str, &str)]) -> String {
        let handle = self.waits(program, changed).await;
        let path = format!("/oauth/requests/{handle}/allow");
        let done = self.ask(As::Cookie(cookie), "POST", &path, None).await.done(200);
        let url: Url = done["location"].as_str().unwrap().parse().unwrap();
        assert_eq!(param(&url, "iss").as_deref(), Some(ISSUER), "G5 I1, I3");
        param(&url, "code").unwrap()
    }

    pub(crate) async fn token(&self, program: &Program, pairs: &[(&str, &str)]) -> Seen {
        let mut all = vec![("client_id", &*program.id)];
        all.extend_from_slice(pairs);
        self.send(form("/oauth/token", &all)).await
    }

    pub(crate) async fn redeems(&self, program: &Program, code: &str) -> Seen {
        let pairs = [("grant_type", "authorization_code"), ("code", code), ("code_verifier", VERIFIER)];
        self.token(program, &pairs).await
    }

    pub(crate) async fn refreshes(&self, program: &Program, token: &str) -> Seen {
        self.token(program, &[("grant_type", "refresh_token"), ("refresh_token", token)]).await
    }

    /// What is on record, newest first.
    pub(crate) async fn on_record(&self, admin: &str) -> Vec<String> {
        let seen = self.ask(As::Cookie(admin), "GET", "/admin/audit", None).await.done(200);
        seen["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["action"].as_str().unwrap().to_owned())
            .collect()
    }
}

#[track_caller]
pub(crate) fn text(value: &Value, name: &str) -> String {
    value[name].as_str().unwrap_or_else(|| panic!("no {name} in {value}")).to_owned()
}
