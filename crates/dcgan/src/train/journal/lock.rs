//! One process per run: a lock that the system releases when the process ends, however it ends.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Write};
use std::path::Path;
use std::process;
use std::sync::Arc;

use crate::train::TrainError;
use dcgan_support::regular_file;

/// How often the lock is tried again after its file was removed in the meantime.
const TRIES: usize = 100;

/// Held for as long as a clone of it exists.
#[derive(Debug, Clone)]
pub(super) struct RunLock {
    file: Arc<Held>,
}

/// A file that is locked. While it is, it holds the number of the process, and nothing otherwise. A file with
/// something else in it is not ours, and stays as it is.
#[derive(Debug)]
struct Held {
    file: File,
    has_number: bool,
}

impl Held {
    /// Writes the number into a file that is locked. Nothing depends on whether that works.
    fn new(mut file: File, path: &Path) -> Self {
        let before = regular_file::read(path).unwrap_or_default();
        let has_number = before.iter().all(u8::is_ascii_digit)
            && file.set_len(0).is_ok()
            && write!(file, "{}", process::id()).is_ok();
        Self { file, has_number }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.has_number {
            let _ = self.file.set_len(0); // it means nothing without the lock
        }
    }
}

/// The most bytes that are read as the number of a process.
const LONGEST_NUMBER: u64 = 20;

impl RunLock {
    /// Locks the run in `directory` by its `file`, which stays.
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
            // a process that could not start removes the file, and then the lock is one on nothing
            if is_same_file(&open, file).unwrap_or(false) {
                return Ok(Self {
                    file: Arc::new(Held::new(open, file)),
                });
            }
        }
        Err(TrainError::InUse(directory.to_owned()))
    }

    /// Whether `file` is still the file that is locked: if it was removed, another process can lock
    /// the one that takes its place.
    pub fn is_of(&self, file: &Path) -> bool {
        is_same_file(&self.file.file, file).unwrap_or(false)
    }

    /// Whether a process holds the lock.
    pub fn is_held(file: &Path) -> bool {
        let open = regular_file::open(file);
        open.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    /// The number of the process that holds the lock, if one does and it is known: on some systems nobody else
    /// can read a locked file.
    pub fn holder(file: &Path) -> Option<u32> {
        if !Self::is_held(file) {
            return None;
        }
        let mut text = String::new();
        let open = regular_file::open(file).ok()?;
        open.take(LONGEST_NUMBER).read_to_string(&mut text).ok()?;
        text.parse().ok()
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
