//! Atomic file writes: to a temporary file, which is synced and renamed. A full disk or a power
//! failure leaves the old file unchanged.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// The prefix of temporary files.
pub const UNFINISHED: &str = ".unfinished-";

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
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED);
    #[cfg(unix)]
    {
        // The umask decides who may read the file, as for any new file.
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

/// Removes the temporary files of killed programs from `folder`. Those that cannot be removed are
/// harmless.
pub fn remove_unfinished(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries {
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// The error without the name of the temporary file.
fn plain(error: io::Error) -> io::Error {
    match error.get_ref() {
        Some(_) => io::Error::from(error.kind()),
        None => error,
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
