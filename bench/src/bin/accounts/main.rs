//! Signing in and staying in: what a refreshed token costs, beside the barest way to one and beside another's server;
//! how many passwords a machine can check, and who waits meanwhile; and how much memory many sign-ins hold.

mod logins;
mod memory;
mod peer;
mod refresh;

use std::path::PathBuf;

use stoa_bench::{House, Place, line, places, program, url};
use stoa_core::Result;

fn main() -> Result<()> {
    let program: PathBuf = program()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    peer::measure()?;
    for engine in places() {
        line(&format!("{engine:?}"), "");
        let place = runtime.block_on(Place::new(engine, stoa_store::MIGRATIONS))?;
        let house = House { program: &program, place: &place, url: url(&place, engine)? };
        let owner = house.found()?;
        refresh::measure(&runtime, &house, &owner.cookie)?;
        logins::measure(&runtime, &house, &owner)?;
        memory::measure(&runtime, &house, &owner)?;
        runtime.block_on(place.remove())?;
    }
    Ok(())
}
