//! What every subject needs: a place for rows, raw limits, figures.

mod figures;
mod house;
mod place;
mod process;
mod raw;
mod wire;

pub use figures::{Spread, line, per_second};
pub use house::{EMAIL, House, Owner, program, url};
pub use place::{Place, places};
pub use process::{Ask, Cost, Load, Server, command, free_address, own_processor_time};
pub use raw::{batched_updates, fdatasync};
pub use wire::{Answer, Wire, request};
