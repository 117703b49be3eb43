//! What a client says of itself (RFC 7591 §2), and what of it is taken.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use stoa_core::Scopes;
use url::Url;
use utoipa::ToSchema;

use super::addresses::{URL_BYTES, check_redirect, is_loopback_http, same_but_port};
use crate::oauth::{
    error::{Outcome, Refusal},
    jose,
};

/// Most redirect addresses of one client.
const REDIRECTS: usize = 20;
/// Longest name, in characters.
const NAME_CHARACTERS: usize = 100;
/// Most keys of one client.
const KEYS: usize = 10;

/// What a client says of itself (RFC 7591 §2, OpenID Connect Dynamic Client Registration §2). What is not named here is
/// ignored.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(default)]
#[schema(as = OAuthClientMetadata, example = json!({
    "client_name": "Assistant", "redirect_uris": ["https://assistant.example/callback"],
    "token_endpoint_auth_method": "none", "grant_types": ["authorization_code", "refresh_token"],
}))]
pub(crate) struct Metadata {
    /// What people know it as.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Assistant")]
    pub(crate) client_name: Option<String>,
    /// Its home page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "https://assistant.example")]
    pub(crate) client_uri: Option<String>,
    /// Its picture. Never loaded by a page of ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "https://assistant.example/logo.png")]
    pub(crate) logo_uri: Option<String>,
    /// Where a browser may be sent back to, each in full.
    #[schema(example = json!(["https://assistant.example/callback"]))]
    pub(crate) redirect_uris: Vec<String>,
    /// How it shows who it is at the token endpoint: `none`, `client_secret_basic`, `client_secret_post` or
    /// `private_key_jwt`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "none")]
    pub(crate) token_endpoint_auth_method: Option<String>,
    /// What it may hand in for tokens.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["authorization_code", "refresh_token"]))]
    pub(crate) grant_types: Vec<String>,
    /// Only `code`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["code"]))]
    pub(crate) response_types: Vec<String>,
    /// What it may ask for; without it, anything.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "tasks:read tasks:write")]
    pub(crate) scope: Option<String>,
    /// Its public keys, for `private_key_jwt`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) jwks: Option<KeySet>,
    /// Where its public keys are, for `private_key_jwt`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "https://assistant.example/jwks.json")]
    pub(crate) jwks_uri: Option<String>,
    /// `web` or `native`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "web")]
    pub(crate) application_type: Option<String>,
    /// What its ID tokens are signed with: `RS256` (usual) or `EdDSA`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "RS256")]
    pub(crate) id_token_signed_response_alg: Option<String>,
    /// Whether all its tokens are bound to a key (RFC 9449 §5.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = false)]
    pub(crate) dpop_bound_access_tokens: Option<bool>,
    /// Whether it only asks by pushed requests (RFC 9126 §6).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = false)]
    pub(crate) require_pushed_authorization_requests: Option<bool>,
    /// Where a browser may be sent after signing out (OpenID Connect RP-Initiated Logout §3.1).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["https://client.example/bye"]))]
    pub(crate) post_logout_redirect_uris: Vec<String>,
    /// Where it is told that somebody signed out (OpenID Connect Back-Channel Logout §2.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "https://assistant.example/signed-out")]
    pub(crate) backchannel_logout_uri: Option<String>,
    /// Whether it must be told in which session (OpenID Connect Back-Channel Logout §2.2). It always is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = true)]
    pub(crate) backchannel_logout_session_required: Option<bool>,
    /// Only `public`: every client knows a person by the same `sub`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "public")]
    pub(crate) subject_type: Option<String>,
}

/// Public keys (RFC 7517 §5).
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = OAuthKeySet)]
pub(crate) struct KeySet {
    /// Each of them.
    #[schema(value_type = Vec<Object>, example = json!([]))]
    pub(crate) keys: Vec<Value>,
}

