//! What may be done with settings: everybody has their own, and reaches no other.

use http::HeaderMap;
use stoa_core::{Result, Timestamp, UserId};
use stoa_edge::ETag;
use stoa_store::Ctx;

use super::{
    model::{Change, Settings},
    store,
};
use crate::{READ, WRITE, tasks::store::change as change_list, zone::Zone};

/// The caller's settings.
pub(crate) async fn show(ctx: &Ctx) -> Result<Settings> {
    of(ctx, ctx.actor.user(READ)?.id).await
}

/// Somebody's settings, for whoever has already shown that they may ask.
pub(crate) async fn of(ctx: &Ctx, who: UserId) -> Result<Settings> {
    Ok(store::find(&ctx.db.reads(), who).await?.unwrap_or_default())
}

/// Changes the caller's settings. `if_match` refuses the change when they have changed since.
pub(crate) async fn change(ctx: &Ctx, change: Change, if_match: &HeaderMap) -> Result<Settings> {
    let who = ctx.actor.user(WRITE)?.id;
    let zone = change.time_zone.as_deref().map(Zone::named).transpose()?;
    let weights = change.weights.map(super::model::Weights::check).transpose()?;
    let hours = change.times_of_day.map(super::model::Hours::check).transpose()?;
    let letters = change.letters_per_day.map(super::model::letters).transpose()?;
    change_list(&ctx.db, who, async |list| {
        let before = store::hold(list, who).await?;
        ETag::of_time(before.updated_at)?.check(if_match)?;
        let after = Settings {
            zone: zone.unwrap_or_else(|| before.zone.clone()),
            weights: weights.unwrap_or(before.weights),
            hours: hours.unwrap_or(before.hours),
            letters_per_day: letters.unwrap_or(before.letters_per_day),
            updated_at: later(before.updated_at, ctx.now()),
        };
        store::save(list, who, &after).await?;
        Ok(after)
    })
    .await
}

/// The time of a change: now, but never that of the change before, which tells the versions apart.
pub(crate) fn later(before: Timestamp, now: Timestamp) -> Timestamp {
    now.max(Timestamp::from_micros(before.micros() + 1))
}
