//! What may be done with feeds.

use std::time::Duration;

use stoa_core::{Error, Result, Scopes, Secret, TokenId};
use stoa_identity::tokens::{self, model::Token};
use stoa_store::{Ctx, Page};

use crate::{
    READ,
    export::{
        calendar::{Calendar, Shape},
        model::Writer,
    },
    settings,
    tasks::{ops::needs, store::bulk},
};

/// What a feed's token may do, and all it may do.
const FEED: Scopes = Scopes::TASKS_FEED;
/// How long what is done is still shown.
const DONE: Duration = Duration::from_secs(30 * 86_400);
/// Most tasks of one calendar; of more, the newest.
const TASKS: u64 = 5_000;

/// Makes a feed for the caller. The token is shown now and never again.
pub(super) async fn add(ctx: &Ctx, name: String) -> Result<(Token, Secret)> {
    tokens::ops::add_feed(ctx, FEED, name).await
}

/// The caller's feeds, newest first.
pub(super) async fn list(ctx: &Ctx) -> Result<Vec<Token>> {
    // A person has at most so many tokens as one page holds.
    let all = tokens::ops::list(ctx, Page { limit: Page::<()>::MOST, after: None }).await?;
    Ok(all.items.into_iter().filter(is_feed).collect())
}

fn is_feed(token: &Token) -> bool {
    token.scopes == [FEED.to_string()]
}

/// Revokes one of the caller's feeds, at once on all nodes.
pub(super) async fn revoke(ctx: &Ctx, id: TokenId) -> Result<()> {
    if list(ctx).await?.iter().any(|feed| feed.id == id) {
        tokens::ops::revoke(ctx, id).await
    } else {
        Err(Error::not_found("there is no such feed"))
    }
}

/// The caller's calendar: what is open, and what was done of late.
pub(super) async fn calendar(ctx: &Ctx, shape: Shape) -> Result<String> {
    let who = match ctx.actor.user(FEED) {
        Ok(user) => user.id,
        Err(_) => ctx.actor.user(READ)?.id,
    };
    let (now, zone) = (ctx.now(), settings::ops::of(ctx, who).await?.zone);
    let tasks = bulk::current(&ctx.db.reads(), who, now - DONE, TASKS).await?;
    let mut needed = needs(ctx, tasks.iter().map(|task| task.id).collect()).await?;
    let (mut calendar, mut out) = (Calendar { zone, now, shape }, String::new());
    calendar.head(&mut out)?;
    for task in tasks {
        // An event of what is done would only be in the way.
        if shape == Shape::Todo || task.is_open() {
            let needs = needed.remove(&task.id).unwrap_or_default().into_iter().map(|need| need.id).collect();
            calendar.task(&mut out, task, needs)?;
        }
    }
    calendar.tail(&mut out)?;
    Ok(out)
}
