//! `refresh_token`: new tokens for the present refresh token, which is replaced (OAuth 2.1 §4.3).
//!
//! An older one that comes again means that two hold it; then all tokens of the grant end. Only the one before the
//! present one may come again for a moment, if the one that replaced it was never used: the answer was lost on its way.

use std::time::Duration;

use stoa_core::{Digest, Scopes, digest};

use super::{Tokens, issue::Desk};
use crate::{
    audit::model::Action,
    oauth::{
        error::{Outcome, Refusal},
        grants::{
            model::{self, read_refresh_token, refresh_token},
            ops,
            store::{self, Model},
        },
        id_token::About,
        logout,
        params::Params,
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
        if store::rotate(&ctx.db, &grant, kept, first, ctx.now()).await? {
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
