//! Atomic file writes: to a temporary file, which is synced and renamed. A full disk or a power
//! failure leaves the old file unchanged.
//!
//! Only a file is replaced. A link is followed: it stays, and the file that it leads to is written.
//! A character device such as `/dev/null` is written to. Anything else is refused.

use std::fs::{self, File, Metadata};
use std::io::{self, BufWriter, Write};
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use tempfile::NamedTempFile;

use crate::early_sync;
use crate::regular_file::NotRegular;
use crate::unfinished;

/// As many links in a row as Linux follows.
const MAX_LINKS: usize = 40;

/// What is written to.
#[derive(Debug)]
enum Target {
    /// A file that may not exist yet.
    File(PathBuf),
    /// A character device.
    Device(File),
}

impl Target {
    fn find(path: &Path) -> io::Result<Self> {
        match fs::metadata(path) {
            Ok(found) if !found.is_file() => open_device(path, &found).map(Self::Device),
            Ok(_) if path.is_symlink() => path.canonicalize().map(Self::File),
            Ok(_) => Ok(Self::File(path.to_owned())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                end_of_links(path).map(Self::File)
            }
            Err(error) => Err(error),
        }
    }
}

/// Opens what is no regular file to be written to, if it is a character device.
fn open_device(path: &Path, found: &Metadata) -> io::Result<File> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        if found.file_type().is_char_device() {
            return fs::OpenOptions::new().write(true).open(path);
        }
    }
    let kind = NotRegular::from_type(found.file_type()).unwrap_or(NotRegular::Other);
    Err(io::Error::new(io::ErrorKind::InvalidInput, kind))
}

/// The path that does not exist yet to which a path leads, through links or directly.
fn end_of_links(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::read_link(&path) {
            Ok(next) => path = folder_of(&path).join(next),
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("its links lead in a circle"))
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Writes `path` with `write`, replacing an existing file.
///
/// # Errors
/// The errors of `write`, and if the file cannot be written. `path` is then unchanged.
pub fn write(
    path: &Path,
    write: impl FnOnce(&mut (dyn Write + Send)) -> io::Result<()>,
) -> io::Result<()> {
    write_file(path, |file| {
        early_sync::written(file, |writer| {
            let mut writer = BufWriter::new(writer);
            write(&mut writer)?;
            writer.flush()
        })
    })
}

/// As [`write()`], for a `write` that seeks.
///
/// # Errors
/// The errors of `write`, and if the file cannot be written. `path` is then unchanged.
pub fn write_file(path: &Path, write: impl FnOnce(&File) -> io::Result<()>) -> io::Result<()> {
    let file = AtomicFile::create(path)?;
    write(file.file())?;
    file.finish()
}

/// A file that is written over some time. Its path is unchanged until [`AtomicFile::finish`], and
/// stays so if this is dropped.
#[derive(Debug)]
pub struct AtomicFile(Destination);

#[derive(Debug)]
enum Destination {
    File {
        temporary: NamedTempFile,
        path: PathBuf,
        /// Dropped last, when there is no temporary file any more.
        listed: Listed,
    },
    Device(File),
}

impl AtomicFile {
    /// Begins to write `path`.
    ///
    /// # Errors
    /// If it is no file, or its folder cannot be written to.
    pub fn create(path: &Path) -> io::Result<Self> {
        let path = match Target::find(path)? {
            Target::File(path) => path,
            Target::Device(device) => return Ok(Self(Destination::Device(device))),
        };
        let mut being_written = being_written();
        let temporary = unfinished::create_in(folder_of(&path)).map_err(plain)?;
        let name = temporary.path().to_owned();
        being_written.push(name.clone());
        Ok(Self(Destination::File {
            temporary,
            path,
            listed: Listed(name),
        }))
    }

    /// What to write to.
    pub fn file(&self) -> &File {
        match &self.0 {
            Destination::File { temporary, .. } => temporary.as_file(),
            Destination::Device(device) => device,
        }
    }

    /// Puts the file in its place.
    ///
    /// # Errors
    /// If it cannot be synced or renamed. Its path is then unchanged.
    pub fn finish(self) -> io::Result<()> {
        let Destination::File {
            temporary,
            path,
            listed,
        } = self.0
        else {
            return Ok(());
        };
        temporary.as_file().sync_all()?;
        temporary
            .persist(&path)
            .map_err(|error| plain(error.error))?;
        drop(listed);
        sync_folder(folder_of(&path))
    }
}
/// How often and how long the end of the program waits for a file that is being created.
const MAX_WAITS: u32 = 100;
const WAIT: Duration = Duration::from_millis(10);

/// The temporary files that this program is writing.
static BEING_WRITTEN: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// A file that is in [`BEING_WRITTEN`] until this is dropped.
#[derive(Debug)]
struct Listed(PathBuf);

impl Drop for Listed {
    fn drop(&mut self) {
        being_written().retain(|path| *path != self.0);
    }
}

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

/// The error without the name of the temporary file, which follows the words of the system.
fn plain(error: io::Error) -> io::Error {
    if error.get_ref().is_none() {
        return error;
    }
    let text = error.to_string();
    let of_system = text.split(" at path ").next().unwrap_or_default();
    io::Error::new(error.kind(), of_system)
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
        let begun = AtomicFile::create(&path).unwrap();
        begun.file().write_all(b"never finished").unwrap();
        drop(begun);
        let failed = write(&path, |writer| {
            writer.write_all(b"half of the ne")?;
            Err(io::Error::other("full"))
        });
        assert!(failed.is_err());
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_stay_wherever_they_lead() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let link = |to: &str, name: &str| std::os::unix::fs::symlink(to, at(name)).unwrap();
        fs::create_dir(at("below")).unwrap();
        fs::write(at("below/old"), "old").unwrap();
        link("below/old", "to-old");
        link("to-old", "chain");
        link("below/new", "dangling");
        link("circle", "circle");
        for name in ["to-old", "chain", "dangling"] {
            write(&at(name), |writer| writer.write_all(name.as_bytes())).unwrap();
            assert!(at(name).is_symlink(), "{name}");
            assert_eq!(fs::read_to_string(at(name)).unwrap(), name);
        }
        assert_eq!(fs::read_to_string(at("below/old")).unwrap(), "chain");
        assert!(!at("below/old").is_symlink() && !at("below/new").is_symlink());
        assert!(write(&at("circle"), |writer| writer.write_all(b"lost")).is_err());
        assert_eq!(fs::read_dir(at("below")).unwrap().count(), 2);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_never_replaced() {
        use std::os::unix::fs::FileTypeExt;

        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let attempt = |path: &Path| write(path, |writer| writer.write_all(b"bytes"));
        let refused = |path: &Path| NotRegular::from_error(&attempt(path).unwrap_err());
        assert_eq!(refused(&pipe), Some(NotRegular::Pipe));
        assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());
        assert_eq!(refused(folder.path()), Some(NotRegular::Folder));
        attempt(Path::new("/dev/null")).unwrap();
        let kind = fs::metadata("/dev/null").unwrap().file_type();
        assert!(kind.is_char_device());
        if cfg!(target_os = "linux") {
            let full = attempt(Path::new("/dev/full")).unwrap_err();
            assert_eq!(full.kind(), io::ErrorKind::StorageFull);
        }
    }
}
