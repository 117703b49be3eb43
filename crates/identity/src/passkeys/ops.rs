//! Adding, naming and removing passkeys.

use serde_json::Value;
use stoa_core::{Error, Result};
use stoa_store::{Ctx, Once, Page, PageOf};
use webauthn_rs::prelude::{CredentialID, PasskeyRegistration};

use super::{
    ceremony::LASTS,
    model::{self, MOST, Passkey, PasskeyId, PasskeyTag},
    party::Party,
    store::{self, Model},
};
use crate::{
    Identity,
    audit::{model::Action, ops::record},
    factors, people, sessions, upstream,
};

/// What is remembered while a passkey is being made, one for each session.
const MAKING: Once = Once { kind: "passkey_new" };

/// Begins to make a passkey: what a browser is asked for, as `parseCreationOptionsFromJSON` reads it.
///
/// # Errors
/// `forbidden` (`reauthentication_required`), `conflict` (`too_many_passkeys`).
pub(crate) async fn begin(ctx: &Ctx, identity: &Identity, party: &Party) -> Result<Value> {
    sessions::ops::fresh(ctx, identity).await?;
    let (user, session) = ctx.actor.at_the_browser()?;
    let person = people::ops::me(ctx).await?;
    let rows = store::all(&ctx.db.reads(), user.id).await?;
    few_enough(rows.len() as u64)?;
    let known = rows.into_iter().map(|row| CredentialID::from(row.credential_id)).collect();
    let (asked, state) = party.webauthn().start_passkey_registration(
        user.id.uuid(),
        &person.email,
        &person.display_name,
        Some(known),
    )?;
    let mut options = serde_json::to_value(asked.public_key)?;
    // Without this some devices make keys that work only after a name was typed.
    options["authenticatorSelection"]["residentKey"] = "required".into();
    options["authenticatorSelection"]["requireResidentKey"] = true.into();
    let (key, state) = (session.to_string(), serde_json::to_string(&state)?);
    ctx.db.write(async |tx| MAKING.put(tx, &key, &state, ctx.now() + LASTS).await).await?;
    Ok(options)
}

/// Adds the passkey that a browser made. Gives backup codes where the account had none. The proof that it is still the
/// caller was asked for when it began, minutes ago at most.
///
/// # Errors
/// `invalid`; `conflict` (`passkey_not_started`, `passkey_known`, `too_many_passkeys`).
pub(crate) async fn add(
    ctx: &Ctx,
    party: &Party,
    name: &str,
    credential: Value,
) -> Result<(Passkey, Option<Vec<String>>)> {
    let (user, session) = ctx.actor.at_the_browser()?;
    let (name, credential) = (model::name(name)?, model::new_credential(credential)?);
    let key = session.to_string();
    let state = ctx.db.write(async |tx| MAKING.take(tx, &key, ctx.now()).await).await?;
    let state = state.ok_or_else(|| {
        Error::conflict("no passkey is being made, or it took too long; begin again")
            .code("passkey_not_started")
    })?;
    let state: PasskeyRegistration = serde_json::from_str(&state)?;
    let made = party.webauthn().finish_passkey_registration(&credential, &state).map_err(|cause| {
        Error::field("/credential", "was not made for this house, just now, by somebody who was recognised")
            .because(cause)
    })?;
    let row = Model {
        id: ctx.id(),
        user_id: user.id,
        credential_id: made.cred_id().clone(),
        credential: serde_json::to_value(&made)?,
        name,
        created_at: ctx.now(),
        last_used_at: None,
    };
    let codes = ctx
        .db
        .write(async |tx| {
            factors::ops::lock(tx, user.id).await?;
            few_enough(store::count(tx, user.id).await?)?;
            if !store::add(tx, row.clone()).await? {
                return Err(Error::conflict("this passkey is known already").code("passkey_known"));
            }
            record(ctx, tx, Action::PasskeyAdded, Some(user.id), Some(row.name.clone())).await?;
            factors::backup::first(ctx, tx, user.id).await
        })
        .await?;
    Ok((row.into(), codes))
}

fn few_enough(count: u64) -> Result<()> {
    if count < MOST {
        return Ok(());
    }
    Err(Error::conflict("there are too many passkeys; remove one first").code("too_many_passkeys"))
}

/// The caller's passkeys, newest first.
///
/// # Errors
/// `unauthenticated`, `forbidden` without a browser session.
pub(crate) async fn list(ctx: &Ctx, page: Page<PasskeyTag>) -> Result<PageOf<Passkey>> {
    let user = ctx.actor.at_the_browser()?.0.id;
    let rows = store::list(&ctx.db.reads(), user, &page).await?;
    Ok(page.cut(rows, |row| row.id).map(Passkey::from))
}

/// Gives one of the caller's another name.
///
/// # Errors
/// `not_found` for one that is not theirs, `invalid`; else as [`list`].
pub(crate) async fn rename(ctx: &Ctx, id: PasskeyId, name: &str) -> Result<Passkey> {
    let user = ctx.actor.at_the_browser()?.0.id;
    let name = model::name(name)?;
    ctx.db
        .write(async |tx| {
            let mut row = store::lock(tx, user, id).await?.ok_or_else(none)?;
            store::set_name(tx, id, &name).await?;
            row.name.clone_from(&name);
            Ok(row.into())
        })
        .await
}

/// Removes one of the caller's. Without another factor the backup codes are void too.
///
/// # Errors
/// `not_found` for one that is not theirs; `forbidden` (`reauthentication_required`); `conflict` (`short_password`) for
/// the last factor beside a password that cannot stand alone, or (`last_way_in`).
pub(crate) async fn remove(ctx: &Ctx, identity: &Identity, id: PasskeyId) -> Result<()> {
    let user = ctx.actor.at_the_browser()?.0.id;
    sessions::ops::fresh(ctx, identity).await?;
    ctx.db
        .write(async |tx| {
            let person = people::ops::active(tx, user).await?.ok_or_else(people::ops::gone)?;
            let row = store::lock(tx, user, id).await?.ok_or_else(none)?;
            store::remove(tx, id).await?;
            upstream::ops::keep_a_way_in(identity, tx, &person).await?;
            record(ctx, tx, Action::PasskeyRemoved, Some(user), Some(row.name)).await?;
            factors::ops::removed_one(tx, user).await
        })
        .await
}

fn none() -> Error {
    Error::not_found("there is no such passkey")
}
