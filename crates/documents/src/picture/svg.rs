//! From rows to an SVG of positioned text, and from that to a PNG.
//!
//! Each run of plain letters is one text element at its own column; every other character is an element of its
//! own. So nothing shifts what follows it: no ligature, no right-to-left run, no missing glyph.

use std::{
    fmt::Write as _,
    sync::{Arc, OnceLock},
};

use resvg::{
    tiny_skia::{Pixmap, Transform},
    usvg,
};
use stoa_core::{Error, Result};

use super::{
    Png,
    look::Look,
    rows::{Row, Rows},
    width::{columns, columns_of, is_hidden},
};
use crate::{colour::Rgb, terminal::Span};

static MONO: &[u8] = include_bytes!("../../assets/JetBrainsMono-Regular.ttf");
static WIDE: &[u8] = include_bytes!("../../assets/DejaVuSansMono.ttf");

/// Size of the letters and of their cell, in CSS pixels.
const FONT: f32 = 14.0;
const CELL: f32 = 8.4;
const LINE: f32 = 21.0;
/// Around the window, for the shadow.
const MARGIN: f32 = 26.0;
const PADDING: f32 = 18.0;
const BAR: f32 = 40.0;
const STRIP: f32 = 32.0;
const RADIUS: f32 = 11.0;
const SCALE: f32 = 2.0;

pub(super) struct Canvas {
    look: Look,
    columns: usize,
    gutter: f32,
    svg: String,
    y: f32,
}

impl Canvas {
    pub(super) fn new(look: Look, columns: usize) -> Self {
        Self { look, columns, gutter: 0.0, svg: String::new(), y: MARGIN }
    }

    /// An editor window; the output in a pane below the code.
    pub(super) fn editor(
        mut self,
        title: &str,
        code: Option<&Rows>,
        output: Option<&Rows>,
        status: &str,
    ) -> String {
        let digits = code.and_then(|code| code.rows.iter().filter_map(|row| row.number).max()).unwrap_or(1);
        self.gutter = if code.is_some() { (digits.ilog10() + 1).max(2) as f32 * CELL + 20.0 } else { 0.0 };
        self.bar(title);
        if let Some(code) = code {
            self.y += PADDING - 4.0;
            self.rows(code, self.look.quiet);
            self.y += PADDING - 4.0;
        }
        if let Some(output) = output {
            self.pane(output, status);
        }
        self.window()
    }

    /// A terminal window: the file, then what it printed.
    pub(super) fn terminal(
        mut self,
        title: &str,
        code: Option<&Rows>,
        output: Option<&Rows>,
        status: &str,
    ) -> String {
        self.bar(title);
        self.y += PADDING - 4.0;
        if let Some(code) = code {
            self.rows(code, self.look.quiet);
        }
        if code.is_some() && output.is_some() {
            self.rule("output", status);
        }
        if let Some(output) = output {
            self.rows(output, self.look.quiet);
        }
        self.y += PADDING - 4.0;
        self.window()
    }

    fn width(&self) -> f32 {
        MARGIN * 2.0 + self.inner()
    }

    fn inner(&self) -> f32 {
        PADDING * 2.0 + self.gutter + self.columns as f32 * CELL
    }

    /// The title bar with its three dots.
    fn bar(&mut self, title: &str) {
        let middle = self.y + BAR / 2.0;
        for (at, colour) in
            [Rgb(0xf0, 0x6a, 0x60), Rgb(0xf3, 0xbd, 0x4e), Rgb(0x62, 0xc5, 0x57)].iter().enumerate()
        {
            let x = MARGIN + 20.0 + at as f32 * 19.0;
            let _ =
                write!(self.svg, "<circle cx=\"{x}\" cy=\"{middle}\" r=\"5.5\" fill=\"#{}\"/>", colour.hex());
        }
        let room = self.columns.saturating_sub(18);
        let title = clipped(title, room);
        let x = (self.width() - columns(&title) as f32 * CELL * 0.93) / 2.0;
        self.text(x, middle + 4.5, &title, self.look.title, 13.0);
        self.y += BAR;
        self.across();
    }

    /// A thin line over the whole window.
    fn across(&mut self) {
        let (line, y, width) = (self.look.line.hex(), self.y, self.inner());
        let _ = write!(
            self.svg,
            "<rect x=\"{MARGIN}\" y=\"{y}\" width=\"{width}\" height=\"1\" fill=\"#{line}\"/>"
        );
        self.y += 1.0;
    }

