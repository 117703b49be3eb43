//! Posting letters, looking into the outbox, and taking a link out of it.

use std::collections::HashMap;

use sea_orm::ConnectionTrait;
use stoa_core::{Actor, Error, Result, Role, Secret, Timestamp, UserId};
use stoa_jobs::later;
use stoa_store::{Ctx, Page, PageOf, Tx};
use url::Url;

use super::{
    jobs::Send,
    model::{Fate, Kept, Letter, LetterId, LetterTag, Link, State, Taken, To},
    store::{self, Model},
};
use crate::{
    audit::{model::Action, ops::record},
    people,
};

/// Posts a letter in the caller's transaction: it leaves if and only if that commits.
///
/// # Errors
/// `invalid` for a subject or text that no letter can have, `not_found` where the person has no account.
pub async fn post(ctx: &Ctx, tx: &mut Tx, letter: &Letter) -> Result<LetterId> {
    letter.check()?;
    let (address, user) = match &letter.to {
        To::Address { shown, user } => (shown.clone(), *user),
        To::Person(id) => {
            let row = people::store::find(tx, *id).await?.ok_or_else(people::ops::nobody)?;
            (row.email, Some(*id))
        }
    };
    let (id, link) = (ctx.id(), letter.link.as_ref());
    let row = Model {
        id,
        user_id: user,
        address_key: people::ops::key(&address),
        address,
        subject: letter.subject.clone(),
        body: letter.text.clone(),
        private: letter.private,
        link: link.map(|link| link.to.as_str().to_owned()),
        link_value: link.map_or_else(String::new, |link| link.value.clone()),
        link_until: link.map_or(Timestamp::from_micros(0), |link| link.until),
        state: State::Queued.as_str().into(),
        problem: None,
        created_at: ctx.now(),
        sent_at: None,
    };
    store::add(tx, row).await?;
    // The house sends it, whoever caused it: they may be gone by then.
    later(&ctx.acting(Actor::House), tx, &Send { letter: id }).await?;
    Ok(id)
}

/// Makes the token of a link. Only its digest is kept.
pub(crate) async fn mint(ctx: &Ctx, tx: &Tx, link: &Link) -> Result<Secret> {
    let token = Secret::new(ctx.rng().token::<32>());
    link.to.once().put(tx, token.expose(), &link.value, link.until).await?;
    Ok(token)
}

/// The outbox, newest first.
///
/// # Errors
/// `unauthenticated`, or `forbidden` for all but admins.
pub async fn list(ctx: &Ctx, page: Page<LetterTag>) -> Result<PageOf<Kept>> {
    ctx.actor.admin()?;
    let now = ctx.now();
    let rows = page.cut(store::list(&ctx.db.reads(), &page).await?, |row| row.id);
    let items = rows.items.into_iter().map(|row| row.shown(now)).collect::<Result<_>>()?;
    Ok(PageOf { items, next: rows.next })
}

/// Letters to one person, as they may read them, for whoever has already shown that they may ask.
pub(crate) async fn list_to(ctx: &Ctx, who: UserId, page: Page<LetterTag>) -> Result<PageOf<Kept>> {
    let now = ctx.now();
    let rows = page.cut(store::list_to(&ctx.db.reads(), who, &page).await?, |row| row.id);
    let items = rows.items.into_iter().map(|row| Model { private: false, ..row }.shown(now));
    Ok(PageOf { items: items.collect::<Result<_>>()?, next: rows.next })
}

/// What became of letters, for those who posted them. One that was forgotten is not among them.
///
/// # Errors
/// When the rows cannot be read.
pub async fn fates(ctx: &Ctx, ids: Vec<LetterId>) -> Result<HashMap<LetterId, Fate>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let rows = store::fates(&ctx.db.reads(), ids).await?;
    rows.into_iter().map(|(id, state, sent_at)| Ok((id, Fate { state: state.parse()?, sent_at }))).collect()
}

/// Takes the link out of a letter that could not be sent, for an owner who hands it over. Whoever has it can act for
/// the person it is for, so it is on record, and the person sees that.
///
/// # Errors
/// `unauthenticated`, or `forbidden` for all but owners; `not_found`; `conflict` (`no_link`) where the letter has none
/// that is good, or was sent.
pub async fn take_link(ctx: &Ctx, house: &Url, id: LetterId) -> Result<Taken> {
    if ctx.actor.admin()?.role < Role::Owner {
        return Err(Error::forbidden("only an owner can take a link out of a letter"));
    }
    ctx.db
        .write(async |tx| {
            let row = find(tx, id).await?;
            let none = || Error::conflict("this letter has no link to hand over").code("no_link");
            let waits = [State::Kept, State::Failed].iter().any(|state| state.as_str() == row.state);
            let link = row.link()?.filter(|link| waits && link.until > ctx.now()).ok_or_else(none)?;
            let token = mint(ctx, tx, &link).await?;
            record(ctx, tx, Action::MailLinkTaken, row.user_id, Some(row.subject)).await?;
            let url = link.to.address(house, &token).expose().to_owned();
            Ok(Taken { url, expires_at: link.until })
        })
        .await
}

async fn find(db: &impl ConnectionTrait, id: LetterId) -> Result<Model> {
    store::find(db, id).await?.ok_or_else(|| Error::not_found("there is no such letter"))
}

/// Forgets letters that nobody needs any more. Part of the regular sweep.
pub(crate) async fn sweep(ctx: &Ctx, before: Timestamp) -> Result<u64> {
    ctx.db.write(async |tx| store::remove_before(tx, before).await).await
}
