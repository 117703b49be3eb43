//! What can be set about providers.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use serde::{Deserialize, Serialize};
use stoa_core::{Error, Result, Secret};
use url::Url;
use utoipa::ToSchema;

use crate::oauth::clients::addresses::is_loopback_http;

/// Most providers.
const MOST: usize = 8;
/// Most bytes of an issuer, a client id, a secret.
const BYTES: usize = 1024;
/// Longest label, in characters.
const LABEL_CHARACTERS: usize = 40;

/// What a provider speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum UpstreamKind {
    /// OpenID Connect.
    Oidc,
    /// OpenID Connect, at Google.
    Google,
    /// OAuth 2.0 and GitHub's own API.
    Github,
}

/// A provider. How it is called in addresses is the name of its table.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UpstreamConfig {
    /// What it speaks.
    pub kind: UpstreamKind,
    /// What its button says. Usual: what the provider is called.
    pub label: Option<String>,
    /// For `oidc`, its issuer, to the letter. For `github`, the address of a GitHub Enterprise Server.
    pub issuer: Option<String>,
    /// Who the house is there.
    pub client_id: String,
    /// Its password there.
    pub client_secret: Option<Secret>,
    /// A file with that password, in place of it.
    pub client_secret_file: Option<PathBuf>,
    /// What is asked for. Usual: as little as tells who somebody is.
    #[serde(default)]
    pub scopes: Vec<String>,
}

impl UpstreamConfig {
    /// The issuer, as the provider writes it.
    ///
    /// # Errors
    /// `invalid` where it is missing, or stands where it is known already.
    pub(super) fn issuer(&self) -> Result<String> {
        match (self.kind, &self.issuer) {
            (UpstreamKind::Oidc, Some(issuer)) => Ok(issuer.clone()),
            (UpstreamKind::Oidc, None) => Err(Error::invalid("`issuer` is missing")),
            (UpstreamKind::Google, None) => Ok("https://accounts.google.com".into()),
            (UpstreamKind::Google, Some(_)) => {
                Err(Error::invalid("`issuer` is known for `google`; leave it out"))
            }
            (UpstreamKind::Github, _) => Ok(format!("{}/login/oauth", self.base())),
        }
    }

    /// Where GitHub stands, without a slash at the end.
    pub(super) fn base(&self) -> &str {
        self.issuer.as_deref().map_or("https://github.com", |base| base.trim_end_matches('/'))
    }

    /// What its button says.
    pub(super) fn label(&self) -> String {
        self.label.clone().unwrap_or_else(|| {
            let host = || self.issuer.as_deref().and_then(|issuer| Url::parse(issuer).ok());
            match self.kind {
                UpstreamKind::Google => "Google".into(),
                UpstreamKind::Github => "GitHub".into(),
                UpstreamKind::Oidc => host()
                    .and_then(|url| url.host_str().map(str::to_owned))
                    .unwrap_or_else(|| "OpenID".into()),
            }
        })
    }

    /// What is asked for, with blanks between.
    pub(super) fn scope(&self) -> String {
        match (self.scopes.is_empty(), self.kind) {
            (false, _) => self.scopes.join(" "),
            (true, UpstreamKind::Github) => "read:user user:email".into(),
            (true, UpstreamKind::Oidc | UpstreamKind::Google) => "openid email profile".into(),
        }
    }

    /// The password there, out of its file where it stands in one.
    ///
    /// # Errors
    /// `invalid` where the file cannot be read, or holds none.
    pub(super) fn secret(&self) -> Result<Secret> {
        let Some(path) = &self.client_secret_file else {
            return self.client_secret.clone().ok_or_else(|| Error::internal("a provider without a secret"));
        };
        let said = |why: &str| Error::invalid(format!("`client_secret_file` {} {why}", path.display()));
        let size = fs::metadata(path).map_err(|cause| said("cannot be read").because(cause))?.len();
        if size > BYTES as u64 {
            return Err(said("is too large for a password"));
        }
        let text =
            Secret::new(fs::read_to_string(path).map_err(|cause| said("cannot be read").because(cause))?);
        match text.expose().trim() {
            "" => Err(said("is empty")),
            secret => Ok(Secret::new(secret)),
        }
    }

    /// Refuses what could not work, or would not be safe.
    fn check(&self) -> Result<()> {
        let refuse = |said: &str| Err(Error::invalid(said.to_owned()));
        let issuer = self.issuer()?;
        let Ok(url) = Url::parse(&issuer) else { return refuse("`issuer` is no address") };
        if url.scheme() != "https" && !is_loopback_http(&url) {
            return refuse("`issuer` must begin with https:// unless it is this machine's own address");
        }
        let plain = url.username().is_empty() && url.password().is_none();
        if issuer.len() > BYTES || !plain || issuer.contains(['?', '#']) {
            return refuse("`issuer` holds no user name, no query and no fragment");
        }
        if self.client_id.is_empty() || self.client_id.len() > BYTES {
            return refuse("`client_id` is missing; the provider gives one to each application");
        }
        let secret = self.client_secret.as_ref().map(Secret::expose);
        if self.client_secret_file.is_some() == secret.is_some()
            || secret.is_some_and(|secret| secret.is_empty() || secret.len() > BYTES)
        {
            return refuse("exactly one of `client_secret` and `client_secret_file` says the password");
        }
        if !(1..=LABEL_CHARACTERS).contains(&self.label().chars().count())
            || self.label().chars().any(char::is_control)
        {
            return refuse("`label` has 1 to 40 characters on one line");
        }
        // RFC 6749 §3.3.
        let token = |scope: &String| {
            !scope.is_empty() && scope.bytes().all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\')
        };
        if self.scopes.len() > 20 || !self.scopes.iter().all(token) {
            return refuse("`scopes` are at most 20 words");
        }
        if self.kind != UpstreamKind::Github
            && !self.scopes.is_empty()
            && !self.scopes.iter().any(|scope| scope == "openid")
        {
            return refuse("`scopes` must have `openid` among them: without it nobody says who somebody is");
        }
        Ok(())
    }
}

