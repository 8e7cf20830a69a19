//! What is known of the runs in the folder.

mod detail;
mod metrics;
mod summary;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use dcgan::train::RunDirectory;

pub use self::detail::{Detail, detail, findings_of, keeps_networks};
pub use self::metrics::{Columns, columns};
use self::summary::Known;
pub use self::summary::{Run, RunState};
use crate::failure::Failure;
use crate::program::Words;

/// The runs in a folder, with what was found at the last look.
pub struct Runs {
    folder: PathBuf,
    words: Words,
    known: Mutex<BTreeMap<String, Known>>,
}

impl Runs {
    /// The runs in this folder, or the one that the folder is.
    pub fn new(folder: PathBuf, words: Words) -> Self {
        Self {
            folder,
            words,
            known: Mutex::default(),
        }
    }

    /// The folder in which new runs are made.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The directory of a run. A name from a request only ever chooses among those that are found.
    ///
    /// # Errors
    /// If there is no run of this name.
    pub fn find(&self, id: &str) -> Result<PathBuf, Failure> {
        let mut found = self.scan().into_iter();
        let run = found.find(|(name, _)| name == id);
        run.map(|(_, path)| path).ok_or_else(|| {
            Failure::NotFound(format!(
                "there is no run '{id}' (any more) in {}",
                self.folder.display()
            ))
        })
    }

    /// All runs as they are now, by name.
    pub fn look(&self) -> Vec<Run> {
        let found = self.scan();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|id, _| found.iter().any(|(name, _)| name == id));
        let look = |(id, path): (String, PathBuf)| {
            let entry = known.entry(id.clone()).or_insert_with(|| Known::new(&id));
            entry.look(&path, &self.words).clone()
        };
        found.into_iter().map(look).collect()
    }

    /// One run as it is now.
    ///
    /// # Errors
    /// If there is no run of this name.
    pub fn look_at(&self, id: &str) -> Result<Run, Failure> {
        let path = self.find(id)?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = known.entry(id.to_owned()).or_insert_with(|| Known::new(id));
        Ok(entry.look(&path, &self.words).clone())
    }

    /// Names and directories.
    fn scan(&self) -> Vec<(String, PathBuf)> {
        let found = RunDirectory::find_all(&self.folder);
        // `.` has no name of its own
        let folder = self.folder.canonicalize().unwrap_or_default();
        let own_name = PathBuf::from(folder.file_name().unwrap_or("run".as_ref()));
        let name = |path: PathBuf| {
            let below = path.strip_prefix(&self.folder).unwrap_or(&path);
            let below = if below.as_os_str().is_empty() {
                own_name.as_path()
            } else {
                below
            };
            let parts = below.iter().map(|part| part.to_string_lossy());
            (parts.collect::<Vec<_>>().join("/"), path)
        };
        found.into_iter().map(name).collect()
    }
}
