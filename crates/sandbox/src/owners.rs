//! Who made which control groups: one locked file for each server that lives, so that the next one can clean up
//! after a dead one. The kernel drops the lock with the process, however it dies.

use std::{
    fs::{self, File},
    io::Write,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use stoa_core::Result;

use crate::groups::remove_patiently;

/// Counts the sandboxes of this process, so that each has a name of its own.
static COUNT: AtomicU64 = AtomicU64::new(0);

/// This server's file.
#[derive(Debug)]
pub(crate) struct Owner {
    name: String,
    path: PathBuf,
    file: File,
}

impl Owner {
    /// Signs in, in a folder that only this server's user may enter.
    pub(crate) fn sign_in(folder: &Path) -> Result<Self> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let name = format!("{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        // Locked under another name first: a sweep never meets it unlocked.
        let (new, path) = (folder.join(format!("{name}.new")), folder.join(format!("{name}.owner")));
        let file = File::create(&new)?;
        file.lock()?;
        fs::rename(&new, &path)?;
        Ok(Self { name, path, file })
    }

    /// A name that no living server has.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Writes down what is to be removed if this server dies.
    pub(crate) fn has(&mut self, folders: &[PathBuf]) -> Result<()> {
        for folder in folders {
            writeln!(self.file, "{}", folder.display())?;
        }
        Ok(())
    }

    /// Nothing is left to remove.
    pub(crate) fn sign_out(&self) {
        let _swept_later = fs::remove_file(&self.path);
    }
}

/// Removes what dead servers left.
pub(crate) fn sweep(folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder)?.flatten() {
        let path = entry.path();
        if path.extension().is_none_or(|extension| extension != "owner") {
            continue;
        }
        let Ok(file) = File::open(&path) else { continue };
        if file.try_lock().is_err() {
            continue; // alive
        }
        for line in fs::read_to_string(&path)?.lines() {
            let base = PathBuf::from(line);
            let cells = fs::read_dir(&base).into_iter().flatten().flatten();
            let mut left: Vec<PathBuf> = cells.map(|cell| cell.path()).filter(|path| path.is_dir()).collect();
            left.push(base);
            remove_patiently(&left);
        }
        fs::remove_file(&path)?;
    }
    Ok(())
}
