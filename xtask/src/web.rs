//! The web app's own tools, called through npm.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;
use std::process::Command;

use crate::keeper::Keeper;
use crate::trouble::{Result, While};
use crate::{paths, process, say};

/// What stands in `web/` but is not source: made by tools, or only for tests.
const NOT_SOURCE: &[&str] = &["node_modules", "dist", "e2e", "test-results", "playwright-report"];

/// npm in the web folder.
pub(crate) fn npm(words: &[&str]) -> Command {
    let mut command = process::command("npm");
    command.args(words).current_dir(paths::at("web"));
    // A browser of their own is neither wanted nor to be had everywhere; Debian's is used.
    command.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    command
}

/// Installs the packages of the lock file, unless they are there already.
pub(crate) fn packages(keeper: &Keeper) -> Result {
    let lock = fs::read(paths::at("web/package-lock.json")).cannot("read web/package-lock.json")?;
    let mark = Mark::new("packages", &lock);
    if mark.is_set() {
        say::line("as in package-lock.json");
        return Ok(());
    }
    process::run(keeper, &mut npm(&["ci", "--prefer-offline", "--no-audit", "--no-fund"]))?;
    mark.set()
}

/// Writes `web/openapi.json` from the server and the types from that. True when the document was not as before.
pub(crate) fn types(keeper: &Keeper, server: &Path) -> Result<bool> {
    let file = paths::at("web/openapi.json");
    let document = process::read(process::command(server).arg("openapi"))?;
    let changed = fs::read_to_string(&file).ok().as_deref() != Some(document.as_str());
    if changed {
        fs::write(&file, document).cannot("write web/openapi.json")?;
        say::line("web/openapi.json is new: look at the difference, and commit it");
    }
    types_as_committed(keeper)?;
    Ok(changed)
}

/// Writes the types from `web/openapi.json` as it is. The tests see to it that it is right.
pub(crate) fn types_as_committed(keeper: &Keeper) -> Result {
    process::run(keeper, &mut npm(&["run", "--silent", "api"]))
}

/// Types and lints.
pub(crate) fn check(keeper: &Keeper) -> Result {
    process::run(keeper, &mut npm(&["run", "--silent", "check"]))
}

/// Unit tests.
pub(crate) fn test(keeper: &Keeper) -> Result {
    process::run(keeper, &mut npm(&["run", "--silent", "test"]))
}

/// Builds the app, unless the one in `dist` came from the very same sources.
pub(crate) fn build(keeper: &Keeper) -> Result {
    let mark = Mark::new("build", &sources(&paths::at("web"))?);
    if mark.is_set() && paths::at("web/dist/index.html").exists() {
        say::line("as built before");
        return Ok(());
    }
    process::run(keeper, &mut npm(&["run", "--silent", "build"]))?;
    mark.set()
}

/// Names and contents of all source files below a folder, in order.
fn sources(folder: &Path) -> Result<Vec<u8>> {
    let mut entries = fs::read_dir(folder)?.collect::<std::io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    let mut all = Vec::new();
    for entry in entries {
        let name = entry.file_name();
        if NOT_SOURCE.iter().any(|not| name == *not) {
            continue;
        }
        all.extend_from_slice(name.as_encoded_bytes());
        all.push(0);
        if entry.file_type()?.is_dir() {
            all.extend(sources(&entry.path())?);
        } else {
            all.extend(fs::read(entry.path())?);
        }
        all.push(0);
    }
    Ok(all)
}

/// Remembers what something was made from. It lies in `node_modules`, so that it is gone when that is gone.
struct Mark {
    name: &'static str,
    hash: String,
}

impl Mark {
    fn new(name: &'static str, made_from: &[u8]) -> Self {
        let mut hasher = DefaultHasher::new();
        made_from.hash(&mut hasher);
        Self { name, hash: format!("{:016x}", hasher.finish()) }
    }

    fn file(&self) -> std::path::PathBuf {
        paths::at("web/node_modules").join(format!(".stoa-{}", self.name))
    }

    fn is_set(&self) -> bool {
        fs::read_to_string(self.file()).is_ok_and(|hash| hash == self.hash)
    }

    fn set(&self) -> Result {
        fs::write(self.file(), &self.hash).cannot("remember what was built")
    }
}
