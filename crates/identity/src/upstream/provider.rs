//! A provider that was configured, with what is remembered of it.

use std::{collections::BTreeMap, sync::Arc};

use stoa_core::{Error, Kind, Result, Secret};
use stoa_store::Ctx;
use url::Url;

use super::{
    config::{UpstreamConfig, UpstreamKind},
    metadata::{Memory, Metadata},
    model::{Outcome, Problem, Stop, Upstream},
};
use crate::Identity;

/// A provider.
pub(crate) struct Provider {
    pub(super) shown: Upstream,
    /// As it writes itself.
    pub(super) issuer: String,
    pub(super) client_id: String,
    pub(super) client_secret: Secret,
    pub(super) scope: String,
    /// Where GitHub stands, if it is one.
    pub(super) base: String,
    pub(super) memory: Memory,
}

/// All providers, by name.
pub(crate) struct Providers(Vec<Provider>);

impl Providers {
    /// Those that are configured.
    ///
    /// # Errors
    /// `invalid` where a file with a password cannot be read.
    pub(crate) fn new(all: &BTreeMap<String, UpstreamConfig>) -> Result<Self> {
        let one = |(name, config): (&String, &UpstreamConfig)| {
            let said = |error: Error| {
                let cause = error.cause().unwrap_or_default();
                Error::invalid(format!("`identity.upstreams.{name}`: {}", error.said())).because(cause)
            };
            Ok(Provider {
                shown: Upstream { name: name.clone(), label: config.label(), kind: config.kind },
                issuer: config.issuer()?,
                client_id: config.client_id.clone(),
                client_secret: config.secret().map_err(said)?,
                scope: config.scope(),
                base: config.base().to_owned(),
                memory: Memory::default(),
            })
        };
        Ok(Self(all.iter().map(one).collect::<Result<_>>()?))
    }

    /// All, in the order of their names.
    pub(super) fn all(&self) -> impl Iterator<Item = &Provider> {
        self.0.iter()
    }

    /// The one of this name.
    pub(super) fn named(&self, name: &str) -> Option<&Provider> {
        self.all().find(|provider| provider.shown.name == name)
    }

    /// The one of this issuer.
    pub(super) fn of_issuer(&self, issuer: &str) -> Option<&Provider> {
        self.all().find(|provider| provider.issuer == issuer)
    }
}

impl Provider {
    /// Where it does what.
    ///
    /// # Errors
    /// When it cannot be reached, or says something else than it should.
    pub(super) async fn metadata(&self, ctx: &Ctx, identity: &Identity) -> Result<Arc<Metadata>> {
        match self.shown.kind {
            UpstreamKind::Oidc | UpstreamKind::Google => {
                self.memory.metadata(ctx, identity, &self.issuer).await
            }
            UpstreamKind::Github => {
                let at = |path: &str| Url::parse(&format!("{}{path}", self.base));
                Ok(Arc::new(Metadata {
                    authorization_endpoint: at("/login/oauth/authorize")?,
                    token_endpoint: at("/login/oauth/access_token")?,
                    userinfo_endpoint: None,
                    jwks_uri: None,
                    basic: false,
                    names_itself: false,
                    algorithms: Vec::new(),
                }))
            }
        }
    }

    /// Why a call to it failed, in the log; the person is told that it does not work now.
    pub(super) fn failed(&self, error: Error) -> Stop {
        if error.kind() == Kind::Internal {
            return Stop::Fault(error);
        }
        tracing::warn!(
            upstream = self.shown.name,
            said = error.said(),
            cause = error.cause(),
            "a provider of identities cannot be asked; one in a private network must be named in `out.private`"
        );
        Stop::Told(Problem::Unavailable, "unavailable")
    }

    /// What a call to it gave.
    pub(super) fn tried<T>(&self, result: Result<T>) -> Outcome<T> {
        result.map_err(|error| self.failed(error))
    }
}
