//! Atomic file writes: to a temporary file, which is synced and renamed. A full disk or a power
//! failure leaves the old file unchanged.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::unfinished;

/// Writes `path` with `write`, replacing an existing file.
///
/// # Errors
/// The errors of `write`, and if the file cannot be written. `path` is then unchanged.
pub fn write(
    path: &Path,
    write: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
) -> io::Result<()> {
    write_file(path, |file| {
        let mut writer = BufWriter::new(file);
        write(&mut writer)?;
        writer.flush()
    })
}

/// As [`write()`], for a `write` that seeks.
///
/// # Errors
/// The errors of `write`, and if the file cannot be written. `path` is then unchanged.
pub fn write_file(path: &Path, write: impl FnOnce(&File) -> io::Result<()>) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let temporary = {
        let mut being_written = being_written();
        let temporary = unfinished::create_in(folder).map_err(plain)?;
        being_written.push(temporary.path().to_owned());
        temporary
    };
    let name = temporary.path().to_owned();
    let written = write(temporary.as_file())
        .and_then(|()| temporary.as_file().sync_all())
        .and_then(|()| match temporary.persist(path) {
            Ok(_) => Ok(()),
            Err(error) => Err(plain(error.error)),
        });
    being_written().retain(|path| *path != name);
    written?;
    sync_folder(folder)
}

/// How often and how long the end of the program waits for a file that is being created.
const MAX_WAITS: u32 = 100;
const WAIT: Duration = Duration::from_millis(10);

/// The temporary files that this program is writing.
static BEING_WRITTEN: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

fn being_written() -> MutexGuard<'static, Vec<PathBuf>> {
    BEING_WRITTEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes the temporary files that this program is writing, because it is about to end in the
/// middle of its work. A thread that begins to write another one waits until then.
pub fn abandon_all() {
    // a file that is just being created on a disk that does not answer must not delay the end
    for _ in 0..MAX_WAITS {
        if let Ok(unfinished) = BEING_WRITTEN.try_lock() {
            for path in &*unfinished {
                let _ = fs::remove_file(path);
            }
            mem::forget(unfinished);
            return;
        }
        thread::sleep(WAIT);
    }
}

/// The error without the name of the temporary file.
fn plain(error: io::Error) -> io::Error {
    let Some(named) = error.get_ref() else {
        return error;
    };
    let of_system = named.source().and_then(|source| source.downcast_ref());
    match of_system.and_then(io::Error::raw_os_error) {
        Some(code) => io::Error::from_raw_os_error(code),
        None => io::Error::from(error.kind()),
    }
}

/// Makes the renaming durable. Only Unix can open a folder for that.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_leaves_the_old_file_and_no_temporary_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        write(&path, |writer| writer.write_all(b"old")).unwrap();
        let failed = write(&path, |writer| {
            writer.write_all(b"half of the ne")?;
            Err(io::Error::other("full"))
        });
        assert!(failed.is_err());
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
