//! Asking to be erased, and staying after all.

use stoa_core::{Actor, Error, Result, Role, Secret};
use stoa_jobs::later;
use stoa_store::Ctx;

use super::{jobs::Erase, letters};
use crate::{
    Identity,
    audit::{model::Action, ops::record},
    mail,
    people::{self, model::User},
    sessions::{
        self,
        fresh::{Proof, reauthenticate},
    },
};

/// Asks to be erased, with the password or after any other fresh proof. All other sessions end.
///
/// # Errors
/// `invalid` for a wrong password, `limited`; without one, `forbidden` (`reauthentication_required`); `conflict`
/// (`last_owner`) for the last owner who stays; `unauthenticated`, `forbidden` without a browser session.
pub(crate) async fn ask(ctx: &Ctx, identity: &Identity, password: Option<Secret>) -> Result<User> {
    let (user, session) = ctx.actor.at_the_browser()?;
    match password {
        Some(password) => reauthenticate(ctx, identity, &Proof::Password(password)).await?,
        None => sessions::ops::fresh(ctx, identity).await?,
    }
    let grace = identity.config().erasure.grace();
    let (row, epoch) = ctx
        .db
        .write(async |tx| {
            // Who asked already counts no longer as an owner: of two who go, the second is the last.
            let owners = people::store::lock_active_owners(tx).await?;
            let mut row = people::store::lock(tx, user.id).await?.ok_or_else(people::ops::gone)?;
            if row.erase_at.is_some() {
                return Ok((row, None));
            }
            if row.role()? == Role::Owner && owners.iter().all(|owner| *owner == user.id) {
                return Err(Error::conflict("this is the last owner; make somebody else one first")
                    .code("last_owner"));
            }
            let at = ctx.now() + grace;
            row.erase_at = Some(at);
            people::store::set_erase_at(tx, user.id, row.erase_at).await?;
            sessions::ops::end_all(ctx, tx, user.id, Some(session)).await?;
            record(ctx, tx, Action::ErasureAsked, Some(user.id), None).await?;
            mail::ops::post(ctx, tx, &letters::asked(&row, at)).await?;
            if grace.is_zero() {
                later(&ctx.acting(Actor::House), tx, &Erase {}).await?;
            }
            Ok((row, Some(ctx.store.epoch.raise(tx).await?)))
        })
        .await?;
    if let Some(epoch) = epoch {
        ctx.store.epoch.settled(&ctx.db, epoch).await?;
    }
    row.user()
}

/// Stays after all. Whoever never asked to go stays as well.
///
/// # Errors
/// `unauthenticated`, `forbidden` without a browser session.
pub(crate) async fn cancel(ctx: &Ctx) -> Result<()> {
    let user = ctx.actor.at_the_browser()?.0.id;
    ctx.db
        .write(async |tx| {
            let row = people::ops::active(tx, user).await?.ok_or_else(people::ops::gone)?;
            if row.erase_at.is_none() {
                return Ok(());
            }
            people::store::set_erase_at(tx, user, None).await?;
            record(ctx, tx, Action::ErasureCancelled, Some(user), None).await
        })
        .await
}
