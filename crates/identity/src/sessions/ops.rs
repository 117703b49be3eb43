//! Signing in and out.

use std::time::Duration;

use stoa_core::{
    Actor, Credential, Error, Result, Role, Scopes, Secret, SessionId, SessionTag, Timestamp, User as Caller,
    UserId, digest,
};
use stoa_store::{Ctx, Page, PageOf, Tx};

use super::{
    methods::Methods,
    model::{Device, Session},
    second,
    store::{self, Look, Model},
};
use crate::{
    Identity,
    audit::{model::Action, ops::record},
    devices, lockout,
    oauth::{
        grants::{self, model::Shown},
        logout,
    },
    people::{self, model::User, store::Model as Person},
};

pub(crate) use super::fresh::{fresh, proven};
pub use super::second::Second;

/// How far somebody came with their password.
#[derive(Debug)]
pub enum SignIn {
    /// They are in. The token is for the cookie.
    Done(User, Secret),
    /// They have a second factor, and must show it.
    Second(Second),
}

/// Signs somebody in, or asks for their second factor. Every cause of a refusal gets the same answer after the same work:
/// one look-up, one check of a hash, one record.
///
/// # Errors
/// `unauthenticated` (`invalid_credentials`), `limited` where this account was tried too often.
pub async fn login(
    ctx: &Ctx,
    identity: &Identity,
    email: &str,
    password: &Secret,
    device: &Device,
) -> Result<SignIn> {
    lockout::ops::count(ctx, identity, &people::ops::key(email)).await?;
    // The second round is for a password that was changed, or hashed anew, between look-up and sign-in.
    for _ in 0..2 {
        if let Some(done) = attempt(ctx, identity, email, password, device).await? {
            return Ok(done);
        }
    }
    Err(Error::unavailable("the account is being changed; try again").retry_after(Duration::from_secs(1)))
}

/// One round; nothing where the account changed between its look-up and the sign-in.
async fn attempt(
    ctx: &Ctx,
    identity: &Identity,
    email: &str,
    password: &Secret,
    device: &Device,
) -> Result<Option<SignIn>> {
    let row = people::ops::by_email(&ctx.db.reads(), email).await?;
    let verdict = identity.passwords().check(password, row.as_ref().map(|row| &*row.password)).await?;
    let row = match row {
        Some(row) if verdict.right && row.disabled_at.is_none() => row,
        other => {
            refused(ctx, other.map(|row| row.id)).await?;
            return Err(
                Error::unauthenticated("the address or the password is wrong").code("invalid_credentials")
            );
        }
    };
    let rehashed =
        if verdict.outdated { Some(identity.passwords().hash(ctx.rng(), password).await?) } else { None };
    let done = ctx
        .db
        .write(async |tx| {
            // Still the password that was checked, and the account still on: else another round.
            let now = store::look(tx, row.id).await?;
            let same = |now: &Look| now.disabled_at.is_none() && now.password == row.password;
            let Some(now) = now.filter(same) else { return Ok(None) };
            if let Some(hash) = &rehashed {
                people::store::set_hash(tx, row.id, hash).await?;
            }
            lockout::ops::forget(ctx, tx, &row.email_key).await?;
            let mut row = Person { role: now.role, ..row.clone() };
            row.password = rehashed.clone().unwrap_or(row.password);
            let methods = now.factors.factors();
            if !methods.is_empty() {
                let second = second::begin(ctx, tx, &row, Methods::PASSWORD, methods).await?;
                return Ok(Some(Step::Second(second)));
            }
            enter(ctx, identity, tx, row, Methods::PASSWORD, device).await.map(Step::Done).map(Some)
        })
        .await?;
    Ok(match done {
        None => None,
        Some(Step::Second(second)) => Some(SignIn::Second(second)),
        Some(Step::Done(entered)) => {
            let (user, token) = entered.settled(ctx).await?;
            Some(SignIn::Done(user, token))
        }
    })
}

/// What one round came to.
enum Step {
    Done(Entered),
    Second(Second),
}

/// Somebody who is in as soon as no node takes the session they had before.
pub(crate) struct Entered {
    user: User,
    token: Secret,
    epoch: Option<i64>,
}

impl Entered {
    /// Waits for that.
    pub(crate) async fn settled(self, ctx: &Ctx) -> Result<(User, Secret)> {
        if let Some(epoch) = self.epoch {
            ctx.store.epoch.settled(&ctx.db, epoch).await?;
        }
        Ok((self.user, self.token))
    }
}