impl Metadata {
    /// Takes it, with what is usual filled in; or says what is wrong with it (RFC 7591 §3.2.2).
    pub(crate) fn checked(mut self) -> Outcome<Self> {
        self.check_texts()?;
        let method = self.token_endpoint_auth_method.get_or_insert_with(|| "client_secret_basic".into());
        if !METHODS.contains(&&**method) {
            return Err(wrong("`token_endpoint_auth_method` is not one of those in the server's metadata"));
        }
        if self.grant_types.is_empty() {
            self.grant_types = vec!["authorization_code".into()];
        }
        if self.grant_types.iter().any(|grant| !GRANTS.contains(&&**grant)) {
            return Err(wrong("`grant_types` holds one that this server does not have"));
        }
        let by_code = self.may("authorization_code");
        if self.response_types.is_empty() && by_code {
            self.response_types = vec!["code".into()];
        }
        if self.response_types.iter().any(|kind| kind != "code") {
            return Err(wrong("`response_types` can only be `code`"));
        }
        if by_code && self.redirect_uris.is_empty() {
            return Err(Refusal::new("invalid_redirect_uri", "`redirect_uris` is missing"));
        }
        if self.redirect_uris.len() > REDIRECTS || self.post_logout_redirect_uris.len() > REDIRECTS {
            return Err(Refusal::new("invalid_redirect_uri", format!("at most {REDIRECTS} addresses")));
        }
        for uri in self.redirect_uris.iter().chain(&self.post_logout_redirect_uris) {
            check_redirect(uri)?;
        }
        self.check_keys()?;
        if let Some(scope) = &self.scope {
            let known = Scopes::known_of(scope).within(Scopes::OAUTH);
            if known.is_empty() {
                return Err(wrong("`scope` names nothing that this server knows"));
            }
            self.scope = Some(known.to_string());
        }
        match self.id_token_signed_response_alg.as_deref() {
            None | Some("RS256" | "EdDSA") => Ok(self),
            Some(_) => Err(wrong("`id_token_signed_response_alg` is `RS256` or `EdDSA`")),
        }
    }

    fn check_texts(&self) -> Outcome<()> {
        if let Some(name) = &self.client_name
            && (name.trim().is_empty()
                || name.chars().count() > NAME_CHARACTERS
                || name.chars().any(char::is_control))
        {
            return Err(wrong("`client_name` has 1 to 100 characters on one line"));
        }
        let addresses = [&self.client_uri, &self.logo_uri, &self.jwks_uri, &self.backchannel_logout_uri];
        for uri in addresses.into_iter().flatten() {
            let good = uri.len() <= URL_BYTES
                && Url::parse(uri).is_ok_and(|url| {
                    (url.scheme() == "https" || is_loopback_http(&url)) && url.username().is_empty()
                });
            if !good {
                return Err(wrong("an address is not https, or too long"));
            }
        }
        if self.scope.as_ref().is_some_and(|scope| scope.len() > 1000) {
            return Err(wrong("`scope` is too long"));
        }
        if self.backchannel_logout_uri.as_ref().is_some_and(|uri| uri.contains('#')) {
            return Err(wrong("`backchannel_logout_uri` has no fragment"));
        }
        if self.subject_type.as_deref().is_some_and(|kind| kind != "public") {
            return Err(wrong("`subject_type` can only be `public`"));
        }
        match self.application_type.as_deref() {
            None | Some("web" | "native") => Ok(()),
            Some(_) => Err(wrong("`application_type` is `web` or `native`")),
        }
    }

    fn check_keys(&self) -> Outcome<()> {
        if let Some(jwks) = &self.jwks {
            let good = jwks.keys.len() <= KEYS && jwks.keys.iter().all(jose::is_public);
            if !good || self.jwks_uri.is_some() {
                return Err(wrong("`jwks` holds up to 10 public keys, and stands without `jwks_uri`"));
            }
        }
        if self.auth_method() == "private_key_jwt" && self.jwks.is_none() && self.jwks_uri.is_none() {
            return Err(wrong("`private_key_jwt` needs `jwks` or `jwks_uri`"));
        }
        if self.may("client_credentials") && self.auth_method() == "none" {
            return Err(wrong("`client_credentials` needs a client that shows who it is"));
        }
        Ok(())
    }

    /// How it shows who it is.
    pub(crate) fn auth_method(&self) -> &str {
        self.token_endpoint_auth_method.as_deref().unwrap_or("client_secret_basic")
    }

    /// Whether it may use a grant (ASVS 10.4.4).
    pub(crate) fn may(&self, grant: &str) -> bool {
        self.grant_types.iter().any(|known| known == grant)
    }

    /// What it may ask for.
    pub(crate) fn scopes(&self) -> Scopes {
        self.scope.as_deref().map_or(Scopes::OAUTH, Scopes::known_of).within(Scopes::OAUTH)
    }

