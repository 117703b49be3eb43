//! How often codes may be tried: so many within a window for each account, counted in its row before a code is looked
//! at, so that all nodes together let exactly as many through. Then the codes are locked for a whole window.

use stoa_core::{Error, Result, UserId};
use stoa_store::Ctx;

use super::{letters, store};
use crate::{
    Identity,
    audit::{model::Action, ops::record},
    mail, people,
};

/// Counts a try at the codes of an account.
///
/// # Errors
/// `limited` (`factors_locked`) with the time until they are taken again.
pub(crate) async fn count(ctx: &Ctx, identity: &Identity, user: UserId) -> Result<()> {
    let config = &identity.config().factors;
    let (now, window, most) = (ctx.now(), config.window(), config.attempts);
    let (tries, since) = ctx
        .db
        .write(async |tx| {
            let (tries, since) = store::count_try(tx, user, now, now - window, most).await?;
            if tries == i64::from(most) + 1 {
                record(ctx, tx, Action::FactorsLocked, Some(user), None).await?;
                let person = people::store::find(tx, user).await?.ok_or_else(people::ops::nobody)?;
                mail::ops::post(ctx, tx, &letters::locked(ctx, &person, since + window)).await?;
            }
            Ok((tries, since))
        })
        .await?;
    if tries <= i64::from(most) {
        return Ok(());
    }
    let wait = (since + window).since(now);
    Err(Error::limited("too many codes were tried for this account; wait, or use a passkey")
        .code("factors_locked")
        .retry_after(wait))
}
