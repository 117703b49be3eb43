//! `private_key_jwt`: a client shows that it holds a key (RFC 7523, and its revision's rule for the audience).

use std::time::Duration;

use jsonwebtoken::jwk::Jwk;
use serde::Deserialize;
use stoa_core::Timestamp;
use stoa_store::Ctx;

use super::{authentication::Client, keys};
use crate::{
    Identity,
    oauth::{
        error::{Outcome, Refusal},
        jose,
        jose::OneOrMany,
        proofs,
    },
};

/// `client_assertion_type`.
pub(crate) const TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// An assertion may be good for so many seconds at most.
const LONGEST: i64 = 600;

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    aud: OneOrMany,
    exp: i64,
    iat: Option<i64>,
    nbf: Option<i64>,
    jti: String,
}

#[derive(Deserialize)]
struct Subject {
    sub: String,
}

/// Who an assertion says it is from. Unchecked.
pub(crate) fn subject(assertion: &str) -> Option<String> {
    jose::head(assertion)?;
    jose::unverified::<Subject>(assertion).map(|claims| claims.sub)
}

/// Whether an assertion is this client's, made for us, still good, and shown for the first time. Its audience is the
/// issuer and nothing else, so that it cannot be one that was made for another server.
pub(crate) async fn holds(
    ctx: &Ctx,
    identity: &Identity,
    issuer: &str,
    client: &Client,
    assertion: &str,
) -> Outcome<bool> {
    let Some(head) = jose::head(assertion) else { return Ok(false) };
    if head.jwk.is_some() || head.jku.is_some() || head.x5u.is_some() || head.x5c.is_some() {
        return Ok(false);
    }
    let named = |key: &&Jwk| head.kid.is_none() || key.common.key_id == head.kid;
    let read = |keys: Vec<Jwk>| -> Option<Claims> {
        keys.iter().filter(named).find_map(|key| jose::verified(assertion, &head, key))
    };
    // None of those that are known: the client may have a new one.
    let claims = match read(keys::known(ctx, identity, client).await?) {
        None => read(keys::anew(ctx, identity, client).await?),
        claims => claims,
    };
    let Some(claims) = claims else { return Ok(false) };
    let now = ctx.now();
    wrong(&claims, client.id(), issuer, now).map_or(Ok(()), |why| Err(Refusal::client(false, why)))?;
    let until = now + Duration::from_secs(2 * 60 + LONGEST.unsigned_abs());
    Ok(proofs::first_time(ctx, "assertion", &format!("{} {}", client.id(), claims.jti), until).await?)
}

/// What is wrong with the claims of an assertion that the client did sign: so its developer may know.
fn wrong(claims: &Claims, client: &str, issuer: &str, now: Timestamp) -> Option<String> {
    let past = |at: Option<i64>| at.is_none_or(|at| jose::is_near(at, now, LONGEST, 0));
    if claims.iss != client || claims.sub != client {
        return Some("`iss` and `sub` of an assertion are the client's id".into());
    }
    if !claims.aud.is_only(issuer) {
        return Some(format!("`aud` of an assertion is `{issuer}` and nothing else"));
    }
    // RFC 7523 §3, 4: what is good for unreasonably long may be refused.
    if claims.exp <= jose::seconds(now) || !jose::is_near(claims.exp, now, 0, LONGEST) {
        return Some(format!("`exp` of an assertion lies ahead, by at most {LONGEST} seconds"));
    }
    if !past(claims.iat) || !past(claims.nbf) {
        return Some(format!("`iat` and `nbf` of an assertion lie back, by at most {LONGEST} seconds"));
    }
    let named = (1..=256).contains(&claims.jti.len());
    (!named).then(|| "`jti` of an assertion has 1 to 256 bytes".into())
}
