//! DPoP (RFC 9449): a token that only the holder of a key can use. And the list of what was shown already.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderName};
use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use sea_orm::{ConnectionTrait, Statement};
use serde::Deserialize;
use serde_json::Value;
use std::time::Duration;
use stoa_core::{Error, Result, Timestamp, digest};
use stoa_store::{Ctx, Db, Tx};

use super::{
    error::{Outcome, Refusal},
    jose,
};

const DPOP: HeaderName = HeaderName::from_static("dpop");
/// A proof is good for so many seconds around now (§11.1).
const WINDOW: i64 = 120;

/// What a proof says (§4.2).
#[derive(Deserialize)]
struct Claims {
    jti: String,
    htm: String,
    htu: String,
    iat: i64,
    ath: Option<String>,
}

/// What a proof must be about.
pub(crate) struct About<'a> {
    /// The method of the request.
    pub(crate) method: &'a str,
    /// Its whole address, without query and fragment.
    pub(crate) url: &'a str,
    /// The access token beside it, at a resource.
    pub(crate) token: Option<&'a str>,
}

/// The thumbprint (RFC 7638) of the key behind a proof, if the proof holds and was not shown before, on any node.
///
/// # Errors
/// When the rows cannot be reached.
pub(crate) async fn key_of(ctx: &Ctx, proof: &str, about: &About<'_>) -> Result<Option<String>> {
    let Some((key, jti)) = checked(proof, about, ctx.now()) else { return Ok(None) };
    let until = ctx.now() + Duration::from_secs(2 * 60 * 5);
    Ok(first_time(ctx, "dpop", &format!("{key} {jti}"), until).await?.then_some(key))
}

/// The key's thumbprint and the proof's own name.
fn checked(proof: &str, about: &About<'_>, now: Timestamp) -> Option<(String, String)> {
    let head = jose::head(proof).filter(|head| head.typ.as_deref() == Some("dpop+jwt"))?;
    let key = head.jwk.clone()?;
    // The library drops what it does not know; private parts must not even be sent.
    let raw = raw_key(proof)?;
    let claims: Claims = jose::verified(proof, &head, &key).filter(|_| jose::is_public(&raw))?;
    let hash = about.token.map(|token| base64url(digest(token).as_bytes()));
    let holds = claims.htm == about.method
        && same_url(&claims.htu, about.url)
        && jose::is_near(claims.iat, now, WINDOW, WINDOW)
        && (1..=256).contains(&claims.jti.len())
        && claims.ath == hash;
    holds.then_some(())?;
    Some((thumbprint(&key)?, claims.jti))
}

fn raw_key(proof: &str) -> Option<Value> {
    let head = URL_SAFE_NO_PAD.decode(proof.split('.').next()?).ok()?;
    serde_json::from_slice::<Value>(&head).ok()?.get("jwk").cloned()
}

fn thumbprint(key: &Jwk) -> Option<String> {
    key.thumbprint(ThumbprintHash::SHA256).ok()
}

pub(crate) fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Compared after the usual normalisation, without query and fragment (§4.3 no. 9).
fn same_url(said: &str, real: &str) -> bool {
    let plain = |text: &str| {
        let mut url = url::Url::parse(text).ok()?;
        url.set_query(None);
        url.set_fragment(None);
        Some(url)
    };
    plain(said).is_some_and(|said| plain(real) == Some(said))
}

/// The key of the proof that a client sends to the token endpoint; nothing where it sends none.
pub(crate) async fn of_client(ctx: &Ctx, headers: &HeaderMap, url: &str) -> Outcome<Option<String>> {
    let mut all = headers.get_all(DPOP).iter();
    let Some(first) = all.next() else { return Ok(None) };
    let refused = || Refusal::new("invalid_dpop_proof", "the DPoP proof does not hold for this request");
    let proof = first.to_str().ok().filter(|_| all.next().is_none()).ok_or_else(refused)?;
    let about = About { method: "POST", url, token: None };
    key_of(ctx, proof, &about).await?.map(Some).ok_or_else(refused)
}

/// Whether something is shown for the first time, until it has expired anyway. Of many at once, one is.
///
/// # Errors
/// When the rows cannot be reached.
pub(crate) async fn first_time(ctx: &Ctx, kind: &str, name: &str, until: Timestamp) -> Result<bool> {
    let id = digest(format!("{kind} {name}"));
    ctx.db
        .write(async |tx| {
            let done = tx
                .execute_raw(Statement::from_sql_and_values(
                    tx.get_database_backend(),
                    "INSERT INTO identity_proof (digest, expires_at) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING",
                    [id.as_bytes().to_vec().into(), until.into()],
                ))
                .await?;
            Ok(done.rows_affected() == 1)
        })
        .await
}

/// Forgets what nobody would take any more.
pub(crate) async fn sweep(db: &Db, now: Timestamp) -> Result<()> {
    db.write(async |tx: &mut Tx| {
        tx.execute_raw(Statement::from_sql_and_values(
            tx.get_database_backend(),
            "DELETE FROM identity_proof WHERE expires_at <= $1",
            [now.into()],
        ))
        .await?;
        Ok::<(), Error>(())
    })
    .await
}
