//! Files that are whole or not there: written under a temporary name, synced,
//! renamed. A full disk or a lost power leaves the old file as it was.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// What the names of files begin with that are not whole yet.
const UNFINISHED: &str = ".unfinished-";

/// Writes `path` by `write`, in place of a file that may be there.
///
/// # Errors
/// What `write`, the disk or the folder has against it; `path` is then unchanged.
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

/// As [`write()`], for a `write` that goes back to what it has written.
///
/// # Errors
/// What `write`, the disk or the folder has against it; `path` is then unchanged.
pub fn write_file(path: &Path, write: impl FnOnce(&File) -> io::Result<()>) -> io::Result<()> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED);
    #[cfg(unix)]
    {
        // as any new file: readable for others, if the umask allows it
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let temporary = builder.tempfile_in(folder).map_err(plain)?;
    write(temporary.as_file())?;
    temporary.as_file().sync_all()?;
    temporary
        .persist(path)
        .map_err(|error| plain(error.error))?;
    sync_folder(folder)
}

/// Removes what writers left in `folder` that were killed. What cannot be removed stays:
/// nothing reads it.
pub fn remove_unfinished(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// The error without the name of the temporary file, which is no one's concern.
fn plain(error: io::Error) -> io::Error {
    match error.get_ref() {
        Some(_) => io::Error::from(error.kind()),
        None => error,
    }
}

/// Makes the renaming itself last; only Unix can open a folder for that.
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
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
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
