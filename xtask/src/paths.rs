//! Where things are: the work tree, and the folders outside it that survive between runs.
//!
//! Build output goes to `$CARGO_TARGET_DIR`, else to the user's cache folder, so that a second clone (and every
//! run of CI) starts with all dependencies compiled.

use std::env;
use std::path::{Path, PathBuf};

/// The folder of xtask in the clone that this binary was built from.
const BUILT_FROM: &str = env!("CARGO_MANIFEST_DIR");

/// The root of the work tree that we are asked to work on: cargo says where it is.
pub(crate) fn root() -> PathBuf {
    let xtask = set("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(BUILT_FROM), PathBuf::from);
    // `<root>/xtask` always has a parent.
    xtask.parent().map(Path::to_owned).unwrap_or_default()
}

/// True when cargo took another clone's xtask for this one's (see `cargo::claim_target`).
pub(crate) fn built_elsewhere() -> bool {
    root() != Path::new(BUILT_FROM).parent().unwrap_or(Path::new(""))
}

/// A place in the work tree, written with `/`.
pub(crate) fn at(place: &str) -> PathBuf {
    root().join(place)
}

/// Where cargo puts what it builds.
pub(crate) fn target() -> PathBuf {
    set("CARGO_TARGET_DIR").map_or_else(|| cache().join("target"), PathBuf::from)
}

/// Where tools are kept that we compile ourselves.
pub(crate) fn tools() -> PathBuf {
    cache().join("tools")
}

/// The user's cache folder for this project.
fn cache() -> PathBuf {
    let base = set("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .or_else(|| set("HOME").map(|home| Path::new(&home).join(".cache")))
        .unwrap_or_else(env::temp_dir);
    base.join("stoa")
}

/// The first file of this name on `PATH`.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// True in CI: nobody is there to answer, and the lock file must already be right.
pub(crate) fn in_ci() -> bool {
    set("CI").is_some()
}

/// A variable that is set to something.
fn set(name: &str) -> Option<std::ffi::OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}
