//! Fresh authentication: whoever changes credentials has proven a moment ago, in this very session, who they are.
//! A browser that was left open is not enough.

use stoa_core::{Error, Result, Secret, Timestamp};
use stoa_store::Ctx;

use super::{methods::Methods, store};
use crate::{
    Identity,
    audit::{model::Action, ops::record},
    factors::{self, model::Code},
    lockout,
    passkeys::{self, model::Response},
    people,
};

/// When, and how, somebody last proved who they are in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Proven {
    /// When a credential was last proven.
    pub(crate) at: Timestamp,
    /// All the ways in which it was done since the session began.
    pub(crate) methods: Methods,
}

/// What somebody brings to show that it is still them.
pub(crate) enum Proof {
    /// The password.
    Password(Secret),
    /// A code of a second factor.
    Code(Code),
    /// A passkey's answer to a challenge.
    Passkey(Box<Response>),
}

/// When, and how, the caller last proved who they are in this session.
///
/// # Errors
/// `unauthenticated`, `forbidden` without a browser session.
pub(crate) async fn proven(ctx: &Ctx) -> Result<Proven> {
    let session = ctx.actor.at_the_browser()?.1;
    let row = store::find(&ctx.db.reads(), session).await?.ok_or_else(ended)?;
    Ok(Proven { at: row.authenticated_at, methods: row.methods.parse()? })
}

/// Refuses a caller who did not prove lately who they are. First line of whatever changes credentials.
///
/// # Errors
/// `forbidden` (`reauthentication_required`); else as [`proven`].
pub(crate) async fn fresh(ctx: &Ctx, identity: &Identity) -> Result<()> {
    if ctx.now() < proven(ctx).await?.at + identity.config().sessions.fresh() {
        return Ok(());
    }
    Err(Error::forbidden("confirm that it is you, with your password, a code or a passkey, then try again")
        .code("reauthentication_required"))
}

/// Proves anew who the caller is. Any one credential of theirs will do.
///
/// # Errors
/// `invalid` with the field that is wrong; `limited`; else as [`proven`].
pub(crate) async fn reauthenticate(ctx: &Ctx, identity: &Identity, proof: &Proof) -> Result<()> {
    let (user, session) = ctx.actor.at_the_browser()?;
    let methods = match proof {
        Proof::Password(password) => {
            prove_password(ctx, identity, password).await?;
            Methods::PASSWORD
        }
        Proof::Code(code) => {
            if !factors::ops::prove(ctx, identity, user.id, code).await? {
                return Err(Error::field("/code", "is not right, or was used already"));
            }
            Methods::OTP
        }
        Proof::Passkey(response) => {
            if passkeys::ceremony::prove(ctx, response).await? != Some(user.id) {
                return Err(Error::field("/assertion", "is not from a passkey of yours; try again"));
            }
            Methods::PASSKEY
        }
    };
    ctx.db
        .write(async |tx| {
            let row = store::lock(tx, user.id, session).await?.ok_or_else(ended)?;
            let mut all = row.methods.parse::<Methods>()?.and(methods);
            if all.has(Methods::PASSWORD.and(Methods::OTP)) {
                all = all.and(Methods::MFA);
            }
            store::set_proven(tx, session, ctx.now(), all).await?;
            record(ctx, tx, Action::Reauthenticated, Some(user.id), Some(methods.to_string())).await
        })
        .await
}

async fn prove_password(ctx: &Ctx, identity: &Identity, password: &Secret) -> Result<()> {
    let id = ctx.actor.at_the_browser()?.0.id;
    let row = people::store::find(&ctx.db.reads(), id).await?.ok_or_else(ended)?;
    lockout::ops::count(ctx, identity, &row.email_key).await?;
    if identity.passwords().check(password, Some(&row.password)).await?.right {
        return ctx.db.write(async |tx| lockout::ops::forget(ctx, tx, &row.email_key).await).await;
    }
    ctx.db.write(async |tx| record(ctx, tx, Action::LoginFailed, Some(id), None).await).await?;
    Err(Error::field("/password", "is not your password"))
}

/// The session ended while its holder asked.
fn ended() -> Error {
    Error::unauthenticated("the session has ended; sign in again")
}
