//! Signing in and staying in: what a refreshed token costs, beside the barest way to one and beside another's server;
//! how many passwords a machine can check, and who waits meanwhile; and how much memory many sign-ins hold. One of these alone: `refresh`, `logins` or `memory` on the command line.

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
    let named: Vec<String> = std::env::args().skip(1).collect();
    let subjects = ["refresh", "logins", "memory"];
    let all = !named.iter().any(|word| subjects.contains(&&**word));
    let wanted = |subject: &str| all || named.iter().any(|word| word == subject);
    if wanted("refresh") {
        peer::measure()?;
    }
    for engine in places() {
        line(&format!("{engine:?}"), "");
        let place = runtime.block_on(Place::new(engine, stoa_store::MIGRATIONS))?;
        let house = House { program: &program, place: &place, url: url(&place, engine)? };
        let owner = house.found()?;
        if wanted("refresh") {
            refresh::measure(&runtime, &house, &owner.cookie)?;
        }
        if wanted("logins") {
            logins::measure(&runtime, &house, &owner)?;
        }
        if wanted("memory") {
            memory::measure(&runtime, &house, &owner)?;
        }
        runtime.block_on(place.remove())?;
    }
    Ok(())
}
