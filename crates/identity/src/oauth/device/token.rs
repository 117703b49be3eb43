//! The device asks whether the person has decided (RFC 8628 §3.4).

use std::time::Duration;

use stoa_core::{Scopes, digest};

use super::{model::State, store};
use crate::oauth::{
    error::{Outcome, Refusal},
    grants::{
        connection,
        model::Shown,
        ops::{self, NewGrant},
    },
    id_token::About,
    logout,
    params::Params,
    token::{Tokens, issue::Desk},
};
use crate::sessions;

/// How much longer a device waits that asked too often, in seconds.
const SLOWER: i64 = 5;

pub(crate) async fn poll(desk: &Desk<'_>, params: &Params) -> Outcome<Tokens> {
    let (ctx, now) = (desk.ctx, desk.ctx.now());
    let refused = || Refusal::grant("the device code was used, or is none of this client's");
    let id = digest(params.need("device_code")?);
    let row = store::find(&ctx.db.reads(), id).await?.ok_or_else(refused)?;
    if row.client_id != desk.client.id() {
        return Err(refused());
    }
    if now >= row.expires_at {
        return Err(Refusal::new("expired_token", "nobody decided in time; begin again"));
    }
    let early = row.polled_at.is_some_and(|at| {
        now < at + Duration::from_secs(row.interval_seconds.unsigned_abs().saturating_sub(1))
    });
    let interval = row.interval_seconds + if early { SLOWER } else { 0 };
    ctx.db.write(async |tx| store::polled(tx, &row, now, interval).await).await?;
    if early {
        return Err(Refusal::new("slow_down", format!("ask every {interval} seconds")));
    }
    match State::parse(&row.state) {
        Some(State::Allowed) => {}
        Some(State::Denied) => return Err(Refusal::new("access_denied", "the person did not allow it")),
        _ => return Err(Refusal::new("authorization_pending", "the person has not decided yet")),
    }
    let asked = row.asked()?;
    let connection = match row.connection_id {
        Some(id) => connection::find(&ctx.db.reads(), id).await?,
        None => None,
    };
    let connection = connection.ok_or_else(refused)?;
    let extra = desk.narrowed(params, asked.scopes(), asked.audience())?;
    let (scopes, new) = (asked.scopes(), ctx.id());
    let made = ctx
        .db
        .write(async |tx| {
            if !store::take(tx, id).await? {
                return Ok(None);
            }
            // The session in which it was allowed may be over: a device stays connected all the same.
            let session = match row.session_id.filter(|_| scopes.has(Scopes::OPENID)) {
                Some(session) => sessions::store::lock(tx, connection.user_id, session).await?,
                None => None,
            };
            let sid = match session {
                Some(session) => Some(logout::store::put(ctx, tx, session.id, desk.client.id()).await?),
                None => None,
            };
            let grant = NewGrant {
                id: new,
                connection: Some(connection.id),
                user: connection.user_id,
                client_id: desk.client.id(),
                session: row.session_id,
                scopes,
                audience: asked.audience(),
                bound_to: desk.key.clone(),
                shown: Shown {
                    at: row.authenticated_at.unwrap_or(now),
                    methods: row.methods.clone().unwrap_or_default(),
                },
                lasting: desk.client.said.may("refresh_token")
                    && (scopes.has(Scopes::OFFLINE_ACCESS) || !scopes.has(Scopes::OPENID)),
            };
            let (grant, refresh) = ops::make(ctx, desk.identity, tx, grant).await?;
            Ok(Some((grant, refresh, sid)))
        })
        .await?;
    let (grant, refresh, sid) = made.ok_or_else(refused)?;
    Ok(desk.tokens(&grant, extra, refresh, Some(About { nonce: None, sid })).await?)
}