/// Signs somebody in who has shown all that was asked for. Their row is locked by the caller.
pub(crate) async fn enter(
    ctx: &Ctx,
    identity: &Identity,
    tx: &mut Tx,
    row: Person,
    methods: Methods,
    device: &Device,
) -> Result<Entered> {
    let ended = end_the_one_before(ctx, tx).await?;
    let (session, token) = begin(ctx, identity, tx, row.id, methods, device).await?;
    let ctx = ctx.acting(actor(row.id, row.role()?, session));
    let how = (methods != Methods::PASSWORD).then(|| methods.to_string());
    record(&ctx, tx, Action::Login, Some(row.id), how).await?;
    let epoch = if ended { Some(ctx.store.epoch.raise(tx).await?) } else { None };
    Ok(Entered { user: row.user()?, token, epoch })
}

/// Puts a refusal on record: the same statement whether the account exists or not.
async fn refused(ctx: &Ctx, account: Option<UserId>) -> Result<()> {
    ctx.db.write(async |tx| record(ctx, tx, Action::LoginFailed, account, None).await).await
}

/// A browser that signs in again leaves its session before: an old cookie is never worth a new sign-in.
async fn end_the_one_before(ctx: &Ctx, tx: &mut Tx) -> Result<bool> {
    match &ctx.actor {
        Actor::User(Caller { id, via: Credential::Session(before), .. }) => {
            end_one(ctx, tx, *id, *before).await
        }
        _ => Ok(false),
    }
}

/// Begins a session. The token is for the cookie; only its digest is kept.
pub(crate) async fn begin(
    ctx: &Ctx,
    identity: &Identity,
    tx: &mut Tx,
    user: UserId,
    methods: Methods,
    device: &Device,
) -> Result<(SessionId, Secret)> {
    let (id, now, config) = (ctx.id(), ctx.now(), &identity.config().sessions);
    let token = Secret::new(ctx.rng().token::<32>());
    let row = Model {
        id,
        user_id: user,
        digest: digest(token.expose()).as_bytes().to_vec(),
        user_agent: device.user_agent().to_owned(),
        ip: ctx.address.map_or_else(|| "unknown".to_owned(), |ip| ip.to_string()),
        created_at: now,
        last_seen_at: now,
        expires_at: now + config.lifetime(),
        authenticated_at: now,
        methods: methods.to_string(),
    };
    store::add(tx, row).await?;
    devices::ops::note(ctx, tx, user, id, device).await?;
    Ok((id, token))
}

/// Somebody signed in at a browser, who may do everything that they may.
pub(crate) fn actor(id: UserId, role: Role, session: SessionId) -> Actor {
    Actor::User(Caller { id, role, scopes: Scopes::EVERYTHING, via: Credential::Session(session) })
}

/// Signs the caller out. When it returns, no node takes the cookie any more.
///
/// # Errors
/// `unauthenticated`, `forbidden` without a browser session.
pub async fn logout(ctx: &Ctx) -> Result<()> {
    let (user, session) = ctx.actor.at_the_browser()?;
    end(ctx, user.id, session, Action::Logout).await
}

/// The browsers in which the caller is signed in, newest first.
///
/// # Errors
/// `unauthenticated`, `forbidden` without a browser session.
pub async fn list(ctx: &Ctx, identity: &Identity, page: Page<SessionTag>) -> Result<PageOf<Session>> {
    list_of(ctx, identity, ctx.actor.at_the_browser()?.0.id, page).await
}

/// The browsers in which somebody is signed in, for whoever has already shown that they may ask.
pub(crate) async fn list_of(
    ctx: &Ctx,
    identity: &Identity,
    user: UserId,
    page: Page<SessionTag>,
) -> Result<PageOf<Session>> {
    let current = ctx.actor.at_the_browser()?.1;
    let now = ctx.now();
    let idle_since = now - identity.config().sessions.idle();
    let rows = store::list(&ctx.db.reads(), user, now, idle_since, &page).await?;
    let new = devices::store::notable(&ctx.db.reads(), user).await?;
    Ok(page.cut(rows, |row| row.id).map(|row| Session {
        id: row.id,
        user_agent: row.user_agent,
        ip: row.ip,
        created_at: row.created_at,
        last_seen_at: row.last_seen_at,
        current: row.id == current,
        new_device: new.contains(&row.id),
    }))
}

/// Ends one of the caller's sessions, at once on all nodes.
///
/// # Errors
/// `not_found` for one that is not theirs; else as [`list`].
pub async fn revoke(ctx: &Ctx, id: SessionId) -> Result<()> {
    let (user, current) = ctx.actor.at_the_browser()?;
    let action = if id == current { Action::Logout } else { Action::SessionRevoked };
    end(ctx, user.id, id, action).await
}

