//! The data folder has one server at a time.

use std::{
    fs::{self, File, TryLockError},
    io::{Read, Write},
    path::Path,
};

use stoa_core::{Error, Result};

/// Held by the process that serves from a data folder; let go when dropped, or when the process ends in any way.
///
/// Two servers over one SQLite file would each count rate limits in their own memory and each wake only themselves.
/// Commands that come and go work beside a running server without it.
#[derive(Debug)]
#[must_use = "the folder is free again as soon as this is dropped"]
pub struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Takes the folder, which is made if it is not there.
    ///
    /// # Errors
    /// `conflict` while another process holds it, with that process's number; `unavailable` when the folder cannot be
    /// written.
    pub fn take(folder: &Path) -> Result<Self> {
        let cannot = |cause| {
            Error::unavailable(format!("the data folder {} cannot be written", folder.display()))
                .because(cause)
        };
        fs::create_dir_all(folder).map_err(cannot)?;
        let mut file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(folder.join("stoa.lock"))
            .map_err(cannot)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(taken(&mut file, folder)),
            Err(TryLockError::Error(cause)) => return Err(cannot(cause)),
        }
        file.set_len(0).map_err(cannot)?;
        writeln!(file, "{}", std::process::id()).map_err(cannot)?;
        Ok(Self { _file: file })
    }
}

fn taken(file: &mut File, folder: &Path) -> Error {
    let mut text = String::new();
    // Empty for a moment after the other took the lock.
    let who = match file.read_to_string(&mut text).map(|_| text.trim()) {
        Ok(pid) if !pid.is_empty() => format!("process {pid}"),
        _ => "another process".to_owned(),
    };
    Error::conflict(format!(
        "{who} already serves from {}; stop it, or choose another data folder",
        folder.display()
    ))
}
