//! Inviting, and using an invitation.

use sea_orm::ConnectionTrait;
use stoa_core::{Error, Result, Role, Secret, Timestamp, digest};
use stoa_store::{Ctx, Page as PageOf, PageOf as Rows, Tx};
use url::Url;

use super::{
    letters,
    model::{Invite, InviteId, InviteTag, Invited, LASTS},
    store::{self, Model},
};
use crate::{
    audit::{model::Action, ops::record},
    mail::{self, model::Page},
    people::{self, model::Email},
};

/// Invites somebody. The link is shown now and never again; where an address is named, a letter with a link of its own
/// goes there.
///
/// # Errors
/// `forbidden` for all but admins, and where an admin would make an owner; `invalid` for what is no address.
pub(crate) async fn invite(
    ctx: &Ctx,
    house: &Url,
    email: Option<&str>,
    role: Role,
) -> Result<(Invite, Secret)> {
    people::ops::caretaker(ctx)?.may_grant(role)?;
    let by = ctx.actor.admin()?.id;
    let email = email.map(Email::parse).transpose()?;
    let token = Secret::new(ctx.rng().token::<32>());
    let row = Model {
        id: ctx.id(),
        digest: digest(token.expose()).as_bytes().to_vec(),
        email: email.as_ref().map(|email| email.shown.clone()),
        email_key: email.map(|email| email.key),
        role: role.as_str().into(),
        invited_by: Some(by),
        created_at: ctx.now(),
        expires_at: ctx.now() + LASTS,
    };
    ctx.db
        .write(async |tx| {
            store::add(tx, row.clone()).await?;
            if let Some(address) = &row.email {
                let host = people::store::find(tx, by).await?.map(|row| row.email);
                let letter = letters::invited(&row, address, host.as_deref(), house);
                mail::ops::post(ctx, tx, &letter).await?;
            }
            // The address as it is compared: so the record of it is found when its owner is erased.
            let subject =
                row.email_key.clone().map_or_else(|| row.role.clone(), |to| format!("{to}: {}", row.role));
            record(ctx, tx, Action::UserInvited, None, Some(subject)).await
        })
        .await?;
    Ok((row.shown()?, Page::Invite.address(house, &token)))
}

/// Invitations that nobody has used, newest first.
///
/// # Errors
/// `forbidden` for all but admins.
pub(crate) async fn list(ctx: &Ctx, page: PageOf<InviteTag>) -> Result<Rows<Invite>> {
    ctx.actor.admin()?;
    let rows = page.cut(store::list(&ctx.db.reads(), ctx.now(), &page).await?, |row| row.id);
    let items = rows.items.into_iter().map(Model::shown).collect::<Result<_>>()?;
    Ok(Rows { items, next: rows.next })
}

/// Takes an invitation back.
///
/// # Errors
/// `forbidden` for all but admins, `not_found`.
pub(crate) async fn withdraw(ctx: &Ctx, id: InviteId) -> Result<()> {
    ctx.actor.admin()?;
    ctx.db
        .write(async |tx| {
            let row = store::find(tx, id, ctx.now()).await?;
            let row = row.ok_or_else(|| Error::not_found("there is no such invitation"))?;
            store::remove(tx, id).await?;
            record(ctx, tx, Action::InviteWithdrawn, None, Some(row.email_key.unwrap_or(row.role))).await
        })
        .await
}

/// Looks at the invitation behind a token, and leaves it as it is.
///
/// # Errors
/// `forbidden` (`invalid_invite`) where it was used or withdrawn, has expired, or is none.
pub(crate) async fn find(ctx: &Ctx, token: &Secret) -> Result<Invited> {
    look(ctx, &ctx.db.reads(), token).await
}

/// As [`find`], also inside a write.
pub(crate) async fn look(ctx: &Ctx, db: &impl ConnectionTrait, token: &Secret) -> Result<Invited> {
    let mailed = Page::Invite.once().look(db, token.expose(), ctx.now()).await?;
    let (row, mailed) = behind(ctx, db, token, mailed).await?;
    Ok(Invited::new(row.role()?, row.email_key.filter(|_| mailed)))
}

/// Uses it up.
///
/// # Errors
/// As [`find`].
pub(crate) async fn take(ctx: &Ctx, tx: &Tx, token: &Secret) -> Result<()> {
    let mailed = Page::Invite.once().take(tx, token.expose(), ctx.now()).await?;
    let (row, _) = behind(ctx, tx, token, mailed).await?;
    if store::remove(tx, row.id).await? { Ok(()) } else { Err(none()) }
}

/// The invitation whose token this is, and whether it is the one that went by mail.
async fn behind(
    ctx: &Ctx,
    db: &impl ConnectionTrait,
    token: &Secret,
    mailed: Option<String>,
) -> Result<(Model, bool)> {
    let row = match &mailed {
        Some(id) => store::find(db, id.parse()?, ctx.now()).await?,
        None => store::by_digest(db, digest(token.expose()), ctx.now()).await?,
    };
    Ok((row.ok_or_else(none)?, mailed.is_some()))
}

fn none() -> Error {
    Error::forbidden("this invitation is no longer good; ask for another one").code("invalid_invite")
}

/// Forgets those that nobody used. Part of the regular sweep.
pub(crate) async fn sweep(ctx: &Ctx, now: Timestamp) -> Result<()> {
    ctx.db.write(async |tx| store::remove_expired(tx, now).await).await
}
