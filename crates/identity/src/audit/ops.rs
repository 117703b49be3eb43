//! Putting something on record, and reading the record.

use std::collections::HashMap;

use stoa_core::{Actor, Result, UserId};
use stoa_store::{Ctx, Page, PageOf, Tx};

use super::{
    model::{Action, Record, RecordTag},
    store::{self, Model},
};
use crate::people;

/// Puts on record what the same transaction does. `account` is whose it is: they see it among their own.
pub(crate) async fn record(
    ctx: &Ctx,
    tx: &Tx,
    action: Action,
    account: Option<UserId>,
    subject: Option<String>,
) -> Result<()> {
    let (actor, actor_id) = match &ctx.actor {
        Actor::Nobody => ("nobody", None),
        Actor::House => ("house", None),
        Actor::User(user) => ("user", Some(user.id)),
    };
    let row = Model {
        id: ctx.id(),
        at: ctx.now(),
        action: action.as_str().into(),
        actor: actor.into(),
        actor_id,
        account_id: account,
        subject,
        ip: ctx.address.map(|ip| ip.to_string()),
        request_id: ctx.request.as_str().into(),
    };
    store::add(tx, row).await
}

/// What was done to the caller's own account, newest first.
///
/// # Errors
/// `unauthenticated`, or `forbidden` without a browser session.
pub async fn mine(ctx: &Ctx, page: Page<RecordTag>) -> Result<PageOf<Record>> {
    let (user, _) = ctx.actor.at_the_browser()?;
    list(ctx, Some(user.id), page).await
}

/// Everything on record, newest first.
///
/// # Errors
/// `unauthenticated`, or `forbidden` for all but admins.
pub async fn all(ctx: &Ctx, page: Page<RecordTag>) -> Result<PageOf<Record>> {
    ctx.actor.admin()?;
    list(ctx, None, page).await
}

/// What was done to somebody's account, newest first, for those who look after people.
///
/// # Errors
/// `forbidden` for all but admins, and where an owner is concerned, for all but owners; `not_found`.
pub(crate) async fn list_for(ctx: &Ctx, id: UserId, page: Page<RecordTag>) -> Result<PageOf<Record>> {
    people::ops::looked_after(ctx, id).await?;
    list(ctx, Some(id), page).await
}

/// What was done to somebody's account, for whoever has already shown that they may ask.
pub(crate) async fn of(ctx: &Ctx, who: UserId, page: Page<RecordTag>) -> Result<PageOf<Record>> {
    list(ctx, Some(who), page).await
}

async fn list(ctx: &Ctx, of: Option<UserId>, page: Page<RecordTag>) -> Result<PageOf<Record>> {
    let rows = store::list(ctx.db.reads(), of, &page).await?;
    let rows = page.cut(rows, |row| row.id);
    let mut people: Vec<UserId> =
        rows.items.iter().flat_map(|row| [row.actor_id, row.account_id]).flatten().collect();
    people.sort_unstable();
    people.dedup();
    let addresses = people::ops::addresses(ctx, people).await?;
    Ok(rows.map(|row| said(row, &addresses, of)))
}

/// The record in words: people by their address, as long as they exist.
fn said(row: Model, addresses: &HashMap<UserId, String>, of: Option<UserId>) -> Record {
    let name = |id: UserId| addresses.get(&id).cloned().unwrap_or_else(|| format!("user:{id}"));
    let account = row.account_id.filter(|account| of.is_none() && row.actor_id != Some(*account)).map(name);
    let subject = match (account, row.subject) {
        (Some(account), Some(subject)) => Some(format!("{account}: {subject}")),
        (account, subject) => account.or(subject),
    };
    Record {
        id: row.id,
        at: row.at,
        action: row.action,
        actor: row.actor_id.map_or(row.actor, name),
        subject,
        ip: row.ip,
        request_id: row.request_id,
    }
}
