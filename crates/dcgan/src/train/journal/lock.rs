//! One process on one run: a lock that the system gives back when the process ends, however
//! it ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::sync::Arc;

use super::TrainError;

/// The run is ours for as long as a clone of this lives.
#[derive(Debug, Clone)]
pub(super) struct RunLock {
    _file: Arc<File>,
}

impl RunLock {
    /// Takes the run in `folder`; `file` is in it, holds nothing, and stays.
    ///
    /// # Errors
    /// A run that another process has, and what the disk has against the file.
    pub fn take(folder: &Path, file: &Path) -> Result<Self, TrainError> {
        let open = OpenOptions::new()
            .create(true)
            .append(true)
            .open(file)
            .map_err(|source| TrainError::write(file, source))?;
        match open.try_lock() {
            Err(TryLockError::WouldBlock) => Err(TrainError::InUse(folder.to_owned())),
            // some network file systems have no locks, and a run without one is better than none
            Ok(()) | Err(TryLockError::Error(_)) => Ok(Self {
                _file: Arc::new(open),
            }),
        }
    }

    /// Whether a process has the run whose lock is `file`.
    pub fn is_taken(file: &Path) -> bool {
        let open = File::open(file);
        open.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }
}
