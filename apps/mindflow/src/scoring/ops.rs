//! What may be asked of scoring.

use stoa_core::{Error, Result};
use stoa_store::{Ctx, Page};

use super::rank::{LeftOut, Ranked, Ranking};
use crate::{
    READ,
    tasks::{model::TaskTag, store},
};

/// Everything the caller could do now. One statement, whatever their number.
async fn ranking(ctx: &Ctx) -> Result<Ranking> {
    let who = ctx.actor.user(READ)?.id;
    let (settings, open) = store::open_of(&ctx.db.reads(), who).await?;
    Ok(Ranking::of(settings, open, ctx.now()))
}

/// The task to do now, and what was left out.
pub(crate) async fn best(ctx: &Ctx) -> Result<(Ranked, LeftOut)> {
    let ranking = ranking(ctx).await?;
    let left_out = ranking.left_out;
    let best = ranking.explained(0, 1).pop();
    best.map(|best| (best, left_out)).ok_or_else(|| nothing(left_out))
}

fn nothing(LeftOut { blocked, snoozed }: LeftOut) -> Error {
    let said = match (blocked, snoozed) {
        (0, 0) => "there is nothing to do".to_owned(),
        _ => format!("there is nothing to do now: {blocked} blocked and {snoozed} snoozed tasks wait"),
    };
    Error::not_found(said).code("nothing_to_do")
}

/// A page of what to do next, best first, with the cursor of the next page and what was left out.
pub(crate) async fn next(ctx: &Ctx, page: Page<TaskTag>) -> Result<(Vec<Ranked>, Option<String>, LeftOut)> {
    let ranking = ranking(ctx).await?;
    let from = match page.after {
        None => 0,
        Some(id) => ranking.place(id).map(|place| place + 1).ok_or_else(|| {
            Error::field("after", "is not in the ranking, or no longer; begin again without it")
        })?,
    };
    let (all, left_out, most) = (ranking.len(), ranking.left_out, usize::try_from(page.limit)?);
    let items = ranking.explained(from, most);
    let more = from + items.len() < all;
    let next = items.last().filter(|_| more).map(|last| last.task.id.to_string());
    Ok((items, next, left_out))
}
