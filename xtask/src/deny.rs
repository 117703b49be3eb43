//! Which crates of others we may build with: `deny.toml`, checked by cargo-deny.
//!
//! Licences, bans and sources need no network. Security advisories do: `cargo deny check advisories`, where there is one.

use std::path::PathBuf;

use crate::keeper::Keeper;
use crate::trouble::Result;
use crate::{paths, process, say};

/// One version for everyone, so that it says the same to everyone.
const VERSION: &str = "0.20.2";

/// Checks `deny.toml`. The first time on a machine this compiles cargo-deny: about two minutes on two cores.
pub(crate) fn check(keeper: &Keeper) -> Result {
    let program = program(keeper)?;
    process::run(keeper, process::command(program).args(["deny", "check", "licenses", "bans", "sources"]))
}

fn program(keeper: &Keeper) -> Result<PathBuf> {
    let tools = paths::tools().join(format!("cargo-deny-{VERSION}"));
    let program = tools.join("bin/cargo-deny");
    if !program.is_file() {
        say::line("compiling cargo-deny, once on this machine");
        let mut install = process::command("cargo");
        // Not into the shared target folder: what is left over would stay there for good.
        install.env_remove("CARGO_TARGET_DIR").args(["install", "--locked", "--quiet", "--version", VERSION]);
        process::run(keeper, install.arg("--root").arg(&tools).arg("cargo-deny"))?;
    }
    Ok(program)
}
