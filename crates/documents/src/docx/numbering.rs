//! List numbers that stand nowhere in the text: Word computes them from `word/numbering.xml`, and so do we.
//!
//! A paragraph names a list (`numId`) and a level. The list points to an abstract list, which holds the look of
//! nine levels; lists of one abstract list count on together, unless one of them overrides the start.

use std::collections::{HashMap, HashSet};

use super::styles::Styles;
use crate::{document::Number, xml::Element};

const LEVELS: usize = 9;

#[derive(Clone, Debug)]
struct Level {
    start: u32,
    format: String,
    text: String,
    restarts: bool,
    all_decimal: bool,
    style: Option<String>,
}

impl Default for Level {
    fn default() -> Self {
        Self {
            start: 1,
            format: "decimal".into(),
            text: String::new(),
            restarts: true,
            all_decimal: false,
            style: None,
        }
    }
}

#[derive(Debug, Default)]
struct Abstract {
    levels: [Option<Level>; LEVELS],
    /// The look stands in another list, found through this style.
    link: Option<String>,
}

#[derive(Debug, Default)]
struct List {
    of: u32,
    starts: [Option<u32>; LEVELS],
    levels: [Option<Level>; LEVELS],
}

#[derive(Debug, Default)]
pub(super) struct Numbering {
    abstracts: HashMap<u32, Abstract>,
    lists: HashMap<u32, List>,
    counters: HashMap<u32, [Option<u32>; LEVELS]>,
    restarted: HashSet<(u32, usize)>,
}

impl Numbering {
    pub(super) fn read(tree: &Element) -> Self {
        let mut numbering = Self::default();
        for element in tree.children() {
            match &*element.name {
                "abstractNum" => {
                    let Some(id) = number(element.attribute("abstractNumId")) else { continue };
                    let link = element.value("numStyleLink").map(str::to_owned);
                    let mut look = Abstract { link, ..Abstract::default() };
                    for (at, level) in levels(element) {
                        look.levels[at] = Some(level);
                    }
                    numbering.abstracts.insert(id, look);
                }
                "num" => {
                    let Some(id) = number(element.attribute("numId")) else { continue };
                    let mut list =
                        List { of: number(element.value("abstractNumId")).unwrap_or(0), ..List::default() };
                    for change in element.children().filter(|child| &*child.name == "lvlOverride") {
                        let Some(at) = index(change.attribute("ilvl")) else { continue };
                        list.starts[at] = number(change.value("startOverride"));
                        for (_, level) in levels(change) {
                            list.levels[at] = Some(level);
                        }
                    }
                    numbering.lists.insert(id, list);
                }
                _ => {}
            }
        }
        numbering
    }

    /// Counts one paragraph of a list and says what stands before it; `None` for "no list" and unknown lists.
    pub(super) fn next(
        &mut self,
        styles: &Styles,
        list: u32,
        level: Option<u8>,
        style: Option<&str>,
    ) -> Option<Number> {
        let used = self.lists.get(&list)?;
        let of = self.look_of(styles, used.of);
        let levels = self.levels(used, of);
        // A numbered style says its level by being named in it.
        let by_style =
            || levels.iter().position(|level| level.style.is_some() && level.style.as_deref() == style);
        let at = level.map(usize::from).or_else(by_style).unwrap_or(0).min(LEVELS - 1);

        let counters = self.counters.entry(of).or_default();
        if let Some(start) = used.starts[at]
            && self.restarted.insert((list, at))
        {
            counters[at] = start.checked_sub(1);
            if start == 0 {
                counters[at] = None;
            }
        }
        let start = used.starts[at].unwrap_or(levels[at].start);
        counters[at] = Some(counters[at].map_or(start, |count| count.saturating_add(1)));
        for deeper in at + 1..LEVELS {
            if levels[deeper].restarts {
                counters[deeper] = None;
            }
        }
        let bullet = levels[at].format == "bullet";
        let text = if bullet { "•".to_owned() } else { compose(&levels, counters, at) };
        (!text.is_empty()).then(|| Number { text, level: u8::try_from(at).unwrap_or(0), bullet, list })
    }

