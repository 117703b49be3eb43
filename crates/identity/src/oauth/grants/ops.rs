//! Granting, and taking back.

use std::collections::HashMap;

use stoa_core::{Audience, Error, GrantId, Result, Scopes, Secret, SessionId, UserId, digest};
use stoa_store::{Ctx, Page, PageOf, Tx};

use super::{
    code, connection,
    http::Connection,
    model::{Asked, ConnectionId, ConnectionTag, Shown, refresh_token},
    store::{self, Model},
};
use crate::{
    Identity,
    audit::{model::Action, ops::record},
    oauth::{clients::store as clients, device},
    people,
};

/// Remembers what a person allows a client, and hands out a code for it.
pub(crate) async fn allow(
    ctx: &Ctx,
    identity: &Identity,
    tx: &Tx,
    user: UserId,
    session: SessionId,
    shown: &Shown,
    asked: &Asked,
) -> Result<Secret> {
    let connection = connect(ctx, tx, user, asked).await?;
    let text = Secret::new(format!("stoa_code_{}", ctx.rng().token::<32>()));
    let row = code::Model {
        digest: digest(text.expose()).as_bytes().to_vec(),
        connection_id: connection,
        session_id: Some(session),
        asked: serde_json::to_value(asked)?,
        authenticated_at: shown.at,
        methods: shown.methods.clone(),
        grant_id: None,
        expires_at: ctx.now() + identity.config().oauth.code(),
    };
    code::add(tx, row).await?;
    Ok(text)
}

/// Remembers what a person allows a client: what they allowed before, and this.
pub(crate) async fn connect(ctx: &Ctx, tx: &Tx, user: UserId, asked: &Asked) -> Result<ConnectionId> {
    let before = connection::of(tx, user, &asked.client_id).await?;
    let (mut scopes, mut audience) = (asked.scopes(), asked.audience());
    if let Some(before) = &before {
        scopes = scopes.and(Scopes::known_of(&before.scopes));
        audience = audience.and(super::model::audience(before.audience.split(' ')));
    }
    let row = connection::Model {
        id: ctx.id(),
        user_id: user,
        client_id: asked.client_id.clone(),
        scopes: scopes.to_string(),
        audience: paths(audience),
        created_at: ctx.now(),
        last_used_at: None,
    };
    let id = connection::put(tx, row).await?;
    record(ctx, tx, Action::ConnectionAllowed, Some(user), Some(asked.client_id.clone())).await?;
    Ok(id)
}

/// A grant that is about to be made.
pub(crate) struct NewGrant<'a> {
    pub(crate) id: GrantId,
    pub(crate) connection: Option<ConnectionId>,
    pub(crate) user: UserId,
    pub(crate) client_id: &'a str,
    pub(crate) session: Option<SessionId>,
    pub(crate) scopes: Scopes,
    pub(crate) audience: Audience,
    pub(crate) bound_to: Option<String>,
    pub(crate) shown: Shown,
    /// Whether a refresh token comes with it.
    pub(crate) lasting: bool,
}

/// Makes a grant, with its first refresh token where it lasts.
pub(crate) async fn make(
    ctx: &Ctx,
    identity: &Identity,
    tx: &Tx,
    new: NewGrant<'_>,
) -> Result<(Model, Option<Secret>)> {
    let (now, config) = (ctx.now(), &identity.config().oauth);
    let refresh = new.lasting.then(|| refresh_token(ctx.rng(), &ctx.store.ring, new.id)).transpose()?;
    let row = Model {
        id: new.id,
        connection_id: new.connection,
        user_id: new.user,
        client_id: new.client_id.to_owned(),
        session_id: new.session,
        scopes: new.scopes.to_string(),
        audience: paths(new.audience),
        bound_to: new.bound_to,
        authenticated_at: new.shown.at,
        methods: new.shown.methods,
        refresh: refresh.as_ref().map(|token| digest(token.expose()).as_bytes().to_vec()),
        previous: None,
        rotated_at: None,
        created_at: now,
        last_used_at: now,
        expires_at: now + if new.lasting { config.refresh_lifetime() } else { config.access() },
    };
    store::add(tx, row.clone()).await?;
    Ok((row, refresh))
}

