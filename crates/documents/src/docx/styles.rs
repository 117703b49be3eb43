//! `word/styles.xml`: what a paragraph or run inherits, as far as it matters for reading.

use std::collections::HashMap;

use crate::xml::Element;

/// Style chains are a few long; a circle must end.
const CHAIN: usize = 20;

/// What one style says itself.
#[derive(Debug, Default)]
pub(super) struct Style {
    pub(super) name: String,
    based_on: Option<String>,
    outline: Option<u8>,
    list: Option<u32>,
    level: Option<u8>,
    mono: Option<bool>,
    bold: Option<bool>,
}

#[derive(Debug, Default)]
pub(super) struct Styles {
    by_id: HashMap<String, Style>,
    default_paragraph: Option<String>,
}

impl Styles {
    pub(super) fn read(tree: &Element) -> Self {
        let mut styles = Self::default();
        for element in tree.children().filter(|child| &*child.name == "style") {
            let Some(id) = element.attribute("styleId") else { continue };
            if element.attribute("type") == Some("paragraph")
                && matches!(element.attribute("default"), Some("1" | "true" | "on"))
            {
                styles.default_paragraph = Some(id.to_owned());
            }
            styles.by_id.insert(id.to_owned(), style(element));
        }
        styles
    }

    /// The style's name, or its id if it has none.
    pub(super) fn name<'a>(&'a self, id: &'a str) -> &'a str {
        self.by_id.get(id).map_or(id, |style| &style.name)
    }

    /// The heading level, 1 for the highest.
    pub(super) fn heading(&self, id: &str) -> Option<u8> {
        self.chain(Some(id)).find_map(|style| {
            let name = style.name.to_ascii_lowercase();
            let named = name.strip_prefix("heading ").and_then(|level| level.trim().parse().ok());
            named.or((name == "title").then_some(1)).or(style.outline.map(|level| level + 1))
        })
    }

    pub(super) fn list(&self, id: &str) -> Option<u32> {
        self.chain(Some(id)).find_map(|style| style.list)
    }

    pub(super) fn level(&self, id: &str) -> Option<u8> {
        self.chain(Some(id)).find_map(|style| style.level)
    }

    /// Whether a style makes text monospaced; without an id, what the default style does.
    pub(super) fn mono(&self, id: Option<&str>) -> Option<bool> {
        self.chain(id.or(self.default_paragraph.as_deref())).find_map(|style| style.mono)
    }

    pub(super) fn bold(&self, id: Option<&str>) -> Option<bool> {
        self.chain(id.or(self.default_paragraph.as_deref())).find_map(|style| style.bold)
    }

    fn chain<'a>(&'a self, id: Option<&str>) -> impl Iterator<Item = &'a Style> {
        let mut next = id.and_then(|id| self.by_id.get(id));
        std::iter::from_fn(move || {
            let style = next?;
            next = style.based_on.as_deref().and_then(|id| self.by_id.get(id));
            Some(style)
        })
        .take(CHAIN)
    }
}

fn style(element: &Element) -> Style {
    let name = element.value("name").or(element.attribute("styleId")).unwrap_or_default().to_owned();
    let paragraph = element.child("pPr");
    let numbering = paragraph.and_then(|p| p.child("numPr"));
    let run = element.child("rPr");
    let lower = name.to_ascii_lowercase();
    // Styles made for code are code even where their font is not known to us.
    let for_code = ["source code", "html preformatted", "preformatted text", "code", "code block", "listing"];
    Style {
        based_on: element.value("basedOn").map(str::to_owned),
        outline: paragraph.and_then(|p| p.value("outlineLvl")?.parse().ok()).filter(|&level: &u8| level < 9),
        list: numbering.and_then(|n| n.value("numId")?.parse().ok()),
        level: numbering.and_then(|n| n.value("ilvl")?.parse().ok()),
        mono: if for_code.contains(&lower.as_str()) { Some(true) } else { run.and_then(mono) },
        bold: run.and_then(|r| r.switch("b")),
        name,
    }
}

/// Whether run properties name a monospaced font.
pub(super) fn mono(run: &Element) -> Option<bool> {
    let fonts = run.child("rFonts")?;
    let font = fonts.attribute("ascii").or(fonts.attribute("hAnsi")).or(fonts.attribute("cs"))?;
    let font = font.to_ascii_lowercase();
    let known = [
        "courier",
        "consolas",
        "mono",
        "menlo",
        "monaco",
        "typewriter",
        "lucida console",
        "fixedsys",
        "terminal",
        "code",
    ];
    Some(known.iter().any(|name| font.contains(name)))
}
