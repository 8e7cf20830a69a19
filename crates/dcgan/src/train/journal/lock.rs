//! One process per run: a lock that the system releases when the process ends, however it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::sync::Arc;

use crate::train::TrainError;

/// Held for as long as a clone of it exists.
#[derive(Debug, Clone)]
pub(super) struct RunLock {
    _file: Arc<File>,
}

impl RunLock {
    /// Locks the run in `directory` by its empty `file`, which stays.
    ///
    /// # Errors
    /// If another process holds the lock, or the file cannot be written.
    pub fn acquire(directory: &Path, file: &Path) -> Result<Self, TrainError> {
        let open = OpenOptions::new()
            .create(true)
            .append(true)
            .open(file)
            .map_err(|source| TrainError::write(file, source))?;
        match open.try_lock() {
            Err(TryLockError::WouldBlock) => Err(TrainError::InUse(directory.to_owned())),
            // some network file systems have no locks; a run without one is better than none
            Ok(()) | Err(TryLockError::Error(_)) => Ok(Self {
                _file: Arc::new(open),
            }),
        }
    }

    /// Whether a process holds the lock.
    pub fn is_held(file: &Path) -> bool {
        let open = File::open(file);
        open.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }
}
