//! A time zone as a calendar holds it (RFC 5545 §3.6.5): each change of the clocks in a span of years, one by one.

use jiff::{Timestamp as Moment, tz::TimeZone};

use super::lines::line;
use crate::zone::Zone;

/// Changes that are written: a calendar looks that far ahead.
const CHANGES: usize = 40;

/// Writes the zone from a moment on.
pub(super) fn write(out: &mut String, zone: &Zone, from: stoa_core::Timestamp) {
    let rules = zone.rules();
    let from = Moment::from_microsecond(from.micros()).unwrap_or(Moment::UNIX_EPOCH);
    line(out, "BEGIN", "VTIMEZONE");
    line(out, "TZID", zone.name());
    // What holds at the beginning, since whenever that was.
    let before = rules.preceding(from).next().map_or(Moment::UNIX_EPOCH, |change| change.timestamp());
    one(out, rules, before.min(from), true);
    for change in rules.following(from).take(CHANGES) {
        one(out, rules, change.timestamp(), false);
    }
    line(out, "END", "VTIMEZONE");
}

fn one(out: &mut String, rules: &TimeZone, at: Moment, first: bool) {
    let now = rules.to_offset_info(at);
    let before = match Moment::from_second(at.as_second() - 1) {
        Ok(before) if !first => rules.to_offset(before),
        _ => now.offset(),
    };
    let kind = if now.dst().is_dst() { "DAYLIGHT" } else { "STANDARD" };
    line(out, "BEGIN", kind);
    // What the clocks showed before they changed.
    line(out, "DTSTART", &before.to_datetime(at).strftime("%Y%m%dT%H%M%S").to_string());
    line(out, "TZOFFSETFROM", &offset(before.seconds()));
    line(out, "TZOFFSETTO", &offset(now.offset().seconds()));
    line(out, "TZNAME", now.abbreviation());
    line(out, "END", kind);
}

/// `+0100`, `-0330`, `+053730`.
fn offset(seconds: i32) -> String {
    let (sign, all) = (if seconds < 0 { '-' } else { '+' }, seconds.abs());
    let odd = if all % 60 == 0 { String::new() } else { format!("{:02}", all % 60) };
    format!("{sign}{:02}{:02}{odd}", all / 3600, all / 60 % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_changes_of_the_clocks_are_told() {
        let mut out = String::new();
        let from = "2026-01-05T09:00:00Z".parse().unwrap();
        write(&mut out, &Zone::named("Europe/Berlin").unwrap(), from);
        let told = [
            "BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\nBEGIN:STANDARD\r\nDTSTART:20251026T020000\r\nTZOFFSETFROM:+0100\r\n\
             TZOFFSETTO:+0100\r\nTZNAME:CET\r\nEND:STANDARD\r\n",
            "BEGIN:DAYLIGHT\r\nDTSTART:20260329T020000\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nTZNAME:CEST\r\n\
             END:DAYLIGHT\r\n",
            "BEGIN:STANDARD\r\nDTSTART:20261025T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nTZNAME:CET\r\n\
             END:STANDARD\r\n",
        ];
        assert!(out.starts_with(&told.concat()), "{out}");
        let mut utc = String::new();
        write(&mut utc, &Zone::default(), from);
        assert!(utc.contains("TZOFFSETTO:+0000") && utc.matches("BEGIN:STANDARD").count() == 1, "{utc}");
        assert_eq!([-12_600, 0, 20_250].map(offset), ["-0330", "+0000", "+053730"]);
    }
}
