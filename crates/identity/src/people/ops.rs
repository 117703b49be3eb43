//! What is done with accounts. The house itself (the command line) may do what an admin may, and more: the
//! machine's owner is whoever can reach its files.

use std::collections::HashMap;

use sea_orm::ConnectionTrait;
use serde::Serialize;
use stoa_core::{Actor, Error, Result, Scopes, Secret, UserId, UserTag};
use stoa_store::{Ctx, Page, PageOf, Tx};
use utoipa::ToSchema;

use super::{
    model::{AdminUser, Caretaker, Change, Email, NewUser, User, display_name},
    store::{self, Model},
};
use crate::{
    Identity,
    audit::{model::Action, ops::record},
    factors, lockout, mail, recovery, sessions,
};

/// Makes an account.
///
/// # Errors
/// `forbidden` for all but admins and the house, `invalid` with the fields that are wrong, `conflict`
/// (`email_taken`) where the address has an account.
pub async fn add(ctx: &Ctx, identity: &Identity, new: NewUser) -> Result<AdminUser> {
    caretaker(ctx)?.may_grant(new.role)?;
    let row = prepare(ctx, identity, new).await?;
    ctx.db
        .write(async |tx| {
            insert(tx, &row).await?;
            record(ctx, tx, Action::UserAdded, Some(row.id), Some(row.role.clone())).await
        })
        .await?;
    row.admin_user()
}

/// Checks what was entered, all fields at once, and hashes the password.
pub(crate) async fn prepare(ctx: &Ctx, identity: &Identity, new: NewUser) -> Result<Model> {
    let NewUser { email, display_name: name, password, role } = new;
    let known = [email.trim(), email.trim().split('@').next().unwrap_or_default(), name.trim()];
    let accepted = identity.passwords().accept("/password", &password, &known);
    let (email, name) = (Email::parse(&email), display_name(&name));
    let (email, name) = match (email, name, accepted) {
        (Ok(email), Ok(name), Ok(())) => (email, name),
        (email, name, accepted) => return Err(all_of(&[email.err(), name.err(), accepted.err()])),
    };
    let password = identity.passwords().hash(ctx.rng(), &password).await?;
    Ok(Model {
        id: ctx.id(),
        email: email.shown,
        email_key: email.key,
        display_name: name,
        role: role.as_str().into(),
        password,
        disabled_at: None,
        created_at: ctx.now(),
        last_seen_at: None,
        erase_at: None,
        password_short: false,
    })
}

/// One failure that names every field.
fn all_of(errors: &[Option<Error>]) -> Error {
    let mut all = Error::invalid("some fields are not acceptable");
    for field in errors.iter().flatten().flat_map(Error::fields) {
        all = all.and_field(field.pointer.clone(), field.detail.clone());
    }
    all
}

/// Adds the row or says that the address is taken.
pub(crate) async fn insert(tx: &Tx, row: &Model) -> Result<()> {
    if store::add(tx, row.clone()).await? {
        Ok(())
    } else {
        Err(Error::conflict("this address has an account already").code("email_taken"))
    }
}

/// Everybody, newest first.
///
/// # Errors
/// `forbidden` for all but admins and the house.
pub async fn list(ctx: &Ctx, page: Page<UserTag>) -> Result<PageOf<AdminUser>> {
    caretaker(ctx)?;
    let rows = store::list(&ctx.db.reads(), &page).await?;
    let rows = page.cut(rows, |row| row.id);
    let items = rows.items.into_iter().map(Model::admin_user).collect::<Result<_>>()?;
    Ok(PageOf { items, next: rows.next })
}

/// Somebody's account.
///
/// # Errors
/// `forbidden` for all but admins and the house, `not_found`.
pub async fn find(ctx: &Ctx, id: UserId) -> Result<AdminUser> {
    caretaker(ctx)?;
    store::find(&ctx.db.reads(), id).await?.ok_or_else(nobody)?.admin_user()
}

/// Changes what somebody is, or switches their account on or off. When it returns, no node acts on what was
/// before.
///
/// # Errors
/// `forbidden` for all but admins and the house, and where an owner is concerned, for all but owners;
/// `not_found`; `conflict` for oneself (`own_account`) and for the last owner (`last_owner`).
pub async fn change(ctx: &Ctx, id: UserId, change: Change) -> Result<AdminUser> {
    let caretaker = caretaker(ctx)?;
    let (row, epoch) = ctx
        .db
        .write(async |tx| {
            let owners = store::lock_active_owners(tx).await?;
            let mut row = store::lock(tx, id).await?.ok_or_else(nobody)?;
            let last = owners.iter().all(|owner| *owner == id);
            caretaker.may_change(id, row.role()?, change, last)?;
            let changed = apply(ctx, tx, &mut row, change).await?;
            let epoch = if changed { Some(ctx.store.epoch.raise(tx).await?) } else { None };
            Ok((row, epoch))
        })
        .await?;
    if let Some(epoch) = epoch {
        ctx.store.epoch.settled(&ctx.db, epoch).await?;
    }
    row.admin_user()
}

