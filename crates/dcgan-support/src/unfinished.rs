//! Temporary files: what is written is under such a name until it is complete.
//!
//! A process that is killed leaves its file behind. The next one that writes into the same folder
//! removes it: a file that a living process writes is locked, so what is not locked is left over.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tempfile::NamedTempFile;

use crate::regular_file;

/// What the names of temporary files begin with.
pub const UNFINISHED: &str = ".unfinished-dcgan-";

/// The number of letters and digits that follow.
const RANDOM: usize = 12;

/// Folders from which this process has removed what was left over.
static SWEPT: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// Creates a temporary file in a folder. The first time also removes what others left there.
pub(crate) fn create_in(folder: &Path) -> io::Result<NamedTempFile> {
    if swept().insert(folder.to_owned()) {
        remove_leftovers(folder);
    }
    let mut builder = tempfile::Builder::new();
    builder.prefix(UNFINISHED).rand_bytes(RANDOM);
    #[cfg(unix)]
    {
        // The umask decides who may read the file, as for any new file.
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    loop {
        let file = builder.tempfile_in(folder)?;
        // Some network file systems have no locks: nothing is removed from them either.
        let is_locked = file.as_file().lock().is_ok();
        // Another process may have taken the file for a leftover before it was locked.
        if !is_locked || file.path().exists() {
            return Ok(file);
        }
    }
}

/// Removes the temporary files of killed processes from a folder. Those that cannot be removed are
/// harmless.
pub fn remove_leftovers(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        if !is_file || !is_ours(&entry.file_name().to_string_lossy()) {
            continue;
        }
        let is_left_over = |file: fs::File| file.try_lock().is_ok();
        if regular_file::open(&entry.path()).is_ok_and(is_left_over) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Whether a name is one that [`create_in`] chooses.
fn is_ours(name: &str) -> bool {
    let random = name.strip_prefix(UNFINISHED);
    random.is_some_and(|random| {
        random.len() == RANDOM && random.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

fn swept() -> std::sync::MutexGuard<'static, BTreeSet<PathBuf>> {
    SWEPT.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_leftovers_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let kept = [
            ".unfinished-letter",
            ".unfinished-dcgan-",
            ".unfinished-dcgan-notes.txt.x",
            ".unfinished-dcgan-abcdefghijklm",
            "unfinished-dcgan-abcdefghijkl",
        ];
        for name in kept {
            fs::write(path(name), "a user's").unwrap();
        }
        fs::create_dir(path(".unfinished-dcgan-directory012")).unwrap();
        let leftover = path(".unfinished-dcgan-0123456789aB");
        fs::write(&leftover, "half").unwrap();

        let writing = create_in(folder.path()).unwrap();
        assert!(!leftover.exists());
        fs::write(&leftover, "half").unwrap();
        remove_leftovers(folder.path());
        assert!(!leftover.exists());
        assert!(writing.path().exists());
        for name in kept {
            assert!(path(name).exists(), "{name}");
        }
        assert!(path(".unfinished-dcgan-directory012").exists());
    }
}
