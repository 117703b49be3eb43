//! What an issuer says of itself (OpenID Connect Discovery §4), and its keys. Both are kept for an hour in the process: a
//! memory of what can be read anew, not a state.

use std::{sync::Arc, time::Duration};

use http::{HeaderValue, Method, StatusCode, header};
use jsonwebtoken::jwk::Jwk;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use stoa_core::{Error, Result, Timestamp};
use stoa_store::Ctx;
use tokio::sync::Mutex;
use url::Url;

use crate::{
    Identity,
    oauth::{clients::addresses::is_loopback_http, jose},
};

/// Time for one call.
pub(super) const WITHIN: Duration = Duration::from_secs(5);
/// Most bytes of a document or a set of keys.
pub(super) const BYTES: usize = 64 << 10;
/// Most keys that are looked at.
const KEYS: usize = 32;
/// So long it is not asked again.
const FRESH: Duration = Duration::from_secs(60 * 60);
/// A key that is not among them makes them be read anew, but not oftener than this.
const AGAIN: Duration = Duration::from_secs(60);

/// Where an issuer does what.
#[derive(Clone, Debug)]
pub(super) struct Metadata {
    pub(super) authorization_endpoint: Url,
    pub(super) token_endpoint: Url,
    pub(super) userinfo_endpoint: Option<Url>,
    pub(super) jwks_uri: Option<Url>,
    /// Whether our password travels in the header (RFC 6749 §2.3.1), else in the form.
    pub(super) basic: bool,
    /// Whether it names itself in its answers (RFC 9207 §3).
    pub(super) names_itself: bool,
    /// What it says it signs with; nothing where it does not say.
    pub(super) algorithms: Vec<String>,
}

/// The document, as it is written.
#[derive(Deserialize)]
struct Document {
    issuer: String,
    authorization_endpoint: Url,
    token_endpoint: Url,
    userinfo_endpoint: Option<Url>,
    jwks_uri: Url,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    #[serde(default)]
    id_token_signing_alg_values_supported: Vec<String>,
    code_challenge_methods_supported: Option<Vec<String>>,
}

impl Document {
    /// Refuses what is another issuer's (OpenID Connect Discovery §4.3; ASVS 10.5.3), or leads where nobody should go.
    fn read(self, issuer: &str) -> Result<Metadata> {
        let refuse = |why: &'static str| Err(Error::upstream(why));
        if self.issuer != issuer {
            return refuse("the document of the issuer names another issuer");
        }
        // One that plays for https sends nobody to plain places.
        let local = issuer.starts_with("http://");
        let fine = |url: &Url| url.scheme() == "https" || (local && is_loopback_http(url));
        let ends = [&self.authorization_endpoint, &self.token_endpoint, &self.jwks_uri];
        if !ends.into_iter().chain(&self.userinfo_endpoint).all(fine) {
            return refuse("the document of the issuer names an address without https");
        }
        if self.code_challenge_methods_supported.is_some_and(|all| !all.iter().any(|one| one == "S256")) {
            return refuse("the issuer does not know S256 of PKCE");
        }
        let methods = self.token_endpoint_auth_methods_supported;
        let has = |name: &str| methods.as_ref().is_some_and(|all| all.iter().any(|one| one == name));
        let basic = methods.is_none() || has("client_secret_basic");
        if !basic && !has("client_secret_post") {
            return refuse("the issuer takes no password from its clients");
        }
        Ok(Metadata {
            authorization_endpoint: self.authorization_endpoint,
            token_endpoint: self.token_endpoint,
            userinfo_endpoint: self.userinfo_endpoint,
            jwks_uri: Some(self.jwks_uri),
            basic,
            names_itself: self.authorization_response_iss_parameter_supported,
            algorithms: self.id_token_signing_alg_values_supported,
        })
    }
}