/// Refuses providers that could not work, could not be told apart, or would not be safe.
pub(crate) fn check(all: &BTreeMap<String, UpstreamConfig>) -> Result<()> {
    if all.len() > MOST {
        return Err(Error::invalid(format!("`identity.upstreams` are at most {MOST}")));
    }
    let mut issuers = BTreeSet::new();
    for (name, one) in all {
        let said = |why: &str| Error::invalid(format!("`identity.upstreams.{name}`: {why}"));
        let slug = (1..=32).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !slug {
            return Err(said("a name has 1 to 32 lower-case letters, digits and hyphens"));
        }
        one.check().map_err(|error| said(error.said()))?;
        if !issuers.insert(one.issuer()?) {
            return Err(said("another one has the same issuer; nobody could tell their accounts apart"));
        }
    }
    Ok(())
}

/// The first provider that is asked without https, which only a house on the same machine may do.
pub(crate) fn plain(all: &BTreeMap<String, UpstreamConfig>) -> Option<&str> {
    let is_plain = |one: &UpstreamConfig| one.issuer().is_ok_and(|issuer| issuer.starts_with("http://"));
    all.iter().find(|(_, one)| is_plain(one)).map(|(name, _)| &**name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn oidc(issuer: &str) -> UpstreamConfig {
        UpstreamConfig {
            kind: UpstreamKind::Oidc,
            label: None,
            issuer: Some(issuer.into()),
            client_id: "stoa".into(),
            client_secret: Some(Secret::new("s3cret")),
            client_secret_file: None,
            scopes: Vec::new(),
        }
    }

    fn said(name: &str, one: UpstreamConfig) -> String {
        match check(&[(name.to_owned(), one)].into()) {
            Ok(()) => String::new(),
            Err(error) => error.said().to_owned(),
        }
    }

    #[test]
    fn a_provider_that_could_not_work_is_refused_at_the_start_and_said_why() {
        let good = "https://sso.example/realms/a";
        assert_eq!(said("sso", oidc(good)), "");
        assert_eq!(said("sso", oidc("http://127.0.0.1:9000")), "");
        assert_eq!(oidc(good).label(), "sso.example");
        let github = UpstreamConfig { kind: UpstreamKind::Github, issuer: None, ..oidc(good) };
        assert_eq!(github.issuer().unwrap(), "https://github.com/login/oauth");
        let google = UpstreamConfig { kind: UpstreamKind::Google, issuer: None, ..oidc(good) };
        assert_eq!(
            (google.issuer().unwrap(), google.label()),
            ("https://accounts.google.com".into(), "Google".into())
        );
        assert_eq!((said("github", github), said("google", google)), (String::new(), String::new()));
        type Change = fn(&mut UpstreamConfig);
        let bad: [(&str, Change, &str); 12] = [
            ("SSO", |_| {}, "lower-case"),
            ("sso", |one| one.issuer = None, "`issuer` is missing"),
            ("sso", |one| one.issuer = Some("sso.example".into()), "no address"),
            ("sso", |one| one.issuer = Some("http://sso.example".into()), "https://"),
            ("sso", |one| one.issuer = Some("https://a:b@sso.example".into()), "no user name"),
            ("sso", |one| one.issuer = Some("https://sso.example?a".into()), "no query"),
            ("sso", |one| one.client_id.clear(), "`client_id`"),
            ("sso", |one| one.client_secret = None, "exactly one"),
            ("sso", |one| one.client_secret_file = Some("x".into()), "exactly one"),
            ("sso", |one| one.label = Some(String::new()), "`label`"),
            ("sso", |one| one.scopes = vec!["email".into()], "`openid`"),
            ("sso", |one| one.kind = UpstreamKind::Google, "leave it out"),
        ];
        for (name, break_it, why) in bad {
            let mut one = oidc(good);
            break_it(&mut one);
            let said = said(name, one);
            assert!(said.contains(why) && said.contains(&format!("upstreams.{name}")), "{why}: {said}");
        }
    }

    /// ASVS 6.8.1: two providers never share a name for people.
    #[test]
    fn two_providers_of_one_issuer_are_refused_and_so_are_too_many() {
        let one = || oidc("https://sso.example");
        let two = [("a".to_owned(), one()), ("b".to_owned(), one())].into();
        assert!(check(&two).unwrap_err().said().contains("same issuer"));
        let many = (0..=MOST).map(|n| (format!("n{n}"), oidc(&format!("https://n{n}.example")))).collect();
        assert!(check(&many).is_err());
        assert_eq!(plain(&two), None);
        assert_eq!(plain(&[("dev".to_owned(), oidc("http://localhost:1"))].into()), Some("dev"));
    }

    #[test]
    fn no_secret_is_printed() {
        let text = format!("{:?}", oidc("https://sso.example"));
        assert!(!text.contains("s3cret") && text.contains("[secret]"), "{text}");
    }
}
