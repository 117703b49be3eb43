//! The pictures of a report: names, relationships and ids that do not collide, and sizes that fit the page.

use super::ooxml::{EMU_PER_INCH, Writer};
use crate::Png;

/// The largest picture: 5.5 × 4 inches.
const WIDEST: u64 = EMU_PER_INCH * 11 / 2;
const HIGHEST: u64 = EMU_PER_INCH * 4;
/// Pictures are drawn at twice the density of a screen.
const DOTS_PER_INCH: u64 = 192;

/// One picture part.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) relationship: String,
    /// Its name below the folder of the main part: `media/stoa-1.png`.
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

#[derive(Debug)]
pub(super) struct Media {
    pub(super) parts: Vec<Part>,
    /// Put before every name; chosen so that the source has no such name.
    prefix: String,
    next_id: u32,
    text_width: u64,
}

impl Media {
    /// `free_id` is the first drawing id that the document does not use; `text_width` is in EMU.
    pub(super) fn new(prefix: String, free_id: u32, text_width: u64) -> Self {
        Self { parts: Vec::new(), prefix, next_id: free_id, text_width }
    }

    /// Adds the picture and writes it into the paragraph.
    pub(super) fn place(&mut self, out: &mut Writer, picture: &Png, alt: &str) {
        let count = self.parts.len() + 1;
        let relationship = format!("{}{count}", self.prefix);
        out.picture(&relationship, self.next_id, self.size(picture), alt);
        self.next_id += 1;
        let name = format!("media/{}-{count}.png", self.prefix);
        self.parts.push(Part { relationship, name, bytes: picture.bytes.clone() });
    }

    /// The size on paper: as drawn, made smaller until it fits.
    fn size(&self, picture: &Png) -> (u64, u64) {
        let emu = |pixels: u32| u64::from(pixels.max(1)) * EMU_PER_INCH / DOTS_PER_INCH;
        let (width, height) = (emu(picture.width), emu(picture.height));
        let widest = WIDEST.min(self.text_width).max(1);
        // Compare as fractions: width/widest against height/highest.
        let (limit, size) =
            if width * HIGHEST > height * widest { (widest, width) } else { (HIGHEST, height) };
        if size <= limit {
            (width, height)
        } else {
            ((width * limit / size).max(1), (height * limit / size).max(1))
        }
    }
}