/// What was read of one issuer. One at a time reads; whoever comes meanwhile waits for it, within their own time.
#[derive(Default)]
pub(super) struct Memory {
    metadata: Mutex<Option<(Timestamp, Arc<Metadata>)>>,
    keys: Mutex<Option<(Timestamp, Arc<[Jwk]>)>>,
}

impl Memory {
    /// What the issuer says of itself.
    pub(super) async fn metadata(
        &self,
        ctx: &Ctx,
        identity: &Identity,
        issuer: &str,
    ) -> Result<Arc<Metadata>> {
        let mut kept = self.metadata.lock().await;
        if let Some((since, metadata)) = &*kept
            && ctx.now() < *since + FRESH
        {
            return Ok(metadata.clone());
        }
        let at = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
        let document: Document = fetch(ctx, identity, &Url::parse(&at)?).await?;
        let metadata = Arc::new(document.read(issuer)?);
        *kept = Some((ctx.now(), metadata.clone()));
        Ok(metadata)
    }

    /// The issuer's keys. With `missing`, those of this moment, unless they were read a moment ago.
    pub(super) async fn keys(
        &self,
        ctx: &Ctx,
        identity: &Identity,
        at: &Url,
        missing: bool,
    ) -> Result<Arc<[Jwk]>> {
        let mut kept = self.keys.lock().await;
        let good = if missing { AGAIN } else { FRESH };
        if let Some((since, keys)) = &*kept
            && ctx.now() < *since + good
        {
            return Ok(keys.clone());
        }
        let set: Value = fetch(ctx, identity, at).await?;
        let all = set.get("keys").and_then(Value::as_array).into_iter().flatten();
        // A key of a kind that is not known says nothing about the others.
        let public = all.take(KEYS).filter(|key| jose::is_public(key));
        let keys: Arc<[Jwk]> = public.filter_map(|key| serde_json::from_value(key.clone()).ok()).collect();
        *kept = Some((ctx.now(), keys.clone()));
        Ok(keys)
    }
}

async fn fetch<T: DeserializeOwned>(ctx: &Ctx, identity: &Identity, url: &Url) -> Result<T> {
    let answer = identity
        .out()
        .call(&ctx.request, Method::GET, url)?
        .header(header::ACCEPT, HeaderValue::from_static("application/json"))
        .within(WITHIN)
        .at_most(BYTES)
        .send()
        .await?;
    if answer.status() != StatusCode::OK {
        return Err(Error::upstream(format!("it answers {}; only 200 counts", answer.status())));
    }
    answer.json().await
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(issuer: &str, change: &Value) -> Result<Metadata> {
        let mut document = json!({
            "issuer": "https://sso.example", "authorization_endpoint": "https://sso.example/authorize",
            "token_endpoint": "https://sso.example/token", "jwks_uri": "https://sso.example/jwks",
        });
        document.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        serde_json::from_value::<Document>(document)?.read(issuer)
    }

    /// ASVS 10.5.3.
    #[test]
    fn an_issuers_document_is_its_own_to_the_letter() {
        let usual = read("https://sso.example", &json!({})).unwrap();
        assert!(usual.basic && !usual.names_itself);
        for other in ["https://sso.example/", "https://SSO.example", "https://evil.example"] {
            assert!(read(other, &json!({})).is_err(), "{other}");
        }
        for bad in [
            json!({ "token_endpoint": "http://sso.example/token" }),
            json!({ "authorization_endpoint": "http://127.0.0.1/authorize" }),
            json!({ "jwks_uri": "file:///etc/passwd" }),
            json!({ "userinfo_endpoint": "javascript:alert(1)" }),
            json!({ "code_challenge_methods_supported": ["plain"] }),
            json!({ "token_endpoint_auth_methods_supported": ["private_key_jwt"] }),
        ] {
            assert!(read("https://sso.example", &bad).is_err(), "{bad}");
        }
        let post = json!({ "token_endpoint_auth_methods_supported": ["client_secret_post", "none"] });
        assert!(!read("https://sso.example", &post).unwrap().basic);
    }
}
