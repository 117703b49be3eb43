//! Counting tries at a password, and ending a lock.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use stoa_core::{Digest, Error, Result, Secret, Timestamp, UserId, digest};
use stoa_store::{Ctx, Tx, Uncertain};

use super::{
    letters,
    store::{self, LockId, Try},
};
use crate::{
    Identity,
    audit::{model::Action, ops::record},
    knocks::{
        model::{Kind, Knock},
        ops::knock,
    },
    mail::model::{Letter, Page, no_link},
    people,
};

/// What the link in the letter brings along.
#[derive(Serialize, Deserialize)]
struct Unlock {
    address: String,
    lock: LockId,
    user: UserId,
}

fn address_of(email_key: &str) -> Digest {
    digest(email_key)
}

/// Counts a try at an account's password, also where there is no such account. Whoever comes after the last that is
/// allowed locks it for a while, and its owner is told, once.
///
/// # Errors
/// `limited` while the account is locked.
pub(crate) async fn count(ctx: &Ctx, identity: &Identity, email_key: &str) -> Result<()> {
    let (config, now, lock) = (&identity.config().login, ctx.now(), ctx.id());
    let window = Duration::from_secs(config.seconds);
    let one = Try {
        address: address_of(email_key),
        now,
        begin: now - window,
        limit: config.attempts,
        lock,
        lock_until: now + window,
    };
    if store::count_usual(&ctx.db, &one).await? {
        return Ok(());
    }
    let stand = ctx
        .db
        .write_uncertain(Uncertain, async |tx| {
            let stand = store::count(tx, &one).await?;
            if stand.locked_until > now && stand.lock == lock {
                let account = people::store::by_email(tx, email_key).await?.map(|row| row.id);
                record(ctx, tx, Action::AccountLocked, account, None).await?;
                knock(ctx, tx, Kind::Locked, email_key, lock).await?;
            }
            Ok(stand)
        })
        .await?;
    if stand.locked_until <= now {
        return Ok(());
    }
    Err(Error::limited("too many tries for this account; wait, or use the link that was sent to its address")
        .retry_after(stand.locked_until.since(now)))
}

/// Forgets the tries for an account, after its password was right.
pub(crate) async fn forget(ctx: &Ctx, tx: &Tx, email_key: &str) -> Result<()> {
    store::forget(tx, address_of(email_key), ctx.now()).await
}

/// Ends the lock of an account: it has a new password.
pub(crate) async fn clear(tx: &Tx, email_key: &str) -> Result<()> {
    store::clear(tx, address_of(email_key)).await
}

/// The letter to the owner of the account, if there is one.
pub(crate) async fn letter(tx: &Tx, identity: &Identity, asked: &Knock) -> Result<Option<Letter>> {
    let row = people::store::by_email(tx, &asked.email_key).await?;
    let Some(person) = row.filter(|row| row.disabled_at.is_none()) else { return Ok(None) };
    let until = asked.at + Duration::from_secs(identity.config().login.seconds);
    let address = address_of(&asked.email_key).hex();
    let link = serde_json::to_string(&Unlock { address, lock: asked.about(), user: person.id })?;
    Ok(Some(letters::locked(&person, asked, until, link)))
}

/// Ends the lock that a letter told of.
///
/// # Errors
/// `forbidden` (`invalid_link`) where the link was used, has expired, or is none.
pub(crate) async fn unlock(ctx: &Ctx, token: &Secret) -> Result<()> {
    ctx.db
        .write(async |tx| {
            let taken = Page::Unlock.once().take(tx, token.expose(), ctx.now()).await?;
            let Unlock { address, lock, user } = serde_json::from_str(&taken.ok_or_else(no_link)?)?;
            // The lock may have ended by itself, or by a new password: then all is well already.
            if store::unlock(tx, from_hex(&address)?, lock).await? {
                record(ctx, tx, Action::AccountUnlocked, Some(user), None).await?;
            }
            Ok(())
        })
        .await
}

/// Forgets tries that no longer count. Part of the regular sweep.
pub(crate) async fn sweep(ctx: &Ctx, identity: &Identity, now: Timestamp) -> Result<()> {
    let begin = now - Duration::from_secs(identity.config().login.seconds);
    ctx.db.write(async |tx| store::remove_before(tx, begin, now).await).await
}

fn from_hex(text: &str) -> Result<Digest> {
    let pairs = text.as_bytes().chunks(2).map(|pair| {
        let pair = std::str::from_utf8(pair)?;
        Ok(u8::from_str_radix(pair, 16)?)
    });
    let bytes = pairs.collect::<Result<Vec<u8>>>()?;
    Digest::from_slice(&bytes).ok_or_else(|| Error::internal("the digest of an address has 32 bytes"))
}
