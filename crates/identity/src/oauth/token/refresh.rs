//! `refresh_token`: new tokens for the present refresh token, which is replaced (OAuth 2.1 §4.3).
//!
//! An older one that comes again means that two hold it; then all tokens of the grant end. Only the one before the
//! present one may come again for a moment, if the one that replaced it was never used: the answer was lost on its way.

use std::time::Duration;

use stoa_core::{Digest, GrantId, Scopes, digest};

use super::{
    Tokens,
    issue::{Desk, Extra},
};
use crate::{
    audit::model::Action,
    oauth::{
        error::{Outcome, Refusal},
        grants::{
            model::{self, read_refresh_token, refresh_token},
            ops,
            store::{self, Model, Present},
        },
        id_token::About,
        logout,
        params::Params,
        requests::check,
    },
};

/// How long the answer may have been lost.
const LOST: Duration = Duration::from_secs(30);

/// Which of a grant's refresh tokens one is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    Present,
    /// The one before, a moment ago.
    Again,
    Old,
}

pub(super) async fn rotate(desk: &Desk<'_>, params: &Params) -> Outcome<Tokens> {
    let ctx = desk.ctx;
    let refused =
        || Refusal::grant("the refresh token was revoked, has expired, or is none of this client's");
    let text = params.need("refresh_token")?;
    let id = read_refresh_token(&ctx.store.ring, text).ok_or_else(refused)?;
    if let Some(tokens) = at_once(desk, params, id, digest(text)).await? {
        return Ok(tokens);
    }
    // The second round is for one that another request replaced between the look and the write.
    for _ in 0..2 {
        let grant = store::find(&ctx.db.reads(), id).await?.ok_or_else(refused)?;
        if grant.client_id != desk.client.id() {
            return Err(refused());
        }
        let idle = grant.last_used_at + desk.identity.config().oauth.refresh_idle();
        if ctx.now() >= grant.expires_at || ctx.now() >= idle {
            return Err(refused());
        }
        // A key that was bound once is asked for ever (RFC 9449 §5).
        if grant.bound_to.is_some() && grant.bound_to != desk.key {
            return Err(Refusal::new("invalid_dpop_proof", "the refresh token is bound to another key"));
        }
        let which = which(&grant, digest(text), ctx.now());
        if which == Which::Old {
            ops::end(ctx, &grant, Action::RefreshReplayed).await?;
            return Err(Refusal::grant(
                "the refresh token was used already; all tokens of it have been revoked",
            ));
        }
        let audience = model::audience(grant.audience.split(' '));
        let extra = desk.narrowed(params, Scopes::known_of(&grant.scopes), audience)?;
        let new = refresh_token(ctx.rng(), &ctx.store.ring, grant.id)?;
        let (kept, first) = (digest(new.expose()).as_bytes().to_vec(), which == Which::Present);
        let done =
            ctx.db.write(async |tx| store::rotate(tx, &grant, kept.clone(), first, ctx.now()).await).await?;
        if done {
            let sid = match grant.session_id {
                Some(session) if extra.scopes.has(Scopes::OPENID) => {
                    logout::store::of(&ctx.db.reads(), session, desk.client.id()).await?
                }
                _ => None,
            };
            return Ok(desk.tokens(&grant, extra, Some(new), Some(About { nonce: None, sid })).await?);
        }
    }
    Err(Refusal::grant("the refresh token is being used by another request"))
}

/// The common way, in one write: the present token of this client, which asks for nothing or for all that was granted.
/// Whatever is otherwise is looked at closely.
async fn at_once(desk: &Desk<'_>, params: &Params, id: GrantId, shown: Digest) -> Outcome<Option<Tokens>> {
    let ctx = desk.ctx;
    let scopes = params.get("scope").map(|text| (text, Scopes::known_of(text)));
    if scopes.is_some_and(|(text, known)| text.split_ascii_whitespace().count() != known.names().count()) {
        return Ok(None);
    }
    let asked = check::resources(desk.issuer, params)?;
    let present = Present {
        id,
        shown,
        client: desk.client.id(),
        key: desk.key.as_deref(),
        scopes: scopes.map(|(_, known)| known.to_string()),
        audience: (!asked.is_empty()).then(|| ops::paths(asked)),
        idle_since: ctx.now() - desk.identity.config().oauth.refresh_idle(),
    };
    let new = refresh_token(ctx.rng(), &ctx.store.ring, id)?;
    let done = store::replace(&ctx.db, present, digest(new.expose()), ctx.now()).await?;
    let Some((grant, sid)) = done else { return Ok(None) };
    let scopes = Scopes::known_of(&grant.scopes);
    let extra = Extra { scopes, audience: grant.audience(), until: None, act: None };
    Ok(Some(desk.tokens(&grant, extra, Some(new), Some(About { nonce: None, sid })).await?))
}

fn which(grant: &Model, shown: Digest, now: stoa_core::Timestamp) -> Which {
    let is = |kept: &Option<Vec<u8>>| kept.as_deref().and_then(Digest::from_slice) == Some(shown);
    if is(&grant.refresh) {
        Which::Present
    } else if is(&grant.previous) && grant.rotated_at.is_some_and(|at| now < at + LOST) {
        Which::Again
    } else {
        Which::Old
    }
}