    /// The pane with the output, in the colour of a terminal, down to the bottom of the window.
    fn pane(&mut self, output: &Rows, status: &str) {
        let top = self.y;
        let height = STRIP + 1.0 + output.rows.len() as f32 * LINE + PADDING - 2.0;
        let (fill, width) = (self.look.terminal.behind.hex(), self.inner());
        let _ = write!(
            self.svg,
            "<path d=\"M{MARGIN} {top} h{width} v{} a{RADIUS} {RADIUS} 0 0 1 -{RADIUS} {RADIUS} h-{} \
             a{RADIUS} {RADIUS} 0 0 1 -{RADIUS} -{RADIUS} z\" fill=\"#{fill}\"/>",
            height - RADIUS,
            width - 2.0 * RADIUS,
        );
        self.across();
        let base = self.y + STRIP / 2.0 + 5.0;
        self.text(MARGIN + PADDING, base, "OUTPUT", self.look.quiet, 11.0);
        self.right(base, status);
        self.y += STRIP;
        let gutter = std::mem::replace(&mut self.gutter, 0.0);
        let columns = self.columns;
        self.rows(output, self.look.quiet);
        (self.gutter, self.columns) = (gutter, columns);
        self.y += PADDING - 2.0;
    }

    fn right(&mut self, base: f32, text: &str) {
        let text = clipped(text, 40);
        let x = MARGIN + self.inner() - PADDING - columns(&text) as f32 * CELL * 11.5 / FONT;
        self.text(x, base, &text, self.look.quiet, 11.5);
    }

    /// A quiet line with a word on it, between code and output.
    fn rule(&mut self, word: &str, status: &str) {
        self.y += 10.0;
        self.across();
        let base = self.y + STRIP / 2.0 + 4.0;
        self.text(MARGIN + PADDING, base, word, self.look.quiet, 11.5);
        self.right(base, status);
        self.y += STRIP;
    }

    fn rows(&mut self, rows: &Rows, quiet: Rgb) {
        for row in &rows.rows {
            self.row(row, quiet);
            self.y += LINE;
        }
    }

    fn row(&mut self, row: &Row, quiet: Rgb) {
        let base = self.y + LINE / 2.0 + FONT * 0.36;
        if let Some(number) = row.number.filter(|_| self.gutter > 0.0) {
            let number = number.to_string();
            let x = MARGIN + PADDING + self.gutter - 20.0 - number.len() as f32 * CELL;
            self.text(x, base, &number, quiet, FONT);
        }
        let mut x = MARGIN + PADDING + self.gutter;
        for span in &row.spans {
            self.span(x, base, span);
            x += columns(&span.text) as f32 * CELL;
        }
    }

    fn span(&mut self, x: f32, base: f32, span: &Span) {
        let width = columns(&span.text) as f32 * CELL;
        if let Some(behind) = span.behind {
            let (top, colour) = (self.y, behind.hex());
            let _ = write!(
                self.svg,
                "<rect x=\"{x}\" y=\"{top}\" width=\"{width}\" height=\"{LINE}\" fill=\"#{colour}\"/>"
            );
        }
        if span.underlined {
            let (top, colour) = (base + 3.0, span.colour.hex());
            let _ = write!(
                self.svg,
                "<rect x=\"{x}\" y=\"{top}\" width=\"{width}\" height=\"1\" fill=\"#{colour}\"/>"
            );
        }
        self.text(x, base, &span.text, span.colour, FONT);
    }

    /// Text on the grid of its size.
    fn text(&mut self, x: f32, base: f32, text: &str, colour: Rgb, size: f32) {
        let cell = CELL * size / FONT;
        let mut column = 0;
        for group in groups(text) {
            let at = x + column as f32 * cell;
            column += columns(&group.text);
            if group.text.trim().is_empty() {
                continue;
            }
            let family = if group.wide { "DejaVu Sans Mono" } else { "JetBrains Mono" };
            let _ = write!(
                self.svg,
                "<text x=\"{at:.2}\" y=\"{base:.2}\" font-family=\"{family}\" font-size=\"{size}\" fill=\"#{}\" \
                 xml:space=\"preserve\">",
                colour.hex()
            );
            for character in group.text.chars() {
                match character {
                    '&' => self.svg.push_str("&amp;"),
                    '<' => self.svg.push_str("&lt;"),
                    '>' => self.svg.push_str("&gt;"),
                    _ => self.svg.push(character),
                }
            }
            self.svg.push_str("</text>");
        }
    }

