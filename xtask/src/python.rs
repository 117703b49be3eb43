//! Programs of others in Python that the stories run: `scenarios/requirements.txt`, in a folder of their own.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

use crate::keeper::Keeper;
use crate::trouble::{Result, While};
use crate::{paths, process, say};

/// What tells the stories where the programs are.
pub(crate) fn told(keeper: &Keeper) -> Result<(&'static str, String)> {
    Ok(("STOA_TEST_PYTHON", programs(keeper)?.display().to_string()))
}

/// The folder of their programs. The first time on a machine, and when a version changes, they are fetched.
fn programs(keeper: &Keeper) -> Result<PathBuf> {
    let wanted = paths::at("scenarios/requirements.txt");
    let mut hash = DefaultHasher::new();
    fs::read(&wanted).cannot(&format!("read {}", wanted.display()))?.hash(&mut hash);
    let folder = paths::tools().join(format!("python-{:016x}", hash.finish()));
    let whole = folder.join("whole");
    if !whole.is_file() {
        say::line("fetching Schemathesis and an MCP client, once on this machine");
        let mut create = process::command("/usr/bin/python3");
        process::run(keeper, create.args(["-m", "venv", "--clear"]).arg(&folder))?;
        let mut install = process::command(folder.join("bin/pip"));
        install.args(["install", "--quiet", "--no-deps", "--disable-pip-version-check", "--requirement"]);
        process::run(keeper, install.arg(&wanted))?;
        fs::write(&whole, "").cannot(&format!("write {}", whole.display()))?;
    }
    Ok(folder.join("bin"))
}
