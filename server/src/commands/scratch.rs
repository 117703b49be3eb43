//! A folder that vanishes: for commands that need memory and must not touch the house's.

use std::{
    env, fs,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
};

use stoa_core::{Result, Rng};

/// A private folder; removed with all that is in it when this is dropped.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    pub(super) fn new() -> Result<Self> {
        let path = env::temp_dir().join(format!("stoa-{}", Rng::system().token::<12>()));
        fs::DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _swept_by_the_system = fs::remove_dir_all(&self.0);
    }
}