    /// Puts the window with its shadow behind everything, now that its height is known.
    fn window(self) -> String {
        let (width, height) = (self.width(), self.y + MARGIN);
        let (inner, tall) = (self.inner(), self.y - MARGIN);
        let Look { window, bar, edge, shadow, .. } = self.look;
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\">"
        );
        for ring in 0..11_u8 {
            let grow = f32::from(ring) * 1.9;
            let _ = write!(
                out,
                "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\" fill=\"#0b1020\" \
                 fill-opacity=\"{shadow}\"/>",
                MARGIN - grow,
                MARGIN - grow + 6.0,
                inner + 2.0 * grow,
                tall + 2.0 * grow,
                RADIUS + grow,
            );
        }
        let _ = write!(
            out,
            "<rect x=\"{MARGIN}\" y=\"{MARGIN}\" width=\"{inner}\" height=\"{tall}\" rx=\"{RADIUS}\" fill=\"#{}\"/>\
             <path d=\"M{MARGIN} {} v-{} a{RADIUS} {RADIUS} 0 0 1 {RADIUS} -{RADIUS} h{} a{RADIUS} {RADIUS} 0 0 1 \
             {RADIUS} {RADIUS} v{} z\" fill=\"#{}\"/>",
            window.hex(),
            MARGIN + BAR,
            BAR - RADIUS,
            inner - 2.0 * RADIUS,
            BAR - RADIUS,
            bar.hex(),
        );
        out.push_str(&self.svg);
        let _ = write!(
            out,
            "<rect x=\"{}\" y=\"{}\" width=\"{inner}\" height=\"{tall}\" rx=\"{RADIUS}\" fill=\"none\" \
             stroke=\"#{}\" stroke-width=\"1\"/></svg>",
            MARGIN,
            MARGIN,
            edge.hex()
        );
        out
    }
}

/// Characters that are drawn together.
struct Group {
    text: String,
    /// In the font with the wide coverage.
    wide: bool,
}

/// What stands for a character that cannot be drawn.
const BOX: char = '▯';

fn groups(text: &str) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut open = false;
    for character in text.chars() {
        let simple = character.is_ascii_alphanumeric()
            || matches!(character, ' ' | '_' | '"' | '\'' | ',' | '(' | ')');
        let width = columns_of(character);
        let drawn = if is_hidden(character) { BOX } else { character };
        match groups.last_mut() {
            Some(last) if simple && open => last.text.push(drawn),
            // A combining mark belongs to the letter before it, if its font has the mark.
            Some(last) if width == 0 => {
                if face_has(last.wide, drawn) {
                    last.text.push(drawn);
                }
            }
            _ if width == 0 => {}
            _ => {
                let wide = !face_has(false, drawn);
                let known = !wide || face_has(true, drawn);
                let mut text = if known { drawn.to_string() } else { BOX.to_string() };
                if width == 2 && columns(&text) < 2 {
                    text.push(' ');
                }
                groups.push(Group { text, wide: if known { wide } else { !face_has(false, BOX) } });
            }
        }
        open = simple;
    }
    groups
}

fn clipped(text: &str, most: usize) -> String {
    if columns(text) <= most {
        return text.to_owned();
    }
    let mut out: String = text.chars().take(most.saturating_sub(1)).collect();
    out.push('…');
    out
}

/// Whether one of our two fonts has a glyph.
fn face_has(wide: bool, character: char) -> bool {
    static FACES: OnceLock<[Option<ttf_parser::Face<'static>>; 2]> = OnceLock::new();
    let faces = FACES.get_or_init(|| [MONO, WIDE].map(|data| ttf_parser::Face::parse(data, 0).ok()));
    faces[usize::from(wide)].as_ref().is_some_and(|face| face.glyph_index(character).is_some())
}

/// Draws an SVG of ours.
pub(super) fn rasterise(svg: &str) -> Result<Png> {
    static FONTS: OnceLock<Arc<usvg::fontdb::Database>> = OnceLock::new();
    let fonts = FONTS.get_or_init(|| {
        let mut fonts = usvg::fontdb::Database::new();
        fonts.load_font_data(MONO.to_vec());
        fonts.load_font_data(WIDE.to_vec());
        Arc::new(fonts)
    });
    let options = usvg::Options { fontdb: Arc::clone(fonts), ..usvg::Options::default() };
    let tree = usvg::Tree::from_str(svg, &options)?;
    let size = tree.size();
    let pixels = |length: f32| (length * SCALE).ceil() as u32;
    let mut map = Pixmap::new(pixels(size.width()), pixels(size.height()))
        .ok_or_else(|| Error::internal("a picture without an area"))?;
    resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut map.as_mut());
    Ok(Png { width: map.width(), height: map.height(), bytes: map.encode_png()? })
}
