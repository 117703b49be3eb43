//! Pictures of code and of what it printed: an editor window with a terminal pane, or a terminal.
//!
//! Drawn here, without a browser: the code is coloured, the output goes through a terminal emulator, both become
//! an SVG of positioned text, and that becomes a PNG at twice the density of a screen. The fonts are our own, so
//! a picture looks the same on every machine. Code and output are strangers' text: nothing in them can leave its
//! cell of the grid, and what does not fit is counted in a line that says so.

mod look;
mod rows;
mod svg;
#[cfg(test)]
mod tests;
mod width;

use serde::{Deserialize, Serialize};
use stoa_core::{Error, Result};

use self::{look::Look, rows::Rows, svg::Canvas};
use crate::colour;

/// What a picture shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shot {
    /// The name in the title bar, such as `fibonacci.py`.
    pub title: String,
    /// The program.
    pub code: Option<String>,
    /// Its language.
    #[serde(default)]
    pub language: String,
    /// What it printed, with terminal escapes.
    pub output: Option<String>,
    /// A few words about how it ended, such as `exit 0 · 21 ms`.
    #[serde(default)]
    pub status: Option<String>,
    /// How it looks.
    #[serde(default)]
    pub theme: Theme,
}

/// The looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// An editor with a terminal pane, dark.
    EditorDark,
    /// An editor with a terminal pane, light.
    #[default]
    EditorLight,
    /// A terminal, dark.
    TerminalDark,
    /// A terminal, light.
    TerminalLight,
}

/// A picture, as the bytes of a PNG file.
#[derive(Clone, PartialEq, Eq)]
pub struct Png {
    /// The file.
    pub bytes: Vec<u8>,
    /// In pixels; a picture is drawn at 192 dots per inch.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

impl std::fmt::Debug for Png {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Png({} × {}, {} bytes)", self.width, self.height, self.bytes.len())
    }
}

impl Theme {
    /// All of them, for whoever offers a choice.
    pub const ALL: [Self; 4] = [Self::EditorDark, Self::EditorLight, Self::TerminalDark, Self::TerminalLight];

    /// Its name in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::EditorDark => "editor_dark",
            Self::EditorLight => "editor_light",
            Self::TerminalDark => "terminal_dark",
            Self::TerminalLight => "terminal_light",
        }
    }

    fn is_editor(self) -> bool {
        matches!(self, Self::EditorDark | Self::EditorLight)
    }
}

impl std::str::FromStr for Theme {
    type Err = Error;
    fn from_str(name: &str) -> Result<Self> {
        let all = || Self::ALL.map(Self::name).join(", ");
        Self::ALL.into_iter().find(|theme| theme.name() == name).ok_or_else(|| {
            Error::field("/theme", format!("there is no theme of that name; there are {}", all()))
        })
    }
}

/// Columns of the grid: no narrower, no wider. Longer lines go on in the next row.
const NARROWEST: usize = 64;
const WIDEST: usize = 100;
/// Rows of code, and rows of output; more are counted.
const CODE_ROWS: usize = 44;
const OUTPUT_ROWS: usize = 22;

/// Draws a picture.
///
/// # Errors
/// None that input can cause; a fault of the drawing libraries is `internal`.
pub fn picture(shot: &Shot) -> Result<Png> {
    let look = Look::of(shot.theme);
    let code = shot.code.as_deref().map(|code| {
        // Only what can be seen is coloured, and a little more for the count of lines.
        let kept: Vec<&str> = code.trim_end().lines().take(CODE_ROWS + 1).collect();
        let lines = colour::lines(&kept.join("\n"), &shot.language, &look.code);
        Rows::code(lines, code.trim_end().lines().count(), CODE_ROWS, WIDEST, &look)
    });
    let output = shot.output.as_deref().map(|output| Rows::output(output, OUTPUT_ROWS, WIDEST, &look));
    let columns = [&code, &output].into_iter().flatten().map(Rows::columns).max().unwrap_or(0);
    let canvas = Canvas::new(look, columns.clamp(NARROWEST, WIDEST));
    let title = shot.title.trim();
    let status = shot.status.as_deref().unwrap_or_default().trim();
    let svg = if shot.theme.is_editor() {
        canvas.editor(title, code.as_ref(), output.as_ref(), status)
    } else {
        canvas.terminal(title, code.as_ref(), output.as_ref(), status)
    };
    svg::rasterise(&svg)
}
