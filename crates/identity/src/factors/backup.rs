//! Backup codes: ten, shown once, each good for one sign-in when the app or the key is not at hand.

use stoa_core::{Error, Result, Secret, UserId};
use stoa_store::{Ctx, Tx};

use super::{model, ops, store};
use crate::{
    Identity,
    audit::{model::Action, ops::record},
    sessions,
};

/// Makes a new set in place of the old one. They are shown now and never again.
///
/// # Errors
/// `conflict` (`no_factor`) for an account without a second factor; `forbidden` (`reauthentication_required`).
pub(crate) async fn renew(ctx: &Ctx, identity: &Identity) -> Result<Vec<String>> {
    sessions::ops::fresh(ctx, identity).await?;
    let user = ctx.actor.at_the_browser()?.0.id;
    ctx.db
        .write(async |tx| {
            ops::lock(tx, user).await?;
            if ops::of(tx, user).await?.is_empty() {
                return Err(Error::conflict(
                    "set up an app or a passkey first; backup codes stand in for them",
                )
                .code("no_factor"));
            }
            make(ctx, tx, user).await
        })
        .await
}

/// A set for whoever has no codes left; with the first factor, that is.
pub(crate) async fn first(ctx: &Ctx, tx: &Tx, user: UserId) -> Result<Option<Vec<String>>> {
    if store::count_codes(tx, user).await? > 0 {
        return Ok(None);
    }
    make(ctx, tx, user).await.map(Some)
}

async fn make(ctx: &Ctx, tx: &Tx, user: UserId) -> Result<Vec<String>> {
    store::remove_codes(tx, user).await?;
    let mut codes = Vec::with_capacity(model::BACKUP_CODES);
    while codes.len() < model::BACKUP_CODES {
        let code = model::new_backup_code(ctx.rng());
        let digest = model::backup_digest(user, &Secret::new(&*code));
        let digest = digest.ok_or_else(|| Error::internal("a new backup code does not read back"))?;
        store::add_code(tx, user, digest).await?;
        codes.push(code);
    }
    record(ctx, tx, Action::BackupCodesMade, Some(user), None).await?;
    Ok(codes)
}

/// Uses one. Of many who bring the same at once, one succeeds.
pub(super) async fn take(ctx: &Ctx, tx: &Tx, user: UserId, typed: &Secret) -> Result<bool> {
    let Some(digest) = model::backup_digest(user, typed) else { return Ok(false) };
    if !store::use_code(tx, user, digest).await? {
        return Ok(false);
    }
    let left = store::count_codes(tx, user).await?;
    record(ctx, tx, Action::BackupCodeUsed, Some(user), Some(format!("{left} left"))).await?;
    Ok(true)
}