    /// Whether a browser may be sent to this address: it stands there, to the letter; only the port of a program on the
    /// person's own machine is free (RFC 8252 §7.3).
    pub(crate) fn allows_redirect(&self, asked: &str) -> bool {
        self.redirect_uris.iter().any(|known| known == asked || same_but_port(known, asked))
    }

    /// Whether a browser may be sent to this address after signing out: it stands there, to the letter.
    pub(crate) fn allows_after_logout(&self, asked: &str) -> bool {
        self.post_logout_redirect_uris.iter().any(|known| known == asked)
    }

    /// Whether all its redirects lead to the person's own machine: anybody can claim to be such a client.
    pub(crate) fn is_local_only(&self) -> bool {
        !self.redirect_uris.is_empty()
            && self.redirect_uris.iter().all(|uri| Url::parse(uri).is_ok_and(|uri| is_loopback_http(&uri)))
    }
}

/// How clients may show who they are.
pub(crate) const METHODS: [&str; 4] =
    ["none", "client_secret_basic", "client_secret_post", "private_key_jwt"];
/// What can be handed in for tokens.
pub(crate) const GRANTS: [&str; 5] = [
    "authorization_code",
    "refresh_token",
    "client_credentials",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:token-exchange",
];

fn wrong(text: impl Into<Cow<'static, str>>) -> Refusal {
    Refusal::new("invalid_client_metadata", text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(uris: &[&str]) -> Metadata {
        Metadata { redirect_uris: uris.iter().map(|uri| (*uri).to_owned()).collect(), ..Metadata::default() }
    }

    /// G3 C23.
    #[test]
    fn only_addresses_that_a_browser_may_be_sent_to_are_taken() {
        for good in [
            "https://client.example/cb",
            "https://client.example/cb?x=1",
            "http://127.0.0.1/cb",
            "http://[::1]:80/cb",
            "http://localhost:33418/",
            "com.example.app:/cb",
            "cursor.app://anysphere/cb",
        ] {
            assert!(with(&[good]).checked().is_ok(), "{good}");
        }
        for bad in [
            "http://client.example/cb",
            "https://client.example/cb#x",
            "https://user@client.example/cb",
            "https://*.example/cb",
            "javascript:alert(1)",
            "data:text/html,x",
            "myapp:/cb",
            "/cb",
            "",
            "http://localhost.evil.example/cb",
            "http://127.0.0.1.evil.example/cb",
        ] {
            let refused = with(&[bad]).checked().err().unwrap();
            assert_eq!(refused.said().unwrap().code, "invalid_redirect_uri", "{bad}");
        }
        assert!(with(&[]).checked().is_err());
        assert!(with(&["https://x.example/"; REDIRECTS + 1]).checked().is_err());
    }

    #[test]
    fn metadata_is_completed_or_refused() {
        let done = with(&["https://x.example/cb"]).checked().unwrap();
        assert_eq!(done.auth_method(), "client_secret_basic");
        assert_eq!(
            (done.grant_types, done.response_types),
            (vec!["authorization_code".into()], vec!["code".into()])
        );
        let bad: [fn(&mut Metadata); 13] = [
            |it| it.token_endpoint_auth_method = Some("tls_client_auth".into()),
            |it| it.grant_types = vec!["implicit".into()],
            |it| it.grant_types = vec!["password".into()],
            |it| it.response_types = vec!["token".into()],
            |it| it.client_name = Some("two\nlines".into()),
            |it| it.logo_uri = Some("http://evil.example/x.png".into()),
            |it| it.token_endpoint_auth_method = Some("private_key_jwt".into()),
            |it| it.jwks = Some(KeySet { keys: vec![serde_json::json!({"kty": "oct", "k": "c2VjcmV0"})] }),
            |it| it.scope = Some("root".into()),
            |it| it.subject_type = Some("pairwise".into()),
            |it| it.backchannel_logout_uri = Some("http://client.example/out".into()),
            |it| it.backchannel_logout_uri = Some("https://client.example/out#x".into()),
            |it| it.post_logout_redirect_uris = vec!["javascript:alert(1)".into()],
        ];
        for (number, spoil) in bad.iter().enumerate() {
            let mut metadata = with(&["https://x.example/cb"]);
            spoil(&mut metadata);
            assert!(metadata.checked().is_err(), "{number}");
        }
    }
}
