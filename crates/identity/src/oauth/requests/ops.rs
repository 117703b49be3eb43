//! Keeping a request, and the decision.

use std::time::Duration;

use stoa_core::{Actor, Audience, Credential, Error, Result, Scopes, Secret, SessionId, Timestamp, User};
use stoa_store::Ctx;

use super::store::{self, Came};
use crate::{
    Identity,
    audit::{model::Action, ops::record},
    oauth::{
        clients::authentication::Client,
        grants::{self, connection, model::Asked, model::Shown},
    },
    sessions,
};

/// A person has this long to sign in and decide.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// A pushed request waits this long for its browser.
pub(crate) const PUSHED: Duration = Duration::from_secs(60);

/// Keeps a request; its handle.
pub(crate) async fn keep(ctx: &Ctx, came: Came, asked: &Asked) -> Result<Secret> {
    let (handle, now) = (Secret::new(ctx.rng().token::<32>()), ctx.now());
    let until = now + if came == Came::Pushed { PUSHED } else { PATIENCE };
    ctx.db.write(async |tx| store::add(tx, handle.expose(), came, asked, now, until).await).await?;
    Ok(handle)
}

/// Takes what a client pushed, once.
pub(crate) async fn take_pushed(ctx: &Ctx, handle: &str) -> Result<Option<Asked>> {
    let row = ctx.db.write(async |tx| store::take(tx, handle, Came::Pushed, ctx.now()).await).await?;
    row.map(|row| row.asked()).transpose()
}

/// A request that waits for the caller's decision, and how they showed who they are.
pub(crate) struct Waiting {
    pub(crate) asked: Asked,
    pub(crate) shown: Shown,
    pub(crate) user: User,
    pub(crate) session: SessionId,
    /// Whether they must prove who they are once more.
    pub(crate) stale: bool,
}

/// The request behind a handle, for the person at the browser.
///
/// # Errors
/// `unauthenticated`, `forbidden` without a browser session, `not_found` for one that is decided or too old.
pub(crate) async fn waiting(ctx: &Ctx, handle: &str) -> Result<Waiting> {
    let (user, session) = ctx.actor.at_the_browser()?;
    let row = store::find(&ctx.db.reads(), handle, ctx.now()).await?.ok_or_else(gone)?;
    let (asked, shown) = (row.asked()?, sessions::ops::shown(ctx, session).await?);
    let stale = is_stale(&asked, &shown, row.created_at, ctx.now());
    Ok(Waiting { asked, shown, user: user.clone(), session, stale })
}

fn gone() -> Error {
    Error::not_found("this request was decided already, or has expired; start again in the application")
}

fn is_stale(asked: &Asked, shown: &Shown, since: Timestamp, now: Timestamp) -> bool {
    let too_old = asked.max_age.is_some_and(|age| now.since(shown.at) > Duration::from_secs(age));
    too_old || (asked.login && shown.at < since)
}

/// The person allows it. The address to send the browser to, with the code.
///
/// # Errors
/// As [`waiting`]; `forbidden` (`reauthentication_required`) where they must prove who they are first.
pub(crate) async fn allow(ctx: &Ctx, identity: &Identity, issuer: &str, handle: &str) -> Result<String> {
    let Waiting { shown, user, session, stale, .. } = waiting(ctx, handle).await?;
    if stale {
        return Err(Error::forbidden("confirm that it is you first").code("reauthentication_required"));
    }
    ctx.db
        .write(async |tx| {
            let row = store::take(tx, handle, Came::WithABrowser, ctx.now()).await?.ok_or_else(gone)?;
            let (asked, back) = row.both()?;
            if asked.is_about_another(user.id) {
                // The client asked for somebody, and somebody else is here (OpenID Connect Core §3.1.2.2).
                let said =
                    [("error", "login_required"), ("error_description", "another person is signed in")];
                return back.location(ctx, tx, issuer, session, &said).await;
            }
            let code = grants::ops::allow(ctx, identity, tx, user.id, session, &shown, &asked).await?;
            back.location(ctx, tx, issuer, session, &[("code", code.expose())]).await
        })
        .await
}

/// The person does not allow it. The address to send the browser to.
///
/// # Errors
/// As [`waiting`].
pub(crate) async fn deny(ctx: &Ctx, issuer: &str, handle: &str) -> Result<String> {
    let Waiting { user, session, .. } = waiting(ctx, handle).await?;
    ctx.db
        .write(async |tx| {
            let row = store::take(tx, handle, Came::WithABrowser, ctx.now()).await?.ok_or_else(gone)?;
            let (asked, back) = row.both()?;
            record(ctx, tx, Action::ConnectionDenied, Some(user.id), Some(asked.client_id)).await?;
            let said = [("error", "access_denied"), ("error_description", "the person did not allow it")];
            back.location(ctx, tx, issuer, session, &said).await
        })
        .await
}

/// What can be said without showing the person anything.
pub(crate) enum Silent {
    /// They allowed it before, and the client will show that it is itself: here is the code.
    Allowed(Secret),
    /// Nobody is signed in, or not lately enough, or not whom the client asked for.
    SignIn,
    /// They have to be asked.
    Ask,
}

/// Whether a request can be answered at once. Only for a client that shows who it is when it fetches the tokens: anybody
/// can claim to be one that does not (OAuth 2.1 §7.3.1).
///
/// # Errors
/// When the rows cannot be reached.
pub(crate) async fn silently(
    ctx: &Ctx,
    identity: &Identity,
    client: &Client,
    asked: &Asked,
) -> Result<Silent> {
    let Actor::User(User { id, via: Credential::Session(session), .. }) = &ctx.actor else {
        return Ok(Silent::SignIn);
    };
    let shown = sessions::ops::shown(ctx, *session).await?;
    if is_stale(asked, &shown, ctx.now(), ctx.now()) || asked.is_about_another(*id) {
        return Ok(Silent::SignIn);
    }
    let before = connection::of(&ctx.db.reads(), *id, client.id()).await?;
    let covered = before.is_some_and(|before| {
        Scopes::known_of(&before.scopes).has(asked.scopes())
            && grants::model::audience(before.audience.split(' ')).has(asked.audience())
    });
    if !covered || asked.consent || !client.is_confidential() {
        return Ok(Silent::Ask);
    }
    let code = ctx
        .db
        .write(async |tx| grants::ops::allow(ctx, identity, tx, *id, *session, &shown, asked).await)
        .await?;
    Ok(Silent::Allowed(code))
}

/// Which resources a person is asked about, in the words of the consent page.
pub(crate) fn resources(issuer: &str, audience: Audience) -> Vec<String> {
    let visible = audience.paths().filter(|path| Audience::of_path(path) != Some(Audience::USERINFO));
    visible.map(|path| format!("{issuer}{path}")).collect()
}
