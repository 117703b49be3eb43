//! ID tokens (OpenID Connect Core §2): what one says of a person to a client, and what one says that comes back.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256, Sha512};
use stoa_core::{Result, UserId};
use stoa_store::Ctx;

use super::{
    clients::model::Metadata, grants::store::Model as Grant, jose, keys::model::Algorithm,
    logout::model::SignOnId, proofs::base64url, token::issue::Desk,
};
use crate::{Identity, people};

/// `typ` of the head. That of other tokens is another, so that none is taken for one of these.
const TYP: &str = "JWT";

/// The claims.
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: String,
    aud: &'a str,
    iat: i64,
    exp: i64,
    auth_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<String>,
    amr: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<SignOnId>,
    at_hash: String,
    #[serde(flatten)]
    person: people::ops::Claims,
}

/// What one is about, beside its grant.
pub(crate) struct About {
    pub(crate) nonce: Option<String>,
    /// Where the person is signed in with the session that it came of, while that lasts.
    pub(crate) sid: Option<SignOnId>,
}

/// What a client's tokens about people are signed with.
pub(crate) fn algorithm(client: &Metadata) -> Algorithm {
    match client.id_token_signed_response_alg.as_deref() {
        Some("EdDSA") => Algorithm::EdDsa,
        _ => Algorithm::Rs256,
    }
}

/// Signs one. `access_token` is the one beside it.
pub(crate) async fn sign(
    desk: &Desk<'_>,
    grant: &Grant,
    access_token: &str,
    about: About,
    person: people::ops::Claims,
) -> Result<String> {
    let Desk { ctx, issuer, identity, client, .. } = desk;
    let (algorithm, now) = (algorithm(&client.said), jose::seconds(ctx.now()));
    let claims = Claims {
        iss: issuer,
        sub: grant.user_id.to_string(),
        aud: client.id(),
        iat: now,
        exp: now + i64::try_from(identity.config().oauth.access().as_secs())?,
        auth_time: jose::seconds(grant.authenticated_at),
        nonce: about.nonce,
        amr: grant.methods.split(' ').collect(),
        sid: about.sid,
        at_hash: half_hash(algorithm, access_token),
        person,
    };
    identity.keys().sign(ctx, algorithm, TYP, &claims).await
}

/// The left half of the hash that belongs to the algorithm (§3.1.3.6).
fn half_hash(algorithm: Algorithm, access_token: &str) -> String {
    match algorithm {
        Algorithm::Rs256 => base64url(&Sha256::digest(access_token)[..16]),
        Algorithm::EdDsa => base64url(&Sha512::digest(access_token)[..32]),
    }
}

/// What an ID token says that a client sends back as a hint.
#[derive(Deserialize)]
pub(crate) struct Hint {
    iss: String,
    pub(crate) sub: UserId,
    pub(crate) aud: String,
    pub(crate) sid: Option<SignOnId>,
}

/// Reads a hint: signed by us as an ID token, under our name, however long ago it expired. `None` for any other text.
///
/// # Errors
/// When the keys cannot be reached.
pub(crate) async fn hint(ctx: &Ctx, identity: &Identity, issuer: &str, token: &str) -> Result<Option<Hint>> {
    let said = identity.keys().read::<Hint>(ctx, token, TYP).await?;
    Ok(said.filter(|said| said.iss == issuer))
}
