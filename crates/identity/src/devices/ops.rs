//! Noting with what somebody signs in.

use stoa_core::{Result, SessionId, UserId};
use stoa_store::{Ctx, Tx};

use super::{letters, model::family, store};
use crate::{mail, people, sessions::model::Device};

/// Notes what a session was begun with, in the transaction that begins it. Where the account has been used with other
/// kinds and never with this one, its owner is told.
pub(crate) async fn note(
    ctx: &Ctx,
    tx: &mut Tx,
    user: UserId,
    session: SessionId,
    device: &Device,
) -> Result<()> {
    let family = family(device.user_agent());
    if store::add(tx, user, &family, session, ctx.now()).await? == Some(true) {
        let person = people::store::find(tx, user).await?.ok_or_else(people::ops::nobody)?;
        mail::ops::post(ctx, tx, &letters::new(ctx, &person, &family)).await?;
    }
    Ok(())
}
