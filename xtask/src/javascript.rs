//! Programs of others in JavaScript that the stories run: `scenarios/clients/package.json`, in a folder of their own,
//! with the Node.js that they need.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

use crate::keeper::Keeper;
use crate::trouble::{Result, While};
use crate::{paths, process, say};

/// What tells the stories where the programs are.
pub(crate) fn told(keeper: &Keeper) -> Result<(&'static str, String)> {
    Ok(("STOA_TEST_NODE", programs(keeper)?.display().to_string()))
}

/// The folder of their packages. The first time on a machine, and when a version changes, they are fetched.
fn programs(keeper: &Keeper) -> Result<PathBuf> {
    let names = ["package.json", "package-lock.json"];
    let mut hash = DefaultHasher::new();
    for name in names {
        let file = paths::at("scenarios/clients").join(name);
        fs::read(&file).cannot(&format!("read {}", file.display()))?.hash(&mut hash);
    }
    let folder = paths::tools().join(format!("javascript-{:016x}", hash.finish()));
    let whole = folder.join("whole");
    if !whole.is_file() {
        say::line("fetching MCP clients and the conformance suite, once on this machine");
        fs::create_dir_all(&folder).cannot(&format!("make {}", folder.display()))?;
        for name in names {
            let from = paths::at("scenarios/clients").join(name);
            fs::copy(&from, folder.join(name)).cannot(&format!("copy {}", from.display()))?;
        }
        let mut install = process::command("npm");
        install.args(["ci", "--ignore-scripts", "--prefer-offline", "--no-audit", "--no-fund"]);
        // The suite wants a newer Node.js than many machines have; its own comes with it.
        install.args(["--loglevel", "error"]).current_dir(&folder);
        process::run(keeper, &mut install)?;
        fs::write(&whole, "").cannot(&format!("write {}", whole.display()))?;
    }
    Ok(folder.join("node_modules"))
}
