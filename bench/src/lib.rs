//! What every subject needs: a place for rows, raw limits, figures.

mod figures;
mod house;
mod place;
mod process;
mod raw;
mod wire;

pub use figures::{Spread, line, per_second};
pub use house::{House, url};
pub use place::{Place, places};
pub use process::{Cost, Load, Server, command, free_address};
pub use raw::{batched_updates, fdatasync};
