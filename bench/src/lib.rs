//! What every subject needs: a place for rows, raw limits, figures.

mod figures;
mod place;
mod raw;

pub use figures::{Spread, line, per_second};
pub use place::{Place, places};
pub use raw::{batched_updates, fdatasync};