    /// Follows one link from an abstract list through a style to the one with the look.
    fn look_of(&self, styles: &Styles, of: u32) -> u32 {
        let link = self.abstracts.get(&of).and_then(|look| look.link.as_deref());
        link.and_then(|style| styles.list(style))
            .and_then(|list| self.lists.get(&list))
            .map_or(of, |list| list.of)
    }

    fn levels(&self, list: &List, of: u32) -> [Level; LEVELS] {
        let look = self.abstracts.get(&of);
        std::array::from_fn(|at| {
            let own = list.levels[at].clone();
            own.or_else(|| look.and_then(|look| look.levels[at].clone())).unwrap_or_default()
        })
    }
}

fn levels(element: &Element) -> impl Iterator<Item = (usize, Level)> {
    element.children().filter(|child| &*child.name == "lvl").filter_map(|level| {
        let read = Level {
            start: number(level.value("start")).unwrap_or(1),
            format: level.value("numFmt").unwrap_or("decimal").to_owned(),
            // Nobody's number has more than a line of text.
            text: level.value("lvlText").unwrap_or_default().chars().take(80).collect(),
            restarts: level.value("lvlRestart") != Some("0"),
            all_decimal: level.switch("isLgl") == Some(true),
            style: level.value("pStyle").map(str::to_owned),
        };
        Some((index(level.attribute("ilvl"))?, read))
    })
}

/// `%1.%2)` with the counters put in.
fn compose(levels: &[Level; LEVELS], counters: &[Option<u32>; LEVELS], at: usize) -> String {
    let mut out = String::new();
    let mut text = levels[at].text.chars().peekable();
    while let Some(character) = text.next() {
        let named = (character == '%').then(|| text.peek().and_then(|digit| digit.to_digit(10))).flatten();
        match named {
            Some(digit @ 1..=9) => {
                text.next();
                let of = digit as usize - 1;
                let count = counters[of].unwrap_or(levels[of].start);
                let format = if levels[at].all_decimal { "decimal" } else { &levels[of].format };
                out.push_str(&format_count(count, format));
            }
            _ => out.push(character),
        }
    }
    out.trim().to_owned()
}

fn format_count(count: u32, format: &str) -> String {
    match format {
        "lowerLetter" => letters(count, 'a'),
        "upperLetter" => letters(count, 'A'),
        "lowerRoman" => roman(count).to_ascii_lowercase(),
        "upperRoman" => roman(count),
        "decimalZero" => format!("{count:02}"),
        "ordinal" => {
            let end = match (count % 10, count % 100) {
                (_, 11..=13) => "th",
                (1, _) => "st",
                (2, _) => "nd",
                (3, _) => "rd",
                _ => "th",
            };
            format!("{count}{end}")
        }
        "none" | "bullet" => String::new(),
        _ => count.to_string(),
    }
}

/// a … z, aa, bb …: Word repeats the letter.
fn letters(count: u32, first: char) -> String {
    match count {
        1..=260 => {
            let letter = char::from(first as u8 + ((count - 1) % 26) as u8);
            std::iter::repeat_n(letter, (count as usize - 1) / 26 + 1).collect()
        }
        _ => count.to_string(),
    }
}

fn roman(mut count: u32) -> String {
    if count == 0 || count > 3999 {
        return count.to_string();
    }
    let signs = [
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    let mut out = String::new();
    for (value, sign) in signs {
        while count >= value {
            out.push_str(sign);
            count -= value;
        }
    }
    out
}

fn number(text: Option<&str>) -> Option<u32> {
    text?.trim().parse().ok()
}

fn index(text: Option<&str>) -> Option<usize> {
    text?.trim().parse().ok().filter(|&at| at < LEVELS)
}
