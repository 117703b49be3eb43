//! The data folder: made for this user alone.

use std::{
    fs, io,
    os::unix::fs::{DirBuilderExt, MetadataExt},
    path::Path,
};

use stoa_core::{Error, Result};

/// Makes the folder if it is missing.
///
/// # Errors
/// `unavailable`, with what to do, when it cannot be made.
pub(crate) fn make(folder: &Path) -> Result<()> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|cause| cannot(folder, cause))
}

/// Whether other users of this machine may look into it.
pub(crate) fn is_open_to_others(folder: &Path) -> bool {
    fs::metadata(folder).is_ok_and(|folder| folder.mode() & 0o077 != 0)
}

/// Whether this process may write into it, found out by doing so.
///
/// # Errors
/// As [`make`].
pub(crate) fn try_writing(folder: &Path) -> Result<()> {
    let file = folder.join(format!(".tried-{}", std::process::id()));
    fs::write(&file, []).and_then(|()| fs::remove_file(&file)).map_err(|cause| cannot(folder, cause))
}

fn cannot(folder: &Path, cause: io::Error) -> Error {
    let folder = folder.display();
    Error::unavailable(format!(
        "the data folder {folder} cannot be used; choose one that this user may write to, with `--data DIR`"
    ))
    .because(cause)
}
