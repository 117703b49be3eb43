//! Asking for a new password, and choosing it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use stoa_core::{Actor, Error, Result, Secret, Timestamp, UserId, digest};
use stoa_store::{Ctx, Tx};
use url::Url;

use super::letters;
use crate::{
    Identity,
    audit::{model::Action, ops::record},
    knocks::{
        model::{Kind, Knock},
        ops::knock,
    },
    lockout,
    mail::{
        self,
        model::{Letter, Link, Page, no_link},
    },
    people::{self, store::Model},
    sessions,
};

/// How long a link is good.
pub(super) const LASTS: Duration = Duration::from_secs(30 * 60);

/// What the link brings along. It is bound to the password of the moment it was asked for: whichever way that is
/// changed, every link from before is dead.
#[derive(Serialize, Deserialize)]
struct Reset {
    user: UserId,
    password: String,
}

impl Reset {
    fn of(person: &Model) -> Result<String> {
        let password = digest(&person.password).hex();
        Ok(serde_json::to_string(&Self { user: person.id, password })?)
    }

    /// The person, if the link is still bound to their password.
    fn fits(&self, person: Option<Model>) -> Option<Model> {
        let fits =
            |person: &Model| person.disabled_at.is_none() && digest(&person.password).hex() == self.password;
        person.filter(fits)
    }
}

/// Asks for a letter with a link to choose a new password. The same work for every address.
///
/// # Errors
/// When the engine fails.
pub(crate) async fn forgot(ctx: &Ctx, email: &str) -> Result<()> {
    let key = people::ops::key(email);
    ctx.db.write(async |tx| knock(ctx, tx, Kind::Forgot, &key, ctx.id::<()>()).await).await
}

/// That letter, if the address has an account that is on.
pub(crate) async fn letter(tx: &Tx, asked: &Knock) -> Result<Option<Letter>> {
    let row = people::store::by_email(tx, &asked.email_key).await?;
    let Some(person) = row.filter(|row| row.disabled_at.is_none()) else { return Ok(None) };
    let value = Reset::of(&person)?;
    Ok(Some(letters::forgot(&person, asked, value, asked.at + LASTS)))
}

/// Makes a link for somebody, to be handed over: for the command line. When it expires, too.
///
/// # Errors
/// `forbidden` for all but the house, `not_found`, `conflict` (`disabled`) for an account that is off.
pub async fn link_for(ctx: &Ctx, house: &Url, email: &str) -> Result<(Secret, Timestamp)> {
    if ctx.actor != Actor::House {
        return Err(Error::forbidden("a link is made on the machine itself, with `stoa user reset`"));
    }
    let (key, until) = (people::ops::key(email), ctx.now() + LASTS);
    ctx.db
        .write(async |tx| {
            let person = people::store::by_email(tx, &key).await?.ok_or_else(people::ops::nobody)?;
            if person.disabled_at.is_some() {
                return Err(
                    Error::conflict("this account is off; `stoa user enable` comes first").code("disabled")
                );
            }
            let link = Link { to: Page::Reset, value: Reset::of(&person)?, until };
            let token = mail::ops::mint(ctx, tx, &link).await?;
            record(ctx, tx, Action::ResetLinkMade, Some(person.id), None).await?;
            Ok((link.to.address(house, &token), until))
        })
        .await
}

/// Sets a new password with the link from a letter. Every session ends, a lock ends, other links are dead, and a letter
/// says that it happened. A password that is not acceptable leaves the link as it is.
///
/// # Errors
/// `forbidden` (`invalid_link`) where the link was used, has expired, or the password was changed since; `invalid`.
pub(crate) async fn reset(ctx: &Ctx, identity: &Identity, token: &Secret, password: &Secret) -> Result<()> {
    let link = Page::Reset.once().look(&ctx.db.reads(), token.expose(), ctx.now()).await?;
    let link: Reset = serde_json::from_str(&link.ok_or_else(no_link)?)?;
    let person = people::store::find(&ctx.db.reads(), link.user).await?;
    let person = link.fits(person).ok_or_else(no_link)?;
    identity.passwords().accept("/password", password, &people::ops::known(&person))?;
    let hash = identity.passwords().hash(ctx.rng(), password).await?;
    let epoch = ctx
        .db
        .write(async |tx| {
            let taken = Page::Reset.once().take(tx, token.expose(), ctx.now()).await?;
            let locked = people::store::lock(tx, link.user).await?;
            // Of two who bring it at once one takes it; the password may have been changed a moment ago.
            let person = taken.and(link.fits(locked)).ok_or_else(no_link)?;
            people::store::set_password(tx, person.id, &hash, false).await?;
            sessions::ops::end_all(ctx, tx, person.id, None).await?;
            lockout::ops::clear(tx, &person.email_key).await?;
            record(ctx, tx, Action::PasswordReset, Some(person.id), None).await?;
            mail::ops::post(ctx, tx, &letters::changed(ctx, &person)).await?;
            ctx.store.epoch.raise(tx).await
        })
        .await?;
    ctx.store.epoch.settled(&ctx.db, epoch).await
}