async fn end(ctx: &Ctx, user: UserId, session: SessionId, action: Action) -> Result<()> {
    let epoch = ctx
        .db
        .write(async |tx| {
            if !end_one(ctx, tx, user, session).await? {
                return Err(Error::not_found("there is no such session"));
            }
            record(ctx, tx, action, Some(user), None).await?;
            ctx.store.epoch.raise(tx).await
        })
        .await?;
    ctx.store.epoch.settled(&ctx.db, epoch).await
}

/// Ends all of the caller's sessions but the one they ask with, at once on all nodes.
///
/// # Errors
/// As [`list`].
pub async fn revoke_others(ctx: &Ctx) -> Result<()> {
    let (user, current) = ctx.actor.at_the_browser()?;
    let epoch = ctx
        .db
        .write(async |tx| {
            let ended = end_all(ctx, tx, user.id, Some(current)).await?;
            record(ctx, tx, Action::OtherSessionsRevoked, Some(user.id), Some(ended.to_string())).await?;
            ctx.store.epoch.raise(tx).await
        })
        .await?;
    ctx.store.epoch.settled(&ctx.db, epoch).await
}

/// Ends one of somebody's sessions, at once on all nodes, for those who look after people.
///
/// # Errors
/// `forbidden`; `not_found` for one that is not theirs.
pub(crate) async fn revoke_for(ctx: &Ctx, id: UserId, session: SessionId) -> Result<()> {
    people::ops::caretaker(ctx)?;
    let epoch = ctx
        .db
        .write(async |tx| {
            people::ops::look_after(ctx, tx, id).await?;
            if !end_one(ctx, tx, id, session).await? {
                return Err(Error::not_found("there is no such session"));
            }
            record(ctx, tx, Action::SessionRevoked, Some(id), None).await?;
            ctx.store.epoch.raise(tx).await
        })
        .await?;
    ctx.store.epoch.settled(&ctx.db, epoch).await
}

/// Ends all of somebody's sessions, and what they granted to programs, for those who look after people.
///
/// # Errors
/// `forbidden`; `not_found` for nobody's account.
pub(crate) async fn revoke_all_for(ctx: &Ctx, id: UserId) -> Result<()> {
    people::ops::caretaker(ctx)?;
    let epoch = ctx
        .db
        .write(async |tx| {
            people::ops::look_after(ctx, tx, id).await?;
            let ended = end_all(ctx, tx, id, None).await?;
            record(ctx, tx, Action::SessionsRevoked, Some(id), Some(ended.to_string())).await?;
            ctx.store.epoch.raise(tx).await
        })
        .await?;
    ctx.store.epoch.settled(&ctx.db, epoch).await
}

/// Forgets the sessions that are over in any case. One that was idle for too long is over as well, but its row may stay
/// until then.
pub(crate) async fn sweep(ctx: &Ctx, now: Timestamp) -> Result<()> {
    ctx.db.write(async |tx| store::remove_expired(tx, now).await).await
}

/// Ends one of somebody's sessions, and tells the clients that they signed in to with it. True if it was there. The
/// caller raises the epoch.
async fn end_one(ctx: &Ctx, tx: &mut Tx, user: UserId, session: SessionId) -> Result<bool> {
    // Whoever is about to sign in to a client with it waits, and then finds it gone.
    if store::lock(tx, user, session).await?.is_none() {
        return Ok(false);
    }
    logout::ops::ended(ctx, tx, user, session).await?;
    store::remove(tx, user, session).await
}

/// Ends all of somebody's sessions but one, and what they granted to programs, fetched or not; tells the clients that
/// they signed in to. How many sessions there were. The caller raises the epoch.
pub(crate) async fn end_all(ctx: &Ctx, tx: &mut Tx, user: UserId, but: Option<SessionId>) -> Result<u64> {
    store::lock_all(tx, user).await?;
    logout::ops::all_ended(ctx, tx, user, but).await?;
    grants::ops::end_all(tx, user).await?;
    store::remove_all(tx, user, but).await
}

/// When and how somebody last showed who they are in a session.
///
/// # Errors
/// `unauthenticated` where the session has just ended.
pub(crate) async fn shown(ctx: &Ctx, session: SessionId) -> Result<Shown> {
    let row = store::find(&ctx.db.reads(), session).await?;
    let row = row.ok_or_else(|| Error::unauthenticated("the session has ended; sign in again"))?;
    Ok(Shown { at: row.authenticated_at, methods: row.methods })
}
