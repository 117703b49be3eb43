//! What may be done with a line.

use stoa_core::{Result, Timestamp, UserId};
use stoa_store::Ctx;

use super::{
    marks,
    model::{Parsed, QuickField},
    parse, recurs,
};
use crate::{
    Config, READ, WRITE,
    recurrence::rule::Rule,
    settings,
    tasks::{self, view::Task, wish::NewTask},
    zone::Zone,
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

/// The task that is due at a time, if these words say one and nothing else.
pub(crate) fn date(text: &str, zone: &Zone, now: Timestamp) -> Option<NewTask> {
    let parsed = parse::parse(&format!("x {text}"), zone, now).ok()?;
    let only = parsed
        .understood
        .iter()
        .all(|piece| matches!(piece.field, QuickField::DueAt | QuickField::Recurrence));
    (parsed.task.title == "x" && only && parsed.task.due_at.is_some()).then_some(parsed.task)
}

/// The rule that these words say, as people or as calendars write it.
pub(crate) fn rule(text: &str) -> Option<String> {
    if let Ok(rule) = text.parse::<Rule>() {
        return Some(rule.to_string());
    }
    let words = text.to_lowercase();
    let words: Vec<&str> = words.split_whitespace().collect();
    let (used, rule) = recurs::rule(&words)?;
    (used == words.len()).then(|| rule.to_string())
}

/// Minutes: `15`, `1h30m`, `2 hours`.
pub(crate) fn effort(text: &str) -> Option<u16> {
    let marked = format!("~{}", text.trim().to_lowercase());
    let words: Vec<&str> = marked.split_whitespace().collect();
    let (used, minutes) = marks::effort(&words)?;
    (used == words.len()).then_some(minutes)
}

async fn read(ctx: &Ctx, who: UserId, text: &str) -> Result<Parsed> {
    let settings = settings::ops::of(ctx, who).await?;
    parse::parse(text, &settings.zone, ctx.now())
}
