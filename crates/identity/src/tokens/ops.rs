//! Making, listing and revoking tokens.

use stoa_core::{Actor, Error, Result, Scopes, Secret, TokenId, TokenTag, UserId};
use stoa_store::{Ctx, Page, PageOf, Tx};

use super::{
    model::{self, Token, TokenWish},
    store::{self, Model},
};
use crate::{
    Identity,
    audit::{model::Action, ops::record},
    people, sessions,
};

/// Most tokens of one person.
const MOST: u64 = 100;
/// Longest name, in characters.
const NAME_CHARACTERS: usize = 100;

/// Makes a token for the caller. Its text is shown now and never again.
///
/// # Errors
/// `unauthenticated`, `forbidden` without a browser session or a fresh proof (`reauthentication_required`),
/// `invalid` with the field that is wrong, `conflict` (`too_many_tokens`).
pub async fn add(ctx: &Ctx, identity: &Identity, wish: TokenWish) -> Result<(Token, Secret)> {
    sessions::ops::fresh(ctx, identity).await?;
    let user = ctx.actor.at_the_browser()?.0.id;
    make(ctx, user, wish).await
}

/// Makes a token that only lets its bearer read one feed. It shows no more than the session does and changes nothing, so
/// it asks for no fresh proof.
///
/// # Errors
/// As [`add`], without that proof.
pub async fn add_feed(ctx: &Ctx, feed: Scopes, name: String) -> Result<(Token, Secret)> {
    let user = ctx.actor.at_the_browser()?.0.id;
    make(ctx, user, TokenWish { name, scopes: vec![feed.to_string()], expires_at: None }).await
}

/// As [`add`], for somebody by their address: for the command line.
///
/// # Errors
/// `forbidden` for all but the house, `not_found`, and as [`add`].
pub async fn add_for(ctx: &Ctx, email: &str, wish: TokenWish) -> Result<(Token, Secret)> {
    if ctx.actor != Actor::House {
        return Err(Error::forbidden("a token for somebody else is made on the machine itself"));
    }
    let row = people::ops::by_email(&ctx.db.reads(), email).await?.ok_or_else(people::ops::nobody)?;
    make(ctx, row.id, wish).await
}

async fn make(ctx: &Ctx, user: UserId, wish: TokenWish) -> Result<(Token, Secret)> {
    let (name, scopes) = checked(ctx, &wish)?;
    let text = model::make(ctx.rng());
    let digest =
        model::read(text.expose()).ok_or_else(|| Error::internal("a new token does not read back"))?;
    let row = Model {
        id: ctx.id(),
        user_id: user,
        digest: digest.as_bytes().to_vec(),
        name,
        scopes: scopes.to_string(),
        created_at: ctx.now(),
        last_used_at: None,
        expires_at: wish.expires_at,
    };
    ctx.db
        .write(async |tx| {
            if store::count(tx, user).await? >= MOST {
                return Err(
                    Error::conflict("there are too many tokens; revoke one first").code("too_many_tokens")
                );
            }
            store::add(tx, row.clone()).await?;
            record(ctx, tx, Action::TokenAdded, Some(user), Some(row.name.clone())).await
        })
        .await?;
    Ok((row.into(), text))
}

fn checked(ctx: &Ctx, wish: &TokenWish) -> Result<(String, Scopes)> {
    let name = wish.name.trim();
    if !(1..=NAME_CHARACTERS).contains(&name.chars().count()) || name.chars().any(char::is_control) {
        return Err(Error::field(
            "/name",
            format!("must have 1 to {NAME_CHARACTERS} characters on one line"),
        ));
    }
    if wish.scopes.is_empty() {
        return Err(Error::field("/scopes", "must name at least one scope"));
    }
    let mut scopes = Scopes::NONE;
    for (number, text) in wish.scopes.iter().enumerate() {
        let known = possible().find(|(known, _)| known == text);
        let (_, scope) = known.copied().ok_or_else(|| {
            Error::field(format!("/scopes/{number}"), format!("must be one of {}", all_scopes()))
        })?;
        scopes = scopes.and(scope);
    }
    if wish.expires_at.is_some_and(|at| at <= ctx.now()) {
        return Err(Error::field("/expires_at", "must lie ahead"));
    }
    Ok((name.to_owned(), scopes))
}

/// What a personal access token may have.
fn possible() -> impl Iterator<Item = &'static (&'static str, Scopes)> {
    Scopes::ALL.iter().filter(|(_, scope)| !Scopes::OAUTH_ONLY.has(*scope))
}

fn all_scopes() -> String {
    possible().map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The caller's tokens, newest first.
///
/// # Errors
/// `unauthenticated`, `forbidden` without a browser session.
pub async fn list(ctx: &Ctx, page: Page<TokenTag>) -> Result<PageOf<Token>> {
    list_of(ctx, ctx.actor.at_the_browser()?.0.id, page).await
}

/// Somebody's tokens, for those who look after people.
///
/// # Errors
/// `forbidden` for all but admins, and where an owner is concerned, for all but owners; `not_found`.
pub(crate) async fn list_for(ctx: &Ctx, id: UserId, page: Page<TokenTag>) -> Result<PageOf<Token>> {
    people::ops::looked_after(ctx, id).await?;
    list_of(ctx, id, page).await
}

async fn list_of(ctx: &Ctx, user: UserId, page: Page<TokenTag>) -> Result<PageOf<Token>> {
    let rows = store::list(&ctx.db.reads(), user, &page).await?;
    Ok(page.cut(rows, |row| row.id).map(Token::from))
}

/// Revokes one of the caller's tokens, at once on all nodes.
///
/// # Errors
/// `not_found` for one that is not theirs; else as [`list`].
pub async fn revoke(ctx: &Ctx, id: TokenId) -> Result<()> {
    let user = ctx.actor.at_the_browser()?.0.id;
    let epoch = ctx.db.write(async |tx| remove(ctx, tx, user, id).await).await?;
    ctx.store.epoch.settled(&ctx.db, epoch).await
}

/// Revokes one of somebody's tokens, at once on all nodes, for those who look after people.
///
/// # Errors
/// As [`list_for`]; `not_found` for one that is not theirs.
pub(crate) async fn revoke_for(ctx: &Ctx, user: UserId, id: TokenId) -> Result<()> {
    people::ops::caretaker(ctx)?;
    let epoch = ctx
        .db
        .write(async |tx| {
            people::ops::look_after(ctx, tx, user).await?;
            remove(ctx, tx, user, id).await
        })
        .await?;
    ctx.store.epoch.settled(&ctx.db, epoch).await
}

/// Takes away one of somebody's. The epoch to wait for.
async fn remove(ctx: &Ctx, tx: &mut Tx, user: UserId, id: TokenId) -> Result<i64> {
    let name = store::remove(tx, user, id).await?;
    let name = name.ok_or_else(|| Error::not_found("there is no such token"))?;
    record(ctx, tx, Action::TokenRevoked, Some(user), Some(name)).await?;
    ctx.store.epoch.raise(tx).await
}
