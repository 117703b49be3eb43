//! What may be done with a line.

use stoa_core::{Result, UserId};
use stoa_store::Ctx;

use super::{model::Parsed, parse};
use crate::{
    Config, READ, WRITE, settings,
    tasks::{self, view::Task},
};

/// What the caller means by a line. Nothing is saved.
pub(crate) async fn parse(ctx: &Ctx, text: &str) -> Result<Parsed> {
    read(ctx, ctx.actor.user(READ)?.id, text).await
}

/// Creates the task that the caller means by a line.
pub(crate) async fn create(ctx: &Ctx, config: &Config, text: &str) -> Result<Task> {
    let parsed = read(ctx, ctx.actor.user(WRITE)?.id, text).await?;
    tasks::ops::create(ctx, config, parsed.task).await
}

async fn read(ctx: &Ctx, who: UserId, text: &str) -> Result<Parsed> {
    let settings = settings::ops::of(ctx, who).await?;
    parse::parse(text, &settings.zone, ctx.now())
}
