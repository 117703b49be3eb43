//! What may be asked of scoring.

use std::sync::Arc;

use stoa_core::{Error, Result};
use stoa_store::{Ctx, Page};

use super::{
    open::Open,
    rank::{LeftOut, Ranked, Ranking},
};
use crate::{MindFlow, READ, tasks::model::TaskTag};

/// Everything open on the caller's list. One indexed statement, whatever their number, unless the list has changed.
async fn open(ctx: &Ctx, app: &MindFlow) -> Result<Arc<Open>> {
    app.lists.open(ctx, ctx.actor.user(READ)?.id).await
}

/// The task to do now, and what was left out.
pub(crate) async fn best(ctx: &Ctx, app: &MindFlow) -> Result<(Ranked, LeftOut)> {
    let open = open(ctx, app).await?;
    let ranking = Ranking::of(&open, ctx.now());
    let left_out = ranking.left_out;
    ranking.first().map(|best| (best, left_out)).ok_or_else(|| nothing(left_out))
}

fn nothing(LeftOut { blocked, snoozed }: LeftOut) -> Error {
    let said = match (blocked, snoozed) {
        (0, 0) => "there is nothing to do".to_owned(),
        _ => format!("there is nothing to do now: {blocked} blocked and {snoozed} snoozed tasks wait"),
    };
    Error::not_found(said).code("nothing_to_do")
}

/// A page of what to do next, best first, with the cursor of the next page and what was left out.
pub(crate) async fn next(
    ctx: &Ctx,
    app: &MindFlow,
    page: Page<TaskTag>,
) -> Result<(Vec<Ranked>, Option<String>, LeftOut)> {
    let open = open(ctx, app).await?;
    let ranking = Ranking::of(&open, ctx.now()).sorted();
    let from = match page.after {
        None => 0,
        Some(id) => ranking.place(id).map(|place| place + 1).ok_or_else(|| {
            Error::field("after", "is not in the ranking, or no longer; begin again without it")
        })?,
    };
    let (all, left_out, most) = (ranking.len(), ranking.left_out, usize::try_from(page.limit)?);
    let items = ranking.some(from, most);
    let more = from + items.len() < all;
    let next = items.last().filter(|_| more).map(|last| last.task.id.to_string());
    Ok((items, next, left_out))
}
