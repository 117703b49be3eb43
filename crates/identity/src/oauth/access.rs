//! Access tokens (RFC 9068): what one says, and whether it is true.

use serde::{Deserialize, Serialize};
use stoa_core::{Audience, Credential, GrantId, Result, Scopes, Timestamp, UserId};
use stoa_store::Ctx;
use utoipa::ToSchema;

use super::{grants::store as grants, jose, jose::OneOrMany, keys::model::Algorithm};
use crate::Identity;

/// `typ` of the head (§2.1).
const TYP: &str = "at+jwt";

/// The claims (§2.2).
#[derive(Debug, Serialize)]
pub(crate) struct Claims<'a> {
    pub(crate) iss: &'a str,
    pub(crate) sub: String,
    pub(crate) aud: Vec<String>,
    pub(crate) client_id: &'a str,
    pub(crate) scope: String,
    pub(crate) iat: i64,
    pub(crate) exp: i64,
    pub(crate) jti: String,
    /// The grant it came of: when that is gone, so is the token.
    pub(crate) grant: GrantId,
    pub(crate) auth_time: i64,
    /// The key it is bound to (RFC 9449 §6).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cnf: Option<Confirmation>,
    /// Who acts for the person (RFC 8693 §4.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) act: Option<serde_json::Value>,
}

/// A key, by its thumbprint (RFC 7638).
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = OAuthConfirmation)]
pub(crate) struct Confirmation {
    /// SHA-256, in base64url.
    #[schema(example = "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I")]
    pub(crate) jkt: String,
}

/// The claims as they are read back.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Said {
    pub(crate) iss: String,
    pub(crate) sub: String,
    pub(crate) aud: OneOrMany,
    pub(crate) client_id: String,
    #[serde(default)]
    pub(crate) scope: String,
    pub(crate) iat: i64,
    pub(crate) exp: i64,
    pub(crate) jti: String,
    pub(crate) grant: GrantId,
    pub(crate) cnf: Option<Confirmation>,
    pub(crate) act: Option<serde_json::Value>,
}

/// An access token that holds, with what stands behind it.
pub(crate) struct Holds {
    pub(crate) said: Said,
    pub(crate) grant: grants::Model,
    pub(crate) user: UserId,
    pub(crate) scopes: Scopes,
    pub(crate) audience: Audience,
    pub(crate) until: Timestamp,
}

impl Holds {
    /// How it names its bearer.
    pub(crate) fn via(&self) -> Credential {
        Credential::Grant(self.grant.id, self.audience)
    }
}

/// Whether text looks like one of ours: what does not is not even read.
pub(crate) fn looks_like_one(text: &str) -> bool {
    text.starts_with("ey") && text.bytes().filter(|byte| *byte == b'.').count() == 2
}

/// Signs one.
pub(crate) async fn sign(ctx: &Ctx, identity: &Identity, claims: &Claims<'_>) -> Result<String> {
    identity.keys().sign(ctx, Algorithm::EdDsa, TYP, claims).await
}

/// Reads one: our signature, our name, not expired, and its grant still there. What it may do is never more than the
/// grant has now.
pub(crate) async fn read(ctx: &Ctx, identity: &Identity, issuer: &str, token: &str) -> Result<Option<Holds>> {
    let Some(said) = identity.keys().read::<Said>(ctx, token, TYP).await? else { return Ok(None) };
    let now = jose::seconds(ctx.now());
    if said.iss != issuer || now >= said.exp || said.iat > now + 30 {
        return Ok(None);
    }
    let Some(grant) = grants::find(&ctx.db.reads(), said.grant).await? else { return Ok(None) };
    if ctx.now() >= grant.expires_at || grant.client_id != said.client_id && said.act.is_none() {
        return Ok(None);
    }
    let paths = said.aud.all().iter().filter_map(|one| one.strip_prefix(issuer));
    let audience =
        paths.filter_map(Audience::of_path).fold(Audience::NONE, Audience::and).within(grant.audience());
    let scopes = Scopes::known_of(&said.scope).within(Scopes::known_of(&grant.scopes));
    let until = Timestamp::from_micros(said.exp.saturating_mul(1_000_000));
    Ok(Some(Holds { user: grant.user_id, scopes, audience, until, said, grant }))
}