/// The paths of an audience, as they are kept.
pub(crate) fn paths(audience: Audience) -> String {
    audience.paths().collect::<Vec<_>>().join(" ")
}

/// Ends a grant and everything that came of it, at once on all nodes.
pub(crate) async fn end(ctx: &Ctx, row: &Model, action: Action) -> Result<()> {
    let epoch = ctx
        .db
        .write(async |tx| {
            store::remove(tx, row.id).await?;
            record(ctx, tx, action, Some(row.user_id), Some(row.client_id.clone())).await?;
            ctx.store.epoch.raise(tx).await
        })
        .await?;
    ctx.store.epoch.settled(&ctx.db, epoch).await
}

/// Ends all that somebody granted, also what no client has fetched yet: a code that waits and a device that was let in
/// are as good as the tokens they would become. What they remember of their clients stays. The caller raises the epoch.
pub(crate) async fn end_all(tx: &Tx, user: UserId) -> Result<()> {
    code::remove_of(tx, user).await?;
    device::store::remove_of(tx, user).await?;
    store::remove_of(tx, user).await?;
    Ok(())
}

/// The clients that may act for the caller, newest first.
pub(crate) async fn list(ctx: &Ctx, page: Page<ConnectionTag>) -> Result<PageOf<Connection>> {
    list_of(ctx, ctx.actor.at_the_browser()?.0.id, page).await
}

/// The clients that may act for somebody, for whoever has already shown that they may ask.
pub(crate) async fn list_of(
    ctx: &Ctx,
    user: UserId,
    page: Page<ConnectionTag>,
) -> Result<PageOf<Connection>> {
    let reads = ctx.db.reads();
    let rows = page.cut(connection::list(&reads, user, &page).await?, |row| row.id);
    let ids = rows.items.iter().map(|row| row.client_id.clone()).collect();
    let clients = clients::some(&reads, ids).await?;
    let clients: HashMap<_, _> = clients.into_iter().map(|client| (client.id.clone(), client)).collect();
    let used = store::last_used(&reads, rows.items.iter().map(|row| row.id).collect()).await?;
    let items = rows.items.into_iter().map(|row| {
        let used = row.last_used_at.max(used.get(&row.id).copied());
        Connection::of(row, &clients, used)
    });
    Ok(PageOf { items: items.collect::<Result<_>>()?, next: rows.next })
}

/// Takes back what the caller allowed a client: when it returns, none of its tokens opens anything, on any node.
pub(crate) async fn revoke(ctx: &Ctx, id: ConnectionId) -> Result<()> {
    let user = ctx.actor.at_the_browser()?.0.id;
    let epoch = ctx.db.write(async |tx| disconnect(ctx, tx, user, id).await).await?;
    ctx.store.epoch.settled(&ctx.db, epoch).await
}

/// The clients that may act for somebody, for those who look after people: an owner's for owners only.
pub(crate) async fn list_for(ctx: &Ctx, id: UserId, page: Page<ConnectionTag>) -> Result<PageOf<Connection>> {
    people::ops::looked_after(ctx, id).await?;
    list_of(ctx, id, page).await
}

/// Takes back what somebody allowed a client, as [`revoke`], for those who look after people.
pub(crate) async fn revoke_for(ctx: &Ctx, user: UserId, id: ConnectionId) -> Result<()> {
    people::ops::caretaker(ctx)?;
    let epoch = ctx
        .db
        .write(async |tx| {
            people::ops::look_after(ctx, tx, user).await?;
            disconnect(ctx, tx, user, id).await
        })
        .await?;
    ctx.store.epoch.settled(&ctx.db, epoch).await
}

/// Removes a connection, and with it whatever came of it. The epoch to wait for.
async fn disconnect(ctx: &Ctx, tx: &mut Tx, user: UserId, id: ConnectionId) -> Result<i64> {
    let client = connection::remove(tx, user, id).await?;
    let client = client.ok_or_else(|| Error::not_found("there is no such connection"))?;
    record(ctx, tx, Action::ConnectionRevoked, Some(user), Some(client)).await?;
    ctx.store.epoch.raise(tx).await
}
