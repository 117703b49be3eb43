//! Rows of settings.

use sea_orm::{
    ActiveValue::Set, EntityTrait, QueryFilter, QuerySelect, entity::prelude::*, sea_query::OnConflict,
};
use stoa_core::{Result, Timestamp, UserId};
use stoa_store::Tx;

use super::model::{Hours, Settings, Weights};
use crate::{tasks::store::Changing, zone::Zone};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "mindflow_settings")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) user_id: UserId,
    pub(crate) time_zone: String,
    pub(crate) urgency_weight: i32,
    pub(crate) priority_weight: i32,
    pub(crate) effort_weight: i32,
    pub(crate) morning_hour: i32,
    pub(crate) afternoon_hour: i32,
    pub(crate) evening_hour: i32,
    pub(crate) night_hour: i32,
    pub(crate) letters_per_day: i32,
    pub(crate) updated_at: Timestamp,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}
impl ActiveModelBehavior for ActiveModel {}

impl Settings {
    /// From what a row says.
    pub(crate) fn kept(
        zone: &str,
        [urgency, priority, effort]: [i32; 3],
        [morning, afternoon, evening, night]: [i32; 4],
        letters_per_day: i32,
        updated_at: Timestamp,
    ) -> Result<Self> {
        let weights = Weights {
            urgency: u8::try_from(urgency)?,
            priority: u8::try_from(priority)?,
            effort: u8::try_from(effort)?,
        };
        let hours = Hours {
            morning: u8::try_from(morning)?,
            afternoon: u8::try_from(afternoon)?,
            evening: u8::try_from(evening)?,
            night: u8::try_from(night)?,
        };
        let letters_per_day = u8::try_from(letters_per_day)?;
        Ok(Self { zone: Zone::named(zone)?, weights, hours, letters_per_day, updated_at })
    }
}

impl TryFrom<Model> for Settings {
    type Error = stoa_core::Error;
    fn try_from(row: Model) -> Result<Self> {
        let weights = [row.urgency_weight, row.priority_weight, row.effort_weight];
        let hours = [row.morning_hour, row.afternoon_hour, row.evening_hour, row.night_hour];
        Self::kept(&row.time_zone, weights, hours, row.letters_per_day, row.updated_at)
    }
}

fn row(who: UserId, settings: &Settings) -> ActiveModel {
    ActiveModel {
        user_id: Set(who),
        time_zone: Set(settings.zone.name().to_owned()),
        urgency_weight: Set(settings.weights.urgency.into()),
        priority_weight: Set(settings.weights.priority.into()),
        effort_weight: Set(settings.weights.effort.into()),
        morning_hour: Set(settings.hours.morning.into()),
        afternoon_hour: Set(settings.hours.afternoon.into()),
        evening_hour: Set(settings.hours.evening.into()),
        night_hour: Set(settings.hours.night.into()),
        letters_per_day: Set(settings.letters_per_day.into()),
        updated_at: Set(settings.updated_at),
    }
}

pub(crate) async fn find(db: &impl ConnectionTrait, who: UserId) -> Result<Option<Settings>> {
    Entity::find_by_id(who).one(db).await?.map(Settings::try_from).transpose()
}

/// A person's settings, inside a write.
pub(crate) async fn within(tx: &Tx, who: UserId) -> Result<Settings> {
    Ok(find(tx, who).await?.unwrap_or_default())
}

/// A person's settings, held until the write ends: of two writes that ask, the second waits for the first. Made if
/// they were not there.
pub(crate) async fn hold(tx: &Tx, who: UserId) -> Result<Settings> {
    let usual = Settings::default();
    let there = OnConflict::column(Column::UserId).do_nothing().to_owned();
    Entity::insert(row(who, &usual)).on_conflict(there).exec_without_returning(tx).await?;
    let held = Entity::find_by_id(who).lock_exclusive().one(tx).await?;
    held.map_or(Ok(usual), Settings::try_from)
}

pub(crate) async fn save(list: &Changing<'_>, who: UserId, settings: &Settings) -> Result<()> {
    Entity::update_many().set(row(who, settings)).filter(Column::UserId.eq(who)).exec(&**list).await?;
    Ok(())
}
