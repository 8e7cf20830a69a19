//! Which run a file belongs to.

use std::path::{Path, PathBuf};

use super::run_directory::RunDirectory;

impl RunDirectory {
    /// The directory of the run that a file is a part of, whether the file exists or not. Other
    /// files in the directory of a run are not a part of it.
    pub fn owner_of(file: &Path) -> Option<PathBuf> {
        let (folder, name) = (file.parent()?, file.file_name()?);
        let folder = if folder.as_os_str().is_empty() {
            Path::new(".")
        } else {
            folder
        };
        // `..` and links must not hide where the file is
        let folder = folder.canonicalize().ok()?;
        let run_of = |path: &Path| Self::open_shared(path).ok();
        if let Some(run) = run_of(&folder) {
            let mut owned = run.contents().into_iter().chain([run.lock_file()]);
            let is_owned = owned.any(|owned| owned.file_name() == Some(name));
            return is_owned.then(|| run.path().to_owned());
        }
        let run = run_of(folder.parent()?)?;
        let owned = [run.samples(), run.checkpoints(), run.tensorboard()];
        owned.contains(&folder).then(|| run.path().to_owned())
    }
}
