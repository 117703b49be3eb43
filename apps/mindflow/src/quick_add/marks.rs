//! What is said with a mark in front, or with words that do the same: tags, project, priority, effort.

use super::text::number;
use crate::tasks::{
    model::PreferredTime,
    wish::{self, EFFORT, WORD},
};

/// `#phone`. Numbers alone are numbers of something.
pub(super) fn tag(word: &str) -> Option<String> {
    let tag = wish::tag(word.strip_prefix('#')?)?;
    tag.contains(char::is_alphabetic).then_some(tag)
}

/// `@contract`, as it was written.
pub(super) fn project(shown: &str) -> Option<String> {
    let name = shown.strip_prefix('@')?.trim_end_matches([',', '.', ';', ':', '!', '?']);
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '/' | '.');
    let fits = name.chars().count() <= WORD && name.chars().all(plain) && name.contains(char::is_alphabetic);
    fits.then(|| name.to_owned())
}

/// `!4`, `!high`, `priority 4`, `high priority`.
pub(super) fn priority(words: &[&str]) -> Option<(usize, u8)> {
    match words {
        [word, ..] if word.starts_with('!') => level(&word[1..]).map(|level| (1, level)),
        ["priority", word, ..] => level(word).map(|level| (2, level)),
        ["very", "low", "priority", ..] => Some((3, 1)),
        [word @ ("low" | "medium" | "high" | "urgent"), "priority", ..] => {
            level(word).map(|level| (2, level))
        }
        _ => None,
    }
}

fn level(word: &str) -> Option<u8> {
    match word {
        "1" => Some(1),
        "2" | "low" => Some(2),
        "3" | "medium" => Some(3),
        "4" | "high" => Some(4),
        "5" | "urgent" => Some(5),
        _ => None,
    }
}

/// `~15m`, `~1h30m`, `~90`, `for 2 hours`, `for an hour`, `for half an hour`: in minutes.
pub(super) fn effort(words: &[&str]) -> Option<(usize, u16)> {
    let (used, minutes) = match words {
        [word, rest @ ..] if word.starts_with('~') => {
            let amount = &word[1..];
            match rest.first().and_then(|unit| of_unit(amount, unit)) {
                Some(minutes) => (2, minutes),
                None => (1, compact(amount)?),
            }
        }
        ["for", "half", "an", "hour", ..] => (4, 30.0),
        ["for", "a" | "an", unit, ..] => (3, of_unit("1", unit)?),
        ["for", amount, unit, ..] if of_unit(amount, unit).is_some() => (3, of_unit(amount, unit)?),
        ["for", amount, ..] if amount.ends_with(char::is_alphabetic) => (2, compact(amount)?),
        _ => return None,
    };
    // Whole minutes, at least one and at most what a task may take.
    let whole = (1.0..=f64::from(EFFORT)).contains(&minutes).then(|| minutes.round());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it lies between 1 and 1440")]
    whole.map(|minutes| (used, minutes as u16))
}

/// An amount and its unit in two words.
fn of_unit(amount: &str, unit: &str) -> Option<f64> {
    let one = match unit {
        "m" | "min" | "mins" | "minute" | "minutes" => 1.0,
        "h" | "hr" | "hrs" | "hour" | "hours" => 60.0,
        _ => return None,
    };
    let amount = number(amount).map(f64::from).or_else(|| fraction(amount))?;
    Some(amount * one)
}

/// An amount and its unit in one word: `15m`, `1h`, `1.5h`, `1h30`, `1h30m`; without a unit, minutes.
fn compact(word: &str) -> Option<f64> {
    if let Some((hours, rest)) = word.split_once('h')
        && let Some(hours) = fraction(hours)
    {
        let rest = ["ours", "our", "rs", "r"].iter().find_map(|end| rest.strip_prefix(end)).unwrap_or(rest);
        let minutes = if rest.is_empty() { 0.0 } else { of_minutes(rest)? };
        return Some(hours * 60.0 + minutes);
    }
    of_minutes(word)
}

/// `15`, `15m`, `15min`.
fn of_minutes(word: &str) -> Option<f64> {
    let end = word.find(|c: char| c.is_alphabetic()).unwrap_or(word.len());
    let (amount, unit) = word.split_at(end);
    let known = matches!(unit, "" | "m" | "min" | "mins" | "minutes" | "minute");
    if known { fraction(amount) } else { None }
}

/// `15`, `1.5`, `1,5`: nothing with a sign or an exponent.
fn fraction(word: &str) -> Option<f64> {
    let plain = (1..=6).contains(&word.len())
        && word.starts_with(|c: char| c.is_ascii_digit())
        && word.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.' || byte == b',');
    if plain { word.replace(',', ".").parse().ok() } else { None }
}

/// `in the morning`.
pub(super) fn preferred_time(words: &[&str]) -> Option<(usize, PreferredTime)> {
    match words {
        ["in", "the", part @ ("morning" | "afternoon" | "evening"), ..] => {
            part.parse().ok().map(|part| (3, part))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn efforts_are_minutes() {
        for (line, minutes) in [
            ("~15m", Some((1, 15))),
            ("~15min", Some((1, 15))),
            ("~90", Some((1, 90))),
            ("~1h", Some((1, 60))),
            ("~1h30", Some((1, 90))),
            ("~1h30m", Some((1, 90))),
            ("~1.5h", Some((1, 90))),
            ("~1,5h", Some((1, 90))),
            ("~2hrs", Some((1, 120))),
            ("~2hours", Some((1, 120))),
            ("~2 hours", Some((2, 120))),
            ("for 30 minutes", Some((3, 30))),
            ("for two hours", Some((3, 120))),
            ("for 1.5 hours", Some((3, 90))),
            ("for 30m", Some((2, 30))),
            ("for 1h30m", Some((2, 90))),
            ("for an hour", Some((3, 60))),
            ("for half an hour", Some((4, 30))),
            ("~24h", Some((1, 1440))),
            ("~25h", None),
            ("~0", None),
            ("~", None),
            ("~-5m", None),
            ("~1e3", None),
            ("~xh", None),
            ("for 3 days", None),
            ("for 3", None),
            ("for ana", None),
            ("for him", None),
        ] {
            let words: Vec<&str> = line.split(' ').collect();
            assert_eq!(effort(&words), minutes, "{line}");
        }
    }

    #[test]
    fn priorities_have_numbers_and_names() {
        for (line, level) in [
            ("!1", Some((1, 1))),
            ("!5", Some((1, 5))),
            ("!high", Some((1, 4))),
            ("priority 2", Some((2, 2))),
            ("high priority", Some((2, 4))),
            ("very low priority", Some((3, 1))),
            ("!0", None),
            ("!6", None),
            ("!", None),
            ("!!", None),
            ("high", None),
            ("priority", None),
        ] {
            let words: Vec<&str> = line.split(' ').collect();
            assert_eq!(priority(&words), level, "{line}");
        }
    }

    #[test]
    fn tags_and_projects_have_letters() {
        assert_eq!(tag("#phone").as_deref(), Some("phone"));
        assert_eq!(tag("#q3-plan").as_deref(), Some("q3-plan"));
        assert_eq!(["#12", "#", "##a", "#a.b", "phone"].map(tag), [const { None }; 5]);
        assert_eq!(project("@Contract,").as_deref(), Some("Contract"));
        assert_eq!(project("@home/kitchen").as_deref(), Some("home/kitchen"));
        assert_eq!(["@", "@3", "ana@example.org", "@a@b"].map(project), [const { None }; 4]);
    }
}
