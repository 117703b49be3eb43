//! What a person may set.

use serde::{Deserialize, Serialize};
use stoa_core::{Error, Result, Timestamp};
use utoipa::ToSchema;

use crate::zone::Zone;

/// How much a part of the score counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ScoreWeights)]
pub(crate) struct Weights {
    /// Times 2 when overdue, 1 within a day, 0.75 within two, 0.5 within a week, 0.25 later.
    #[schema(minimum = 0, maximum = 100, example = 40)]
    pub(crate) urgency: u8,
    /// Times the priority, 1 to 5.
    #[schema(minimum = 0, maximum = 100, example = 10)]
    pub(crate) priority: u8,
    /// Times 1 up to 15 minutes, 0.75 up to 30, 0.5 up to 60, 0.25 beyond.
    #[schema(minimum = 0, maximum = 100, example = 10)]
    pub(crate) effort: u8,
}

impl Weights {
    /// What counts how much for whoever has not said.
    pub(crate) const USUAL: Self = Self { urgency: 40, priority: 10, effort: 10 };
    const MOST: u8 = 100;

    pub(crate) fn check(self) -> Result<Self> {
        let all = [
            ("/weights/urgency", self.urgency),
            ("/weights/priority", self.priority),
            ("/weights/effort", self.effort),
        ];
        match all.into_iter().find(|(_, weight)| *weight > Self::MOST) {
            Some((pointer, _)) => Err(Error::field(pointer, format!("must be from 0 to {}", Self::MOST))),
            None if all.iter().all(|(_, weight)| *weight == 0) => {
                Err(Error::field("/weights", "must not all be 0: then all tasks were alike"))
            }
            None => Ok(self),
        }
    }
}

/// Settings, in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) zone: Zone,
    pub(crate) weights: Weights,
    pub(crate) updated_at: Timestamp,
}

impl Default for Settings {
    fn default() -> Self {
        Self { zone: Zone::default(), weights: Weights::USUAL, updated_at: Timestamp::from_micros(0) }
    }
}

/// Settings, as they are shown.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = TaskSettings)]
pub(crate) struct Shown {
    /// In which "today" and "morning" are meant: a name of the IANA database.
    #[schema(example = "Europe/Berlin")]
    pub(crate) time_zone: String,
    /// What counts how much.
    pub(crate) weights: Weights,
}

impl From<&Settings> for Shown {
    fn from(settings: &Settings) -> Self {
        Self { time_zone: settings.zone.name().to_owned(), weights: settings.weights }
    }
}

/// What may be changed; what is left out stays.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TaskSettingsPatch)]
pub(crate) struct Change {
    /// A name of the IANA database.
    #[schema(max_length = 64, example = "Europe/Berlin")]
    pub(crate) time_zone: Option<String>,
    /// All three together, and not all of them 0.
    #[serde(default, deserialize_with = "weights")]
    pub(crate) weights: Option<Weights>,
}

/// An object, not a list of its values.
fn weights<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Weights>, D::Error> {
    #[derive(Deserialize)]
    struct Told(#[serde(deserialize_with = "stoa_edge::object")] Weights);
    Ok(Option::<Told>::deserialize(from)?.map(|Told(weights)| weights))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_have_bounds_and_do_not_all_vanish() {
        assert!(Weights::USUAL.check().is_ok());
        let heavy = Weights { effort: 101, ..Weights::USUAL };
        assert_eq!(heavy.check().unwrap_err().fields()[0].pointer, "/weights/effort");
        let nothing = Weights { urgency: 0, priority: 0, effort: 0 };
        assert_eq!(nothing.check().unwrap_err().fields()[0].pointer, "/weights");
    }
}
