//! One task of a report: label, code, what it printed, picture, verdict.

use stoa_core::Timestamp;

use super::{
    Entry, Placement,
    media::Media,
    ooxml::{Frame, Look, Sits, Writer},
};
use crate::{
    colour::{self, Palette, Rgb},
    terminal,
};

pub(super) const INK: Rgb = Rgb(0x1f, 0x24, 0x30);
pub(super) const QUIET: Rgb = Rgb(0x6b, 0x72, 0x80);
pub(super) const ACCENT: Rgb = Rgb(0x2f, 0x5b, 0xd8);
const GOOD: Rgb = Rgb(0x1a, 0x7f, 0x4b);
const BAD: Rgb = Rgb(0xb4, 0x23, 0x18);
pub(super) const CODE: Frame =
    Frame { fill: Some(Rgb(0xf6, 0xf8, 0xfa)), line: Rgb(0xd8, 0xde, 0xe4), bar: None };
const OUTPUT: Frame = Frame { fill: None, line: Rgb(0xb8, 0xc0, 0xca), bar: None };
const ERRORS: Frame =
    Frame { fill: Some(Rgb(0xfd, 0xf3, 0xf2)), line: Rgb(0xf0, 0xcf, 0xcb), bar: Some(BAD) };

/// Lines of code and of output that are printed; the rest is counted.
const CODE_LINES: usize = 2_000;
const OUTPUT_LINES: usize = 200;
/// Characters of one printed line.
const LINE: usize = 2_000;

/// Writes an entry.
pub(super) fn write(out: &mut Writer, media: &mut Media, entry: &Entry, placement: Placement) {
    label(out, entry, placement);
    if !entry.code.trim().is_empty() {
        let (language, _) = colour::naming(&entry.language);
        caption(out, &language);
        code(out, &entry.code, &entry.language);
    }
    if let Some(output) = &entry.output {
        let nothing = output.trim().is_empty();
        if nothing && entry.errors.trim().is_empty() {
            caption(out, "Output: nothing was printed");
        } else if !nothing {
            caption(out, "Output");
            printed(out, output, OUTPUT);
        }
    }
    if !entry.errors.trim().is_empty() {
        caption(out, "Errors");
        printed(out, &entry.errors, ERRORS);
    }
    if let Some(picture) = &entry.picture {
        let alt = alt(entry);
        let sits = Sits { before: 160, after: 40, centred: true, ..Sits::default() };
        out.paragraph(sits, |out| media.place(out, picture, &alt));
    }
    verdict(out, entry);
}

/// Below its question the answer needs no question; elsewhere it must say what it answers.
fn label(out: &mut Writer, entry: &Entry, placement: Placement) {
    let sits = Sits { before: 200, after: 60, with_next: true, ..Sits::default() };
    let head = Look::text(22, ACCENT).bold();
    match placement {
        Placement::BelowQuestion => {
            let of =
                entry.number.as_ref().map_or("Answer".to_owned(), |number| format!("Answer to {number}"));
            out.paragraph(sits, |out| out.run(&of, head));
        }
        Placement::End => {
            let sits = Sits { before: 360, outline: Some(1), ..sits };
            out.paragraph(sits, |out| {
                if let Some(number) = &entry.number {
                    out.run(&format!("{number}  "), head);
                }
                out.run(entry.question.trim(), Look::text(22, INK).bold());
            });
        }
    }
}

fn caption(out: &mut Writer, text: &str) {
    let sits = Sits { before: 200, after: 80, with_next: true, ..Sits::default() };
    out.paragraph(sits, |out| out.run(text, Look::text(17, QUIET).bold()));
}

/// A piece of code in its box, coloured.
pub(super) fn code(out: &mut Writer, code: &str, language: &str) {
    let code = code.trim_matches('\n');
    let kept: Vec<&str> = code.lines().take(CODE_LINES).collect();
    let left_out = code.lines().count() - kept.len();
    let lines = colour::lines(&kept.join("\n"), language, &Palette::LIGHT);
    for line in &lines {
        out.paragraph(boxed(CODE), |out| out.pieces(line, 18));
    }
    note(out, left_out, CODE);
}

/// What a program printed, in its box, as a terminal would have shown it.
fn printed(out: &mut Writer, text: &str, frame: Frame) {
    let text = terminal::plain(text);
    let lines: Vec<&str> = text.lines().collect();
    let shown = lines.len().min(OUTPUT_LINES);
    for line in lines.iter().take(shown) {
        let line: String = line.chars().take(LINE).collect();
        out.paragraph(boxed(frame), |out| out.run(&line, Look::mono(18)));
    }
    note(out, lines.len() - shown, frame);
}

fn note(out: &mut Writer, left_out: usize, frame: Frame) {
    if left_out > 0 {
        let text =
            format!("… {left_out} more {} not printed here", if left_out == 1 { "line" } else { "lines" });
        out.paragraph(boxed(frame), |out| out.run(&text, Look::text(17, QUIET).italic()));
    }
}

/// A paragraph of a box; neighbours share it.
fn boxed(frame: Frame) -> Sits {
    Sits { frame: Some(frame), indent: 140, ..Sits::default() }
}

fn verdict(out: &mut Writer, entry: &Entry) {
    let sits = Sits { before: 100, after: 240, ..Sits::default() };
    let time = entry.ran_at.map(stamp);
    out.paragraph(sits, |out| {
        if let Some(verdict) = &entry.verdict {
            let (sign, colour) = if verdict.good { ("✓ ", GOOD) } else { ("✗ ", BAD) };
            out.run(sign, Look::text(18, colour).bold());
            out.run(&verdict.line, Look::text(18, colour));
        }
        if let Some(time) = time {
            let gap = if entry.verdict.is_some() { "  ·  " } else { "" };
            out.run(&format!("{gap}{time}"), Look::text(18, QUIET));
        }
    });
}

/// `2026-11-21 02:30 UTC`.
pub(super) fn stamp(at: Timestamp) -> String {
    let text = at.to_string();
    let (date, time) = text.split_once('T').unwrap_or((&text, ""));
    format!("{date} {} UTC", time.get(..5).unwrap_or_default())
}

/// What a picture shows, for those who cannot see it.
fn alt(entry: &Entry) -> String {
    let (language, _) = colour::naming(&entry.language);
    let of = entry.number.as_ref().map_or(String::new(), |number| format!(" of {number}"));
    let output = entry.output.as_deref().map(terminal::plain).unwrap_or_default();
    let first: String =
        output.lines().find(|line| !line.trim().is_empty()).unwrap_or("nothing").chars().take(120).collect();
    format!("Picture of the {language} program{of} and its output, which begins: {first}")
}
