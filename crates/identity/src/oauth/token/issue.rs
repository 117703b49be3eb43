//! The answer of the token endpoint, the same for every grant.

use stoa_core::{Audience, Result, Scopes, Secret};
use stoa_store::Ctx;

use super::Tokens;
use crate::{
    Identity,
    oauth::{
        access::{self, Claims, Confirmation},
        clients::authentication::Client,
        error::{Outcome, Refusal},
        grants::store::Model as Grant,
        id_token::{self, About},
        jose,
        params::Params,
        requests::check,
    },
    people,
};

/// Everything a grant needs beside its parameters.
pub(crate) struct Desk<'a> {
    pub(crate) ctx: &'a Ctx,
    pub(crate) issuer: &'a str,
    pub(crate) identity: &'a Identity,
    pub(crate) client: &'a Client,
    /// The key that the tokens are bound to.
    pub(crate) key: Option<String>,
}

/// What one access token says beyond its grant.
pub(crate) struct Extra {
    pub(crate) scopes: Scopes,
    pub(crate) audience: Audience,
    /// Seconds since 1970; never later than the grant's end.
    pub(crate) until: Option<i64>,
    pub(crate) act: Option<serde_json::Value>,
}

impl Desk<'_> {
    /// Fewer scopes and resources than were granted, if the client asks for fewer (OAuth 2.1 §4.3.1, RFC 8707 §2.2).
    pub(crate) fn narrowed(&self, params: &Params, scopes: Scopes, audience: Audience) -> Outcome<Extra> {
        let scopes = match params.get("scope") {
            None => scopes,
            Some(text) => {
                let asked = Scopes::known_of(text);
                let strange = text.split_ascii_whitespace().count() != asked.names().count();
                if strange || !scopes.has(asked) || asked.is_empty() {
                    return Err(Refusal::new("invalid_scope", "`scope` is more than was granted"));
                }
                asked
            }
        };
        let asked = check::resources(self.issuer, params)?;
        if !audience.has(asked) {
            return Err(Refusal::new("invalid_target", "`resource` is more than was granted"));
        }
        let audience = if asked.is_empty() { audience } else { asked };
        Ok(Extra { scopes, audience, until: None, act: None })
    }

    /// Signs the tokens.
    pub(crate) async fn tokens(
        &self,
        grant: &Grant,
        extra: Extra,
        refresh: Option<Secret>,
        about: Option<About>,
    ) -> Result<Tokens> {
        let Self { ctx, issuer, identity, client, .. } = self;
        let now = jose::seconds(ctx.now());
        let longest = now + i64::try_from(identity.config().oauth.access().as_secs())?;
        let until = longest.min(jose::seconds(grant.expires_at)).min(extra.until.unwrap_or(i64::MAX));
        let own = grant.connection_id.is_none() && extra.act.is_none();
        let claims = Claims {
            iss: issuer,
            // Nobody can take a client for a person (RFC 9068 §5).
            sub: if own { client.id().to_owned() } else { grant.user_id.to_string() },
            aud: extra.audience.paths().map(|path| format!("{issuer}{path}")).collect(),
            client_id: client.id(),
            scope: extra.scopes.to_string(),
            iat: now,
            exp: until,
            jti: ctx.rng().token::<16>(),
            grant: grant.id,
            auth_time: jose::seconds(grant.authenticated_at),
            cnf: grant.bound_to.clone().map(|jkt| Confirmation { jkt }),
            act: extra.act,
        };
        let access_token = access::sign(ctx, identity, &claims).await?;
        let id_token = match about {
            Some(about) if extra.scopes.has(Scopes::OPENID) => {
                let person = people::ops::claims(ctx, grant.user_id, extra.scopes).await?;
                let beside = &access_token;
                Some(id_token::sign(self, grant, beside, about, person).await?)
            }
            _ => None,
        };
        Ok(Tokens {
            access_token,
            token_type: if grant.bound_to.is_some() { "DPoP" } else { "Bearer" },
            expires_in: until - now,
            scope: extra.scopes.to_string(),
            refresh_token: refresh.map(|token| token.expose().to_owned()),
            id_token,
            issued_token_type: None,
        })
    }
}
