//! Asking to sign somebody out, their answer, and telling clients.

use std::time::Duration;

use stoa_core::{Actor, Credential, Error, Result, Secret, SessionId, User, UserId};
use stoa_jobs::later;
use stoa_store::{Ctx, Once, Tx};

use super::{
    jobs::Tell,
    model::Asked,
    store::{self, SignOn},
};
use crate::{oauth::clients::store as clients, people, sessions};

/// Requests that wait for their browser: the answer to each is given once.
const WAITING: Once = Once { kind: "identity.logout" };
/// A person has this long to answer.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// Keeps a request; its handle.
pub(crate) async fn keep(ctx: &Ctx, asked: &Asked) -> Result<Secret> {
    let (handle, until) = (Secret::new(ctx.rng().token::<32>()), ctx.now() + PATIENCE);
    let asked = serde_json::to_string(asked)?;
    ctx.db.write(async |tx| WAITING.put(tx, handle.expose(), &asked, until).await).await?;
    Ok(handle)
}

/// A request as whoever sits at the browser sees it.
pub(crate) struct Waiting {
    /// What the client calls itself, if it is known.
    pub(crate) client: Option<String>,
    /// Who is signed in at this browser.
    pub(crate) account: Option<String>,
    /// Whether they are asked.
    pub(crate) asks: bool,
    /// Where to go if there is nothing to end.
    pub(crate) location: Option<String>,
}

/// The request behind a handle.
///
/// # Errors
/// `not_found` for one that was answered or is too old.
pub(crate) async fn waiting(ctx: &Ctx, handle: &str) -> Result<Waiting> {
    let reads = ctx.db.reads();
    let asked = WAITING.look(&reads, handle, ctx.now()).await?.ok_or_else(gone)?;
    let asked: Asked = serde_json::from_str(&asked)?;
    let client = match &asked.client_id {
        Some(id) => {
            let row = clients::find(&reads, id).await?.ok_or_else(gone)?;
            Some(row.said()?.client_name.unwrap_or(row.id))
        }
        None => None,
    };
    let Actor::User(User { id, via: Credential::Session(session), .. }) = &ctx.actor else {
        return Ok(Waiting { client, account: None, asks: false, location: asked.location });
    };
    let person = people::store::find(&reads, *id).await?.ok_or_else(people::ops::gone)?;
    // The client shows an ID token of this very session: the person is signed in to it here, and has just said there
    // that they want to leave. Whatever else is shown, they are asked.
    let here = match &asked.client_id {
        Some(client) => store::of(&reads, *session, client).await?,
        None => None,
    };
    let asks = here.is_none() || here != asked.sid;
    Ok(Waiting { client, account: Some(person.email), asks, location: None })
}

fn gone() -> Error {
    Error::not_found("this was answered already, or has expired; start again in the application")
}

/// The caller signs out of this browser. Where to go then, if the client said so.
///
/// # Errors
/// `unauthenticated`, `forbidden` without a browser session; else as [`waiting`].
pub(crate) async fn leave(ctx: &Ctx, handle: &str) -> Result<Option<String>> {
    ctx.actor.at_the_browser()?;
    let asked = ctx.db.write(async |tx| WAITING.take(tx, handle, ctx.now()).await).await?;
    let asked: Asked = serde_json::from_str(&asked.ok_or_else(gone)?)?;
    sessions::ops::logout(ctx).await?;
    Ok(asked.location)
}

/// Tells the clients that somebody signed in to with a session that ends, whose row is locked by the caller.
pub(crate) async fn ended(ctx: &Ctx, tx: &mut Tx, user: UserId, session: SessionId) -> Result<()> {
    let all = store::take_of(tx, session).await?;
    tell(ctx, tx, user, all).await
}

/// As [`ended`], for all of somebody's sessions but one.
pub(crate) async fn all_ended(ctx: &Ctx, tx: &mut Tx, user: UserId, but: Option<SessionId>) -> Result<()> {
    let all = store::take_all(tx, user, but).await?;
    tell(ctx, tx, user, all).await
}

/// A job for each client that wants to know. The house's own: what is erased of the person does not stop them.
async fn tell(ctx: &Ctx, tx: &mut Tx, user: UserId, signed_on: Vec<SignOn>) -> Result<()> {
    for SignOn { id, client_id } in signed_on {
        let client = clients::find(tx, &client_id).await?.map(|row| row.said()).transpose()?;
        if client.is_some_and(|said| said.backchannel_logout_uri.is_some()) {
            later(&ctx.acting(Actor::House), tx, &Tell { client: client_id, user, sid: id }).await?;
        }
    }
    Ok(())
}