async fn apply(ctx: &Ctx, tx: &mut Tx, row: &mut Model, change: Change) -> Result<bool> {
    let mut changed = false;
    let before = row.role()?;
    if let Some(role) = change.role.filter(|role| *role != before) {
        store::set_role(tx, row.id, role).await?;
        record(ctx, tx, Action::RoleChanged, Some(row.id), Some(format!("{before} to {role}"))).await?;
        row.role = role.as_str().into();
        changed = true;
    }
    if let Some(disabled) = change.disabled.filter(|disabled| *disabled != row.disabled_at.is_some()) {
        row.disabled_at = disabled.then(|| ctx.now());
        store::set_disabled(tx, row.id, row.disabled_at).await?;
        if disabled {
            // Sessions end for good; tokens sleep until the account is on again.
            sessions::ops::end_all(ctx, tx, row.id, None).await?;
        }
        let action = if disabled { Action::UserDisabled } else { Action::UserEnabled };
        record(ctx, tx, action, Some(row.id), None).await?;
        changed = true;
    }
    Ok(changed)
}

/// Switches an account off or, with `false`, on again, by address: for the command line.
///
/// # Errors
/// As [`change`].
pub async fn disable(ctx: &Ctx, email: &str, disabled: bool) -> Result<AdminUser> {
    caretaker(ctx)?;
    let row = by_email(&ctx.db.reads(), email).await?.ok_or_else(nobody)?;
    change(ctx, row.id, Change { disabled: Some(disabled), role: None }).await
}

/// Whether somebody has an account that is not switched off: whoever has none gets no letters of apps. For the house,
/// inside its writes.
///
/// # Errors
/// When the row cannot be read.
pub async fn is_active(tx: &Tx, id: UserId) -> Result<bool> {
    Ok(store::find(tx, id).await?.is_some_and(|row| row.disabled_at.is_none()))
}

/// Sets a new password for somebody who lost theirs, and ends their sessions. Only the house may.
///
/// # Errors
/// `forbidden` for everybody else, `not_found`, `invalid` where the password is not acceptable.
pub async fn reset(ctx: &Ctx, identity: &Identity, email: &str, password: &Secret) -> Result<()> {
    if ctx.actor != Actor::House {
        return Err(Error::forbidden("a password is reset on the machine itself, with `stoa user reset`"));
    }
    let row = by_email(&ctx.db.reads(), email).await?.ok_or_else(nobody)?;
    identity.passwords().accept("/password", password, &known(&row))?;
    let hash = identity.passwords().hash(ctx.rng(), password).await?;
    let epoch = ctx
        .db
        .write(async |tx| {
            store::set_password(tx, row.id, &hash, false).await?;
            sessions::ops::end_all(ctx, tx, row.id, None).await?;
            lockout::ops::clear(tx, &row.email_key).await?;
            mail::ops::post(ctx, tx, &recovery::letters::changed(ctx, &row)).await?;
            record(ctx, tx, Action::PasswordReset, Some(row.id), None).await?;
            ctx.store.epoch.raise(tx).await
        })
        .await?;
    ctx.store.epoch.settled(&ctx.db, epoch).await
}

/// The caller.
///
/// # Errors
/// `unauthenticated`; `insufficient_scope` for a token without `profile` and `email`.
pub async fn me(ctx: &Ctx) -> Result<User> {
    let id = ctx.actor.user(Scopes::PROFILE.and(Scopes::EMAIL))?.id;
    store::find(&ctx.db.reads(), id).await?.ok_or_else(gone)?.user()
}

/// Gives the caller another name.
///
/// # Errors
/// `unauthenticated`, `forbidden` without a browser session, `invalid`.
pub async fn rename(ctx: &Ctx, name: &str) -> Result<User> {
    let id = ctx.actor.at_the_browser()?.0.id;
    let name = display_name(name)?;
    ctx.db
        .write(async |tx| {
            let mut row = store::lock(tx, id).await?.ok_or_else(gone)?;
            if row.display_name != name {
                store::set_name(tx, id, &name).await?;
                record(ctx, tx, Action::UserRenamed, Some(id), None).await?;
                row.display_name = name.clone();
            }
            row.user()
        })
        .await
}

