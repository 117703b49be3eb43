//! What a person may set.

use serde::{Deserialize, Serialize};
use stoa_core::{Error, Result, Timestamp};
use utoipa::ToSchema;

use crate::{tasks::model::PreferredTime, zone::Zone};

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

/// When the parts of a person's day begin: full hours on their clock, one after the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TimesOfDay)]
pub(crate) struct Hours {
    /// The morning begins.
    #[schema(maximum = 24, example = 6)]
    pub(crate) morning: u8,
    /// The afternoon begins, and the morning ends.
    #[schema(maximum = 24, example = 12)]
    pub(crate) afternoon: u8,
    /// The evening begins, and the afternoon ends.
    #[schema(maximum = 24, example = 18)]
    pub(crate) evening: u8,
    /// The evening ends: 24 is midnight.
    #[schema(maximum = 24, example = 22)]
    pub(crate) night: u8,
}

impl Hours {
    /// The hours of whoever has not said.
    pub(crate) const USUAL: Self = Self { morning: 6, afternoon: 12, evening: 18, night: 22 };

    pub(crate) fn check(self) -> Result<Self> {
        let Self { morning, afternoon, evening, night } = self;
        let said = [
            ("/times_of_day/afternoon", morning, afternoon, 24),
            ("/times_of_day/evening", afternoon, evening, 24),
            ("/times_of_day/night", evening, night, 25),
        ];
        match said.into_iter().find(|(_, before, hour, end)| before >= hour || hour >= end) {
            Some((pointer, before, ..)) => {
                Err(Error::field(pointer, format!("must be after {before} o'clock, and at most 24")))
            }
            None => Ok(self),
        }
    }

    /// What an hour, from 0 to 23, belongs to; night belongs to nothing.
    pub(crate) fn part(self, hour: i8) -> Option<PreferredTime> {
        let hour = u8::try_from(hour).ok()?;
        let Self { morning, afternoon, evening, night } = self;
        [
            (morning..afternoon, PreferredTime::Morning),
            (afternoon..evening, PreferredTime::Afternoon),
            (evening..night, PreferredTime::Evening),
        ]
        .into_iter()
        .find_map(|(hours, part)| hours.contains(&hour).then_some(part))
    }
}

/// Most letters in a day that can be wanted.
const LETTERS: u8 = 100;

/// A number of letters in a day that can be wanted.
pub(crate) fn letters(wanted: u8) -> Result<u8> {
    if (1..=LETTERS).contains(&wanted) {
        return Ok(wanted);
    }
    Err(Error::field("/letters_per_day", format!("must be from 1 to {LETTERS}")))
}

/// Settings, in use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Settings {
    pub(crate) zone: Zone,
    pub(crate) weights: Weights,
    pub(crate) hours: Hours,
    pub(crate) letters_per_day: u8,
    pub(crate) updated_at: Timestamp,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            zone: Zone::default(),
            weights: Weights::USUAL,
            hours: Hours::USUAL,
            letters_per_day: 20,
            updated_at: Timestamp::from_micros(0),
        }
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
    /// When the parts of the day begin.
    pub(crate) times_of_day: Hours,
    /// Letters of reminders in one day; the last of them gathers what is left of it.
    #[schema(minimum = 1, maximum = 100, example = 20)]
    pub(crate) letters_per_day: u8,
}

impl From<&Settings> for Shown {
    fn from(settings: &Settings) -> Self {
        Self {
            time_zone: settings.zone.name().to_owned(),
            weights: settings.weights,
            times_of_day: settings.hours,
            letters_per_day: settings.letters_per_day,
        }
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
    /// All four together, one after the other.
    #[serde(default, deserialize_with = "hours")]
    pub(crate) times_of_day: Option<Hours>,
    /// Letters of reminders in one day.
    #[schema(minimum = 1, maximum = 100, example = 20)]
    pub(crate) letters_per_day: Option<u8>,
}

/// An object, not a list of its values.
fn hours<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<Hours>, D::Error> {
    #[derive(Deserialize)]
    struct Told(#[serde(deserialize_with = "stoa_edge::object")] Hours);
    Ok(Option::<Told>::deserialize(from)?.map(|Told(hours)| hours))
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
    fn every_hour_belongs_to_one_part_of_the_day_or_to_the_night() {
        let parts = |hours: Hours| -> String {
            let name = |part: PreferredTime| char::from(part.as_str().as_bytes()[0]);
            (0..24).map(|hour| hours.part(hour).map_or('.', name)).collect()
        };
        assert_eq!(parts(Hours::USUAL), "......mmmmmmaaaaaaeeee..");
        let late = Hours { morning: 10, afternoon: 15, evening: 20, night: 24 };
        assert_eq!(parts(late.check().unwrap()), "..........mmmmmaaaaaeeee");
    }

    #[test]
    fn the_parts_of_a_day_follow_each_other() {
        let usual = Hours::USUAL;
        for (hours, pointer) in [
            (Hours { afternoon: 6, ..usual }, "/times_of_day/afternoon"),
            (Hours { morning: 200, ..usual }, "/times_of_day/afternoon"),
            (Hours { evening: 24, night: 25, ..usual }, "/times_of_day/evening"),
            (Hours { night: 25, ..usual }, "/times_of_day/night"),
            (Hours { night: 18, ..usual }, "/times_of_day/night"),
        ] {
            assert_eq!(hours.check().unwrap_err().fields()[0].pointer, pointer, "{hours:?}");
        }
        assert!(Hours { morning: 0, night: 24, ..usual }.check().is_ok());
        assert_eq!((letters(0).is_ok(), letters(1).is_ok(), letters(101).is_ok()), (false, true, false));
    }

    #[test]
    fn weights_have_bounds_and_do_not_all_vanish() {
        assert!(Weights::USUAL.check().is_ok());
        let heavy = Weights { effort: 101, ..Weights::USUAL };
        assert_eq!(heavy.check().unwrap_err().fields()[0].pointer, "/weights/effort");
        let nothing = Weights { urgency: 0, priority: 0, effort: 0 };
        assert_eq!(nothing.check().unwrap_err().fields()[0].pointer, "/weights");
    }
}
