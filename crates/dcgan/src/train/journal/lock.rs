//! One process per run: a lock that the system releases when the process ends, however it ends.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::train::TrainError;
use dcgan_support::regular_file;

/// How often the lock is tried again after its file was removed in the meantime.
const TRIES: usize = 100;

/// Held for as long as a clone of it exists.
#[derive(Debug, Clone)]
pub(super) struct RunLock {
    file: Arc<File>,
}

impl RunLock {
    /// Locks the run in `directory` by its empty `file`, which stays.
    ///
    /// # Errors
    /// If another process holds the lock, or the file cannot be written.
    pub fn acquire(directory: &Path, file: &Path) -> Result<Self, TrainError> {
        for _ in 0..TRIES {
            let open = regular_file::open_or_create(file)
                .map_err(|source| TrainError::write(file, source))?;
            match open.try_lock() {
                Err(TryLockError::WouldBlock) => break,
                // some network file systems have no locks; a run without one is better than none
                Ok(()) | Err(TryLockError::Error(_)) => {}
            }
            let lock = Self {
                file: Arc::new(open),
            };
            // a process that could not start removes the file, and then the lock is one on nothing
            if lock.is_of(file) {
                return Ok(lock);
            }
        }
        Err(TrainError::InUse(directory.to_owned()))
    }

    /// Whether `file` is still the file that is locked: if it was removed, another process can lock
    /// the one that takes its place.
    pub fn is_of(&self, file: &Path) -> bool {
        is_same_file(&self.file, file).unwrap_or(false)
    }

    /// Whether a process holds the lock.
    pub fn is_held(file: &Path) -> bool {
        let open = regular_file::open(file);
        open.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }
}

/// Whether `path` names the file that is open.
#[cfg(unix)]
pub(super) fn is_same_file(open: &File, path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let (open, named) = (open.metadata()?, fs::metadata(path)?);
    Ok((open.dev(), open.ino()) == (named.dev(), named.ino()))
}

/// Whether `path` names the file that is open. Elsewhere a file that is open cannot be removed.
#[cfg(not(unix))]
pub(super) fn is_same_file(_: &File, path: &Path) -> io::Result<bool> {
    fs::metadata(path).map(|named| named.is_file())
}