/// Changes the caller's password, which they must know, and ends their other sessions.
///
/// # Errors
/// `unauthenticated`, `forbidden` without a browser session, `invalid` with the field that is wrong, `conflict`
/// (`no_password`) where there is none to change.
pub async fn change_password(ctx: &Ctx, identity: &Identity, current: &Secret, new: &Secret) -> Result<()> {
    let (user, session) = ctx.actor.at_the_browser()?;
    let row = store::find(&ctx.db.reads(), user.id).await?.ok_or_else(gone)?;
    if !row.has_password() {
        let said =
            "your account has no password; choose one with \"Forgot the password?\" on the sign-in page";
        return Err(Error::conflict(said).code("no_password"));
    }
    lockout::ops::count(ctx, identity, &row.email_key).await?;
    if !identity.passwords().check(current, Some(&row.password)).await?.right {
        return Err(Error::field("/current", "is not your password"));
    }
    if factors::ops::of(&ctx.db.reads(), row.id).await?.is_empty() {
        identity.passwords().accept("/new", new, &known(&row))?;
    } else {
        identity.passwords().accept_beside_factor("/new", new, &known(&row))?;
    }
    let short = identity.passwords().needs_factor(new);
    let hash = identity.passwords().hash(ctx.rng(), new).await?;
    let epoch = ctx
        .db
        .write(async |tx| {
            factors::ops::lock(tx, row.id).await?;
            if short && factors::ops::of(tx, row.id).await?.is_empty() {
                // The last factor went a moment ago.
                identity.passwords().accept("/new", new, &known(&row))?;
            }
            store::set_password(tx, row.id, &hash, short).await?;
            sessions::ops::end_all(ctx, tx, row.id, Some(session)).await?;
            lockout::ops::forget(ctx, tx, &row.email_key).await?;
            record(ctx, tx, Action::PasswordChanged, Some(row.id), None).await?;
            mail::ops::post(ctx, tx, &recovery::letters::changed(ctx, &row)).await?;
            ctx.store.epoch.raise(tx).await
        })
        .await?;
    ctx.store.epoch.settled(&ctx.db, epoch).await
}

/// Refuses to leave somebody with their password alone where it is too short for that.
pub(crate) async fn may_stand_alone(tx: &Tx, id: UserId) -> Result<()> {
    if store::find(tx, id).await?.is_some_and(|row| row.password_short) {
        return Err(Error::conflict(
            "the password is short because a second step is asked for; choose a longer one first",
        )
        .code("short_password"));
    }
    Ok(())
}

/// What nobody's password may be made of.
pub(crate) fn known(row: &Model) -> [&str; 3] {
    [&row.email, row.email.split('@').next().unwrap_or_default(), &row.display_name]
}

/// An account by its address, however it is spelt.
pub(crate) async fn by_email(db: &impl ConnectionTrait, email: &str) -> Result<Option<Model>> {
    store::by_email(db, &Email::key(email)).await
}

/// What an address is compared by, also when it is none.
pub(crate) fn key(email: &str) -> String {
    Email::key(email)
}

/// An account that is on, kept from changing until the transaction ends.
pub(crate) async fn active(tx: &Tx, id: UserId) -> Result<Option<Model>> {
    Ok(store::lock(tx, id).await?.filter(|row| row.disabled_at.is_none()))
}

/// Addresses by id, for showing who did what.
pub(crate) async fn addresses(ctx: &Ctx, ids: Vec<UserId>) -> Result<HashMap<UserId, String>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let found = store::addresses(&ctx.db.reads(), ids).await?;
    Ok(found.into_iter().map(|address| (address.id, address.email)).collect())
}

/// Somebody's account, to be looked at by whom they are looked after.
pub(crate) async fn looked_after(ctx: &Ctx, id: UserId) -> Result<Model> {
    let caretaker = caretaker(ctx)?;
    let row = store::find(&ctx.db.reads(), id).await?.ok_or_else(nobody)?;
    caretaker.may_change(id, row.role()?, Change::default(), false)?;
    Ok(row)
}

/// Somebody's account, locked, whom the caller may look after.
pub(crate) async fn look_after(ctx: &Ctx, tx: &Tx, id: UserId) -> Result<Model> {
    let caretaker = caretaker(ctx)?;
    let row = store::lock(tx, id).await?.ok_or_else(nobody)?;
    caretaker.may_change(id, row.role()?, Change::default(), false)?;
    Ok(row)
}

/// Whether the caller looks after people.
pub(crate) fn caretaker(ctx: &Ctx) -> Result<Caretaker> {
    match ctx.actor {
        Actor::House => Ok(Caretaker::House),
        _ => ctx.actor.admin().map(|user| Caretaker::Person(user.id, user.role)),
    }
}

pub(crate) fn nobody() -> Error {
    Error::not_found("there is no such account")
}

/// The caller was erased while they asked.
pub(crate) fn gone() -> Error {
    Error::unauthenticated("the session has ended; sign in again")
}

/// What a client is told about a person (OpenID Connect Core §5.4): only what their scopes name.
#[derive(Debug, Default, Serialize, ToSchema)]
pub(crate) struct Claims {
    /// What they are called, with the scope `profile`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "Ada Lovelace")]
    name: Option<String>,
    /// Their address, with the scope `email`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "ada@example.org")]
    email: Option<String>,
    /// Whether mail to it has arrived.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = true)]
    email_verified: Option<bool>,
}

/// What a client is told about a person under these scopes.
pub(crate) async fn claims(ctx: &Ctx, id: UserId, scopes: Scopes) -> Result<Claims> {
    let (profile, email) = (scopes.has(Scopes::PROFILE), scopes.has(Scopes::EMAIL));
    if !profile && !email {
        return Ok(Claims::default());
    }
    let row = store::find(&ctx.db.reads(), id).await?.ok_or_else(nobody)?;
    Ok(Claims {
        name: profile.then_some(row.display_name),
        email: email.then_some(row.email),
        // Whoever has an account here either proved the address or was entered by an admin.
        email_verified: email.then_some(true),
    })
}
