//! `authorization_code`: the code from the browser, once (OAuth 2.1 §4.1.3).

use sha2::{Digest as _, Sha256};
use stoa_core::{GrantId, Scopes, digest};

use super::{Tokens, issue::Desk};
use crate::{
    audit::model::Action,
    oauth::{
        error::{Outcome, Refusal},
        grants::{
            code, connection,
            model::{Asked, Shown},
            ops::{self, NewGrant},
            store,
        },
        id_token::About,
        logout,
        params::Params,
        proofs::base64url,
    },
    sessions,
};

pub(super) async fn redeem(desk: &Desk<'_>, params: &Params) -> Outcome<Tokens> {
    let ctx = desk.ctx;
    let refused = || Refusal::grant("the code was used already, has expired, or is none of this client's");
    let text = params.need("code")?;
    let id = digest(text);
    let row = code::find(&ctx.db.reads(), id).await?.ok_or_else(refused)?;
    let asked = row.asked()?;
    if asked.client_id != desk.client.id() {
        return Err(refused());
    }
    check(desk, params, &asked)?;
    if let Some(spent) = row.grant_id {
        // Whoever can show all of this twice is not one (OAuth 2.1 §4.1.3). Somebody who cannot ends nothing.
        return Err(replayed(desk, spent).await?);
    }
    if ctx.now() >= row.expires_at {
        return Err(refused());
    }
    let extra = desk.narrowed(params, asked.scopes(), asked.audience())?;
    let connection = connection::find(&ctx.db.reads(), row.connection_id).await?.ok_or_else(refused)?;
    let lasting = desk.client.said.may("refresh_token")
        && (asked.scopes().has(Scopes::OFFLINE_ACCESS) || !asked.scopes().has(Scopes::OPENID));
    let (new, shown) = (ctx.id(), Shown { at: row.authenticated_at, methods: row.methods.clone() });
    let made = ctx
        .db
        .write(async |tx| {
            if !code::spend(tx, id, new).await? {
                return Ok(None);
            }
            let sid = match row.session_id {
                // A code dies with the session in which it was allowed: nobody would tell the client that it ended.
                Some(session) => match sessions::store::lock(tx, connection.user_id, session).await? {
                    None => return Ok(Some(Err(refused()))),
                    Some(_) if asked.scopes().has(Scopes::OPENID) => {
                        Some(logout::store::put(ctx, tx, session, desk.client.id()).await?)
                    }
                    Some(_) => None,
                },
                None => None,
            };
            let grant = NewGrant {
                id: new,
                connection: Some(connection.id),
                user: connection.user_id,
                client_id: desk.client.id(),
                session: row.session_id,
                scopes: asked.scopes(),
                audience: asked.audience(),
                bound_to: desk.key.clone(),
                shown: shown.clone(),
                lasting,
            };
            let (grant, refresh) = ops::make(ctx, desk.identity, tx, grant).await?;
            Ok(Some(Ok((grant, refresh, sid))))
        })
        .await?;
    let Some(made) = made else {
        // Another request was first, this very moment.
        let spent = code::find(&ctx.db.reads(), id).await?.and_then(|row| row.grant_id);
        return Err(match spent {
            Some(spent) => replayed(desk, spent).await?,
            None => refused(),
        });
    };
    let (grant, refresh, sid) = made?;
    Ok(desk.tokens(&grant, extra, refresh, Some(About { nonce: asked.nonce, sid })).await?)
}

/// What the code was bound to when it was handed out.
fn check(desk: &Desk<'_>, params: &Params, asked: &Asked) -> Outcome<()> {
    let wrong = |what: &'static str| Err(Refusal::grant(what));
    // Clients of OAuth 2.0 send it again; then it must be the same (OAuth 2.1 §10.2).
    if params.get("redirect_uri").is_some_and(|uri| Some(uri) != asked.redirect_uri.as_deref()) {
        return wrong("`redirect_uri` is another than the request's");
    }
    match (&asked.challenge, params.get("code_verifier")) {
        (Some(challenge), Some(verifier)) => {
            let sane = (43..=128).contains(&verifier.len())
                && verifier.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b));
            let made = base64url(&Sha256::digest(verifier.as_bytes()));
            if !sane || digest(&made) != digest(challenge) {
                return wrong("`code_verifier` does not fit the challenge");
            }
        }
        (Some(_), None) => return wrong("`code_verifier` is missing"),
        // Somebody took the challenge out of the request (BCP §2.1.1).
        (None, Some(_)) => return wrong("the request had no `code_challenge`"),
        (None, None) => {}
    }
    match (&asked.bound_to, &desk.key) {
        (Some(bound), key) if key.as_ref() != Some(bound) => {
            Err(Refusal::new("invalid_dpop_proof", "the code is bound to another key"))
        }
        _ => Ok(()),
    }
}

/// A code came twice: what its first use gave is taken back.
async fn replayed(desk: &Desk<'_>, spent: GrantId) -> Outcome<Refusal> {
    if let Some(grant) = store::find(&desk.ctx.db.reads(), spent).await? {
        ops::end(desk.ctx, &grant, Action::CodeReplayed).await?;
    }
    Ok(Refusal::grant("the code was used already; what it gave has been revoked"))
}
