//! What comes next, for models.

use serde::{Deserialize, Serialize};
use stoa_core::{Error, Result};
use stoa_edge::{Told, Tool, ToolHints};
use stoa_store::{Ctx, Page};
use utoipa::ToSchema;

use super::{
    ops,
    rank::{LeftOut, Ranked},
};
use crate::{
    MindFlow, READ, settings,
    tasks::mcp::{CARD, line},
};

/// How many to look at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct HowMany {
    /// How many tasks to explain, best first: 1 to 10, usually 3.
    #[serde(default = "HowMany::usual")]
    #[schema(minimum = 1, maximum = 10, example = 3)]
    limit: u8,
}

impl HowMany {
    const fn usual() -> u8 {
        3
    }
}

/// What to do next, best first.
#[derive(Debug, Serialize, ToSchema)]
struct Best {
    /// The best tasks, each with its score, and why. Empty if there is nothing to do now.
    items: Vec<Ranked>,
    /// Open tasks that were not considered.
    left_out: LeftOut,
    /// Where the person is, as far as clocks go.
    #[schema(example = "Europe/Berlin")]
    time_zone: String,
}

/// The best tasks with reasons.
pub(crate) fn what_next(app: &MindFlow) -> Tool {
    let app = app.clone();
    Tool::new("what_next", READ, move |ctx: Ctx, asked: HowMany| {
        let app = app.clone();
        async move { best(&ctx, &app, asked).await }
    })
        .told(
            "What to do next",
            "Ranks the person's open tasks and says which to do now, with reasons that add up to the score. Use it for \
             \"what should I do?\", \"what is most important?\", or to plan a day. Blocked and snoozed tasks are left out.",
        )
        .hints(ToolHints::READS)
        .shown_by(CARD)
}

async fn best(ctx: &Ctx, app: &MindFlow, HowMany { limit }: HowMany) -> Result<Told<Best>> {
    if !(1..=10).contains(&limit) {
        return Err(Error::field("/limit", "must be from 1 to 10"));
    }
    let page = Page::asked(Some(limit.into()), None)?;
    let (items, _, left_out) = ops::next(ctx, app, page).await?;
    let time_zone = settings::ops::show(ctx).await?.zone.name().to_owned();
    Ok(Told { text: said(&items, left_out, &time_zone), value: Best { items, left_out, time_zone } })
}

fn said(items: &[Ranked], LeftOut { blocked, snoozed }: LeftOut, zone: &str) -> String {
    let mut text = match items.first() {
        None => "There is nothing to do now.".to_owned(),
        Some(first) => format!("Do this now: {}\n{}", line(&first.task), why(first)),
    };
    for ranked in items.iter().skip(1) {
        text.push_str(&format!("\nThen: {}\n{}", line(&ranked.task), why(ranked)));
    }
    if blocked + snoozed > 0 {
        text.push_str(&format!("\nLeft out: {blocked} blocked, {snoozed} snoozed."));
    }
    text + &format!("\nTime zone: {zone}.")
}

fn why(ranked: &Ranked) -> String {
    let reasons: Vec<String> =
        ranked.reasons.iter().map(|reason| format!("{} ({:+})", reason.text, reason.points)).collect();
    format!("Score {}: {}. {}", ranked.score, reasons.join("; "), ranked.recommendation)
}
