//! Which second factors an account has, whether a code is right, and taking all of them away.

use sea_orm::ConnectionTrait;
use stoa_core::{Actor, Error, Result, UserId};
use stoa_store::{Ctx, Tx};

use super::{
    backup,
    model::{Code, Factor, Factors},
    store::{self, Known},
    totp, tries,
};
use crate::{
    Identity,
    audit::{model::Action, ops::record},
    passkeys, people, sessions,
};

/// The second factors of the caller.
///
/// # Errors
/// `unauthenticated`, `forbidden` without a browser session.
pub async fn mine(ctx: &Ctx, identity: &Identity) -> Result<Factors> {
    let user = ctx.actor.at_the_browser()?.0.id;
    let reads = ctx.db.reads();
    let fresh_until = sessions::ops::proven(ctx).await?.at + identity.config().sessions.fresh();
    let person = people::store::find(&reads, user).await?.ok_or_else(people::ops::gone)?;
    let totp_since = store::totp(&reads, user).await?.and_then(|row| row.confirmed_at);
    let passkeys = passkeys::store::count(&reads, user).await?;
    Ok(Factors {
        password: person.has_password(),
        totp_since,
        passkeys,
        backup_codes: store::count_codes(&reads, user).await?,
        password_characters: identity.passwords().least(totp_since.is_some() || passkeys > 0),
        fresh_seconds: fresh_until.since(ctx.now()).as_secs(),
    })
}

/// With what the second step of a sign-in can be done; nothing where the password is all there is.
pub(crate) async fn of(db: &impl ConnectionTrait, user: UserId) -> Result<Vec<Factor>> {
    Ok(store::known(db, user).await?.factors())
}

impl Known {
    /// With what the second step can be done; nothing where the password is all there is.
    pub(crate) fn factors(&self) -> Vec<Factor> {
        let mut all = Vec::new();
        if self.totp {
            all.push(Factor::Totp);
        }
        if self.passkey {
            all.push(Factor::Passkey);
        }
        if !all.is_empty() && self.codes {
            all.push(Factor::BackupCode);
        }
        all
    }
}

/// Whether a code is right, and now used. Every try is counted before it is looked at.
///
/// # Errors
/// `limited` (`factors_locked`).
pub(crate) async fn prove(ctx: &Ctx, identity: &Identity, user: UserId, code: &Code) -> Result<bool> {
    tries::count(ctx, identity, user).await?;
    let step = match code {
        Code::Totp(text) => totp::check(ctx, user, text).await?,
        Code::Backup(_) => None,
    };
    ctx.db
        .write(async |tx| {
            let right = match (code, step) {
                (Code::Backup(text), _) => backup::take(ctx, tx, user, text).await?,
                (Code::Totp(_), Some(step)) => totp::take(tx, user, step).await?,
                (Code::Totp(_), None) => false,
            };
            if right {
                store::clear_tries(tx, user).await?;
            } else {
                record(ctx, tx, Action::FactorFailed, Some(user), None).await?;
            }
            Ok(right)
        })
        .await
}

/// Keeps an account's factors from changing until the transaction ends: of two who remove the last two at once, one
/// sees what the other did.
pub(crate) async fn lock(tx: &Tx, user: UserId) -> Result<()> {
    let gone = || Error::unauthenticated("the session has ended; sign in again");
    people::ops::active(tx, user).await?.ok_or_else(gone)?;
    Ok(())
}

/// A factor was removed: backup codes stand in for others and do not stay alone, and neither does a short password.
///
/// # Errors
/// `conflict` (`short_password`).
pub(crate) async fn removed_one(tx: &Tx, user: UserId) -> Result<()> {
    if of(tx, user).await?.is_empty() {
        people::ops::may_stand_alone(tx, user).await?;
        store::remove_codes(tx, user).await?;
    }
    Ok(())
}

/// Takes all second factors from somebody who lost them, and ends their sessions: who held a factor may not be who
/// asked. They sign in with their password alone, and set up new ones.
///
/// # Errors
/// `forbidden` for all but admins and the house, for an admin who did not prove lately who they are
/// (`reauthentication_required`), and where an owner is concerned, for all but owners; `not_found`; `conflict`
/// (`own_account`) for oneself, and (`short_password`) where the password is too short to be all there is.
pub async fn reset(ctx: &Ctx, identity: &Identity, id: UserId) -> Result<()> {
    if ctx.actor != Actor::House {
        let own = ctx.actor.admin()?.id;
        sessions::ops::fresh(ctx, identity).await?;
        if own == id {
            return Err(Error::conflict("remove your own factors one by one").code("own_account"));
        }
    }
    let epoch = ctx
        .db
        .write(async |tx| {
            people::ops::look_after(ctx, tx, id).await?;
            // With the link of a forgotten password they choose a longer one.
            people::ops::may_stand_alone(tx, id).await?;
            store::remove_totp(tx, id).await?;
            store::remove_codes(tx, id).await?;
            store::clear_tries(tx, id).await?;
            passkeys::store::remove_all(tx, id).await?;
            sessions::ops::end_all(ctx, tx, id, None).await?;
            record(ctx, tx, Action::FactorsReset, Some(id), None).await?;
            ctx.store.epoch.raise(tx).await
        })
        .await?;
    ctx.store.epoch.settled(&ctx.db, epoch).await
}

/// As [`reset`], by address: for the command line.
///
/// # Errors
/// As [`reset`].
pub async fn reset_for(ctx: &Ctx, identity: &Identity, email: &str) -> Result<()> {
    let row = people::ops::by_email(&ctx.db.reads(), email).await?.ok_or_else(people::ops::nobody)?;
    reset(ctx, identity, row.id).await
}
